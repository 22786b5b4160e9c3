# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests, the types and the code of other clients say about a server, in both ways to report errors."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from emulator.tests.client import Client
from emulator.tests.shelf import JSON, Shelf, as_json

ADMIN = "admin:changemenow"


@pytest.fixture(params=["shared", "strict"])
def client(request: pytest.FixtureRequest) -> Client:
    """A server that hides errors, and one that shows them."""
    found: Client = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def shelf(client: Client) -> Shelf:
    return Shelf.filled(client)


def code_of(reply: Any) -> int:
    """Return the error that a reply tells of, in either way; 0 when there is none."""
    if reply.status_code >= 400:
        return int(reply.status_code)
    body = reply.json()
    return int(body.get("errorcode", 0)) if isinstance(body, dict) else 0


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("services/createRelation", {"relationType": "related", "target1Id": "{a.jpg}", "target2Id": "{b.txt}"}),
        ("services/version/promote", {"assetId": "{a.jpg}", "version": "1"}),
        ("services/version/delete", {"assetId": "{a.jpg}", "versions": "1"}),
        ("services/logUsage", {"assetId": "{a.jpg}", "action": "CUSTOM_ACTION_seen", "uniqueTestId": "1"}),
        ("services/notify/email", {"to": "a@example.com", "subject": "x", "body": "y"}),
        ("services/notify/email", {"to[0]": "a@example.com", "to[1]": "b@example.com", "subject": "x"}),
        ("services/notify/email", {"to[]": "a@example.com", "subject": "x"}),
        ("notify/email", {"to": "a@example.com", "subject": "x"}),
    ],
)
def test_an_empty_reply_is_an_empty_object(shelf: Shelf, path: str, sent: dict[str, str]) -> None:
    shelf.send("POST", "/services/update", data={"id": "{a.jpg}"}, files={"Filedata": ("a.jpg", b"second")})
    reply = shelf.send("POST", f"/{path}", data=sent)
    assert (reply.status_code, reply.json()) == (200, {})


def test_keys_are_changed_and_revoked_with_an_empty_object(shelf: Shelf) -> None:
    made = shelf.send(
        "POST", "/services/createAuthKey", data={"subject": "x", "validUntil": "2099-01-01", "assetIds": "{a.jpg}"}
    )
    key = made.json()["authKey"]
    assert shelf.send("POST", "/services/updateAuthKey", data={"key": key, "description": "y"}).json() == {}
    assert shelf.send("POST", "/services/revokeAuthKeys", data={"keys": key}).json() == {}


def test_a_mail_needs_someone_to_go_to(client: Client) -> None:
    reply = client.post("/services/notify/email", data={"to[0]": "", "subject": "x"}, headers=client.bearer())
    assert code_of(reply) == 400


def test_facets_are_arrays_of_values(shelf: Shelf) -> None:
    data = {"q": 'ancestorPaths:"{folder}"', "facets": "tags,status", "num": "0"}
    facets = shelf.send("POST", "/services/search", data=data).json()["facets"]
    assert facets == {
        "tags": [
            {"value": "sea", "hitCount": 2, "selected": False},
            {"value": "moon", "hitCount": 1, "selected": False},
            {"value": "sun", "hitCount": 1, "selected": False},
        ],
        "status": [
            {"value": "New", "hitCount": 1, "selected": False},
            {"value": "Old", "hitCount": 1, "selected": False},
        ],
    }


def test_a_removed_folder_is_answered_with_what_it_was(shelf: Shelf) -> None:
    folder = shelf.send("POST", "/api/folder", json={"path": "{folder}/gone", "metadata": {"tags": "x"}}).json()
    # The vendor's collection sends a body along.
    reply = shelf.send("DELETE", f"/api/folder/{folder['id']}", json={"metadata": {"tags": "updated"}})
    assert (reply.status_code, reply.json()) == (200, folder)
    assert shelf.send("GET", f"/api/folder/{folder['id']}").status_code == 404


def test_version_page_is_xml(client: Client) -> None:
    page = ElementTree.fromstring(client.get("/version.jsp").content)  # noqa: S314 - of our own server
    assert (page.tag, page.findtext("version")) == ("elvisServer", client.get("/services/ping").json()["version"])


