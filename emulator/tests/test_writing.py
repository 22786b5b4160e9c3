# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating, updating and removing assets, a row for each form that clients send, with hidden and with real statuses."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from emulator.tests.client import Client, Start
from emulator.tests.shelf import Shelf, as_json

CREATE, UPDATE, BULK, REMOVE = (f"/services/{name}" for name in ("create", "update", "updatebulk", "remove"))
FILE = ("part.jpg", b"content")
TAKEN = ("a.jpg", b"content")
HERE = 'folderPath:"{folder}"'
COUNTS = {"errorCount": 0}
XMP = (
    b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Inside &amp; out"
    b"</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li>one</rdf:li><rdf:li>two</rdf:li></rdf:Bag></dc:subject>"
    b"</rdf:RDF></x:xmpmeta>"
)


@pytest.fixture(params=["ok", "status"])
def shelf(request: pytest.FixtureRequest, shared: Client, strict: Client) -> Shelf:
    return Shelf.filled(shared if request.param == "ok" else strict)


@pytest.fixture
def other(shelf: Shelf) -> Shelf:
    """The same shelf, as another user has it."""
    return Shelf(shelf.client, shelf.client.bearer("api:api"), shelf.folder, shelf.ids)


def field(part: str, /, **more: str) -> dict[str, Any]:
    """Return an upload as a multipart body, with fields."""
    return {"files": {"Filedata": (part, b"content")}, "data": more}


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        (field("x.jpg", assetPath="{folder}/new.jpg"), "new.jpg"),
        (field("x.jpg", folderPath="{folder}"), "x.jpg"),
        (field("x.jpg", folderPath="{folder}", name="named.jpg"), "named.jpg"),
        (field("x.jpg", folderPath="{folder}", filename="named.jpg"), "named.jpg"),
        (field("x.jpg", folderPath="{folder}", metadata='{"filename": "named.jpg"}'), "named.jpg"),
        (field("x.jpg", metadata='{"assetPath": "{folder}/new.jpg"}'), "new.jpg"),
        (field("C:\\\\pictures\\\\x.jpg", folderPath="{folder}"), "x.jpg"),
        (field("../../x.jpg", folderPath="{folder}"), "x.jpg"),
        ({"params": {"folderPath": "{folder}", "autoRename": "0"}, "files": {"Filedata": FILE}}, "part.jpg"),
        ({"data": {"assetPath": "{folder}/My collection.collection"}}, "My collection.collection"),
        ({"data": {"folderPath": "{folder}", "filename": "My collection.collection"}}, "My collection.collection"),
        ({"data": {"assetPath": "{folder}/deep/er/new.txt"}}, "deep/er/new.txt"),
        # A name that came with the file is changed when it is taken, one that the client gave is not.
        (field("a.jpg", folderPath="{folder}"), "a-1.jpg"),
        (field("x.jpg", assetPath="{folder}/a.jpg"), "a-1.jpg"),
        (field("a.jpg", folderPath="{folder}", autoRename="true"), "a-1.jpg"),
    ],
)
def test_create(shelf: Shelf, sent: dict[str, Any], path: str) -> None:
    reply = shelf.send("POST", CREATE, **dict(sent)).json()
    assert reply["metadata"]["assetPath"] == f"{shelf.folder}/{path}"
    assert path in shelf.paths()


@pytest.mark.parametrize(
    ("sent", "code", "name"),
    [
        (field("x.jpg", folderPath="{folder}", name="a.jpg"), 409, "PathAlreadyExistsException"),
        (field("x.jpg", folderPath="{folder}", filename="a.jpg"), 409, "PathAlreadyExistsException"),
        (field("x.jpg", folderPath="{folder}", name="a.jpg", autoRename="true"), 409, "PathAlreadyExistsException"),
        (field("a.jpg", folderPath="{folder}", autoRename="false"), 409, "PathAlreadyExistsException"),
        (field("x.jpg", assetPath="{folder}/a.jpg", autoRename="0"), 409, "PathAlreadyExistsException"),
        (field("x.jpg", folderPath="{folder}", metadata='{"name": "a.jpg"}'), 409, "PathAlreadyExistsException"),
        ({"data": {"folderPath": "{folder}"}}, 400, "IllegalArgumentException"),
        ({"data": {"folderPath": "{folder}", "name": "x", "rating": "many"}}, 400, "IllegalArgumentException"),
        ({"data": {"folderPath": "{folder}", "name": "x", "licenseEndDate": "soon"}}, 400, "IllegalArgumentException"),
        *(
            (field("x.jpg", folderPath="{folder}", name=f"in{character}valid.jpg"), 400, "IllegalArgumentException")
            for character in '\\/:*?"<>|#;\0'
        ),
        (field("x.jpg", assetPath="{folder}/semi;colon.jpg"), 400, "IllegalArgumentException"),
        (field("x.jpg", folderPath="{folder}/a*b"), 400, "IllegalArgumentException"),
    ],
)
def test_create_is_refused(shelf: Shelf, sent: dict[str, Any], code: int, name: str) -> None:
    reply = shelf.send("POST", CREATE, **dict(sent))
    assert (reply.json()["errorcode"], reply.json()["errorname"]) == (code, name)
    assert len(shelf.paths()) == 4


