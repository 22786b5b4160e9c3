# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging out for certain: of the emulated server, and of servers that answer what no Elvis should."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations import login
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION
from tests.support.emulator import Emulator
from tests.support.operations import fail, run
from tests.support.scripted import (
    Reply,
    ScriptedServer,
    drip,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

both_methods = pytest.mark.parametrize("auth_method", ["bearer", "session"])


# --- The emulated server


def log_in(elvis: Emulator, auth_method: str, username: str = "alice", password: str = "wonderland") -> dict[str, Any]:
    """Return a new session; what was asked for it is forgotten."""
    options: dict[str, Any] = {"auth_method": auth_method, "username": username, "password": password}
    result = run(login.OPERATION, server_url=elvis.url, **options)
    elvis.forget_requests()
    session: dict[str, Any] = result["session"]
    return session


def calls(elvis: Emulator) -> list[str]:
    """Return what was called since the login, without the prefix."""
    prefix = urlsplit(elvis.url).path
    return [f"{seen['method']} {seen['path'].removeprefix(prefix)}" for seen in elvis.requests()]


@both_methods
def test_a_logout_ends_the_session_with_one_request(elvis: Emulator, auth_method: str) -> None:
    session = log_in(elvis, auth_method)
    log_in(elvis, auth_method)
    assert run(OPERATION, session=session) == {
        "changed": True,
        "msg": f"Logged out at {elvis.url}.",
        "was_logged_in": True,
        "logout_success": True,
    }
    assert len(elvis.sessions()) == 1, "the other session of the same user lives on"
    (seen,) = elvis.requests()
    assert calls(elvis) == ["POST /services/logout"]
    assert (seen["query"], seen["form"]) == ([], [])
    assert seen["carrier"] == ("bearer" if auth_method == "bearer" else "cookie")
    assert ("X-CSRF-TOKEN" in seen["headers"]) == (auth_method == "session")


@both_methods
def test_a_session_that_is_over_is_no_failure(elvis: Emulator, auth_method: str) -> None:
    session = log_in(elvis, auth_method)
    elvis.end_sessions()
    for _ in range(2):
        assert run(OPERATION, session=session) == {
            "changed": False,
            "msg": f"The session was over already at {elvis.url}.",
            "was_logged_in": False,
            "logout_success": None,
        }
    # A cookie session is asked for once more: the refusal might have meant its CSRF token. Nobody logs in.
    once = ["POST /services/logout"] + (["GET /services/search"] if auth_method == "session" else [])
    assert calls(elvis) == once * 2
    assert elvis.sessions() == []


def test_a_token_and_its_server_suffice(elvis: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    for options in ({"server_url": f"{elvis.url}/"}, dict[str, Any]()):
        token = log_in(elvis, "bearer")["auth_token"]
        assert run(OPERATION, auth_token=token, **options)["changed"] is True
        assert elvis.sessions() == []
        monkeypatch.setenv("ELVIS_SERVER_URL", elvis.url)


@pytest.mark.parametrize("csrf_token", ["wrong", None])
@pytest.mark.parametrize("verify", [False, True])
def test_a_wrong_csrf_token_does_not_keep_a_session_alive(
    elvis: Emulator, csrf_token: str | None, verify: bool
) -> None:
    session = log_in(elvis, "session") | {"csrf_token": csrf_token}
    result = run(OPERATION, session=session, verify=verify)
    assert (result["changed"], result["was_logged_in"], result["logout_success"]) == (True, True, True)
    assert elvis.sessions() == []
    ways = ["POST /services/logout", "GET /services/search", "GET /logout", "GET /services/search"]
    assert calls(elvis) == ways + ["GET /services/search"] * verify


@both_methods
def test_verify_asks_once_more(elvis: Emulator, auth_method: str) -> None:
    assert run(OPERATION, session=log_in(elvis, auth_method), verify=True)["changed"] is True
    assert calls(elvis) == ["POST /services/logout", "GET /services/search"]


@both_methods
@pytest.mark.parametrize("method", ["GET", "POST", None])
@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (None, "{server}/install"),
        ("/goodbye?a=b", "{host}/goodbye?a=b"),
        ("goodbye", "{server}/goodbye"),
        ("https://other.example.com/?a=b&c", "https://other.example.com/?a=b&c"),
    ],
)
def test_a_redirect_is_reported_and_not_followed(
    elvis: Emulator, auth_method: str, method: str | None, target: str | None, expected: str
) -> None:
    session = log_in(elvis, auth_method)
    options: dict[str, Any] = {"logout_success_url": target, "http_method": method}
    given = {name: value for name, value in options.items() if value}
    result = run(OPERATION, session=session, mode="redirect", **given)
    host = elvis.url.removesuffix(urlsplit(elvis.url).path)
    assert result["redirect_url"] == expected.format(server=elvis.url, host=host)
    assert result["redirect_status"] == 302
    assert (result["changed"], result["was_logged_in"], result["logout_success"]) == (True, True, True)
    assert calls(elvis) == ["GET /services/search", f"{method or 'GET'} /logout"]
    sent_in = "form" if method == "POST" else "query"
    assert elvis.requests()[1][sent_in] == (["logoutSuccessUrl"] if target else [])
    assert elvis.sessions() == []


