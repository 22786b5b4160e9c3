# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A search that is read to its end, or not at all."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.search import read_listing, read_pages
from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client, Request
from ansible_collections.damops.elvis.plugins.module_utils._elvis.services import SEARCH, SERVICES, Paging, find_service
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.scripted import ScriptedServer, json_reply, scripted_server


def page(total: object, *ids: object, **more: object) -> bytes:
    return json_reply(200, {"totalHits": total, "hits": [{"id": hit_id} for hit_id in ids], **more})


def paging_of(path: str) -> Paging:
    paging = find_service(path).paging
    assert paging
    return paging


def read(
    server: ScriptedServer, start: int = 0, num: int = 2, limit: int = 100, method: str = "GET", path: str = SEARCH.path
) -> list[Any]:
    client = Client(server.url, ConnectionOptions(retries=0))
    paging = paging_of(path)
    parameters = [("q", "x"), (paging.start, str(start)), (paging.number, str(num))]
    request = Request("search", method, f"/{path}", query=parameters, repeatable=True)
    return [hit for found in read_pages(client, read_listing(request, paging, parameters, limit)) for hit in found.hits]


def ids_of(hits: list[Any]) -> str:
    return "".join(hit["id"] for hit in hits)


def asked(server: ScriptedServer) -> list[list[tuple[str, str]]]:
    return [parse_qsl(urlsplit(request.path).query) for request in server.requests]


@pytest.mark.parametrize(
    ("replies", "wanted", "ids", "starts"),
    [
        ([page(0)], (0, 2, 100), "", [0]),
        ([page(2, "a", "b")], (0, 2, 100), "ab", [0]),
        ([page(3, "a", "b"), page(3, "c")], (0, 2, 100), "abc", [0, 2]),
        ([page(4, "a", "b"), page(4, "c", "d")], (0, 2, 4), "abcd", [0, 2]),
        ([page(4, "c", "d")], (2, 2, 2), "cd", [2]),
        ([page(4)], (9, 2, 100), "", [9]),
    ],
)
def test_all_hits_are_read(replies: list[bytes], wanted: tuple[int, int, int], ids: str, starts: list[int]) -> None:
    with scripted_server(*replies) as server:
        assert ids_of(read(server, *wanted)) == ids
    expected = [[("q", "x"), ("start", str(start)), ("num", str(wanted[1]))] for start in starts]
    assert asked(server) == expected


def test_a_server_may_give_fewer_hits_than_it_is_asked_for() -> None:
    with scripted_server(page(3, "a"), page(3, "b"), page(3, "c")) as server:
        assert ids_of(read(server, num=1000)) == "abc"
    assert [dict(query)["start"] for query in asked(server)] == ["0", "1", "2"]


def test_by_post_the_parameters_travel_in_the_body() -> None:
    with scripted_server(page(1, "a")) as server:
        read(server, method="POST")
    assert server.requests[0].path == "/services/search"
    assert server.requests[0].form == {"q": "x", "start": "0", "num": "2"}


@pytest.mark.parametrize(
    ("replies", "reason", "message"),
    [
        ([page(101, "a", "b")], "bad_request", "finds 101 hits, and limit is 100. Narrow the search"),
        ([page(4, "a", "b"), page(3, "c")], "conflict", "found 4 hits at first and finds 3 now, after 2 of 3 hits"),
        ([page(4, "a", "b"), page(2)], "conflict", "found 4 hits at first and finds 2 now"),
        ([page(4, "a", "b"), page(5, "c", "d")], "conflict", "found 4 hits at first and finds 5 now.* sort: assetCr"),
        ([page(4, "a", "b")], "conflict", "the server returned duplicate hits, after 2 of 4 hits"),
        ([page(4, "a", "b"), page(4, "b", "c")], "conflict", "the server returned duplicate hits"),
        ([page(4, "a", "a")], "conflict", "the server returned duplicate hits, after 0 of 4 hits"),
        ([page(4, "a", "b"), page(4)], "conflict", "the server returned no more hits after 2 of 4 hits.* first 10,000"),
        ([page(1, "a", "b")], "conflict", "the server returned more hits than it counted"),
        ([page(-1, "a", "b")], "conflict", "the server returned more hits than it counted"),
        ([page(4, "a", "b"), json_reply(200, {"errorcode": 401})], "not_logged_in", "errorcode 401"),
        ([page("4", "a", "b")], "bad_response", "hits and their number were expected"),
        ([page(None)], "bad_response", "hits and their number were expected"),
        ([json_reply(200, {"totalHits": 1})], "bad_response", "hits and their number were expected"),
        ([json_reply(200, [])], "bad_response", "hits and their number were expected"),
        ([page(4, 7)], "bad_response", "one of hits has no id"),
        ([json_reply(200, {"totalHits": 1, "hits": ["a"]})], "bad_response", "one of hits has no id"),
    ],
)
def test_what_is_no_complete_list_is_told(replies: list[bytes], reason: str, message: str) -> None:
    with scripted_server(*replies) as server, pytest.raises(ElvisError, match=message) as caught:
        read(server)
    assert (caught.value.reason, caught.value.status) == (reason, 200)


@pytest.mark.parametrize("path", [service.path for service in SERVICES if service.paging])
def test_each_service_is_read_in_its_own_way(path: str) -> None:
    paging = paging_of(path)
    items = [{"id": name} for name in "abc"] if paging.identity else [{"action": "UPDATE"}] * 3
    pages = [json_reply(200, {paging.total: 3, paging.items: part}) for part in (items[:2], items[2:])]
    with scripted_server(*pages) as server:
        assert read(server, path=path) == items
    assert [(dict(query)[paging.start], dict(query)[paging.number]) for query in asked(server)] == [
        ("0", "2"),
        ("2", "2"),
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ([], (0, 200, 50)),
        ([("q", "x"), ("start", "7"), ("num", "1000")], (7, 1000, 50)),
    ],
)
def test_what_is_wanted(parameters: list[tuple[str, str]], expected: tuple[int, int, int]) -> None:
    listing = read_listing(Request("search", "GET", SEARCH.address), paging_of(SEARCH.path), parameters, 50)
    assert (listing.start, listing.num, listing.limit) == expected


@pytest.mark.parametrize(
    ("parameters", "limit", "message"),
    [
        ([("num", "0")], 10, "num must be a number of 1 or more"),
        ([("num", "many")], 10, "num must be a number of 1 or more"),
        ([("num", "1" * 5000)], 10, "num must be a number"),
        ([("start", "-1")], 10, "start must be a number of 0 or more"),
        ([("start", "")], 10, "start must be a number of 0 or more"),
        ([], 0, "limit must be 1 or more"),
    ],
)
def test_what_makes_no_sense_is_refused(parameters: Any, limit: int, message: str) -> None:
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "bad_request"):
        read_listing(Request("search", "GET", SEARCH.address), paging_of(SEARCH.path), parameters, limit)