@pytest.mark.parametrize(
    ("sent", "field", "expected"),
    [
        ({"creatorName": "Test"}, "creatorName", ["Test"]),
        ({"creatorName": "Ann, Bob"}, "creatorName", ["Ann", "Bob"]),
        ({"tags": "-sea, -sun, +villa, +sunny"}, "tags", ["sunny", "villa"]),
        ({"tags": "+Sand"}, "tags", ["Sand", "sea", "sun"]),
        ({"tags": "-sun"}, "tags", ["sea"]),
        # Without signs a list keeps its order.
        ({"tags": "villa,sunny"}, "tags", ["villa", "sunny"]),
    ],
)
def test_lists(shelf: Shelf, sent: dict[str, str], field: str, expected: list[str]) -> None:
    reply = shelf.send("POST", "/services/update", data={"id": "{a.jpg}"} | sent).json()
    assert reply["metadata"][field] == expected == shelf.metadata("a.jpg")[field]


def test_every_hit_tells_whether_its_metadata_are_complete(shelf: Shelf) -> None:
    assert isinstance(shelf.metadata("a.jpg")["metadataComplete"], str)


def test_browse_has_all_fields(shelf: Shelf) -> None:
    reply = shelf.send("POST", "/services/browse", data={"path": "{folder}", "includeExtensions": "all"}).json()
    shown = {entry["assetPath"].removeprefix(shelf.folder): entry for entry in reply}
    folder = shelf.send("GET", "/api/folder/get", params={"path": "{folder}/sub"}).json()
    common = {"permissionMask": "VPWUMERXCD", "removing": False}
    assert shown["/sub"] == common | {
        "name": "sub",
        "assetPath": f"{shelf.folder}/sub",
        "directory": True,
        "collection": False,
        "browsable": True,
        "containerId": folder["id"],
    }
    assert shown["/c.collection"] == common | {
        "name": "c",
        "assetPath": f"{shelf.folder}/c.collection",
        "directory": False,
        "collection": True,
        "browsable": True,
        "containerId": shelf.ids["c.collection"],
    }
    assert (shown["/a.jpg"]["browsable"], shown["/a.jpg"]["collection"]) == (False, False)


@pytest.mark.parametrize("path", [".", "./", "/.", ""])
def test_browse_of_a_dot_is_that_of_the_root(shelf: Shelf, path: str) -> None:
    reply = shelf.send("POST", "/services/browse", data={"path": path}).json()
    assert "/Test" in [entry["assetPath"] for entry in reply]


@pytest.mark.parametrize("path", ["..", "/Test/.."])
def test_browse_goes_nowhere_else(shelf: Shelf, path: str) -> None:
    assert code_of(shelf.send("POST", "/services/browse", data={"path": path})) == 400


def test_profile_has_a_locale(client: Client) -> None:
    profile = client.post("/services/profile", headers=client.bearer()).json()
    assert set(profile) == {"username", "fullName", "email", "locale", "userZone", "groups", "authorities"}
    assert profile["locale"] == "en_US"


def test_permissions(shelf: Shelf) -> None:
    assert shelf.send("GET", "/services/search", params={"q": "id:{a.jpg}"}).json()["hits"][0]["permissions"] == (
        "VPWUMERXCD"
    )
    header = shelf.client.bearer("api:api")
    zone = shelf.client.post("/api/folder", json={"path": f"/Users/api{shelf.folder}"}, headers=header).json()
    assert zone["permissions"] == "VPWUMERXCD"
    # A dash for each that a user lacks.
    assert shelf.send("GET", f"/api/folder/{zone['id']}").json()["permissions"] == "VP--------"


def test_a_history_has_the_types_of_others(shelf: Shelf) -> None:
    shelf.send("POST", "/services/update", data={"id": "{a.jpg}", "tags": "x,y", "licenseEndDate": "2030-01-01"})
    data = {"id": "{a.jpg}", "actions": "METADATA_UPDATE", "num": "1"}
    (hit,) = shelf.send("POST", "/services/asset/history", data=data).json()["hits"]
    assert (hit["hit"]["permissionMask"], hit["hit"]["relation"]) == (1023, None)
    assert hit["hit"]["metadata"]["versionNumber"] == 1
    # A text or a number, whatever kind of field it is.
    assert hit["usageStatsRecord"]["changedMetadata"] == {
        "tags": {"oldValue": "sea, sun", "newValue": "x, y"},
        "licenseEndDate": {"oldValue": None, "newValue": 1893456000000},
    }


def element(operator: str, **query: object) -> dict[str, object]:
    return {"operator": operator, "query": query}