def test_invalid_characters_may_be_removed_instead(start: Start) -> None:
    shelf = Shelf.filled(start("--invalid-names", "removed"))
    reply = shelf.send("POST", CREATE, **field("x.jpg", assetPath="{folder}/in?val#id/se;mi:colon.jpg"))
    assert reply.json()["metadata"]["assetPath"] == f"{shelf.folder}/invalid/semicolon.jpg"
    assert shelf.send("POST", CREATE, **field("x.jpg", folderPath="{folder}", name="?")).json()["errorcode"] == 400


def test_next_url_leads_on(shelf: Shelf) -> None:
    data = {"assetPath": "{folder}/new", "nextUrl": "https://example.com/done?id=${id}"}
    reply = shelf.send("POST", CREATE, data=data, allow_redirects=False)
    found = shelf.send("GET", "/services/search", params={"q": 'assetPath:"{folder}/new"'}).json()["hits"][0]["id"]
    assert (reply.status_code, reply.headers["Location"]) == (301, f"https://example.com/done?id={found}")


@pytest.mark.parametrize(
    ("before", "sent", "after"),
    [
        (["x"], "y", ["y"]),
        (["x"], "y,z", ["y", "z"]),
        (["x"], ["y", "z"], ["y", "z"]),
        (["x"], "+y", ["x", "y"]),
        (["x"], "+x", ["x"]),
        (["x", "y"], "-x", ["y"]),
        (["x", "y"], "-z", ["x", "y"]),
        (["x", "y"], "+z,-x", ["y", "z"]),
        (["x"], ["+y", "+z"], ["x", "y", "z"]),
        (["x"], "+y,z", ["x", "y", "z"]),
        (["x"], "-x", None),
        (None, "+y", ["y"]),
        (["x"], None, None),
        # Found by users: an empty list does not empty a field.
        (["x"], [], ["x"]),
        (["x"], "", None),
    ],
)
def test_modifications_of_a_list(shelf: Shelf, before: object, sent: object, after: object) -> None:
    for value in (before, sent):
        data = {"id": "{c.collection}", "metadata": json.dumps({"tags": value})}
        assert "id" in shelf.send("POST", UPDATE, data=data).json()
    assert shelf.metadata("c.collection").get("tags") == after


@pytest.mark.parametrize("call", [UPDATE, BULK])
def test_a_sign_is_text_where_nothing_is_to_be_modified(shelf: Shelf, call: str) -> None:
    target = {"id": "{a.jpg}"} if call == UPDATE else {"q": "id:{a.jpg}"}
    data = target | {"tags": "+x", "description": "-y", "parseMetadataModifications": "false"}
    shelf.send("POST", call, data=data)
    metadata = shelf.metadata("a.jpg")
    assert (metadata["tags"], metadata["description"]) == (["+x"], "-y")


