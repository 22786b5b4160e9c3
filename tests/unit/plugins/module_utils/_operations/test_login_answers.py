# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in to servers that answer what no Elvis should, and what Elvis does not do on its own."""

from __future__ import annotations

import base64
import socket
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.logout import LOGGED_OUT_AGAIN, ORPHAN
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION as LOGOUT
from tests.support.answers import (
    BALANCER,
    COOKIE,
    CSRF,
    ENDED,
    NOT_LOGGED_IN,
    TOKEN,
    bearer_grant,
    cookie_grant,
    elvis_error,
)
from tests.support.operations import fail, run
from tests.support.scripted import (
    HttpResponse,
    drip,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

ALICE: dict[str, Any] = {"username": "alice", "password": "wonderland"}
PATHS = {"bearer": "/services/apilogin", "cookie": "/services/login"}
CRED = base64.b64encode(b"alice:wonderland").decode()
UNUSABLE_TOKENS: list[object] = [None, "", 7, ["token"], {}, "to ken", "to\nken", "tökén", "x;y"]
LOGIN_PAGE = "<html><head><title>Sign on</title></head></html>"

both_methods = pytest.mark.parametrize("auth_method", ["bearer", "cookie"])


def test_outcomes_may_be_text() -> None:
    granted, ended = bearer_grant(loginSuccess="true"), json_reply(200, {"logoutSuccess": "true"})
    with scripted_server(granted, ended) as server:
        session = run(OPERATION, server_url=server.url, **ALICE)["session"]
        assert run(LOGOUT, session=session)["logout_success"] is True


@both_methods
@pytest.mark.parametrize(
    ("reply", "reason", "status", "words"),
    [
        (json_reply(200, {"loginSuccess": "false", "loginFaultMessage": "No"}), "refused", 200, "No"),
        (
            json_reply(200, {"loginSuccess": False, "loginFaultMessage": "Account locked"}),
            "refused",
            200,
            "Account locked",
        ),
        (json_reply(200, {"loginSuccess": False, "loginFaultMessage": None}), "refused", 200, "refused the login"),
        (json_reply(200, {"loginSuccess": False, "loginFaultMessage": ["x"]}), "refused", 200, "refused the login"),
        (json_reply(401, {"loginSuccess": False, "loginFaultMessage": "No seat"}), "refused", 401, "No seat"),
        (elvis_error(200, 401, NOT_LOGGED_IN, "Wrong"), "refused", 200, "errorcode 401: AuthenticationCredentials"),
        (elvis_error(401, 401, None, "Wrong"), "refused", 401, "errorcode 401: Wrong"),
        (elvis_error(200, 401, "ConcurrentModificationException"), "server", 200, "ConcurrentModificationException"),
        (elvis_error(200, 403), "forbidden", 200, "errorcode 403"),
        (elvis_error(404, 404, "NotFoundException"), "not_found", 404, "NotFoundException"),
        (elvis_error(409, 409), "conflict", 409, "errorcode 409"),
        (elvis_error(500, 500), "server", 500, "errorcode 500"),
        (html_reply(200, LOGIN_PAGE), "bad_response", 200, "HTTP 200 with an HTML page: Sign on"),
        (html_reply(401, LOGIN_PAGE), "bad_response", 401, "HTTP 401 with an HTML page: Sign on"),
        (html_reply(500), "server", 500, "HTTP 500 with an HTML page"),
        (html_reply(503, Retry_After="0"), "server", 503, "HTTP 503 with an HTML page"),
        (html_reply(429), "server", 429, "HTTP 429"),
        (html_reply(407), "proxy", 407, "asks for a user and a password"),
        (json_reply(200, {"status": "ok"}), "bad_response", 200, "loginSuccess was expected"),
        (json_reply(200, ["loginSuccess"]), "bad_response", 200, "loginSuccess was expected"),
        (json_reply(200, {"loginSuccess": "yes"}), "bad_response", 200, "loginSuccess was expected"),
        (
            json_reply(200, {"loginSuccess": False}, Set_Cookie=f"JSESSIONID={TOKEN}"),
            "refused",
            200,
            "refused the login",
        ),
        (html_reply(200, LOGIN_PAGE, Set_Cookie=f"JSESSIONID={TOKEN}"), "bad_response", 200, "an HTML page: Sign on"),
        (
            raw_reply(302, Location="https://sso.example.com/login?ticket=abcdef"),
            "bad_response",
            302,
            "a redirect that is not followed, to: https://sso.example.com/login.",
        ),
    ],
)
def test_a_login_that_is_not_granted(auth_method: str, reply: bytes, reason: str, status: int, words: str) -> None:
    with scripted_server(reply) as server:
        error = fail(OPERATION, server_url=f"{server.url}/app", auth_method=auth_method, retries=3, **ALICE)
    assert len(server.requests) == 1, "a login that was sent is never repeated"
    assert (error.reason, error.status) == (reason, status)
    assert error.message.startswith(f"Cannot log in as alice: POST {server.url}/app{PATHS[auth_method]}: ")
    assert words in error.message
    assert "abcdef" not in error.message
    assert error.message.endswith("."), "advice is a sentence"
    assert ORPHAN not in error.message


GRANT = {"loginSuccess": True, "authToken": TOKEN}


@both_methods
@pytest.mark.parametrize(
    ("status", "answer", "reason"),
    [
        (200, GRANT | {"loginSuccess": "yes"}, "bad_response"),
        (200, GRANT | {"loginSuccess": 1}, "bad_response"),
        (200, GRANT | {"loginSuccess": None}, "bad_response"),
        (200, {"authToken": TOKEN}, "bad_response"),
        (500, GRANT, "server"),
        (401, GRANT, "bad_response"),
        (302, GRANT, "bad_response"),
        (200, GRANT | {"errorcode": 0}, "bad_response"),
        (200, GRANT | {"errorcode": None}, "bad_response"),
        (200, GRANT | {"errorcode": 500}, "server"),
        (200, GRANT | {"loginSuccess": False}, "refused"),
    ],
)
def test_a_token_in_an_answer_that_is_not_accepted_is_given_back(
    auth_method: str, status: int, answer: dict[str, object], reason: str
) -> None:
    with scripted_server(json_reply(status, answer, Set_Cookie=[COOKIE, BALANCER]), ENDED) as server:
        error = fail(OPERATION, server_url=server.url, auth_method=auth_method, **ALICE)
    _login, logout = server.requests
    assert logout.path == "/services/logout"
    assert TOKEN in f"{logout.headers['Authorization']} {logout.headers['Cookie']}"
    assert (error.reason, error.status) == (reason, status)
    assert LOGGED_OUT_AGAIN in error.message


@both_methods
@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (hang_up, "unreachable", "the connection broke before the answer came"),
        (stay_silent, "timeout", "answer within 0."),
        (drip(cookie_grant(), 0.01), "timeout", "answer within 0."),
        (raw_reply(200, b'{"loginSuccess": true, "authTok', Content_Length="500"), "bad_response", "breaks off"),
        (raw_reply(200, b"no gzip", Content_Encoding="gzip"), "bad_response", "compression is broken"),
        (b"220 mail.example.com ESMTP\r\n", "bad_response", "something that is not HTTP"),
        (raw_reply(200, b""), "bad_response", "HTTP 200 with an empty body"),
        (raw_reply(204), "bad_response", "HTTP 204 with an empty body"),
        (raw_reply(200, b"alive"), "bad_response", "HTTP 200 with a body that is not JSON"),
        (html_reply(502), "server", "HTTP 502"),
        (html_reply(504), "server", "HTTP 504"),
        (json_reply(200, {"loginSuccess": True}), "bad_response", "grants the login without a"),
        *((bearer_grant(authToken=token), "bad_response", "grants the login without a") for token in UNUSABLE_TOKENS),
        *(
            (cookie_grant(cookie), "bad_response", "grants the login without a")
            for cookie in (BALANCER, "authToken=;Path=/", "authToken=a b;Path=/", f"{COOKIE};Domain=evil.example.com")
        ),
    ],
)
def test_a_login_whose_answer_is_lost_says_so(auth_method: str, reply: HttpResponse, reason: str, words: str) -> None:
    timeout = 0.3 if reason == "timeout" else 30
    with scripted_server(reply) as server:
        error = fail(OPERATION, server_url=server.url, auth_method=auth_method, retries=3, timeout=timeout, **ALICE)
    assert len(server.requests) == 1, "a login that was sent is never repeated"
    assert error.reason == reason
    for part in (f"Cannot log in as alice: POST {server.url}", words, ORPHAN):
        assert part in error.message
    assert TOKEN not in error.message


