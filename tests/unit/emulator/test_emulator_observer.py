# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second face: what the server saw."""

from __future__ import annotations

import socket

import requests

FORM = {"username": "alice", "password": "wonderland"}


def test_sessions_are_listed_without_a_token_and_ended(start):
    emulator = start()
    bearer = emulator.bearer(clientId="c1")
    emulator.cookie()
    sessions = emulator.observe("sessions")
    assert [(s["user"], s["method"], s["clientId"], s["clientType"]) for s in sessions] == [
        ("alice", "bearer", "c1", "API"),
        ("alice", "session", "", "WEB"),
    ]
    assert bearer["Authorization"].split()[1] not in str(sessions)
    assert all(s["created"] <= s["lastUsed"] for s in sessions)
    assert emulator.observe("sessions", "DELETE") == {"ended": 2}
    assert emulator.observe("sessions") == []
    assert emulator.get("/services/search", headers=bearer).json()["errorcode"] == 401


def test_requests_are_logged_by_name_only(start):
    emulator = start("--prefix", "/app", "--errors", "status")
    emulator.post("/services/apilogin", params={"uid": "1"}, data=FORM)
    emulator.get("/services/search", headers={"Cookie": "authToken=x"})
    emulator.post("/services/logout", headers={"Authorization": "Bearer x"}, files={"Filedata": b"x"})
    log = emulator.observe("requests")
    picked = [[entry[name] for name in ("method", "path", "query", "form", "carrier", "status")] for entry in log]
    assert picked == [
        ["POST", "/app/services/apilogin", ["uid"], ["username", "password"], None, 200],
        ["GET", "/app/services/search", [], [], "cookie", 401],
        ["POST", "/app/services/logout", [], ["Filedata"], "bearer", 401],
    ]
    assert "Content-Type" in log[0]["headers"]
    assert "wonderland" not in str(log)
    assert emulator.observe("requests", "DELETE") == {"removed": 3}
    assert emulator.observe("requests") == []


def test_connections_are_counted_without_the_observers(start):
    emulator = start()

    def accepted():
        return emulator.observe("connections")["accepted"]

    assert accepted() == 0
    emulator.get("/services/ping"), emulator.get("/services/ping")
    assert accepted() == 1
    requests.get(f"{emulator.base}/services/ping", timeout=10)
    assert accepted() == 2
    with requests.Session() as mixed:
        # The observer first: counted as soon as it is used for something else, and only once.
        mixed.get(f"{emulator.base}/_emulator/requests")
        assert accepted() == 2
        mixed.get(f"{emulator.base}/services/ping")
        assert accepted() == 3
        assert mixed.get(f"{emulator.base}/_emulator/connections").json() == {"accepted": 3}
    # A client first: asking the observer later does not take it back.
    assert emulator.get("/_emulator/connections").json() == {"accepted": 3}
    with socket.create_connection(emulator.address):
        emulator.get("/services/ping")
        assert accepted() == 4


def test_unknown_pages_and_methods_are_refused(shared):
    assert shared.observe("nothing")["errorcode"] == 404
    assert shared.observe("requests", "POST")["errorcode"] == 405
