# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Searching and browsing, a row for each form that clients send, with hidden and with real statuses."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import requests

from emulator.tests.client import Client, Start
from emulator.tests.shelf import Shelf, as_json

HERE = 'folderPath:"{folder}"'
BELOW = 'ancestorPaths:"{folder}"'
SEARCH = "/services/search"


@pytest.fixture(scope="module", params=["ok", "status"])
def shelf(request: pytest.FixtureRequest, shared: Client, strict: Client) -> Shelf:
    """Nobody changes it: its rows only read."""
    return Shelf.filled(shared if request.param == "ok" else strict)


def found(reply: requests.Response) -> list[str]:
    hits = reply.json()["hits"]
    return [hit["metadata"]["filename"] for hit in hits]


def json_search(query: Any, **more: Any) -> dict[str, Any]:
    return as_json({"query": query, **more})


def query_string(text: str) -> dict[str, Any]:
    return {"QueryStringQuery": {"queryString": text}}


@pytest.mark.parametrize(
    ("method", "sent", "expected"),
    [
        ("GET", {"params": {"q": HERE, "sort": "name"}}, "a.jpg b.txt c.collection"),
        ("POST", {"params": {"q": HERE, "sort": "name"}}, "a.jpg b.txt c.collection"),
        ("POST", {"data": {"q": HERE, "sort": "name"}}, "a.jpg b.txt c.collection"),
        ("POST", {"files": {"q": (None, HERE), "sort": (None, "name")}}, "a.jpg b.txt c.collection"),
        # The latest comes first where nothing is said: assetCreated-desc, documented.
        ("GET", {"params": {"q": f"{HERE} AND rating:*", "sort": "rating"}}, "a.jpg b.txt c.collection"),
        ("GET", {"params": {"q": HERE, "sort": "rating-asc"}}, "c.collection b.txt a.jpg"),
        ("GET", {"params": {"q": HERE, "sort": "name-desc"}}, "c.collection b.txt a.jpg"),
        ("GET", {"params": {"q": HERE, "sort": "fileSize"}}, "b.txt a.jpg c.collection"),
        ("GET", {"params": {"q": HERE, "sort": "name", "start": "1", "num": "1"}}, "b.txt"),
        ("GET", {"params": {"q": HERE, "num": "0"}}, ""),
        ("GET", {"params": {"q": f"{BELOW} status:new"}}, "a.jpg"),
        ("GET", {"params": {"q": f"{BELOW} tags:moon"}}, "d.jpg"),
        ("GET", {"params": {"q": "id:{a.jpg} OR id:{b.txt}", "sort": "name"}}, "a.jpg b.txt"),
        ("GET", {"params": {"q": "{folder}/b.txt"}}, "b.txt"),
        ("GET", {"params": {"q": f"{HERE} rating:[2 TO 4]"}}, "b.txt"),
        ("GET", {"params": {"q": f"{HERE} assetType:txt assetDomain:text"}}, "b.txt"),
        (
            "GET",
            {"params": {"q": f"{HERE} assetCreated:[NOW-1HOUR TO NOW] NOT rating:1", "sort": "name"}},
            "a.jpg b.txt",
        ),
        (
            "GET",
            {"params": {"q": BELOW, "facets": "tags", "facet.tags.selection": "sun,moon", "sort": "name"}},
            "a.jpg d.jpg",
        ),
        (
            "POST",
            json_search(query_string(HERE), sorting=[{"field": "name", "descending": True}]),
            "c.collection b.txt a.jpg",
        ),
        ("POST", json_search(query_string("id:{a.jpg}"), firstResult=0, maxResultHits=1), "a.jpg"),
        ("POST", json_search(query_string(HERE), sorting="name", firstResult=1, maxResultHits=5), "b.txt c.collection"),
        # The vendor's sample has its parameters in JSON without saying so.
        ("POST", {"data": '{"query": {"QueryStringQuery": {"queryString": "id:{b.txt}"}}}'}, "b.txt"),
    ],
)
def test_search(shelf: Shelf, method: str, sent: dict[str, Any], expected: str) -> None:
    reply = shelf.send(
        method, SEARCH, **{name: dict(value) if isinstance(value, dict) else value for name, value in sent.items()}
    )
    assert found(reply) == expected.split()


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("GET", {}),
        ("GET", {"params": {"num": "1"}}),
        ("POST", {}),
        ("POST", as_json({})),
        ("POST", as_json({"q": "*"})),
        ("POST", as_json({"query": {}})),
        ("POST", json_search({"MatchAllQuery": {}})),
        ("POST", json_search(query_string("*"), maxResultHits=-1)),
        ("POST", json_search(query_string("*"), firstResult="x")),
        ("POST", json_search(query_string("*"), sorting=[{"x": 1}])),
        ("POST", {"data": "{bad", "headers": {"Content-Type": "application/json"}}),
        ("GET", {"params": {"q": "name:("}}),
        ("GET", {"params": {"q": '"sun set"~2'}}),
        ("GET", {"params": {"q": "*", "start": "9999", "num": "2"}}),
        ("GET", {"params": {"q": "*", "num": "10001"}}),
        ("POST", {"data": {"q": " OR ".join(f"id:{number}" for number in range(2000))}}),
    ],
)
def test_search_is_refused_and_never_answered_with_everything(shelf: Shelf, method: str, sent: dict[str, Any]) -> None:
    reply = shelf.send(method, SEARCH, **dict(sent))
    assert reply.json()["errorcode"] == 400
    assert "hits" not in reply.json()