@pytest.mark.parametrize(
    ("name", "sent", "shown"),
    [
        ("rating", "4", 4),
        ("rating", 4, 4),
        ("rating", -1, -1),
        ("cf_text", 1234567890123, "1234567890123"),
        ("cf_text", "5", "5"),
        ("cf_flag", True, True),
        ("licenseEndDate", "2018-03-25", {"value": 1521936000000, "formatted": "2018-03-25 00:00:00 +0000"}),
        ("licenseEndDate", 1521956554000, {"value": 1521956554000, "formatted": "2018-03-25 05:42:34 +0000"}),
        (
            "licenseEndDate",
            "2018-03-25 07:42:34 +0200",
            {"value": 1521956554000, "formatted": "2018-03-25 05:42:34 +0000"},
        ),
        ("licenseEndDate", {"value": 0, "formatted": "x"}, {"value": 0, "formatted": "1970-01-01 00:00:00 +0000"}),
    ],
)
def test_values_have_the_type_of_their_field(shelf: Shelf, name: str, sent: object, shown: object) -> None:
    shelf.send("POST", UPDATE, data={"id": "{a.jpg}", "metadata": json.dumps({name: sent})})
    assert shelf.metadata("a.jpg")[name] == shown


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"data": {"q": "id:{a.jpg}", "metadata": '{"status": "Done"}'}}, COUNTS | {"processedCount": 1}),
        ({"params": {"q": "id:{a.jpg}", "metadata": '{"status": "Done"}'}}, COUNTS | {"processedCount": 1}),
        ({"data": {"q": "id:{a.jpg}", "status": "Done"}}, COUNTS | {"processedCount": 1}),
        ({"data": {"q": HERE, "status": "Done", "async": "false"}}, COUNTS | {"processedCount": 3}),
        ({"data": {"q": "id:nothing", "status": "Done"}}, COUNTS | {"processedCount": 0}),
        ({"data": {"q": "id:{a.jpg}"}}, COUNTS | {"processedCount": 1}),
    ],
)
def test_update_bulk_by_query(shelf: Shelf, sent: dict[str, Any], expected: dict[str, int]) -> None:
    assert shelf.send("POST", BULK, **dict(sent)).json() == expected
    told = "Done" in json.dumps(sent) and expected["processedCount"] > 0
    assert (shelf.metadata("a.jpg")["status"] == "Done") == told
    assert shelf.metadata("d.jpg" if "d.jpg" in shelf.ids else "sub/d.jpg").get("status") is None


def test_update_bulk_by_rows(shelf: Shelf) -> None:
    rows = [
        {"id": "{a.jpg}", "metadata": {"status": "One", "tags": "+new"}},
        {"id": "nothing", "metadata": {"status": "Two"}},
        {"id": "{b.txt}", "metadata": {"status": "Three", "name": "renamed.txt"}},
    ]
    updated = shelf.send("POST", BULK, **as_json(rows)).json()
    assert [hit["id"] for hit in updated] == [shelf.ids["a.jpg"], shelf.ids["b.txt"]]
    assert [hit["metadata"]["status"] for hit in updated] == ["One", "Three"]
    assert (shelf.metadata("a.jpg")["tags"], shelf.metadata("b.txt")["name"]) == (["new", "sea", "sun"], "renamed.txt")


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"data": {"metadata": '{"status": "Done"}'}},
        {"data": {"q": "", "status": "Done"}},
        {"data": {"q": "name:(", "status": "Done"}},
        {"data": {"q": "id:{a.jpg}", "metadata": "[1]"}},
        as_json([1]),
        as_json([{"metadata": {}}]),
        as_json([{"id": "{a.jpg}", "metadata": "x"}]),
        as_json([{"id": "{a.jpg}", "metadata": {"status": "Done", "rating": "many"}}]),
        {"data": "[{", "headers": {"Content-Type": "application/json"}},
    ],
)
def test_update_bulk_is_refused(shelf: Shelf, sent: dict[str, Any]) -> None:
    assert shelf.send("POST", BULK, **dict(sent)).json()["errorcode"] == 400
    assert shelf.metadata("a.jpg")["status"] == "New"


@pytest.mark.parametrize(
    ("sent", "left"),
    [
        ({"data": {"q": "id:{a.jpg}"}}, "b.txt c.collection sub/d.jpg"),
        ({"params": {"ids": "{a.jpg},{b.txt}"}}, "c.collection sub/d.jpg"),
        ({"data": {"ids": ["{a.jpg}", "{b.txt}"]}}, "c.collection sub/d.jpg"),
        ({"data": {"folderPath": "{folder}/sub"}}, "a.jpg b.txt c.collection"),
        # Of several the first counts, in this order.
        ({"data": {"folderPath": "{folder}", "ids": "{b.txt}", "q": "id:{a.jpg}"}}, "b.txt c.collection sub/d.jpg"),
        ({"data": {"folderPath": "{folder}", "ids": "{b.txt}", "q": ""}}, "a.jpg c.collection sub/d.jpg"),
    ],
)
def test_remove(shelf: Shelf, sent: dict[str, Any], left: str) -> None:
    assert shelf.send("POST", REMOVE, **dict(sent)).json()["errorCount"] == 0
    assert shelf.paths() == left.split()


