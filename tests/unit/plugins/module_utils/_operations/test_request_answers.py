# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call to servers that answer what no Elvis should, or not at all; what is secret is in no result."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION
from tests.support.operations import TOKEN, at, fail, run
from tests.support.scripted import (
    HttpResponse,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

PAGE = "<html><head><title>Sign on</title></head></html>"
UNSENT = {"status": None, "body": None, "content_type": None, "response_headers": None}


# --- Secrets


def test_what_the_server_echoes_is_masked() -> None:
    echo = {"a": [f"Bearer {TOKEN}"], TOKEN: {"b": {"token": TOKEN.upper()}}, "n": 1, "t": True, "z": None}
    reply = json_reply(200, echo, X_Echo=f"x-{TOKEN}-x", Set_Cookie="authToken=other", X_CSRF_TOKEN="other")
    with scripted_server(reply) as server:
        result = run(OPERATION, **at(server.url, path="services/echo"))
    masked = "********"
    assert result["body"] == {"a": [f"Bearer {masked}"], masked: {"b": {"token": masked}}, "n": 1, "t": True, "z": None}
    assert result["response_headers"]["x-echo"] == f"x-{masked}-x"
    assert result["response_headers"].keys().isdisjoint({"set-cookie", "x-csrf-token", "authorization"})
    assert TOKEN not in str(result)


def test_cookies_are_masked_but_no_short_one() -> None:
    cookie = f"authToken={TOKEN}; AWSELB=the-balancer; lang=en"
    session = {"auth_method": "cookie", "cookie": cookie, "csrf_token": "the-csrf-token"}
    echo = f"{TOKEN} the-balancer the-csrf-token when"
    with scripted_server(json_reply(200, {"echo": echo})) as server:
        result = run(OPERATION, session={"server_url": server.url, **session}, path="services/echo")
    assert result["body"] == {"echo": "******** ******** ******** when"}
    assert server.requests[0].headers["X-CSRF-TOKEN"] == "the-csrf-token"
    assert server.requests[0].headers["Cookie"] == cookie


def test_hits_in_a_file_are_masked_as_well(tmp_path: Path) -> None:
    dest = tmp_path / "hits.jsonl"
    with scripted_server(json_reply(200, {"totalHits": 1, "hits": [{"id": "a", "url": f"/x?{TOKEN}"}]})) as server:
        run(OPERATION, **at(server.url, path="services/search", paginate=True, dest=str(dest)))
    assert dest.read_text() == '{"id": "a", "url": "/x?********"}\n'


def test_a_server_sets_no_key_of_the_result() -> None:
    answer = {"changed": True, "failed": True, "ansible_facts": {"a": 1}, "_ansible_no_log": True, "warnings": ["x"]}
    with scripted_server(json_reply(200, answer)) as server:
        result = run(OPERATION, **at(server.url, path="services/search"))
    assert result.keys() == {"changed", "msg", *UNSENT}
    assert (result["changed"], result["body"]) == (False, answer)


@pytest.mark.parametrize(("levels", "is_answer"), [(100, True), (101, False), (5000, False)])
def test_what_is_nested_too_deeply_is_no_answer(levels: int, is_answer: bool) -> None:
    with scripted_server(raw_reply(200, b"[" * levels + b"]" * levels, Content_Type="application/json")) as server:
        if is_answer:
            assert isinstance(run(OPERATION, **at(server.url, path="services/search"))["body"], list)
        else:
            assert fail(OPERATION, **at(server.url, path="services/search")).reason == "bad_response"


# --- Tries


@pytest.mark.parametrize("first", [hang_up, html_reply(503)])
def test_a_read_is_repeated(first: HttpResponse) -> None:
    with scripted_server(first, json_reply(200, [])) as server:
        assert run(OPERATION, **at(server.url, path="services/browse", method="POST"))["body"] == []
    assert len(server.requests) == 2


@pytest.mark.parametrize("first", [hang_up, html_reply(503)])
@pytest.mark.parametrize(("path", "method"), [("services/update", "POST"), ("services/remove", "GET")])
def test_a_change_reaches_the_server_once(first: HttpResponse, path: str, method: str) -> None:
    with scripted_server(first, json_reply(200, {})) as server:
        fail(OPERATION, **at(server.url, path=path, method=method))
    assert len(server.requests) == 1


def test_a_change_whose_answer_is_lost_may_have_happened() -> None:
    with scripted_server(hang_up) as server:
        error = fail(OPERATION, **at(server.url, path="services/update", method="POST"))
    assert error.reason == "unreachable"
    assert "Look in Elvis before you run the task again" in error.message


def test_a_server_that_does_not_answer() -> None:
    with scripted_server(stay_silent) as server:
        error = fail(OPERATION, **at(server.url, path="services/search", timeout=0.2))
    assert error.reason == "timeout"


# --- Files that don't come


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (json_reply(200, {"errorcode": 401, "message": "Not logged in"}), "not_logged_in"),
        (json_reply(404, {"errorcode": 404, "message": "Gone"}), "not_found"),
        (html_reply(200, PAGE), "bad_response"),
        (raw_reply(200, PAGE.encode(), Content_Type="image/jpeg"), "bad_response"),
        (html_reply(503), "server"),
        (raw_reply(204), "bad_response"),
        (raw_reply(200, b"\xff\xd8", Content_Type="image/jpeg", Content_Length="9"), "bad_response"),
        (raw_reply(302, Location="https://sso.example.com/"), "bad_response"),
        (hang_up, "unreachable"),
    ],
)
@pytest.mark.parametrize("there", [None, b"before"])
def test_what_is_not_the_file_is_not_saved(
    tmp_path: Path, reply: HttpResponse, reason: str, there: bytes | None
) -> None:
    dest = tmp_path / "a.jpg"
    if there is not None:
        dest.write_bytes(there)
    with scripted_server(reply) as server:
        error = fail(OPERATION, **at(server.url, path="file/a.jpg", dest=str(dest), retries=0))
    assert error.reason == reason
    assert [path.read_bytes() for path in tmp_path.iterdir()] == ([] if there is None else [there])


def test_a_page_may_be_what_is_wanted(tmp_path: Path) -> None:
    dest = tmp_path / "saved"
    with scripted_server(html_reply(200, PAGE)) as server:
        run(OPERATION, **at(server.url, path="file/page.html", dest=str(dest)))
    assert dest.read_text() == PAGE
