# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets and folders: what a runbook does between login and logout."""

from __future__ import annotations

import json
import re
import time
import uuid
from typing import Any

import pytest
import requests

from emulator.tests.client import Client


class Runbook:
    """A logged-in client with a folder of its own."""

    def __init__(self, client: Client, **login: str) -> None:
        self.client = client
        self.headers = client.bearer(**login)
        self.folder = f"/Test/{uuid.uuid4().hex}"

    def call(self, service: str, **parameters: Any) -> Any:
        return self.client.post(f"/services/{service}", data=parameters, headers=self.headers).json()

    def api(self, method: str, path: str, **sent: Any) -> requests.Response:
        return self.client.request(method, f"/api/folder{path}", headers=self.headers, **sent)

    def add(self, name: str, content: bytes = b"content", **fields: str) -> Any:
        files = {"Filedata": (name.rpartition("/")[2], content)}
        data = {"assetPath": f"{self.folder}/{name}"} | fields
        return self.client.post("/services/create", data=data, files=files, headers=self.headers).json()

    def names(self, q: str = "", **parameters: str) -> list[str]:
        query = f'ancestorPaths:"{self.folder}" {q}'
        hits = self.call("search", q=query, sort="assetPath", **parameters)["hits"]
        return [hit["metadata"]["assetPath"].removeprefix(self.folder + "/") for hit in hits]


@pytest.fixture
def book(shared: Client) -> Runbook:
    return Runbook(shared)


@pytest.fixture
def other(shared: Client) -> Runbook:
    return Runbook(shared, user="api:api")


def test_create_and_find(book: Runbook) -> None:
    made = book.add("a.jpg", title="Sunset", metadata='{"rating": 5, "title": "Sunrise"}')
    assert re.fullmatch(r"[\w-]{22}", made["id"])
    found = book.call("search", q=f"id:{made['id']}")
    assert (found["firstResult"], found["maxResultHits"], found["totalHits"]) == (0, 50, 1)
    metadata = found["hits"][0]["metadata"]
    assert (metadata["name"], metadata["folderPath"]) == ("a.jpg", book.folder)
    assert (metadata["title"], metadata["rating"], metadata["assetCreator"]) == ("Sunrise", 5, "alice")
    assert metadata["fileSize"]["value"] == 7
    assert time.time() * 1000 - metadata["assetCreated"]["value"] < 10_000
    assert found["hits"][0]["permissions"]


def test_search_pages_counts_and_sorts(book: Runbook) -> None:
    for name in ("b", "c", "a"):
        book.add(name, rank=name)
    assert book.names() == ["a", "b", "c"]
    assert book.names(start="1", num="1") == ["b"]
    found = book.call("search", q=f'folderPath:"{book.folder}"', num="0")
    assert (found["totalHits"], found["hits"]) == (3, [])
    found = book.call("search", q=f'folderPath:"{book.folder}"', sort="rank-desc", metadataToReturn="name, rank")
    assert [hit["metadata"] for hit in found["hits"]] == [{"name": name, "rank": name} for name in "cba"]


def test_the_first_field_of_a_sort_counts_most(book: Runbook) -> None:
    for name, rank in (("a", "2"), ("b", "1"), ("c", "2")):
        book.add(name, rank=rank)
    found = book.call("search", q=f'folderPath:"{book.folder}"', sort="rank-desc,name-asc")
    assert [hit["metadata"]["name"] for hit in found["hits"]] == ["a", "c", "b"]


def test_download_needs_a_session(book: Runbook) -> None:
    content = bytes(range(256)) * 1000
    url = book.add("\u00e4 b\n,.jpg", content)["originalUrl"]
    reply = book.client.http.get(url, headers=book.headers)
    assert (reply.content, reply.headers["Content-Type"]) == (content, "image/jpeg")
    assert book.client.http.get(url).status_code == 401


def test_taken_name_gets_a_number(book: Runbook) -> None:
    assert [book.add("a.tar")["metadata"]["name"] for dummy in range(3)] == ["a.tar", "a-1.tar", "a-2.tar"]


def test_asset_without_a_folder_lands_in_the_users_zone(book: Runbook) -> None:
    assert book.call("create", name=book.folder[6:])["metadata"]["folderPath"] == "/Users/alice"


