# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headers of a task's own reach the session's server with every request, and nobody else."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION as LOGOUT
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION as REQUEST
from ansible_collections.damops.elvis.plugins.module_utils._operations.session_info import OPERATION as SESSION_INFO
from ansible_collections.damops.elvis.plugins.module_utils._task.connection import read_connection
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.client import Opening
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.closing import end
from tests.support.answers import ALIVE, ENDED, GONE, TOKEN, bearer_grant, cookie_grant
from tests.support.certificates import Certificates, serving
from tests.support.operations import BEARER, COOKIE, fail, run
from tests.support.proxy import start_proxy
from tests.support.scripted import ScriptedServer, json_reply, raw_reply, scripted_server

KEY = "a-key-of-the-gateway"
HEADERS = {"X-Api-Key": KEY}
ALICE: dict[str, Any] = {"username": "alice", "password": "wonderland"}
PAGE = json_reply(200, {"totalHits": 1, "hits": [{"id": "a"}]})
PROFILE = json_reply(200, {"username": "alice"})
REDIRECT = raw_reply(302, Location="https://elsewhere.example.com/")


def keys(server: ScriptedServer) -> list[str | None]:
    return [request.headers["X-Api-Key"] for request in server.requests]


CALLS: dict[str, tuple[tuple[bytes, ...], Callable[[str, dict[str, Any]], object]]] = {
    "login with the profile": (
        (bearer_grant(), PROFILE),
        lambda url, more: run(LOGIN, server_url=url, return_profile=True, **ALICE, **more),
    ),
    "login that is given back": (
        (json_reply(200, {"loginSuccess": 1, "authToken": TOKEN}), ENDED),
        lambda url, more: fail(LOGIN, server_url=url, **ALICE, **more),
    ),
    "logout": ((ENDED, GONE), lambda url, more: run(LOGOUT, session=at(url), verify=True, **more)),
    "logout with a redirect": (
        (ALIVE, REDIRECT),
        lambda url, more: run(LOGOUT, session=at(url), mode="redirect", **more),
    ),
    "paging": (
        (
            json_reply(200, {"totalHits": 2, "hits": [{"id": "b"}]}),
            json_reply(200, {"totalHits": 2, "hits": [{"id": "a"}]}),
        ),
        lambda url, more: run(
            REQUEST, session=at(url), path="services/search", query={"num": 1}, paginate=True, **more
        ),
    ),
    "further tries": (
        (raw_reply(503), PAGE),
        lambda url, more: run(REQUEST, session=at(url), path="services/search", **more),
    ),
    "session info": ((PROFILE,), lambda url, more: run(SESSION_INFO, session=at(url, server_version="6"), **more)),
    "ping": (
        (json_reply(200, {"available": True}),),
        lambda url, more: run(SESSION_INFO, server_url=url, ping=True, **more),
    ),
}


def at(url: str, **more: Any) -> dict[str, Any]:
    return BEARER | {"server_url": url} | more


@pytest.mark.parametrize("call", CALLS)
def test_they_go_with_every_request(call: str) -> None:
    replies, make = CALLS[call]
    with scripted_server(*replies) as server:
        make(server.url, {"extra_headers": HEADERS})
    assert keys(server) == [KEY] * len(replies)


def test_the_environment_holds_them_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELVIS_EXTRA_HEADERS", json.dumps(HEADERS))
    with scripted_server(bearer_grant()) as server:
        run(LOGIN, server_url=server.url, **ALICE)
        run(LOGIN, server_url=server.url, extra_headers={"X-Other": "one-of-the-task"}, **ALICE)
        monkeypatch.setenv("ELVIS_EXTRA_HEADERS", "")
        run(LOGIN, server_url=server.url, **ALICE)
    assert keys(server) == [KEY, None, None]


def test_an_authorization_is_for_cookie_sessions() -> None:
    basic = {"Authorization": "Basic dXNlcjpwYXNz"}
    with scripted_server(cookie_grant(), PAGE, PAGE) as server:
        for refused in (
            fail(LOGIN, server_url=server.url, extra_headers=basic, **ALICE),
            fail(REQUEST, session=at(server.url), path="services/search", extra_headers=basic),
            fail(LOGOUT, session=at(server.url), extra_headers=basic),
        ):
            assert "ELVIS_EXTRA_HEADERS, has Authorization: with auth_method: bearer it has" in refused.message
        assert server.requests == []
        run(LOGIN, server_url=server.url, auth_method="cookie", extra_headers=basic, **ALICE)
        run(REQUEST, session=COOKIE | {"server_url": server.url}, path="services/search", extra_headers=basic)
    assert {request.headers["Authorization"] for request in server.requests} == {"Basic dXNlcjpwYXNz"}


def test_what_a_server_echoes_of_them_is_masked() -> None:
    refusal = json_reply(200, {"errorcode": 403, "message": f"no such key: {KEY}"})
    with scripted_server(refusal, json_reply(200, {"echo": KEY})) as server:
        error = fail(REQUEST, session=at(server.url), path="services/search", extra_headers=HEADERS)
        result = run(REQUEST, session=at(server.url), path="services/search", extra_headers=HEADERS)
    assert "no such key: ********" in error.message
    assert result["body"] == {"echo": "********"}


def test_the_guard_sends_them_too() -> None:
    with scripted_server(ENDED) as server:
        session = Session(server.url, "bearer", TOKEN, username="alice")
        options = {"validate_certs": True, "timeout": 5, "retries": 0, "http_agent": "x", "extra_headers": HEADERS}
        connection = read_connection({**dict.fromkeys(("ca_path", "client_cert", "client_key", "proxy")), **options})
        record = json.dumps(Opening(session.as_option(), dataclasses.asdict(connection), "", keep=False)._asdict())
        outcome = end(json.loads(record))
    assert (outcome and outcome.problem, keys(server)) == ("", [KEY])


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    made = Certificates(tmp_path)
    made.issue("server.pem", "dam.example.com")
    return made


def test_a_proxy_that_passes_tls_on_does_not_get_them(certificates: Certificates, tmp_path: Path) -> None:
    context = serving(certificates.path("server.pem"))
    with scripted_server(bearer_grant(), tls=context) as server, start_proxy(tmp_path / "seen") as proxy:
        url = server.url.replace("127.0.0.1", "dam.example.com")
        way: dict[str, Any] = {"proxy": proxy.url(), "ca_path": certificates.path("ca.pem")}
        run(LOGIN, server_url=url, extra_headers=HEADERS, **way, **ALICE)
        (connect,) = proxy.take_requests()
    assert connect["method"] == "CONNECT"
    assert "x-api-key" not in connect["headers"]
    assert keys(server) == [KEY]