@pytest.mark.parametrize("query", ["", " "])
def test_an_empty_query_finds_everything(shelf: Shelf, query: str) -> None:
    everything = shelf.send("POST", SEARCH, data={"q": "*", "num": "0"}).json()["totalHits"]
    assert shelf.send("POST", SEARCH, data={"q": query, "num": "0"}).json()["totalHits"] == everything >= 4
    sent = json_search(query_string(query), maxResultHits=0)
    assert shelf.send("POST", SEARCH, **sent).json()["totalHits"] == everything
    # What writes to everything must be asked for by name.
    for service in ("updatebulk", "remove"):
        assert shelf.send("POST", f"/services/{service}", data={"q": query}).json()["errorcode"] == 400


def test_total_is_true_beyond_the_most_hits(start: Start) -> None:
    shelf = Shelf.filled(start("--most-hits", "2"))
    params = {"q": BELOW, "num": "1", "start": "1"}
    reply = shelf.send("GET", SEARCH, params=params).json()
    assert (reply["totalHits"], len(reply["hits"])) == (4, 1)
    assert shelf.send("GET", SEARCH, params=params | {"num": "2"}).json()["errorcode"] == 400


def test_facets_count_what_other_selections_leave(shelf: Shelf) -> None:
    params = {"q": BELOW, "num": "0", "facets": "tags,assetDomain", "facet.tags.selection": "sea"}
    reply = shelf.send("GET", SEARCH, params=params).json()
    counted = {
        name: {entry["value"]: entry["hitCount"] for entry in values} for name, values in reply["facets"].items()
    }
    assert [entry["value"] for entry in reply["facets"]["tags"] if entry["selected"]] == ["sea"]
    assert reply["totalHits"] == 2
    assert counted == {"tags": {"sea": 2, "sun": 1, "moon": 1}, "assetDomain": {"image": 1, "text": 1}}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("name,rating", {"name", "rating"}),
        ("name, nothing", {"name"}),
        ("", {"id", "name", "assetPath"}),
    ],
)
def test_metadata_to_return(shelf: Shelf, asked: str, expected: set[str]) -> None:
    hit = shelf.send("GET", SEARCH, params={"q": "id:{a.jpg}", "metadataToReturn": asked}).json()["hits"][0]
    assert set(hit["metadata"]) == expected
    every = shelf.send("GET", SEARCH, params={"q": "id:{a.jpg}", "metadataToReturn": "all"}).json()["hits"][0]
    assert every["metadata"] == shelf.metadata("a.jpg")


def test_metadata_have_types(shelf: Shelf) -> None:
    picture, text, collection = (shelf.metadata(name) for name in ("a.jpg", "b.txt", "c.collection"))
    assert (picture["assetType"], picture["assetDomain"], picture["extension"]) == ("jpg", "image", "jpg")
    assert picture["fileSize"] == {"value": 7, "formatted": "0.0 KB"}
    # The MD5 of b"picture".
    assert picture["firstExtractedChecksum"] == hashlib.md5(b"picture", usedforsecurity=False).hexdigest()
    assert set(picture["assetCreated"]) == set(picture["assetFileModified"]) == {"value", "formatted"}
    assert (picture["rating"], picture["tags"], picture["title"]) == (5, ["sea", "sun"], "Old town")
    assert picture["versionNumber"] == 1
    assert "textContent" not in picture
    assert (text["textContent"], text["assetDomain"]) == ("Some text", "text")
    assert (collection["name"], collection["filename"]) == ("c", "c.collection")
    assert (collection["assetType"], collection["assetDomain"]) == ("collection", "container")
    assert not {"firstExtractedChecksum", "assetFileModified"} & set(collection)


