# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging out of servers that answer what no Elvis should, and what Elvis does not do on its own."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION
from tests.support.answers import ALIVE, ENDED, GONE, NOT_LOGGED_IN, REDIRECT, WRONG_CSRF, elvis_error
from tests.support.operations import BEARER, COOKIE, fail, run
from tests.support.scripted import (
    HttpResponse,
    ScriptedServer,
    drip,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

SESSIONS: dict[str, dict[str, Any]] = {"bearer": BEARER, "cookie": COOKIE}
BUSY = html_reply(503, Retry_After="0")

both_methods = pytest.mark.parametrize("auth_method", ["bearer", "cookie"])


def session_at(server: ScriptedServer, auth_method: str) -> dict[str, Any]:
    return SESSIONS[auth_method] | {"server_url": server.url}


def paths(server: ScriptedServer) -> list[str]:
    return [request.path.partition("?")[0] for request in server.requests]


@both_methods
@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (json_reply(200, {"logoutSuccess": False}), "server", "HTTP 200 with logoutSuccess: false"),
        (elvis_error(200, 401, "ConcurrentModificationException"), "server", "ConcurrentModificationException"),
        (
            elvis_error(401, 401, NOT_LOGGED_IN, "java.util.ConcurrentModificationException"),
            "server",
            "ConcurrentModification",
        ),
        (elvis_error(200, 404), "not_found", "errorcode 404"),
        (elvis_error(400, 400, None, "no token-of-alice"), "bad_request", "errorcode 400: no ********"),
        (elvis_error(200, 500, "IllegalStateException"), "server", "IllegalStateException"),
        (html_reply(401), "bad_response", "HTTP 401 with an HTML page"),
        (json_reply(401, {"message": "Who are you?"}), "bad_response", "HTTP 401 with JSON that is not from Elvis"),
        (html_reply(403), "bad_response", "HTTP 403 with an HTML page"),
        (html_reply(200), "bad_response", "HTTP 200 with an HTML page"),
        (html_reply(404), "bad_response", "HTTP 404 with an HTML page"),
        (html_reply(500), "server", "HTTP 500 with an HTML page"),
        (
            raw_reply(302, Location="https://sso.example.com/?ticket=abcdef"),
            "bad_response",
            "https://sso.example.com/.",
        ),
    ],
)
def test_anything_that_leaves_the_session_in_doubt_fails(
    auth_method: str, reply: bytes, reason: str, words: str
) -> None:
    with scripted_server(reply) as server:
        error = fail(OPERATION, session=session_at(server, auth_method))
    assert paths(server) == ["/services/logout"], "what can't help is not tried again, and nobody logs in"
    assert error.reason == reason
    assert error.message.startswith(f"Cannot log out: POST {server.url}/services/logout: ")
    assert words in error.message
    for secret in ("abcdef", "balancer-value"):
        assert secret not in str(error.as_result())


@both_methods
@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        *((html_reply(status), "server", f"HTTP {status}") for status in (408, 429, 502, 503, 504)),
        (elvis_error(200, 503), "server", "errorcode 503"),
    ],
)
def test_a_logout_is_tried_again(auth_method: str, reply: HttpResponse, reason: str, words: str) -> None:
    with scripted_server(reply) as server:
        error = fail(OPERATION, session=session_at(server, auth_method), retries=2)
    assert paths(server) == ["/services/logout"] * 3
    assert error.reason == reason
    assert words in error.message


QUESTION = "/services/search"
SAYS_NOTHING: list[tuple[HttpResponse, str, str]] = [
    (raw_reply(200), "bad_response", "HTTP 200 with an empty body"),
    (raw_reply(204), "bad_response", "HTTP 204 with an empty body"),
    (raw_reply(200, b"OK", Content_Type="text/plain"), "bad_response", "a body that is not JSON"),
    (json_reply(200, True), "bad_response", "logoutSuccess: true was expected"),
    (json_reply(200, {"logoutSuccess": "yes"}), "bad_response", "logoutSuccess: true was expected"),
    (json_reply(200, {"logoutSuccess": 1}), "bad_response", "logoutSuccess: true was expected"),
    (json_reply(200, {}), "bad_response", "logoutSuccess: true was expected"),
    (json_reply(200, [True]), "bad_response", "logoutSuccess: true was expected"),
    (raw_reply(200, b'{"logoutSucc', Content_Length="30"), "bad_response", "a reply that breaks off"),
    (raw_reply(200, b"no gzip", Content_Encoding="gzip"), "bad_response", "compression is broken"),
    (b"220 mail.example.com ESMTP\r\n", "bad_response", "something that is not HTTP"),
    (hang_up, "unreachable", "the connection broke before the answer came"),
]

