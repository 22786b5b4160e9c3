# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets are found completely, each once, or the task fails and says how many were missed."""

from __future__ import annotations

import socket
import unicodedata

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import asset_finder, query
from ansible_collections.damops.elvis.plugins.module_utils._dam.asset_finder import (
    AssetFinder,
    TooManyHits,
    collected,
    match_paths,
)
from ansible_collections.damops.elvis.plugins.module_utils._dam.hits import Hit
from ansible_collections.damops.elvis.plugins.module_utils._dam.query import tree_query
from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.scripted import ScriptedServer, json_reply, scripted_server

ODD = "&%+',=@~()[]{}!$ AND -x^.ü.jpg"


# --- The emulated server


def test_by_path_and_by_id(dam: Dam) -> None:
    paths = [f"/Zone/{name}" for name in ("a.jpg", "b.jpg", ODD, "a b.jpg")]
    ids = {path: dam.create(path) for path in paths}
    tree = AssetFinder(dam.client)

    assert {path: hit.id for path, hit in tree.by_paths([*paths, "/Zone/a", "/Zone", "/a.jpg"]).items()} == ids
    assert {hit.path for hit in tree.by_ids([*ids.values(), "nobody-knows-this-id--"]).values()} == set(paths)
    assert tree.by_paths([]) == tree.by_ids([]) == {}


def test_several_hundred_paths_take_a_request_for_a_hundred(dam: Dam, one_elvis: Emulator) -> None:
    paths = [f"/Zone/{number}.jpg" for number in range(230)]
    for path in paths[::10]:
        dam.create(path)
    one_elvis.forget_requests()
    assert list(AssetFinder(dam.client).by_paths(paths)) == paths[::10]
    assert len(one_elvis.requests()) == 3


def test_a_path_in_another_spelling(dam: Dam) -> None:
    composed, decomposed = (unicodedata.normalize(form, "/Zone/Müller.jpg") for form in ("NFC", "NFD"))
    asset_id = dam.create(composed)
    found = AssetFinder(dam.client).by_paths([decomposed])
    assert [(path, hit.id, hit.path) for path, hit in found.items()] == [(decomposed, asset_id, composed)]


def test_only_the_fields_that_are_asked_for(dam: Dam) -> None:
    dam.create("/Zone/a.jpg", status="New", credit="Bob")
    of_status, of_all = (AssetFinder(dam.client, fields).by_query("*:*")[0].fields for fields in (["status"], None))
    assert of_status["status"] == "New"
    assert "credit" not in of_status
    assert of_all["credit"] == "Bob"