def tree(*elements: dict[str, object]) -> dict[str, object]:
    return {"BoolQuery": {"elements": list(elements)}}


HERE = element("MUST", TermQuery={"name": "folderPath", "value": "{folder}"})


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (tree(HERE), "a.jpg b.txt c.collection"),
        (tree(HERE, element("MUST", QueryStringQuery={"queryString": ""})), "a.jpg b.txt c.collection"),
        (tree(HERE, element("MUST_NOT", TermQuery={"name": "assetType", "value": "collection"})), "a.jpg b.txt"),
        (tree(HERE, element("MUST", WildcardQuery={"name": "tags", "wildcardValue": "su*"})), "a.jpg"),
        (tree(HERE, element("MUST", QueryStringQuery={"queryString": "tags:sea rating:3"})), "b.txt"),
        (tree(HERE, element("SHOULD", TermQuery={"name": "rating", "value": "3"})), "a.jpg b.txt c.collection"),
        (
            tree(
                HERE,
                element(
                    "MUST",
                    **tree(
                        element("SHOULD", TermQuery={"name": "rating", "value": "3"}),
                        element("SHOULD", TermQuery={"name": "rating", "value": "1"}),
                    ),
                ),
            ),
            "b.txt c.collection",
        ),
        (
            # As the web client sends it.
            tree(
                element("MUST", QueryStringQuery={"queryString": 'folderPath:"{folder}"'}),
                element(
                    "MUST_NOT",
                    **tree(
                        element("MUST", TermQuery={"name": "assetType", "value": "collection"}),
                        element("MUST", WildcardQuery={"name": "parentContainerIds", "wildcardValue": "*"}),
                    ),
                ),
            ),
            "a.jpg b.txt c.collection",
        ),
    ],
)
def test_a_search_as_the_web_client_sends_it(shelf: Shelf, query: object, expected: str) -> None:
    body = {
        "start": 0,
        "num": 300,
        "returnHighlightedText": True,
        "facets": {"tags": {"field": "tags"}},
        "sorting": [{"field": "filename", "descending": False}],
        "showAssetsOfSubfolders": "true",
        "showSubCollections": "false",
        "query": query,
        "maxResultHits": 400,
        "firstResult": 0,
        "returnThumbnailHits": True,
    }
    sent = as_json(body)
    reply = shelf.send("POST", "/services/search", **sent).json()
    assert [hit["metadata"]["filename"] for hit in reply["hits"]] == expected.split()
    assert (reply["maxResultHits"], list(reply["facets"])) == (400, ["tags"])


@pytest.mark.parametrize(
    "query",
    [
        tree(),
        tree({"operator": "MUST"}),
        tree(element("PERHAPS", TermQuery={"name": "a", "value": "b"})),
        tree(element("MUST", TermQuery={"name": "a"})),
        tree(element("MUST", TermQuery={"name": "a", "value": "b", "boost": 2})),
        tree(element("MUST", FuzzyQuery={"name": "a", "value": "b"})),
        {"BoolQuery": {"elements": [], "must": []}},
        {"TermQuery": {"name": "a", "value": "b"}, "WildcardQuery": {"name": "a", "wildcardValue": "b"}},
        {"QueryStringQuery": {"queryString": "*", "fields": "x"}},
    ],
)
def test_a_query_that_is_not_known_is_refused(shelf: Shelf, query: object) -> None:
    assert code_of(shelf.send("POST", "/services/search", **as_json({"query": query}))) == 400


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/api/admin/permission/rule", {"subject": "a", "query": "*", "invented": 1}),
        ("POST", "/api/admin/permission/rule/search", {"subjects": "a"}),
        ("POST", "/api/folder", {"path": "/Test/key", "colour": "red"}),
        ("PUT", "/api/folder/x", {"metadatas": {}}),
        ("POST", "/api/asset", {"assetPath": "/Test/key.jpg", "autorename": True}),
        ("POST", "/api/sharelink", {"subject": "x", "validUntil": "2099-01-01", "asset": []}),
        ("POST", "/services/search", {"query": {"QueryStringQuery": {"queryString": "*"}}, "maxHits": 1}),
        ("POST", "/services/search", {"query": {"QueryStringQuery": {"queryString": "*"}}, "facets": {"a": {"b": 1}}}),
        ("POST", "/services/updatebulk", [{"id": "{a.jpg}", "metadata": {}, "meta": {}}]),
        ("POST", "/services/create", {"assetPath": "/Test/key.jpg", "invented": "x"}),
        ("POST", "/services/notify/email", {"to": "a@example.com", "subject": "x", "cc": "y"}),
        ("POST", "/services/renditionpreset/save", {"name": "x", "colour": "red"}),
        ("POST", "/services/admin/externalProcessing", {"name": "x", "url": "http://192.0.2.1/", "invented": 1}),
        (
            "POST",
            "/services/admin/webhook",
            {"name": "x", "url": "http://192.0.2.1/", "eventTypes": [], "foldersAndQuery": {"folder": "/"}},
        ),
        ("POST", "/private-api/system/asset/update/start", {"filterQuery": "id:x", "invented": True}),
    ],
)
def test_an_unknown_key_of_a_body_is_refused(client: Client, method: str, path: str, body: Any) -> None:
    shelf = Shelf.filled(client, user=ADMIN)
    reply = shelf.send(method, path, **as_json(body))
    assert code_of(reply) == 400
    assert "Unknown key" in reply.json()["message"]