def test_a_closed_port_is_unreachable() -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        error = fail(OPERATION, server_url=url, **ALICE)
    assert error.reason == "unreachable"
    assert f"POST {url}/services/apilogin: no connection: connection refused." in error.message
    assert ORPHAN not in error.message


def test_a_host_that_does_not_resolve_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_to_resolve(*_: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "the resolver's own words")

    # What a real resolver says depends on the network of the machine.
    monkeypatch.setattr(socket, "getaddrinfo", fail_to_resolve)
    error = fail(OPERATION, server_url="https://dam.example.com", **ALICE)
    assert error.reason == "unreachable"
    for words in (
        "POST https://dam.example.com/services/apilogin: the host name does not resolve.",
        "Check the host in server_url",
    ):
        assert words in error.message
    assert ORPHAN not in error.message


def test_what_a_refusal_repeats_of_the_credentials_is_masked() -> None:
    echo = f"no such user: alice/wonderland {CRED} WONDERLAND"
    with scripted_server(json_reply(200, {"loginSuccess": False, "loginFaultMessage": echo})) as server:
        error = fail(OPERATION, server_url=server.url, **ALICE)
    assert "no such user: alice/******** ******** ********" in error.message


def test_the_password_is_sent_as_it_is() -> None:
    password = "p:ä ss&=%+#/\"'\\"
    cred = base64.b64encode(f"alice:{password}".encode()).decode()
    with scripted_server(bearer_grant()) as server:
        run(OPERATION, server_url=server.url, cred=cred)
    (request,) = server.requests
    assert request.form == {"username": "alice", "password": password}
    assert request.path == "/services/apilogin"