says_nothing = pytest.mark.parametrize(("reply", "reason", "words"), SAYS_NOTHING)


@both_methods
@says_nothing
@pytest.mark.parametrize(
    ("told", "says"),
    [
        (GONE, None),
        (ALIVE, "The server says that the session is still alive."),
        (html_reply(503), "It is not known whether the session is over. Cannot ask whether the session is alive"),
        (hang_up, "It is not known whether the session is over. Cannot ask whether the session is alive"),
    ],
    ids=["over", "alive", "no word of it", "no answer"],
)
def test_after_a_logout_that_says_nothing_the_server_is_asked_once(
    auth_method: str, reply: HttpResponse, reason: str, words: str, told: HttpResponse, says: str | None
) -> None:
    with scripted_server(reply, told) as server:
        session = session_at(server, auth_method)
        if says is None:
            result = run(OPERATION, session=session, retries=0)
            assert (result["changed"], result["was_logged_in"], result["logout_success"]) == (True, True, True)
        else:
            error = fail(OPERATION, session=session, retries=0)
            assert error.reason == reason
            assert words in error.message
            assert says in error.message
    assert paths(server) == ["/services/logout", QUESTION]


@pytest.mark.parametrize("lost", [hang_up, raw_reply(200)])
def test_after_a_redirect_that_is_lost_the_server_is_asked_too(lost: HttpResponse) -> None:
    with scripted_server(ALIVE, lost, GONE) as server:
        result = run(OPERATION, session=session_at(server, "bearer"), mode="redirect", retries=0)
    assert (result["changed"], result["redirect_status"], result["redirect_url"]) == (True, None, None)
    with scripted_server(ALIVE, lost, ALIVE) as server:
        error = fail(OPERATION, session=session_at(server, "bearer"), mode="redirect", retries=0)
    assert error.message.startswith(f"Cannot log out with a redirect: GET {server.url}/logout: ")
    assert "The server says that the session is still alive." in error.message


@pytest.mark.parametrize("reply", [stay_silent, drip(ENDED, 0.01)])
def test_a_logout_has_its_time(reply: HttpResponse) -> None:
    with scripted_server(reply) as server:
        error = fail(OPERATION, session=session_at(server, "bearer"), timeout=0.3)
    assert error.reason == "timeout"
    assert f"POST {server.url}/services/logout: no complete answer within 0." in error.message


@both_methods
@pytest.mark.parametrize(
    "replies",
    [
        pytest.param([hang_up, GONE], id="the connection breaks"),
        pytest.param([raw_reply(200, b"{", Content_Length="9"), GONE], id="the reply breaks off"),
        pytest.param([BUSY, BUSY, GONE], id="busy, twice"),
        pytest.param([html_reply(502), elvis_error(401, 401)], id="a gateway loses the reply"),
    ],
)
def test_a_session_that_is_gone_after_a_first_try_was_ended_by_it(
    auth_method: str, replies: list[HttpResponse]
) -> None:
    with scripted_server(*replies) as server:
        result = run(OPERATION, session=session_at(server, auth_method))
    assert (result["changed"], result["was_logged_in"], result["logout_success"]) == (True, True, None)
    # A cookie session is asked for once more; the last reply, that it is gone, comes again.
    assert len(server.requests) == len(replies) + (auth_method == "cookie")


@both_methods
@pytest.mark.parametrize("first", [BUSY, hang_up, elvis_error(200, 429)])
def test_a_second_try_that_succeeds_is_a_success(auth_method: str, first: HttpResponse) -> None:
    with scripted_server(first, ENDED) as server:
        result = run(OPERATION, session=session_at(server, auth_method))
    assert (result["changed"], result["logout_success"], len(server.requests)) == (True, True, 2)


@pytest.mark.parametrize(
    "gone",
    [
        GONE,
        elvis_error(401, 401, NOT_LOGGED_IN, "Not logged in"),
        elvis_error(200, 401),
        elvis_error(401, 401, None, f"org.springframework.{NOT_LOGGED_IN}: Not logged in"),
    ],
)
@both_methods
def test_every_wording_of_already_gone_is_understood(auth_method: str, gone: bytes) -> None:
    with scripted_server(gone) as server:
        result = run(OPERATION, session=session_at(server, auth_method))
    assert (result["changed"], result["was_logged_in"]) == (False, False)


