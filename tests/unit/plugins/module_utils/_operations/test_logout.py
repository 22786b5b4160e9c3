# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging out of the emulated server, and what is refused before anything is sent."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations import login
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION, ends
from tests.support.emulator import Emulator
from tests.support.operations import BEARER, COOKIE, fail, run
from tests.support.scripted import hang_up, scripted_server

both_methods = pytest.mark.parametrize("auth_method", ["bearer", "cookie"])


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
    assert ("X-CSRF-TOKEN" in seen["headers"]) == (auth_method == "cookie")


@both_methods
def test_a_session_that_is_over_is_no_failure(elvis: Emulator, auth_method: str) -> None:
    session = log_in(elvis, auth_method)
    elvis.end_sessions()
    for _dummy in range(2):
        assert run(OPERATION, session=session) == {
            "changed": False,
            "msg": f"The session at {elvis.url} was already over.",
            "was_logged_in": False,
            "logout_success": None,
        }
    # A cookie session is asked for once more: the refusal might have meant its CSRF token. Nobody logs in.
    once = ["POST /services/logout"] + (["GET /services/search"] if auth_method == "cookie" else [])
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
    session = log_in(elvis, "cookie") | {"csrf_token": csrf_token}
    result = run(OPERATION, session=session, verify=verify)
    assert (result["changed"], result["was_logged_in"], result["logout_success"]) == (True, True, True)
    assert elvis.sessions() == []
    ways = ["POST /services/logout", "GET /services/search", "GET /logout", "GET /services/search"]
    assert calls(elvis) == ways + ["GET /services/search"] * verify


@both_methods
def test_verify_asks_once_more(elvis: Emulator, auth_method: str) -> None:
    assert run(OPERATION, session=log_in(elvis, auth_method), verify=True)["changed"] is True
    assert calls(elvis) == ["POST /services/logout", "GET /services/search"]


@pytest.mark.parametrize(("auth_method", "method"), [("bearer", None), ("cookie", "GET"), ("cookie", "POST")])
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
    logout, sent = elvis.requests()[1], ["logoutSuccessUrl"] if target else []
    assert (logout["query"], logout["form"]) == (([], sent) if method == "POST" else (sent, []))
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
    for _dummy in range(10):
        run(OPERATION, session=session)
    assert elvis.connections() == before + 1
    log_in(elvis, auth_method, "api", "api")
    run(OPERATION, session=session, timeout=29)
    assert elvis.connections() == before + 3, "another user and another time-out have their own"


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize("options", [{}, {"server_url": "https://dam.example.com"}, {"verify": True}])
def test_no_session_is_nothing_to_do(options: dict[str, Any], check_mode: bool) -> None:
    assert run(OPERATION, check_mode=check_mode, session={}, **options) == {
        "changed": False,
        "msg": "No session was given: there is nothing to end.",
        "was_logged_in": False,
        "logout_success": None,
    }


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"session": None}, "Neither session nor auth_token is given"),
        ({"session": None, "auth_token": "token-of-alice", "server_url": None}, "auth_token needs the server"),
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


# --- What a result says of the session


@pytest.mark.parametrize("was_logged_in", [True, False])
@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"session": BEARER, "auth_token": None}, "token-of-alice"),
        ({"session": COOKIE, "auth_token": None}, "token-of-alice"),
        ({"session": COOKIE | {"auth_token": None}, "auth_token": None}, COOKIE["cookie"]),
        ({"session": None, "auth_token": "token-of-alice"}, "token-of-alice"),
        ({"session": {}, "auth_token": None}, None),
    ],
)
def test_a_session_that_is_over_is_known_by_its_token(
    options: dict[str, Any], was_logged_in: bool, expected: str | None
) -> None:
    assert ends(options, {"was_logged_in": was_logged_in}) == expected


def test_in_check_mode_no_session_is_over() -> None:
    assert ends({"session": BEARER, "auth_token": None}, {"was_logged_in": None}) is None