def test_browse(book: Runbook) -> None:
    book.add("a.jpg"), book.add("b.collection"), book.add("sub/c.jpg")
    folder = {"name": "sub", "assetPath": f"{book.folder}/sub", "directory": True}
    container = {"name": "b", "assetPath": f"{book.folder}/b.collection", "directory": False}
    image = {"name": "a.jpg", "assetPath": f"{book.folder}/a.jpg", "directory": False}

    def browse(**more: str) -> list[dict[str, Any]]:
        entries = book.call("browse", path=book.folder, **more)
        return [{name: entry[name] for name in folder} for entry in entries]

    assert browse() == [folder, container]
    assert browse(includeExtensions="all", includeFolders="false") == [image, container]
    assert browse(includeAsset="false") == [folder]


def test_update(book: Runbook) -> None:
    asset = book.add("a.jpg", title="old", note="n")
    book.call(
        "update", id=asset["id"], metadata='{"title": "new", "note": null, "assetPath": "/x", "checkedOutBy": "me"}'
    )
    metadata = book.call("search", q=f"id:{asset['id']}")["hits"][0]["metadata"]
    assert (metadata["title"], metadata["folderPath"]) == ("new", book.folder)
    assert not {"note", "checkedOutBy"} & set(metadata)


def test_update_bulk_and_remove(book: Runbook) -> None:
    first = book.add("a")
    book.add("b"), book.add("c")
    query = f'folderPath:"{book.folder}"'
    counts = book.call("updatebulk", q=query, metadata='{"status": "done"}')
    assert counts == {"processedCount": 3, "errorCount": 0}
    assert len(book.names("status:done")) == 3
    assert book.call("remove", ids=f"{first['id']},nope") == {"processedCount": 1, "errorCount": 1}
    assert book.call("remove", q=query + " name:b") == {"processedCount": 1, "errorCount": 0}
    assert book.names() == ["c"]
    assert book.call("remove", folderPath=book.folder) == {"processedCount": 1, "errorCount": 0}
    assert book.call("remove", folderPath=book.folder)["errorcode"] == 404


def test_copy_and_move_an_asset(book: Runbook) -> None:
    url = book.add("a", b"1")["originalUrl"]
    path = book.folder
    book.call("copy", source=f"{path}/a", target=f"{path}/b")
    book.call("move", source=f"{path}/a", target=f"{path}/sub/c")
    book.call("move", source=f"{path}/b", target=f"{path}/sub")
    assert book.names() == ["sub/b", "sub/c"]
    copied = book.call("search", q=f'assetPath:"{path}/sub/b"')["hits"][0]["originalUrl"]
    for address in (url, copied):
        assert book.client.http.get(address, headers=book.headers).content == b"1"


@pytest.mark.parametrize(
    ("service", "options", "expected"),
    [
        ("copy", {}, "from/a from/x/a to-1/a to-1/x/a to/a"),
        ("copy", {"folderReplacePolicy": "MERGE"}, "from/a from/x/a to/a to/a-1 to/x/a"),
        ("move", {}, "to-1/a to-1/x/a to/a"),
        ("move", {"folderReplacePolicy": "MERGE", "filterQuery": "assetPath:*/x/*"}, "from/a to/a to/x/a"),
        ("move", {"folderReplacePolicy": "MERGE", "fileReplacePolicy": "OVERWRITE"}, "to/a to/x/a"),
        ("move", {"folderReplacePolicy": "MERGE", "fileReplacePolicy": "DO_NOTHING"}, "from/a to/a to/x/a"),
        ("move", {"folderReplacePolicy": "MERGE", "fileReplacePolicy": "REMOVE_SOURCE"}, "to/a to/x/a"),
        ("move", {"folderReplacePolicy": "THROW_EXCEPTION"}, "from/a from/x/a to/a"),
        ("copy", {"flattenFolders": "true"}, "from/a from/x/a to-1/a to-1/a-1 to/a"),
    ],
)
def test_policies_when_the_target_exists(book: Runbook, service: str, options: dict[str, str], expected: str) -> None:
    for name in ("from/a", "from/x/a", "to/a"):
        book.add(name)
    book.call(service, source=f"{book.folder}/from", target=f"{book.folder}/to", **options)
    assert sorted(book.names()) == sorted(expected.split())


def test_checkout(book: Runbook, other: Runbook) -> None:
    path = book.add("a")["id"]
    held = book.call(f"checkout/{path}")
    assert held["checkedOutBy"] == "alice"
    assert abs(held["checkedOut"] - time.time() * 1000) < 10_000
    assert book.call(f"checkout/{path}") == held
    assert other.call(f"checkout/{path}")["errorcode"] == 409
    assert other.call(f"undocheckout/{path}")["errorcode"] == 403
    assert "errorcode" not in book.call(f"undocheckout/{path}")
    assert other.call(f"checkout/{path}")["checkedOutBy"] == "api"