def test_what_a_client_sends_back_is_known(client: Client) -> None:
    header = client.bearer(ADMIN)
    webhook = {"name": "x", "url": "http://192.0.2.1/", "eventTypes": ["asset_remove"], "enabled": False}
    for path, body in (
        ("/services/admin/webhook", webhook),
        ("/services/admin/externalProcessing", {"name": "engine 1", "url": "http://192.0.2.1:5000/"}),
        ("/api/folder", {"path": f"/Test/back/{client.bearer()['Authorization'][-20:]}"}),
    ):
        made = client.post(path, json=body, headers=header).json()
        reply = client.request("PUT", f"{path}/{made['id']}", json=made, headers=header)
        assert (reply.status_code, reply.json()) == (200, made)


def test_presets(client: Client) -> None:
    header, admin, other = client.bearer(), client.bearer(ADMIN), client.bearer("api:api")
    presets = "/services/renditionpreset"
    settings = {"format": "jpg", "maxWidth": 100, "quality": 100, "resizeMode": "scale"}
    body = {"id": "", "name": "Small", "type": "IMAGE_PRESET", "creator": "x", "renditionSettings": settings}

    def save(query: str = "", **more: object) -> Any:
        return client.post(f"{presets}/save{query}", json=body | more, headers=header)

    made = save().json()
    assert made == body | {"id": made["id"], "creator": "alice"}
    shared = save("?id=&name=Shared", sharedWithGroups=["users"]).json()
    assert shared["name"] == "Shared"
    assert [one in client.post(f"{presets}/list", headers=header).json() for one in (made, shared)] == [True, True]
    assert [one in client.post(f"{presets}/list", headers=other).json() for one in (made, shared)] == [False, True]
    changed = save(f"?id={made['id']}&name=Smaller").json()
    assert changed == made | {"name": "Smaller"}
    everything = client.post(f"{presets}/listAll", headers=admin).json()
    assert (changed in everything, made in everything) == (True, False)
    assert code_of(client.post(f"{presets}/listAll", headers=header)) == 403
    assert code_of(save("?id=nothing")) == 404
    assert code_of(save(name="")) == 400
    counts = client.post(f"{presets}/remove", data={"ids": f"{made['id']},nothing"}, headers=header).json()
    assert counts == {"processedCount": 1, "errorCount": 1}
    client.post(f"{presets}/remove", data={"ids": shared["id"]}, headers=header)


def test_versions_are_listed_retrieved_and_removed(shelf: Shelf) -> None:
    for content in (b"second", b"third"):
        shelf.send("POST", "/services/update", data={"id": "{a.jpg}"}, files={"Filedata": ("a.jpg", content)})

    def numbers() -> list[int]:
        reply = shelf.send("POST", "/services/version/list", data={"assetId": "{a.jpg}"}).json()
        assert reply["totalHits"] == len(reply["hits"])
        assert {hit["hit"]["metadata"]["id"] for hit in reply["hits"]} == {shelf.ids["a.jpg"]}
        return [hit["hit"]["metadata"]["versionNumber"] for hit in reply["hits"]]

    def content_of(number: int) -> bytes:
        params = {"assetId": "{a.jpg}", "version": str(number)}
        return shelf.send("GET", "/private-api/contentsource/retrieveVersion", params=params).content

    assert numbers() == [3, 2, 1]
    assert [content_of(number) for number in (1, 2, 3)] == [b"picture", b"second", b"third"]
    for versions, code in (("3", 404), ("9", 404), ("x", 400), ("", 400), ("1,2", 0)):
        data = {"assetId": "{a.jpg}", "versions": versions}
        assert code_of(shelf.send("POST", "/services/version/delete", data=data)) == code
    assert numbers() == [3]
    data = {"assetId": "{a.jpg}", "version": "1"}
    assert code_of(shelf.send("POST", "/services/version/promote", data=data)) == 404