@pytest.mark.parametrize(
    ("cookies", "carried", "token"),
    [
        ([COOKIE, BALANCER], f"authToken={TOKEN}; AWSELB=balancer-value", TOKEN),
        ([BALANCER, COOKIE], f"AWSELB=balancer-value; authToken={TOKEN}", TOKEN),
        ([COOKIE, "flag;Path=/", "=nothing", "odd=\xe9\x80"], f"authToken={TOKEN}; flag", TOKEN),
        ([f"JSESSIONID={TOKEN};Path=/"], f"JSESSIONID={TOKEN}", None),
    ],
)
def test_behind_a_load_balancer_all_cookies_are_carried(cookies: list[str], carried: str, token: str | None) -> None:
    with scripted_server(cookie_grant(*cookies)) as server:
        result = run(OPERATION, server_url=server.url, auth_method="cookie", **ALICE)
    assert result["headers"] == {"Cookie": carried, "X-CSRF-TOKEN": CSRF}
    assert (result["session"]["cookie"], result["session"]["auth_token"]) == (carried, token)


def test_a_version_of_another_type_is_left_out() -> None:
    with scripted_server(bearer_grant(serverVersion=6)) as server:
        result = run(OPERATION, server_url=server.url, **ALICE)
    assert result["server_version"] is None
    assert result["msg"] == f"Logged in to {server.url} as alice."


def test_a_version_of_any_length_makes_no_endless_message() -> None:
    with scripted_server(bearer_grant(serverVersion="6" * 10_000)) as server:
        result = run(OPERATION, server_url=server.url, **ALICE)
    assert result["server_version"] == "6" * 100
    assert len(result["msg"]) < 300