@both_methods
def test_a_redirect_without_a_session_changes_nothing(elvis: Emulator, auth_method: str) -> None:
    session = log_in(elvis, auth_method)
    elvis.end_sessions()
    result = run(OPERATION, session=session, mode="redirect")
    assert (result["changed"], result["was_logged_in"], result["logout_success"]) == (False, False, None)
    assert result["redirect_status"] == 302


@both_methods
@pytest.mark.parametrize("mode", ["service", "redirect"])
def test_check_mode_sends_nothing(elvis: Emulator, auth_method: str, mode: str) -> None:
    session = log_in(elvis, auth_method)
    result = run(OPERATION, check_mode=True, session=session, mode=mode, verify=True)
    assert result == {
        "changed": True,
        "msg": f"Check mode: nothing was sent; would log out at {elvis.url}.",
        "was_logged_in": None,
        "logout_success": None,
    }
    assert calls(elvis) == []
    assert len(elvis.sessions()) == 1


@both_methods
def test_a_simulated_session_is_for_check_mode_only(elvis: Emulator, auth_method: str) -> None:
    options: dict[str, Any] = {"auth_method": auth_method, "username": "alice", "password": "wonderland"}
    session = run(login.OPERATION, check_mode=True, server_url=elvis.url, **options)["session"]
    result = run(OPERATION, check_mode=True, session=session)
    assert (result["changed"], result["simulated"]) == (True, True)
    error = fail(OPERATION, session=session)
    assert error.reason == "bad_request"
    assert "simulated by a login in check mode" in error.message
    assert calls(elvis) == []


@both_methods
def test_a_loop_takes_one_connection(elvis: Emulator, auth_method: str) -> None:
    session = log_in(elvis, auth_method)
    before = elvis.connections()
    for _ in range(10):
        run(OPERATION, session=session)
    assert elvis.connections() == before + 1
    log_in(elvis, auth_method, "api", "api")
    run(OPERATION, session=session, timeout=29)
    assert elvis.connections() == before + 3, "another user and another time-out have their own"


# --- Bad input