def test_what_was_made_without_a_file_has_no_original(shelf: Shelf) -> None:
    hits = shelf.send("GET", SEARCH, params={"q": HERE, "sort": "name"}).json()["hits"]
    assert ["originalUrl" in hit for hit in hits] == [True, True, False]


def test_the_secret_of_an_address_does_for_a_session(shelf: Shelf) -> None:
    params = {"q": "id:{a.jpg}", "appendRequestSecret": "true"}
    address = shelf.send("GET", SEARCH, params=params).json()["hits"][0]["originalUrl"]
    http = shelf.client.http
    assert http.get(address, timeout=30).content == b"picture"
    assert http.get(address[:-1], timeout=30).status_code == 401
    forced = http.get(address + "&forceDownload=true", timeout=30)
    assert forced.headers["Content-Disposition"] == "attachment; filename*=UTF-8''a.jpg"


@pytest.mark.parametrize(
    ("wanted", "status", "content", "told"),
    [
        ("bytes=2-3", 206, b"ct", "bytes 2-3/7"),
        ("bytes=1-", 206, b"icture", "bytes 1-6/7"),
        ("bytes=-2", 206, b"re", "bytes 5-6/7"),
        ("bytes=7-", 416, b"", "bytes */7"),
        ("bytes=x", 416, b"", "bytes */7"),
    ],
)
def test_a_part_of_a_file(shelf: Shelf, wanted: str, status: int, content: bytes, told: str) -> None:
    reply = shelf.send("GET", "/file/{a.jpg}/*/a.jpg", headers={"Range": wanted})
    assert (reply.status_code, reply.content, reply.headers["Content-Range"]) == (status, content, told)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({}, "sub/ c"),
        ({"includeExtensions": "all"}, "sub/ a.jpg b.txt c"),
        ({"includeExtensions": "all", "includeAsset": "false"}, "sub/"),
        ({"includeExtensions": "all", "includeAssets": "false"}, "sub/"),
        ({"includeExtensions": "jpg,txt", "includeFolders": "false"}, "a.jpg b.txt"),
        ({"includeExtensions": ".collection, .dossier, .task"}, "sub/ c"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_browse(shelf: Shelf, method: str, params: dict[str, str], expected: str) -> None:
    reply = shelf.send(method, "/services/browse", params={"path": "{folder}/"} | params).json()
    assert [entry["name"] + "/" * entry["directory"] for entry in reply] == expected.split()


def test_browse_from_a_root_brings_the_children_on_the_way(shelf: Shelf) -> None:
    reply = shelf.send(
        "GET", "/services/browse", params={"path": "{folder}/sub", "fromRoot": "/Test", "includeExtensions": "jpg"}
    )
    entries = reply.json()
    way = next(entry for entry in entries if entry["assetPath"] == shelf.folder)
    sub, picture = way["children"]
    assert [entry["name"] for entry in sub["children"]] == ["d.jpg"]
    assert (picture["name"], picture["assetPath"]) == ("a.jpg", f"{shelf.folder}/a.jpg")
    assert all("children" not in entry for entry in entries if entry is not way)


def test_browse_needs_a_path(shelf: Shelf) -> None:
    assert shelf.send("GET", "/services/browse").json()["errorcode"] == 400
    assert isinstance(shelf.send("GET", "/services/browse?path").json(), list)


def test_an_index_that_lags(start: Start) -> None:
    shelf = Shelf.filled(start("--index-delay", "60000"))
    assert shelf.paths() == []
    assert shelf.send("GET", "/file/{a.jpg}/*/a.jpg").content == b"picture"
    quick = Shelf.filled(start("--index-delay", "1"))
    # The last write is older than a millisecond by the time the answer to it has been read.
    assert quick.metadata("a.jpg")["rating"] == 5
