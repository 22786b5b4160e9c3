# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in: to the emulated server, and to servers that answer what no Elvis should."""

from __future__ import annotations

import base64
import signal
import socket
import threading
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION
from tests.support.emulator import Emulator
from tests.support.operations import fail, run
from tests.support.scripted import (
    Reply,
    drip,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

ALICE: dict[str, Any] = {"username": "alice", "password": "wonderland"}
CRED: dict[str, Any] = {"cred": base64.b64encode(b"alice:wonderland").decode()}
PATHS = {"bearer": "/services/apilogin", "session": "/services/login"}
CARRIERS = {"bearer": {"Authorization"}, "session": {"Cookie", "X-CSRF-TOKEN"}}
ORPHAN = "If the server did open a session, nobody has its token"

both_methods = pytest.mark.parametrize("auth_method", ["bearer", "session"])


# --- The emulated server


@both_methods
@pytest.mark.parametrize("credentials", [ALICE, CRED, ALICE | CRED], ids=["pair", "cred", "both"])
def test_a_login_returns_a_session_of_one_request(
    elvis: Emulator, auth_method: str, credentials: dict[str, Any]
) -> None:
    before = elvis.connections()
    result = run(OPERATION, server_url=f"{elvis.url}/", auth_method=auth_method, **credentials)
    session = result["session"]
    assert result["changed"] is True
    assert result["msg"] == (
        f"Logged in to {elvis.url} as alice (Elvis {session['server_version']}), until {session['expires_at']}."
    )
    assert (session["server_url"], session["auth_method"], session["username"]) == (elvis.url, auth_method, "alice")
    assert result["headers"].keys() == CARRIERS[auth_method]
    assert result["server_version"] == session["server_version"]
    assert "simulated" not in session
    assert "warnings" not in result
    assert [(live["user"], live["method"]) for live in elvis.sessions()] == [("alice", auth_method)]
    (seen,) = elvis.requests()
    assert seen["path"].endswith(PATHS[auth_method])
    assert (seen["method"], seen["query"], seen["carrier"]) == ("POST", [], None)
    assert sorted(seen["form"]) == ["password", "username"]
    assert elvis.connections() == before + 1


@pytest.mark.parametrize(("auth_method", "requests"), [("bearer", 2), ("session", 1)])
def test_a_login_can_return_the_profile(elvis: Emulator, auth_method: str, requests: int) -> None:
    result = run(OPERATION, server_url=elvis.url, auth_method=auth_method, return_profile=True, **ALICE)
    assert result["user_profile"]["username"] == "alice"
    assert len(elvis.requests()) == requests
    assert len(elvis.sessions()) == 1


@pytest.mark.parametrize(
    ("auth_method", "option", "field"),
    [("bearer", {"client_id": "importer-1"}, "clientId"), ("session", {"client_type": "api_import"}, "clientType")],
)
def test_a_login_names_its_client(elvis: Emulator, auth_method: str, option: dict[str, Any], field: str) -> None:
    run(OPERATION, server_url=elvis.url, auth_method=auth_method, **option, **ALICE)
    assert [live[field] for live in elvis.sessions()] == list(option.values())


@both_methods
def test_a_wrong_password_reaches_the_server_once(elvis: Emulator, auth_method: str) -> None:
    wrong = ALICE | {"password": "wrong-password"}
    error = fail(OPERATION, server_url=elvis.url, auth_method=auth_method, retries=5, **wrong)
    assert error.reason == "refused"
    for words in ("Cannot log in as alice", elvis.url, "Invalid username or password", "is not repeated"):
        assert words in error.message
    assert len(elvis.requests()) == 1
    assert elvis.sessions() == []


@both_methods
def test_an_address_without_its_prefix_is_told(elvis: Emulator, auth_method: str) -> None:
    error = fail(OPERATION, server_url=f"{elvis.url}/nowhere", auth_method=auth_method, **ALICE)
    assert error.reason in ("not_found", "bad_response", "bad_request")
    assert "prefix" in error.message


@both_methods
def test_check_mode_sends_nothing_and_returns_every_key(elvis: Emulator, auth_method: str) -> None:
    options = {"server_url": elvis.url, "auth_method": auth_method, **ALICE}
    simulated = run(OPERATION, check_mode=True, **options)
    assert elvis.requests() == []
    real = run(OPERATION, **options)
    assert simulated.keys() == real.keys() | {"simulated"}
    assert simulated["session"].keys() == real["session"].keys() | {"simulated"}
    assert simulated["headers"].keys() == real["headers"].keys()
    assert simulated["changed"] is simulated["simulated"] is simulated["session"]["simulated"] is True
    assert simulated["msg"].startswith("Check mode: nothing was sent")


def test_what_the_task_leaves_open_comes_from_the_environment(elvis: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELVIS_SERVER_URL", elvis.url)
    monkeypatch.setenv("ELVIS_CRED", CRED["cred"])
    assert run(OPERATION)["session"]["username"] == "alice"
    monkeypatch.setenv("ELVIS_CRED", "")
    assert "No credentials are given" in fail(OPERATION).message


# --- Bad input


@both_methods
@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"server_url": "dam.example.com"}, "server_url must start with http:// or https://"),
        ({"server_url": "https://alice:wonderland@dam.example.com"}, "must not hold a user or a password"),
        ({"username": None, "password": None}, "No credentials are given"),
        ({"password": None}, "The password is missing"),
        ({"username": None}, "The username is missing"),
        ({"cred": "not base64!"}, "cred is not base64"),
        ({"cred": "d29uZGVybGFuZA=="}, "not of user:password"),
        ({"cred": "Ym9iOmJ1aWxkZXI="}, "cred says something else than username and password"),
        ({"client_type": "import"}, None),
        ({"client_id": "x", "client_type": "api_x"}, "can't be used with auth_method"),
        ({"timeout": 0}, "timeout must be more than 0"),
        ({"retries": -1}, "retries must be 0 or more"),
        ({"proxy": "http:/wrong"}, "proxy is not the address"),
        ({"http_agent": "a\nb"}, "http_agent has a character"),
        ({"ca_path": "/missing/ca.pem"}, "ca_path /missing/ca.pem can't be read"),
        ({"client_key": "key.pem"}, "client_key needs client_cert"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    auth_method: str, check_mode: bool, options: dict[str, Any], words: str | None
) -> None:
    if words is None:
        words = "can't be used with auth_method bearer" if auth_method == "bearer" else "must start with api_"
    with scripted_server(hang_up) as server:
        given = {"server_url": server.url, "auth_method": auth_method, **ALICE, **options}
        error = fail(OPERATION, check_mode=check_mode, **given)
        assert server.connections == 0
    assert words in error.message
    assert error.reason == ("tls" if "ca_path" in options else "bad_request")
    assert (error.status, error.elvis_error) == (None, None)