BEARER = {"auth_method": "bearer", "auth_token": "token-of-alice"}
COOKIE = {
    "auth_method": "session",
    "auth_token": "token-of-alice",
    "csrf_token": "csrf-of-alice",
    "cookie": "authToken=token-of-alice; AWSELB=balancer-value",
}
SESSIONS: dict[str, dict[str, Any]] = {"bearer": BEARER, "session": COOKIE}


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize("options", [{}, {"server_url": "https://dam.example.com"}, {"verify": True}])
def test_no_session_is_nothing_to_do(options: dict[str, Any], check_mode: bool) -> None:
    assert run(OPERATION, check_mode=check_mode, session={}, **options) == {
        "changed": False,
        "msg": "no session given",
        "was_logged_in": False,
        "logout_success": None,
    }


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"session": None}, "Neither session nor auth_token is given"),
        ({"session": None, "auth_token": "token-of-alice", "server_url": None}, "auth_token needs server_url"),
        ({"session": {"server_url": "https://dam.example.com"}}, "has no auth_method"),
        ({"session": BEARER | {"auth_token": None}}, "has no server_url"),
        ({"session": BEARER | {"server_url": "http://127.0.0.1", "auth_token": ""}}, "has no auth_token"),
        ({"session": COOKIE | {"server_url": "http://127.0.0.1", "cookie": None}}, "has no cookie"),
        ({"session": BEARER | {"server_url": "nowhere"}}, "must start with http"),
        ({"session": BEARER | {"server_url": "http://127.0.0.1", "auth_token": ["x"]}}, "auth_token has a line break"),
        ({"session": BEARER | {"server_url": "http://127.0.0.1", "auth_token": "two\nlines"}}, "auth_token has a line"),
        ({"session": COOKIE | {"server_url": "http://127.0.0.1", "cookie": "two\nlines"}}, "cookie has a line break"),
        ({"server_url": "https://other.example.com"}, "was made for"),
        ({"logout_success_url": "/goodbye"}, "logout_success_url is for mode: redirect only"),
        ({"http_method": "GET"}, "http_method is for mode: redirect only"),
        ({"mode": "redirect", "logout_success_url": "javascript:alert(1)"}, "neither a path nor an address"),
        ({"mode": "redirect", "logout_success_url": "/a\r\nb"}, "neither a path nor an address"),
        ({"mode": "redirect", "logout_success_url": "https://[::1"}, "neither a path nor an address"),
        ({"timeout": -1}, "timeout must be more than 0"),
        ({"proxy": "http:/wrong"}, "proxy is not the address"),
        ({"ca_path": "/missing/ca.pem"}, "ca_path /missing/ca.pem can't be read"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(check_mode: bool, options: dict[str, Any], words: str) -> None:
    with scripted_server(hang_up) as server:
        given = {"session": BEARER | {"server_url": server.url}, **options}
        error = fail(OPERATION, check_mode=check_mode, **{key: value for key, value in given.items() if value})
        assert server.connections == 0
    assert words in error.message
    assert error.reason == ("tls" if "ca_path" in options else "bad_request")


# --- What a server may answer

ENDED = json_reply(200, {"logoutSuccess": True})
ALIVE = json_reply(200, {"totalHits": 0})
REDIRECT = raw_reply(302, Location="/install")
NAME = "AuthenticationCredentialsNotFoundException"


def elvis_error(status: int, code: int, name: str | None = None, message: str | None = None) -> bytes:
    return json_reply(status, {"errorcode": code, "errorname": name, "message": message})


GONE = elvis_error(200, 401, NAME, "Not logged in")
WRONG_CSRF = elvis_error(403, 403, "InvalidCsrfTokenException")
BUSY = html_reply(503, Retry_After="0")


def session_at(server: ScriptedServer, auth_method: str) -> dict[str, Any]:
    return SESSIONS[auth_method] | {"server_url": server.url}


def paths(server: ScriptedServer) -> list[str]:
    return [request.path.partition("?")[0] for request in server.requests]


@both_methods
@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (json_reply(200, {"logoutSuccess": False}), "server", "HTTP 200 with logoutSuccess: false"),
        (json_reply(200, {"logoutSuccess": "true"}), "bad_response", "logoutSuccess: true was expected"),
        (json_reply(200, {"logoutSuccess": 1}), "bad_response", "logoutSuccess: true was expected"),
        (json_reply(200, {}), "bad_response", "logoutSuccess: true was expected"),
        (json_reply(200, [True]), "bad_response", "logoutSuccess: true was expected"),
        (elvis_error(200, 401, "ConcurrentModificationException"), "server", "ConcurrentModificationException"),
        (elvis_error(401, 401, NAME, "java.util.ConcurrentModificationException"), "server", "ConcurrentModification"),
        (elvis_error(200, 404), "not_found", "errorcode 404"),
        (elvis_error(400, 400, None, "no token-of-alice"), "bad_request", "errorcode 400: no ********"),
        (elvis_error(200, 500, "IllegalStateException"), "server", "IllegalStateException"),
        (html_reply(401), "bad_response", "HTTP 401 with an HTML page"),
        (json_reply(401, {"message": "Who are you?"}), "bad_response", "HTTP 401 with JSON that is not Elvis'"),
        (html_reply(403), "bad_response", "HTTP 403 with an HTML page"),
        (html_reply(200), "bad_response", "HTTP 200 with an HTML page"),
        (html_reply(404), "bad_response", "HTTP 404 with an HTML page"),
        (html_reply(500), "server", "HTTP 500 with an HTML page"),
        (raw_reply(200, b""), "bad_response", "an empty body"),
        (raw_reply(204), "bad_response", "an empty body"),
        (
            raw_reply(302, Location="https://sso.example.com/?ticket=abcdef"),
            "bad_response",
            "https://sso.example.com/.",
        ),
        (b"220 mail.example.com ESMTP\r\n", "bad_response", "something that is not HTTP"),
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
        (raw_reply(200, b'{"logoutSucc', Content_Length="30"), "bad_response", "a reply that breaks off"),
        (hang_up, "unreachable", "the connection broke before the answer came"),
        *((html_reply(status), "server", f"HTTP {status}") for status in (408, 429, 502, 503, 504)),
        (elvis_error(200, 503), "server", "errorcode 503"),
    ],
)
def test_a_logout_is_tried_again(auth_method: str, reply: Reply, reason: str, words: str) -> None:
    with scripted_server(reply) as server:
        error = fail(OPERATION, session=session_at(server, auth_method), retries=2)
    assert paths(server) == ["/services/logout"] * 3
    assert error.reason == reason
    assert words in error.message


