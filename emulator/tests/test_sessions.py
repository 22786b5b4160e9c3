# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: carriers, CSRF tokens, both ways out, time."""

from __future__ import annotations

import time

import pytest
import requests

from elvis_emulator.users.sessions import SeatsExhaustedError, Session, Sessions
from emulator.tests.client import Client, Start


def code(reply: requests.Response) -> object:
    return reply.json().get("errorcode") if isinstance(reply.json(), dict) else None


def test_bearer_needs_no_csrf_token(shared: Client) -> None:
    header = shared.bearer()
    assert shared.post("/services/profile", headers=header).json()["username"] == "alice"
    assert shared.get("/services/search?q=x", headers=header).json()["totalHits"] >= 0
    assert shared.post("/services/logout", headers=header).json() == {"logoutSuccess": True}
    assert code(shared.post("/services/profile", headers=header)) == 401
    assert code(shared.post("/services/logout", headers=header)) == 401


def test_api_token_works_as_a_cookie_without_csrf_token(shared: Client) -> None:
    token = shared.bearer()["Authorization"].split()[1]
    cookie = {"Cookie": f"authToken={token}"}
    assert shared.post("/services/profile", headers=cookie).json()["username"] == "alice"
    assert shared.post("/services/logout", headers=cookie).json() == {"logoutSuccess": True}


def test_login_token_works_as_a_bearer(shared: Client) -> None:
    cookie = shared.cookie()
    header = {"Authorization": "Bearer " + cookie["Cookie"].partition("=")[2]}
    assert shared.post("/services/profile", headers=header).json()["username"] == "alice"


@pytest.mark.parametrize(
    "path",
    [
        *(["profile", "create", "update", "updatebulk", "remove", "copy", "move", "createFolder", "logout"]),
        *(["checkout/x", "undocheckout/x", "process/info", "process/cancel"]),
    ],
)
def test_cookie_needs_the_csrf_token_where_documented(shared: Client, path: str) -> None:
    both = shared.cookie_and_csrf()
    cookie = {"Cookie": both["Cookie"]}
    path = f"/services/{path}"
    assert code(shared.post(path, headers=cookie)) == 403
    assert code(shared.post(path, headers=cookie | {"X-CSRF-TOKEN": "wr\u00f6ng".encode("latin-1")})) == 403
    assert shared.post(path, headers=both).json().get("errorname") != "InvalidCsrfTokenException"


@pytest.mark.parametrize("path", ["/services/search?q=x", "/services/browse?path=/"])
def test_reading_needs_no_csrf_token(shared: Client, path: str) -> None:
    cookie = shared.cookie()
    assert code(shared.get(path, headers=cookie)) is None
    assert code(shared.post(path, headers=cookie)) is None


def test_csrf_error_is_selectable(start: Start, strict: Client) -> None:
    for client, status in ((strict, 403), (start("--csrf-error", "401", "--errors", "status"), 401)):
        cookie = client.cookie()
        reply = client.post("/services/logout", headers=cookie)
        assert (reply.status_code, code(reply)) == (status, status)
        assert reply.json()["errorname"] == "InvalidCsrfTokenException"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("target", "location"),
    [
        ("/bye", "/bye"),
        ("https://other.example/a?b=c&d=%20", "https://other.example/a?b=c&d=%20"),
        ("/x\r\nSet-Cookie: a=b", "/x%0D%0ASet-Cookie:%20a=b"),
        (None, "/install"),
    ],
)
def test_redirect_logout(shared: Client, method: str, target: str | None, location: str) -> None:
    cookie = shared.cookie()
    for headers in (cookie, {}):
        reply = shared.request(
            method,
            "/logout",
            params={"logoutSuccessUrl": target},
            headers=headers,
            allow_redirects=False,
        )
        assert (reply.status_code, reply.headers["Location"]) == (302, location)
    assert code(shared.get("/services/search", headers=cookie)) == 401


def test_alive_needs_a_session(shared: Client) -> None:
    assert shared.get("/alive.txt", params={"uid": "1"}).status_code == 401
    reply = shared.get("/alive.txt", headers=shared.bearer())
    assert (reply.status_code, reply.headers["Content-Type"].split(";")[0]) == (200, "text/plain")


def test_ping_and_metrics_need_none(shared: Client) -> None:
    ping = shared.get("/services/ping").json()
    assert (ping["state"], ping["available"], ping["server"]) == ("running", True, "Elvis")
    assert shared.get("/services/system/metrics").json()


def test_active_users_are_for_the_superuser(shared: Client) -> None:
    path = "/private-api/system/active-users"
    assert shared.get(path).status_code == 401
    assert shared.get(path, headers=shared.bearer()).status_code == 403
    users = shared.get(path, headers=shared.bearer("admin:changemenow")).json()
    assert "admin" in [user["username"] for user in users]


def test_superuser_is_an_option(start: Start) -> None:
    client = start("--superuser", "alice")
    assert client.get("/private-api/system/active-users", headers=client.bearer()).status_code == 200


@pytest.mark.parametrize("option", ["--idle-timeout", "--token-lifetime"])
def test_session_ends_by_itself(start: Start, option: str) -> None:
    client = start(option, "0.2")
    header = client.bearer()
    deadline = time.monotonic() + 30
    while client.server.sessions():
        assert time.monotonic() < deadline
    assert code(client.get("/services/search", headers=header)) == 401


class TestTime:
    """With a clock of its own, to the second."""

    @pytest.fixture
    def clock(self) -> list[float]:
        return [1000.0]

    @pytest.fixture
    def sessions(self, clock: list[float]) -> Sessions:
        return Sessions(idle_timeout=30, token_lifetime=100, seats=1, clock=lambda: clock[0])

    def open(self, sessions: Sessions) -> Session:
        return sessions.open("alice", "bearer", "API", "", {})

    def test_use_keeps_alive_until_the_token_expires(self, sessions: Sessions, clock: list[float]) -> None:
        token = self.open(sessions).token
        for now in (1024, 1048, 1072, 1096):
            clock[0] = now
            assert sessions.use(token)
        clock[0] += 4
        assert sessions.use(token) is None

    def test_idle_session_frees_its_seat(self, sessions: Sessions, clock: list[float]) -> None:
        token = self.open(sessions).token
        clock[0] += 29
        with pytest.raises(SeatsExhaustedError):
            self.open(sessions)
        clock[0] += 1
        assert self.open(sessions).token != token
        assert sessions.use(token) is None