def test_a_value_that_http_can_not_carry_is_refused() -> None:
    with scripted_server(hang_up) as server:
        error = fail(OPERATION, server_url=server.url, client_id="\udcff", **ALICE)
        assert server.connections == 0
    assert error.reason == "bad_request"
    assert ORPHAN not in error.message


# --- What a server may answer

TOKEN = "token-that-was-granted"
CSRF = "csrf-that-was-granted"
COOKIE = f"authToken={TOKEN};Path=/;HttpOnly"
BALANCER = "AWSELB=balancer-value; Path=/; Max-Age=60"


def bearer_grant(**changes: Any) -> bytes:
    return json_reply(200, {"loginSuccess": True, "serverVersion": "6.107.0", "authToken": TOKEN} | changes)


def cookie_grant(*cookies: str, **changes: Any) -> bytes:
    body = {"loginSuccess": True, "serverVersion": "6.107.0", "csrfToken": CSRF} | changes
    return json_reply(200, body, Set_Cookie=list(cookies or (COOKIE, BALANCER)))


def elvis_error(status: int, code: int, name: str | None = None, message: str | None = None) -> bytes:
    return json_reply(status, {"errorcode": code, "errorname": name, "message": message})


UNUSABLE_TOKENS: list[object] = [None, "", 7, ["token"], {}, "to ken", "to\nken", "tökén", "x;y"]
NOT_LOGGED_IN = "AuthenticationCredentialsNotFoundException"
LOGIN_PAGE = "<html><head><title>Sign on</title></head></html>"