@pytest.mark.parametrize(
    ("data", "code"),
    [({}, 400), ({"q": ""}, 400), ({"q": "name:("}, 400), ({"folderPath": "/"}, 404), ({"folderPath": "/no"}, 404)],
)
def test_remove_is_refused(shelf: Shelf, data: dict[str, str], code: int) -> None:
    assert shelf.send("POST", REMOVE, data=data).json()["errorcode"] == code
    assert len(shelf.paths()) == 4


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({}, "part.jpg"),
        ({"name": "named.jpg"}, "named.jpg"),
        ({"metadata": '{"filename": "named.jpg"}'}, "named.jpg"),
        ({"name": "a.jpg"}, "a.jpg"),
    ],
)
def test_a_new_file_names_the_asset(shelf: Shelf, fields: dict[str, str], name: str) -> None:
    reply = shelf.send("POST", UPDATE, data={"id": "{a.jpg}"} | fields, files={"Filedata": FILE}).json()
    metadata = reply["metadata"]
    assert (metadata["assetPath"], metadata["versionNumber"]) == (f"{shelf.folder}/{name}", 2)
    assert shelf.client.http.get(reply["originalUrl"], headers=shelf.headers, timeout=30).content == b"content"
    # It is still the checksum of the first one.
    assert metadata["firstExtractedChecksum"] == hashlib.md5(b"picture", usedforsecurity=False).hexdigest()


def test_a_new_file_of_a_taken_name(shelf: Shelf) -> None:
    upload: dict[str, Any] = {"files": {"Filedata": TAKEN}}
    assert shelf.send("POST", UPDATE, data={"id": "{b.txt}"}, **upload).json()["metadata"]["name"] == "a-1.jpg"
    for fields in ({"autoRename": "false"}, {"name": "a.jpg"}):
        reply = shelf.send("POST", UPDATE, data={"id": "{b.txt}"} | fields, **upload).json()
        assert reply["errorname"] == "PathAlreadyExistsException"
    assert shelf.metadata("b.txt")["versionNumber"] == 2


def test_what_a_collection_is_called_is_written_back_as_it_was_read(shelf: Shelf) -> None:
    assert shelf.metadata("c.collection")["name"] == "c"
    shelf.send("POST", UPDATE, data={"id": "{c.collection}", "name": "c", "rating": "2"})
    assert shelf.metadata("c.collection")["assetPath"] == f"{shelf.folder}/c.collection"
    shelf.send("POST", UPDATE, data={"id": "{c.collection}", "name": "d"})
    assert shelf.metadata("c.collection")["assetPath"] == f"{shelf.folder}/d.collection"


@pytest.mark.parametrize(
    ("fields", "title"),
    [
        ({}, "Inside & out"),
        ({"keepMetadata": "false"}, "Inside & out"),
        ({"keepMetadata": "true"}, "Old town"),
        ({"title": "Said now"}, "Said now"),
    ],
)
def test_texts_inside_a_new_file_win(shelf: Shelf, fields: dict[str, str], title: str) -> None:
    sent = {"data": {"id": "{a.jpg}"} | fields, "files": {"Filedata": ("a.jpg", b"\xff\xd8" + XMP)}}
    metadata = shelf.send("POST", UPDATE, **sent).json()["metadata"]
    assert metadata["title"] == title
    assert "keepMetadata" not in metadata
    assert metadata["tags"] == (["sea", "sun"] if "true" in fields.values() else ["one", "two"])


def test_the_server_embeds_texts_when_told_to(start: Start) -> None:
    shelf = Shelf.filled(start("--embed"))
    url = shelf.send("GET", "/services/search", params={"q": "id:{a.jpg}"}).json()["hits"][0]["originalUrl"]
    stored = shelf.client.http.get(url, headers=shelf.headers, timeout=30).content
    assert stored.startswith(b"picture<x:xmpmeta")
    assert b"Old town" in stored
    shelf.send("POST", UPDATE, data={"id": "{a.jpg}", "title": "New town"})
    again = shelf.client.http.get(url, headers=shelf.headers, timeout=30).content
    assert (again.count(b"<x:xmpmeta"), b"New town" in again, b"Old town" in again) == (1, True, False)
    metadata = shelf.metadata("a.jpg")
    assert metadata["fileSize"]["value"] == len(again)
    assert metadata["firstExtractedChecksum"] == hashlib.md5(b"picture", usedforsecurity=False).hexdigest()
    large = b"x" * 100_000
    shelf.add("large.jpg", large, title="T")
    url = shelf.send("GET", "/services/search", params={"q": "id:{large.jpg}"}).json()["hits"][0]["originalUrl"]
    assert shelf.client.http.get(url, headers=shelf.headers, timeout=30).content.startswith(large + b"<x:xmpmeta")