@pytest.mark.parametrize("reply", [stay_silent, drip(ENDED, 0.01)])
def test_a_logout_has_its_time(reply: Reply) -> None:
    with scripted_server(reply) as server:
        error = fail(OPERATION, session=session_at(server, "bearer"), timeout=0.3)
    assert error.reason == "timeout"
    assert f"POST {server.url}/services/logout: no whole answer within 0.3 s." in error.message


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
def test_a_session_that_is_gone_after_a_first_try_was_ended_by_it(auth_method: str, replies: list[Reply]) -> None:
    with scripted_server(*replies) as server:
        result = run(OPERATION, session=session_at(server, auth_method))
    assert (result["changed"], result["was_logged_in"], result["logout_success"]) == (True, True, None)
    # A cookie session is asked for once more; the last reply, that it is gone, comes again.
    assert len(server.requests) == len(replies) + (auth_method == "session")


@both_methods
@pytest.mark.parametrize("first", [BUSY, hang_up, elvis_error(200, 429)])
def test_a_second_try_that_succeeds_is_a_success(auth_method: str, first: Reply) -> None:
    with scripted_server(first, ENDED) as server:
        result = run(OPERATION, session=session_at(server, auth_method))
    assert (result["changed"], result["logout_success"], len(server.requests)) == (True, True, 2)


@pytest.mark.parametrize(
    "gone",
    [
        GONE,
        elvis_error(401, 401, NAME, "Not logged in"),
        elvis_error(200, 401),
        elvis_error(401, 401, None, f"org.springframework.{NAME}: Not logged in"),
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
        pytest.param([WRONG_CSRF, ALIVE, html_reply(200)], "Cannot log out with a redirect", id="no redirect"),
        pytest.param([WRONG_CSRF, ALIVE, raw_reply(302)], "HTTP 302", id="a redirect to nowhere"),
        pytest.param([WRONG_CSRF, ALIVE, REDIRECT, ALIVE], "is still alive", id="alive all the same"),
    ],
)
def test_a_session_that_outlives_all_ways_is_told(replies: list[Reply], words: str) -> None:
    with scripted_server(*replies) as server:
        error = fail(OPERATION, session=session_at(server, "session"))
    assert words in error.message
    assert server.url in error.message
    assert len(server.requests) == len(replies)


def test_the_read_that_decides_shows_the_cookie_only() -> None:
    with scripted_server(WRONG_CSRF, GONE) as server:
        run(OPERATION, session=session_at(server, "session"))
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
        (elvis_error(200, 401, NAME), "not_logged_in", "errorcode 401"),
        (raw_reply(302), "bad_response", "HTTP 302"),
        (html_reply(500), "server", "HTTP 500"),
    ],
)
def test_a_redirect_logout_without_a_redirect_fails(reply: bytes, reason: str, words: str) -> None:
    with scripted_server(ALIVE, reply) as server:
        error = fail(OPERATION, session=session_at(server, "bearer"), mode="redirect")
    assert error.reason == reason
    assert error.message.startswith(f"Cannot log out with a redirect: GET {server.url}/logout: ")
    assert words in error.message