def test_a_bearer_session_that_may_not_log_out_fails() -> None:
    with scripted_server(WRONG_CSRF) as server:
        assert fail(OPERATION, session=session_at(server, "bearer")).reason == "forbidden"
    assert paths(server) == ["/services/logout"]


@pytest.mark.parametrize(
    ("replies", "words"),
    [
        pytest.param([WRONG_CSRF, html_reply(500)], "Cannot ask whether the session is alive", id="no word of it"),
        pytest.param([WRONG_CSRF, json_reply(200, {})], "a count of hits was expected", id="another answer"),
        pytest.param([WRONG_CSRF, json_reply(200, [0])], "a count of hits was expected", id="a list"),
        pytest.param([WRONG_CSRF, ALIVE, html_reply(200)], "Cannot log out with a redirect", id="no redirect"),
        pytest.param([WRONG_CSRF, ALIVE, raw_reply(302)], "HTTP 302", id="a redirect to nowhere"),
        pytest.param([WRONG_CSRF, ALIVE, REDIRECT, ALIVE], "is still alive", id="alive all the same"),
    ],
)
def test_a_session_that_outlives_all_ways_is_told(replies: list[HttpResponse], words: str) -> None:
    with scripted_server(*replies) as server:
        error = fail(OPERATION, session=session_at(server, "cookie"))
    assert words in error.message
    assert server.url in error.message
    assert len(server.requests) == len(replies)


def test_the_read_that_decides_shows_the_cookie_only() -> None:
    with scripted_server(WRONG_CSRF, GONE) as server:
        run(OPERATION, session=session_at(server, "cookie"))
    logout, search = server.requests
    assert logout.headers["Cookie"] == search.headers["Cookie"] == COOKIE["cookie"], "all cookies are replayed"
    assert logout.headers["X-CSRF-TOKEN"] == COOKIE["csrf_token"]
    assert "X-CSRF-TOKEN" not in search.headers


@both_methods
def test_verify_fails_when_the_server_still_answers(auth_method: str) -> None:
    with scripted_server(ENDED, ALIVE) as server:
        error = fail(OPERATION, session=session_at(server, auth_method), verify=True)
    assert error.reason == "server"
    assert f"The session at {server.url} is still alive" in error.message
    assert "Ask a superuser to disconnect it" in error.message


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("/install", "{url}/install"),
        ("install", "{url}/app/install"),
        ("//other.example.com/x", "http://other.example.com/x"),
        ("https://other.example.com/x?y=z#part", "https://other.example.com/x?y=z#part"),
        ("/install;jsessionid=token-of-alice", "{url}/install;jsessionid=********"),
        ("/caf\u00c3\u00a9", "{url}/caf\u00e9"),
    ],
)
def test_a_redirect_is_reported_as_an_absolute_address(location: str, expected: str) -> None:
    with scripted_server(ALIVE, raw_reply(303, Location=location)) as server:
        session = BEARER | {"server_url": f"{server.url}/app"}
        result = run(OPERATION, session=session, mode="redirect")
    assert result["redirect_url"] == expected.format(url=server.url)
    assert result["redirect_status"] == 303
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (html_reply(200), "bad_response", "an HTML page"),
        (ENDED, "bad_response", "a redirect was expected"),
        (json_reply(200, {}, Location="/install"), "bad_response", "a redirect was expected"),
        (elvis_error(200, 401, NOT_LOGGED_IN), "not_logged_in", "errorcode 401"),
        (raw_reply(302), "bad_response", "HTTP 302"),
        (raw_reply(302, Location="http://["), "bad_response", "a redirect to an address that can't be read"),
        (html_reply(500), "server", "HTTP 500"),
    ],
)
def test_a_redirect_logout_without_a_redirect_fails(reply: bytes, reason: str, words: str) -> None:
    with scripted_server(ALIVE, reply) as server:
        error = fail(OPERATION, session=session_at(server, "bearer"), mode="redirect")
    assert error.reason == reason
    assert error.message.startswith(f"Cannot log out with a redirect: GET {server.url}/logout: ")
    assert words in error.message
