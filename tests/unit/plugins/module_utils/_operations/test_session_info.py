# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a session is alive and whose it is, and whether a server is up."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.session_info import OPERATION
from tests.support.emulator import Emulator
from tests.support.operations import fail, run
from tests.support.scripted import HttpResponse, hang_up, html_reply, json_reply, scripted_server, stay_silent

TOKEN = "a-token-of-this-session"
GONE = json_reply(200, {"errorcode": 401, "errorname": None, "message": "Not logged in"})
FORBIDDEN = json_reply(200, {"errorcode": 403, "message": "Access is denied"})
COUNT = json_reply(200, {"totalHits": 0, "hits": []})
ALICE = json_reply(200, {"username": "alice", "groups": ["Editors"], "authorities": ["ROLE_USER"]})
PING = {"state": "running", "version": "6.107.0", "available": True, "server": "Elvis"}


@pytest.fixture(params=["bearer", "cookie"])
def session(request: pytest.FixtureRequest, elvis: Emulator) -> dict[str, Any]:
    """A session of the emulated server, of either kind; nothing else was asked for yet."""
    login = run(LOGIN, server_url=elvis.url, auth_method=request.param, username="alice", password="wonderland")
    elvis.forget_requests()
    found: dict[str, Any] = login["session"]
    return found


def calls(elvis: Emulator) -> list[str]:
    prefix = urlsplit(elvis.url).path
    return [f"{seen['method']} {seen['path'].removeprefix(prefix)}" for seen in elvis.requests()]


def at(url: str, auth_method: str = "bearer", **more: Any) -> dict[str, Any]:
    """A session of a scripted server."""
    carrier = {"auth_token": TOKEN} if auth_method == "bearer" else {"cookie": f"authToken={TOKEN}", "csrf_token": "c"}
    return {"session": {"server_url": url, "auth_method": auth_method, **carrier, "server_version": "6", **more}}


# --- The emulated server


def test_a_session_that_is_alive(elvis: Emulator, session: dict[str, Any]) -> None:
    result = run(OPERATION, session=session)
    assert 3500 < result.pop("expires_in") <= 3600
    assert result == {
        "changed": False,
        "msg": f"The session at {elvis.url} is alive.",
        "alive": True,
        "username": "alice",
        "groups": ["users"],
        "authorities": ["ROLE_USER", "ROLE_API"],
        "expires_at": session["expires_at"],
        "server_version": session["server_version"],
        "elvis_error": None,
    }
    assert calls(elvis) == ["POST /services/profile"]


def test_a_session_that_is_over(elvis: Emulator, session: dict[str, Any]) -> None:
    elvis.end_sessions()
    result = run(OPERATION, session=session)
    assert (result["changed"], result["alive"], result["groups"], result["authorities"]) == (False, False, None, None)
    assert (result["username"], result["expires_at"]) == ("alice", session["expires_at"])
    assert result["elvis_error"]["errorcode"] == 401
    assert "is over" in result["msg"]
    asked = ["POST /services/profile", "GET /services/search"]
    assert calls(elvis) == asked[: 1 if session["auth_method"] == "bearer" else 2]


def test_a_wrong_csrf_token_is_no_dead_session(session: dict[str, Any]) -> None:
    result = run(OPERATION, session=session | {"csrf_token": "wrong"})
    is_shown = session["auth_method"] == "bearer"
    assert (result["alive"], result["username"], result["groups"]) == (True, "alice", ["users"] if is_shown else None)
    assert ("does not show whose it is" in result["msg"]) is not is_shown


def test_a_token_alone_tells_as_much(elvis: Emulator, session: dict[str, Any]) -> None:
    result = run(OPERATION, server_url=elvis.url, auth_token=session["auth_token"])
    assert (result["alive"], result["username"]) == (True, "alice")
    assert (result["expires_at"], result["server_version"]) == (session["expires_at"], session["server_version"])


def test_check_mode_asks_as_well(elvis: Emulator, session: dict[str, Any]) -> None:
    assert run(OPERATION, check_mode=True, session=session)["groups"] == ["users"]
    assert calls(elvis) == ["POST /services/profile"]


def test_a_simulated_session_sends_nothing(elvis: Emulator) -> None:
    session = run(LOGIN, check_mode=True, server_url=elvis.url, username="alice", password="wonderland")["session"]
    result = run(OPERATION, check_mode=True, session=session)
    assert (result["alive"], result["username"], result["simulated"], result["changed"]) == (True, "alice", True, False)
    pinged = run(OPERATION, check_mode=True, session=session, ping=True)
    assert (pinged["available"], pinged["state"], pinged["simulated"]) == (None, None, True)
    assert "runs for real" in fail(OPERATION, session=session).message
    assert elvis.requests() == []


def test_an_empty_session_is_not_alive(elvis: Emulator) -> None:
    result = run(OPERATION, session={})
    assert (result["alive"], result["username"], result["msg"]) == (False, None, "No session was given.")
    assert result.keys() == run(OPERATION, server_url=elvis.url, auth_token=TOKEN).keys()