def test_promoting_as_the_content_source_does(shelf: Shelf) -> None:
    shelf.send("POST", "/services/update", data={"id": "{a.jpg}"}, files={"Filedata": ("a.jpg", b"second")})
    params = {"assetId": "{a.jpg}", "version": "1"}
    assert shelf.send("POST", "/private-api/contentsource/promoteVersion", params=params).json() == {}
    assert shelf.metadata("a.jpg")["versionNumber"] == 3


def test_field_info_names_what_is_a_list_or_a_date(client: Client) -> None:
    fields = {field["name"]: field for field in client.post("/services/fieldinfo", headers=client.bearer()).json()}
    assert fields["tags"] == {"name": "tags", "type": "text", "multiValue": True, "editable": True}
    assert fields["assetCreated"]["type"] == "datetime"
    assert (fields["fileSize"]["type"], fields["fileSize"]["editable"]) == ("number", False)


def test_user_details(client: Client) -> None:
    path, admin = "/private-api/contentsource/getUserDetails", client.bearer(ADMIN)
    details = client.get(path, params={"username": "alice"}, headers=admin).json()
    assert (details["username"], details["email"]) == ("alice", "alice@example.com")
    unknown = client.get(path, params={"username": "nobody"}, headers=admin)
    assert (unknown.status_code, unknown.content) == (200, b"")
    assert client.get(path, params={"username": "alice"}, headers=client.bearer()).status_code == 403
    assert client.get(path, headers=admin).status_code == 400


def test_a_login_with_client_credentials(client: Client) -> None:
    def ask(client_id: str, secret: str, **data: str) -> Any:
        return client.post("/oauth/token", data=data, auth=(client_id, secret))

    grant = {"grant_type": "client_credentials"}
    reply = ask("api", "api", impersonator_id="alice", **grant).json()
    header = {"Authorization": f"Bearer {reply['access_token']}"}
    assert client.post("/services/profile", headers=header).json()["username"] == "alice"
    own = ask("api", "api", **grant).json()["access_token"]
    assert client.post("/services/profile", headers={"Authorization": f"Bearer {own}"}).json()["username"] == "api"
    # What is refused has a real status in both ways.
    for refused, status in (
        (ask("api", "wrong", **grant), 401),
        (client.post("/oauth/token", data=grant), 401),
        (ask("api", "api", impersonator_id="nobody", **grant), 403),
        (ask("api", "api", grant_type="password"), 400),
    ):
        assert (refused.status_code, refused.json()["errorcode"]) == (status, status)


def test_relations_tell_who_made_them(shelf: Shelf) -> None:
    data = {"relationType": "related", "target1Id": "{a.jpg}", "target2Id": "{b.txt}"}
    shelf.send("POST", "/services/createRelation", data=data)
    query = {"q": "relatedTo:{a.jpg} relationTarget:child relationType:related"}
    (hit,) = shelf.send("POST", "/services/search", data=query).json()["hits"]
    assert hit["relation"]["relationMetadata"] == {"relationCreator": "alice", "relationModifier": "alice"}


def test_messages_of_others(client: Client) -> None:
    for chain, text in (("", "E-mail"), ("fi_FI", "Sähköposti")):
        reply = client.post("/services/messages", data={"localeChain": chain}, headers=client.bearer())
        assert reply.json()["field_label.creatorEmail"] == text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/services/version/removeRelation"),
        ("POST", "/services/"),
        ("POST", "/services/renditionpreset/copy"),
        ("GET", "/private-api/contentsource/nothing"),
        ("GET", "/oauth/authorize"),
    ],
)
def test_unknown_calls_are_refused(client: Client, method: str, path: str) -> None:
    assert code_of(client.request(method, path, headers=client.bearer() | JSON)) == 404
    assert client.server.requests()[-1]["modelled"] is False
