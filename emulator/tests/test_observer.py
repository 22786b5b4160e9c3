# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second face: what the server saw."""

from __future__ import annotations

import time

import requests

from emulator.tests.client import Client, Start

FORM = {"username": "alice", "password": "wonderland"}


def test_sessions_are_listed_without_a_token_and_ended(start: Start) -> None:
    client = start()
    bearer = client.bearer(clientId="c1")
    client.cookie()
    sessions = client.server.sessions()
    assert [(s["user"], s["method"], s["clientId"], s["clientType"]) for s in sessions] == [
        ("alice", "bearer", "c1", "API"),
        ("alice", "cookie", "", "WEB"),
    ]
    assert bearer["Authorization"].split()[1] not in str(sessions)
    assert all(s["created"] <= s["lastUsed"] for s in sessions)
    assert client.request("DELETE", "/_emulator/sessions").json() == {"ended": 2}
    assert client.server.sessions() == []
    assert client.get("/services/search", headers=bearer).json()["errorcode"] == 401


def test_requests_are_logged_by_name_only(start: Start) -> None:
    client = start("--prefix", "/app")
    client.post("/services/apilogin", params={"uid": "1"}, data=FORM)
    client.get("/services/search", headers={"Cookie": "authToken=x"})
    client.post("/services/logout", headers={"Authorization": "Bearer x"}, files={"Filedata": b"x"})
    log = client.server.requests()
    picked = [
        [entry[name] for name in ("method", "path", "query", "form", "carrier", "status", "errorcode")] for entry in log
    ]
    assert picked == [
        ["POST", "/app/services/apilogin", ["uid"], ["username", "password"], None, 200, None],
        ["GET", "/app/services/search", [], [], "cookie", 200, 401],
        ["POST", "/app/services/logout", [], ["Filedata"], "bearer", 200, 401],
    ]
    assert "Content-Type" in log[0]["headers"]
    assert "wonderland" not in str(log)
    assert [entry["user"] for entry in log] == ["", "", ""]
    client.server.forget_requests()
    assert client.server.requests() == []


def test_a_request_has_its_time_and_the_user_of_its_session(start: Start) -> None:
    client = start()
    before = int(time.time() * 1000)
    token = client.post("/services/apilogin", data=FORM).json()["authToken"]
    with requests.Session() as one_connection:
        one_connection.post(f"{client.server.url}/services/profile", headers={"Authorization": f"Bearer {token}"})
        one_connection.post(f"{client.server.url}/services/profile", headers={"Authorization": "Bearer x"})
    log = client.server.requests()
    assert [entry["user"] for entry in log] == ["", "alice", ""]
    times = [before, *(entry["time"] for entry in log), int(time.time() * 1000)]
    assert times == sorted(times)


def test_connections_are_counted_without_the_observers(start: Start) -> None:
    client = start()
    assert client.server.connections() == 0
    client.get("/services/ping"), client.get("/services/ping")
    assert client.server.connections() == 1
    client.raw("GET /services/ping HTTP/1.1\nHost: x\nConnection: close")
    assert client.server.connections() == 2
    with requests.Session() as mixed:
        mixed.trust_env = False
        # The observer first: counted as soon as it is used for something else, and only once.
        mixed.get(f"{client.server.url}/_emulator/requests")
        assert client.server.connections() == 2
        mixed.get(f"{client.server.url}/services/ping")
        assert client.server.connections() == 3
        assert mixed.get(f"{client.server.url}/_emulator/connections").json() == {"accepted": 3}
    # A client first: asking the observer later does not take it back.
    assert client.get("/_emulator/connections").json() == {"accepted": 3}
    with client.open_connection():
        client.get("/services/ping")
        assert client.server.connections() == 4


def test_unknown_pages_and_methods_are_refused(shared: Client) -> None:
    assert shared.get("/_emulator/nothing").json()["errorcode"] == 404
    assert shared.post("/_emulator/requests").json()["errorcode"] == 405