def test_only_the_client_that_checked_out_may_check_in(shared: Client) -> None:
    one, two = (Runbook(shared, clientId=name) for name in ("one", "two"))
    asset = one.add("a")["id"]
    assert one.call(f"checkout/{asset}")["checkedOutOnClient"] == "one"

    def check_in(book: Runbook) -> Any:
        files = {"Filedata": ("a", b"new")}
        return shared.post("/services/update", data={"id": asset}, files=files, headers=book.headers).json()

    assert check_in(two)["errorcode"] == 409
    assert "checkedOutBy" not in check_in(one)["metadata"]


def wait_until_not(book: Runbook, state: str, process: str) -> Any:
    deadline = time.monotonic() + 30
    while (status := book.call("process/info", processId=process))["state"] == state:
        assert time.monotonic() < deadline
    return status


def test_process_runs_until_done(book: Runbook) -> None:
    for name in "abc":
        book.add(name)
    process = book.call("remove", folderPath=book.folder, **{"async": "true"})["processId"]
    assert 0 <= book.call("process/info", processId=process)["progress"] <= 100
    status = wait_until_not(book, "running", process)
    assert (status["state"], status["progress"], status["processedCount"]) == ("done", 100, 3)
    assert book.names() == []


def test_process_can_be_cancelled(book: Runbook) -> None:
    for number in range(40):
        book.add(str(number))
    process = book.call("remove", folderPath=book.folder, **{"async": "1"})["processId"]
    assert book.call("process/cancel", processId=process)["state"] == "cancelled"
    left = book.names()
    # Another process takes as long as the cancelled one would have taken.
    query = f'folderPath:"{book.folder}"'
    other = book.call("updatebulk", q=query, metadata="{}", **{"async": "1"})["processId"]
    assert wait_until_not(book, "running", other)["processedCount"] == len(left) > 0
    assert book.call("process/info", processId=process)["state"] == "cancelled"
    assert book.names() == left


def test_create_folder(book: Runbook, other: Runbook) -> None:
    paths = [f"{book.folder}//x/", f"{book.folder}/x", "/Users/alice/y", "/Users/api/z", "/what?"]
    reply = book.call("createFolder", path=paths)
    assert list(reply) == [f"{book.folder}/x", *paths[2:]]
    assert list(reply.values())[:3] == ["created", "created", "access denied"]
    assert "Invalid character '?'" in reply["/what?"]
    assert book.call("createFolder", path=f"{book.folder}/x/") == {f"{book.folder}/x": "already exists"}
    assert other.call("createFolder", path="/Users/api/z") == {"/Users/api/z": "created"}


def test_folder_api(book: Runbook) -> None:
    made = book.api("POST", "", json={"path": f"{book.folder}/x", "metadata": {"a": 1}})
    folder = made.json()
    assert made.status_code == 201
    assert (folder["name"], folder["path"], folder["metadata"]) == ("x", f"{book.folder}/x", {"a": 1})
    assert {"id", "permissions"} <= set(folder)
    assert book.api("POST", "", json={"path": folder["path"]}).status_code == 409
    assert book.api("POST", "", json={"path": f"{book.folder}/y", "metadata": [1]}).status_code == 400
    assert book.api("GET", "/get", params={"path": folder["path"]}).json() == folder
    assert book.api("GET", f"/{folder['id']}").json() == folder
    parent = book.api("GET", "/get", params={"path": book.folder}).json()["id"]
    assert book.api("GET", "/list", params={"id": parent}).json() == {"folders": [folder], "total": 1}
    for query in (f'path:"{folder["path"]}"', f'name:x AND ancestorPaths:"{book.folder}"'):
        assert book.api("GET", "/search", params={"q": query}).json() == {"folders": [folder], "total": 1}
    assert book.api("GET", "/search").status_code == 400
    changed = book.api("PUT", f"/{folder['id']}", data=json.dumps({"metadata": {"b": 2}})).json()
    assert changed["metadata"] == {"a": 1, "b": 2}
    assert book.api("DELETE", f"/{folder['id']}").status_code == 200
    assert book.api("GET", f"/{folder['id']}").status_code == 404


def test_folder_api_write_needs_the_csrf_token_of_a_cookie(shared: Client) -> None:
    both = shared.cookie_and_csrf()
    cookie = {"Cookie": both["Cookie"]}
    body = {"path": f"/Test/{uuid.uuid4().hex}"}
    assert shared.post("/api/folder", json=body, headers=cookie).status_code == 403
    assert shared.post("/api/folder", json=body, headers=both).status_code == 201
