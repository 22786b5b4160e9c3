# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging out through /logout, as a browser does: the redirect is reported and never followed."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.integration.support import Ansible, Result
from tests.support.emulator import start_emulator
from tests.support.scripted import HttpResponse, html_reply, json_reply, raw_reply, scripted_server

pytestmark = pytest.mark.same_everywhere

ELSEWHERE = "https://intranet.example.com/goodbye?from=dam&why=done#top"


@dataclass(frozen=True)
class Row:
    """Options of a logout, and where it redirects to; ROOT stands for the server's host and port."""

    options: dict[str, Any]
    redirect_url: str
    is_gone: bool = False


ROWS = {
    "landing_page": Row({}, "ROOT/app/install"),
    "relative": Row({"logout_success_url": "/goodbye.html?done=yes"}, "ROOT/goodbye.html?done=yes"),
    "relative_without_slash": Row({"logout_success_url": "goodbye.html"}, "ROOT/app/goodbye.html"),
    "other_server": Row({"logout_success_url": ELSEWHERE}, ELSEWHERE),
    "post": Row({"http_method": "POST", "logout_success_url": ELSEWHERE}, ELSEWHERE),
    "verify": Row({"verify": True}, "ROOT/app/install"),
    "gone": Row({}, "ROOT/app/install", is_gone=True),
}
CASES = {
    f"{auth_method}_{name}": (auth_method, row) for auth_method in ("bearer", "cookie") for name, row in ROWS.items()
}


@dataclass(frozen=True)
class Outcome:
    """What the logouts returned, and what the server saw of them, in the order of the cases."""

    url: str
    results: dict[str, Result]
    requests: list[dict[str, Any]]
    sessions: list[dict[str, Any]]


@pytest.fixture(scope="module")
def logouts(ansible: Ansible) -> Outcome:
    with start_emulator("--prefix", "/app") as server:
        login = {"server_url": server.url, "username": "alice", "password": "wonderland"}
        logins = {name: login | {"auth_method": auth_method} for name, (auth_method, _dummy) in CASES.items()}
        sessions = {name: result["session"] for name, result in ansible.table("elvis_login", logins).results.items()}
        rows = {
            name: {"session": made_up(sessions[name]) if row.is_gone else sessions[name], "mode": "redirect"}
            | row.options
            for name, (_dummy, row) in CASES.items()
        }
        server.forget_requests()
        results = ansible.table("elvis_logout", rows).results
        return Outcome(server.url, results, server.requests(), server.sessions())


def made_up(session: dict[str, Any]) -> dict[str, Any]:
    """Return the session with a token that the server does not know."""
    return session | {"auth_token": "gone"} | ({"cookie": "authToken=gone"} if session["cookie"] else {})


@pytest.mark.parametrize("name", CASES)
def test_result(name: str, logouts: Outcome) -> None:
    _dummy, row = CASES[name]
    result = logouts.results[name]
    root = urlsplit(logouts.url)._replace(path="").geturl()

    assert not result["failed"], result
    assert result["redirect_url"] == row.redirect_url.replace("ROOT", root)
    assert result["redirect_status"] == 302
    assert (result["changed"], result["was_logged_in"]) == (not row.is_gone, not row.is_gone)
    assert result["logout_success"] is (None if row.is_gone else True)


def test_requests(logouts: Outcome) -> None:
    """Whether there is a session is asked before, as /logout answers the same in both cases; nothing is followed."""
    expected: list[tuple[object, ...]] = []
    for auth_method, row in CASES.values():
        carrier = "bearer" if auth_method == "bearer" else "cookie"
        search: tuple[object, ...] = ("GET", "/app/services/search", ["q", "num"], [], carrier)
        method = row.options.get("http_method", "GET")
        names = ["logoutSuccessUrl"] if "logout_success_url" in row.options else []
        query, form = (names, []) if method == "GET" else ([], names)
        expected += [search, (method, "/app/logout", query, form, carrier)]
        expected += [search] if row.options.get("verify") else []

    keys = ("method", "path", "query", "form", "carrier")
    assert [tuple(request[key] for key in keys) for request in logouts.requests] == expected


def test_ends_the_sessions(logouts: Outcome) -> None:
    """Only those are left whose tokens were not shown."""
    assert len(logouts.sessions) == sum(row.is_gone for _dummy, row in CASES.values())


ALIVE = json_reply(200, {"totalHits": 0, "hits": []})
REDIRECT = raw_reply(302, Location="/install")
FAILURES: dict[str, tuple[list[HttpResponse], str, str]] = {
    "page": ([ALIVE, html_reply(200)], "bad_response", "HTML page"),
    "redirect_to_nowhere": ([ALIVE, raw_reply(302)], "bad_response", "redirect"),
    "error": ([ALIVE, json_reply(200, {"errorcode": 500, "message": "Broken"})], "server", "Broken"),
    "no_answer_before": ([html_reply(200)], "bad_response", "HTML page"),
    "still_alive": ([ALIVE, REDIRECT, ALIVE], "server", "still alive"),
}


def test_a_session_in_doubt_is_a_failure(ansible: Ansible) -> None:
    with ExitStack() as running:
        servers = {
            name: running.enter_context(scripted_server(*replies)) for name, (replies, *_rest) in FAILURES.items()
        }
        rows = {
            name: {"server_url": server.url, "auth_token": "token", "mode": "redirect", "verify": True}
            for name, server in servers.items()
        }
        results = ansible.table("elvis_logout", rows).results

    for name, (replies, reason, words) in FAILURES.items():
        assert (results[name]["failed"], results[name]["reason"]) == (True, reason), results[name]
        assert words in results[name]["msg"]
        assert len(servers[name].requests) == len(replies)