def test_the_checksum_may_follow_the_file(start: Start) -> None:
    shelf = Shelf.filled(start("--checksum", "latest"))
    shelf.send("POST", UPDATE, data={"id": "{a.jpg}"}, files={"Filedata": FILE})
    expected = hashlib.md5(b"content", usedforsecurity=False).hexdigest()
    assert shelf.metadata("a.jpg")["firstExtractedChecksum"] == expected


def test_who_holds_an_asset_keeps_others_from_changing_it(shelf: Shelf, other: Shelf) -> None:
    assert shelf.send("POST", "/services/checkout/{a.jpg}").json()["checkedOutBy"] == "alice"
    assert set(shelf.metadata("a.jpg")["checkedOut"]) == {"value", "formatted"}
    refused: list[tuple[str, dict[str, Any]]] = [
        ("/services/checkout/{a.jpg}", {}),
        (UPDATE, {"data": {"id": "{a.jpg}", "status": "Taken"}}),
        (UPDATE, {"data": {"id": "{a.jpg}"}, "files": {"Filedata": FILE}}),
        ("/services/move", {"data": {"source": "{folder}/a.jpg", "target": "{folder}/z.jpg"}}),
    ]
    for path, sent in refused:
        assert other.send("POST", path, **sent).json()["errorcode"] == 409
    counts = {"processedCount": 0, "errorCount": 1}
    assert other.send("POST", BULK, data={"q": "id:{a.jpg}", "status": "Taken"}).json() == counts
    assert other.send("POST", REMOVE, data={"ids": "{a.jpg}"}).json() == counts
    assert other.send("POST", BULK, **as_json([{"id": "{a.jpg}", "metadata": {"status": "Taken"}}])).json() == []
    assert shelf.metadata("a.jpg")["status"] == "New"


def test_check_in(shelf: Shelf, other: Shelf) -> None:
    reply = shelf.send("POST", "/services/checkout/{a.jpg}", params={"download": "true"})
    assert (reply.content, reply.headers["Content-Type"]) == (b"picture", "image/jpeg")
    assert shelf.metadata("a.jpg")["checkedOutBy"] == "alice"
    kept = {"id": "{a.jpg}", "clearCheckoutState": "false"}
    assert (
        shelf.send("POST", UPDATE, data=kept, files={"Filedata": TAKEN}).json()["metadata"]["checkedOutBy"] == "alice"
    )
    assert other.send("POST", "/services/undocheckout/{a.jpg}").json()["errorcode"] == 403
    checked_in = shelf.send("POST", UPDATE, data={"id": "{a.jpg}"}, files={"Filedata": TAKEN}).json()["metadata"]
    assert not {"checkedOut", "checkedOutBy", "checkedOutOnClient"} & set(checked_in)
    assert other.send("POST", "/services/checkout/{a.jpg}").json()["checkedOutBy"] == "api"
    assert other.send("POST", "/services/undocheckout/{a.jpg}").json() is not None


@pytest.mark.parametrize("service", ["copy", "move"])
@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"source": "{folder}/a.jpg", "target": "{folder}/b.txt", "fileReplacePolicy": "THROW_EXCEPTION"}, 409),
        ({"source": "{folder}/sub", "target": "{folder}/b.txt", "folderReplacePolicy": "THROW_EXCEPTION"}, 409),
        ({"source": "{folder}/a.jpg", "target": "{folder}/x?y.jpg"}, 400),
        ({"source": "{folder}/a.jpg", "target": "{folder}/x.jpg", "fileReplacePolicy": "SOMETHING"}, 400),
        ({"source": "{folder}/a.jpg", "target": ""}, 400),
        ({"source": "{folder}/no.jpg", "target": "{folder}/x.jpg"}, 404),
        ({"source": "{folder}", "target": "{folder}/sub/x"}, 400),
    ],
)
def test_transfer_is_refused(shelf: Shelf, service: str, fields: dict[str, str], code: int) -> None:
    assert shelf.send("POST", f"/services/{service}", data=fields).json()["errorcode"] == code
    assert shelf.paths() == ["a.jpg", "b.txt", "c.collection", "sub/d.jpg"]