@both_methods
@pytest.mark.parametrize(
    ("reply", "reason", "status", "words"),
    [
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
        (
            json_reply(200, {"loginSuccess": "true", "authToken": TOKEN}),
            "bad_response",
            200,
            "loginSuccess was expected",
        ),
        (json_reply(200, {"loginSuccess": 1, "authToken": TOKEN}), "bad_response", 200, "loginSuccess was expected"),
        (raw_reply(200, b""), "bad_response", 200, "an empty body"),
        (raw_reply(204), "bad_response", 204, "an empty body"),
        (raw_reply(200, b"alive"), "bad_response", 200, "a body that is not JSON"),
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


@both_methods
@pytest.mark.parametrize(
    ("reply", "reason", "words"),
    [
        (hang_up, "unreachable", "the connection broke before the answer came"),
        (stay_silent, "timeout", "within 0.3 s"),
        (drip(cookie_grant(), 0.01), "timeout", "within 0.3 s"),
        (raw_reply(200, b'{"loginSuccess": true, "authTok', Content_Length="500"), "bad_response", "breaks off"),
        (raw_reply(200, b"no gzip", Content_Encoding="gzip"), "bad_response", "compression is broken"),
        (b"220 mail.example.com ESMTP\r\n", "bad_response", "something that is not HTTP"),
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
def test_a_login_whose_answer_is_lost_says_so(auth_method: str, reply: Reply, reason: str, words: str) -> None:
    with scripted_server(reply) as server:
        error = fail(OPERATION, server_url=server.url, auth_method=auth_method, retries=3, timeout=0.3, **ALICE)
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


def test_what_a_refusal_repeats_of_the_credentials_is_masked() -> None:
    echo = f"no such user: alice/wonderland {CRED['cred']} WONDERLAND"
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
        ([f"JSESSIONID={TOKEN};Path=/"], f"JSESSIONID={TOKEN}", None),
    ],
)
def test_behind_a_load_balancer_all_cookies_are_carried(cookies: list[str], carried: str, token: str | None) -> None:
    with scripted_server(cookie_grant(*cookies)) as server:
        result = run(OPERATION, server_url=server.url, auth_method="session", **ALICE)
    assert result["headers"] == {"Cookie": carried, "X-CSRF-TOKEN": CSRF}
    assert (result["session"]["cookie"], result["session"]["auth_token"]) == (carried, token)


def test_a_version_of_another_type_is_left_out() -> None:
    with scripted_server(bearer_grant(serverVersion=6)) as server:
        result = run(OPERATION, server_url=server.url, **ALICE)
    assert result["server_version"] is None
    assert result["msg"] == f"Logged in to {server.url} as alice."


# --- A session that was granted and can't be handed over

ENDED = json_reply(200, {"logoutSuccess": True})
CONFIRMATION = "The session that the server had granted was logged out again."


@pytest.mark.parametrize(
    ("profile", "reason", "words"),
    [
        (html_reply(500), "server", "HTTP 500"),
        (html_reply(200), "bad_response", "an HTML page"),
        (json_reply(200, ["alice"]), "bad_response", "a profile was expected"),
        (elvis_error(200, 403), "forbidden", "errorcode 403"),
        (hang_up, "unreachable", "the connection broke"),
        (stay_silent, "timeout", "within"),
        (elvis_error(200, 400, None, f"who is {TOKEN}, wonderland?"), "bad_request", "who is ********, ********?"),
    ],
)
def test_a_profile_that_fails_ends_the_session(profile: Reply, reason: str, words: str) -> None:
    with scripted_server(bearer_grant(), profile, ENDED) as server:
        error = fail(OPERATION, server_url=server.url, return_profile=True, retries=0, timeout=0.3, **ALICE)
    assert error.reason == reason
    for part in ("Cannot read the profile: POST", words, CONFIRMATION):
        assert part in error.message
    assert TOKEN not in str(error.as_result())
    logout = server.requests[-1]
    assert (len(server.requests), logout.method, logout.path) == (3, "POST", "/services/logout")
    assert logout.headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_session_that_can_not_be_ended_either_is_named() -> None:
    with scripted_server(bearer_grant(), html_reply(500)) as server:
        error = fail(OPERATION, server_url=server.url, return_profile=True, **ALICE)
    assert [request.path for request in server.requests[1:]] == ["/services/profile", "/services/logout"]
    assert error.reason == "server"
    for part in ("Cannot read the profile", "could not be logged out again", "Cannot log out: POST", "licence seat"):
        assert part in error.message
    assert TOKEN not in error.message


@pytest.mark.parametrize("csrf_token", [7, "", "with space", ["x"], {}, True])
def test_a_csrf_token_that_can_not_be_used_ends_the_session(csrf_token: object) -> None:
    replies = [
        cookie_grant(csrfToken=csrf_token),
        elvis_error(200, 403, "InvalidCsrfTokenException"),
        json_reply(200, {"totalHits": 0}),
        raw_reply(302, Location="/install"),
        elvis_error(200, 401, NOT_LOGGED_IN),
    ]
    with scripted_server(*replies) as server:
        error = fail(OPERATION, server_url=server.url, auth_method="session", **ALICE)
    assert error.reason == "bad_response"
    assert "csrfToken can't be used" in error.message
    assert CONFIRMATION in error.message
    paths = [request.path.partition("?")[0] for request in server.requests]
    assert paths == ["/services/login", "/services/logout", "/services/search", "/logout", "/services/search"]


def test_a_session_without_a_csrf_token_is_one_of_an_old_server() -> None:
    with scripted_server(cookie_grant(csrfToken=None)) as server:
        result = run(OPERATION, server_url=server.url, auth_method="session", **ALICE)
    assert result["headers"].keys() == {"Cookie"}


def test_a_profile_that_a_login_left_out_is_asked_for() -> None:
    with scripted_server(cookie_grant(), json_reply(200, {"username": "alice"})) as server:
        result = run(OPERATION, server_url=server.url, auth_method="session", return_profile=True, **ALICE)
    assert result["user_profile"] == {"username": "alice"}
    assert server.requests[1].headers["X-CSRF-TOKEN"] == CSRF


def interrupt(connection: socket.socket) -> None:
    """Be silent while somebody presses Ctrl-C."""
    main_thread = threading.main_thread().ident
    assert main_thread
    signal.pthread_kill(main_thread, signal.SIGINT)
    stay_silent(connection)


def test_an_interrupt_ends_the_session() -> None:
    with scripted_server(bearer_grant(), interrupt, ENDED) as server:
        with pytest.raises(KeyboardInterrupt):
            run(OPERATION, server_url=server.url, return_profile=True, retries=0, **ALICE)
        assert [request.path for request in server.requests[1:]] == ["/services/profile", "/services/logout"]