def test_a_ping_needs_no_session(elvis: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = {
        "changed": False,
        "msg": f"The server {elvis.url} is available.",
        "available": True,
        "state": "running",
        "server_version": "6.107.0.1",
    }
    assert run(OPERATION, ping=True, server_url=elvis.url) == expected
    assert run(OPERATION, ping=True, server_url=elvis.url, session={}) == expected
    monkeypatch.setenv("ELVIS_SERVER_URL", elvis.url)
    assert run(OPERATION, ping=True) == expected
    assert {seen["carrier"] for seen in elvis.requests()} == {None}


def test_a_ping_does_not_use_the_session(elvis: Emulator, session: dict[str, Any]) -> None:
    assert run(OPERATION, ping=True, session=session)["available"] is True
    assert [(seen["path"].endswith("/services/ping"), seen["carrier"]) for seen in elvis.requests()] == [(True, None)]


# --- Servers that answer what no Elvis should


@pytest.mark.parametrize(
    ("auth_method", "replies", "alive"),
    [
        ("bearer", [GONE], False),
        ("bearer", [FORBIDDEN, COUNT], True),
        ("bearer", [FORBIDDEN, GONE], False),
        ("cookie", [GONE, GONE], False),
        ("cookie", [GONE, COUNT], True),
        ("cookie", [FORBIDDEN, COUNT], True),
        ("cookie", [FORBIDDEN, GONE], False),
    ],
)
def test_who_is_refused_may_live(auth_method: str, replies: list[HttpResponse], alive: bool) -> None:
    with scripted_server(*replies) as server:
        assert run(OPERATION, **at(server.url, auth_method))["alive"] is alive
    assert len(server.requests) == len(replies)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (hang_up, "unreachable"),
        (html_reply(503), "server"),
        (html_reply(401), "bad_response"),
        (html_reply(200), "bad_response"),
        (json_reply(200, ["alice"]), "bad_response"),
        (json_reply(200, {"errorcode": 500, "message": "No index"}), "server"),
        (json_reply(200, {"errorcode": 401, "message": "java.util.ConcurrentModificationException"}), "server"),
    ],
)
@pytest.mark.parametrize("options", [{}, {"ping": True}], ids=["session", "ping"])
def test_a_server_that_can_not_be_asked_is_a_failure(reply: HttpResponse, reason: str, options: dict[str, Any]) -> None:
    with scripted_server(reply) as server:
        assert fail(OPERATION, retries=0, **options, **at(server.url)).reason == reason


def test_a_server_that_does_not_answer_is_a_failure() -> None:
    with scripted_server(stay_silent) as server:
        assert fail(OPERATION, timeout=0.2, **at(server.url)).reason == "timeout"


def test_what_is_asked_is_repeated() -> None:
    with scripted_server(html_reply(503), ALICE) as server:
        assert run(OPERATION, **at(server.url))["groups"] == ["Editors"]


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        ({}, ("alice", None, None)),
        ({"username": "Alice", "groups": [], "authorities": [TOKEN]}, ("Alice", [], ["********"])),
    ],
)
def test_what_the_server_tells_comes_first(answer: dict[str, Any], known: tuple[Any, ...]) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        result = run(OPERATION, **at(server.url, username="alice"))
    assert (result["username"], result["groups"], result["authorities"]) == known


@pytest.mark.parametrize(
    ("expires_at", "shown", "seconds"),
    [("2020-01-02T03:04:05Z", "2020-01-02T03:04:05Z", 0), (None, None, None), ("tomorrow", None, None)],
)
def test_an_expiry_that_is_past_or_unknown(expires_at: str | None, shown: str | None, seconds: int | None) -> None:
    with scripted_server(ALICE) as server:
        result = run(OPERATION, **at(server.url, expires_at=expires_at))
    assert (result["expires_at"], result["expires_in"]) == (shown, seconds)


def test_an_expiry_in_a_day() -> None:
    tomorrow = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 86_400))
    with scripted_server(ALICE) as server:
        result = run(OPERATION, **at(server.url, expires_at=tomorrow))
    assert result["expires_at"] == tomorrow
    assert 86_000 < result["expires_in"] <= 86_400


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (PING, "available"),
        (PING | {"available": False, "state": "starting"}, "not available"),
    ],
)
def test_what_a_ping_tells(answer: dict[str, Any], state: str) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        result = run(OPERATION, ping=True, server_url=server.url)
    assert result["msg"] == f"The server {server.url} is {state}."
    assert (result["available"], result["state"]) == (answer["available"], answer["state"])


def test_a_ping_that_no_elvis_answers_is_no_matter_to_a_session() -> None:
    with scripted_server(ALICE, html_reply(404)) as server:
        result = run(OPERATION, server_url=server.url, auth_token=TOKEN)
    assert [request.path for request in server.requests] == ["/services/profile", "/services/ping"]
    assert (result["alive"], result["username"], result["server_version"]) == (True, "alice", None)


def test_a_ping_in_the_clear_is_told_of() -> None:
    with scripted_server(json_reply(200, PING)) as proxy:
        result = run(OPERATION, server_url="http://dam.example.com", ping=True, proxy=proxy.url)
    assert result["warnings"] == [
        "http://dam.example.com is not https: anybody on the way can read and change what is sent and what is answered."
    ]


def test_a_ping_that_no_elvis_answers() -> None:
    with scripted_server(json_reply(200, {"available": "yes"})) as server:
        assert fail(OPERATION, ping=True, server_url=server.url).reason == "bad_response"


# --- Bad input


@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Neither session nor auth_token is given"),
        ({"auth_token": TOKEN}, "auth_token needs the server"),
        ({"ping": True}, "ping needs a server"),
        ({"ping": True, "session": {}}, "ping needs a server"),
        ({"ping": True, "server_url": "dam.example.com"}, "server_url must start with"),
        ({"ping": True, "server_url": "https://dam.example.com", "timeout": 0}, "timeout must be more than 0"),
        ({"session": {"auth_method": "bearer", "auth_token": TOKEN}}, "The session has no server_url"),
    ],
)
def test_bad_input(check_mode: bool, options: dict[str, Any], message: str) -> None:
    error = fail(OPERATION, check_mode=check_mode, **options)
    assert message in error.message
    assert error.reason == "bad_request"