@pytest.mark.parametrize("most", [1, 2, 3, 5, 100])
def test_a_tree_of_any_size(dam: Dam, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    folders = ("", "/one", "/one/two", "/one/two/three", "/other", "/Ünï")
    paths = {f"/Zone{folder}/{number}.jpg" for folder in folders for number in range(3)}
    for path in [*paths, "/Zone2/not.jpg", "/Zo/not.jpg"]:
        dam.create(path, status="New" if path.endswith("1.jpg") else "Old")
    monkeypatch.setattr(asset_finder, "MOST_HITS", most)
    monkeypatch.setattr(query, "MOST_CLAUSES", 1)
    tree = AssetFinder(dam.client)

    found = [hit.path for page in tree.tree("/Zone") for hit in page.hits]
    assert len(found) == len(set(found))
    assert set(found) == paths
    of_query = {hit.path for page in tree.tree("/", "status:New") for hit in page.hits}
    assert of_query == {path for path in paths if path.endswith("1.jpg")}


@pytest.mark.parametrize("page", [2, 3, 10])
def test_pages(dam: Dam, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    paths = [f"/Zone/{number}.jpg" for number in range(7)]
    for path in paths:
        dam.create(path)
    monkeypatch.setattr(asset_finder, "PAGE", page)
    tree = AssetFinder(dam.client)
    assert [hit.path for hit in tree.by_query(tree_query("/Zone"))] == paths
    newest = [hit.path for found in tree.pages("*:*", "assetPath-desc", limit=4) for hit in found.hits]
    assert newest == paths[:2:-1]


def test_more_than_a_server_returns(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(4):
        dam.create(f"/Zone/{number}.jpg")
    monkeypatch.setattr(asset_finder, "MOST_HITS", 3)
    tree = AssetFinder(dam.client)
    with pytest.raises(TooManyHits, match="finds 4 assets, and Elvis returns no hit beyond the first 3"):
        list(tree.by_query("*:*"))
    assert sum(len(page.hits) for page in tree.pages("*:*", limit=3)) == 3
    with pytest.raises(TooManyHits):
        list(tree.pages("*:*", limit=4))


# --- Hits that move


def page(total: object, ids: str) -> bytes:
    hits = [{"id": asset_id, "metadata": {"assetPath": f"/Z/{asset_id}"}} for asset_id in ids]
    return json_reply(200, {"totalHits": total, "hits": hits})


def read(server: ScriptedServer) -> str:
    tree = AssetFinder(Client(server.url, ConnectionOptions(retries=0)))
    return "".join(hit.id for hit in tree.by_query("x"))


@pytest.mark.parametrize(
    ("replies", "found"),
    [
        ([page(0, "")], ""),
        ([page(2, "ab")], "ab"),
        ([page(4, "abc"), page(4, "cd")], "abcd"),
        # fewer at once than asked for
        ([page(4, "ab"), page(4, "bc"), page(4, "cd")], "abcd"),
        # one comes at the end
        ([page(4, "abc"), page(5, "cde")], "abcde"),
        # one comes at the beginning: another reading
        ([page(4, "abc"), page(5, "bcd"), page(5, "xab"), page(5, "bcd")], "xabcd"),
        # one goes: what moved to an earlier place is not missed, and what is gone is not returned
        ([page(5, "abc"), page(4, "de"), page(4, "bcd"), page(4, "de")], "bcde"),
        # one goes that was read by then, and the place after it is the last
        ([page(5, "abcd"), page(4, "e"), page(4, "bcde")], "bcde"),
        # the last ones go
        ([page(5, "abc"), page(3, "c")], "abc"),
        # one goes and one comes
        ([page(5, "abc"), page(5, "efg"), page(5, "bcd"), page(5, "def")], "bcdef"),
        # two of one moment change places in each reading, and yet all came
        ([page(4, "abc"), page(4, "bd"), page(4, "acb"), page(4, "cd")], "acbd"),
        # the last page is empty
        ([page(3, "ab"), page(3, ""), page(2, "ab")], "ab"),
    ],
)
def test_hits_that_move_are_read_again(replies: list[bytes], found: str) -> None:
    with scripted_server(*replies) as server:
        assert read(server) == found
        assert len(server.requests) == len(replies)


@pytest.mark.parametrize(
    ("replies", "found"),
    [
        ([page(9, "ab"), page(9, "bc")], "abc"),
        # one comes at the beginning
        ([page(9, "ab"), page(9, "ab"), page(9, "xa"), page(9, "ab")], "xab"),
        # one goes
        ([page(9, "ab"), page(8, "cd"), page(8, "bc"), page(8, "cd")], "bcd"),
    ],
)
def test_the_first_of_many_hits_are_those_of_one_reading(replies: list[bytes], found: str) -> None:
    with scripted_server(*replies) as server:
        tree = AssetFinder(Client(server.url, ConnectionOptions(retries=0)))
        assert "".join(hit.id for hit in collected(tree.pages("x", limit=3))) == found
        assert len(server.requests) == len(replies)


@pytest.mark.parametrize("listed", ["{}", "/", "{}/x"], ids=["in itself", "in its parent", "ever deeper"])
def test_folders_that_lie_in_one_another(monkeypatch: pytest.MonkeyPatch, listed: str) -> None:
    def answer(connection: socket.socket) -> None:
        """Find too much in each folder, and list one more in it."""
        request = server.requests[-1]
        entry = {"name": "x", "assetPath": listed.format(request.form.get("path")), "directory": True}
        connection.sendall(json_reply(200, [entry]) if "/browse" in request.path else page(9, "abc"))

    monkeypatch.setattr(asset_finder, "MOST_HITS", 3)
    with scripted_server(answer) as server:
        tree = AssetFinder(Client(server.url, ConnectionOptions(retries=0)))
        with pytest.raises(ElvisError) as caught:
            list(tree.tree("/Z"))
    assert caught.value.reason == "bad_response"
    assert "/Z" in caught.value.message


def test_hits_that_never_rest() -> None:
    with scripted_server(*[page(4, "abc"), page(5, "bcd")] * 10) as server:
        with pytest.raises(
            ElvisError, match="found 4 assets at first and 5 at the end, and returned 4 of them"
        ) as caught:
            read(server)
        assert caught.value.reason == "conflict"
        assert len(server.requests) == 2 * asset_finder.MOST_READINGS


@pytest.mark.parametrize(
    "reply",
    [
        json_reply(200, []),
        json_reply(200, {"totalHits": "1", "hits": []}),
        json_reply(200, {"totalHits": 1}),
        json_reply(200, {"totalHits": 1, "hits": [{"id": "a"}]}),
        json_reply(200, {"totalHits": 1, "hits": [{"id": "a", "metadata": {}}]}),
    ],
)
def test_what_is_not_elvis(reply: bytes) -> None:
    with scripted_server(reply) as server:
        with pytest.raises(ElvisError) as caught:
            read(server)
        assert caught.value.reason == "bad_response"


# --- Paths


def hit(path: str, asset_id: str = "x") -> Hit:
    return Hit(asset_id, path, {})


@pytest.mark.parametrize(
    ("wanted", "present", "found"),
    [
        (["/Z/a"], ["/Z/a", "/Z/A"], {"/Z/a": "/Z/a"}),
        (["/Z/A"], ["/Z/a"], {"/Z/A": "/Z/a"}),
        (["/Z/A"], ["/Z/a", "/z/a"], {}),
        (["/Z/a"], ["/Z/a.jpg", "/Y/a"], {}),
        (["/Z/u\u0308"], ["/Z/\u00fc"], {"/Z/u\u0308": "/Z/\u00fc"}),
    ],
)
def test_a_hit_with_another_path_is_no_hit(wanted: list[str], present: list[str], found: dict[str, str]) -> None:
    hits = [hit(path, path) for path in present]
    assert {path: match.path for path, match in match_paths(wanted, hits).items()} == found
