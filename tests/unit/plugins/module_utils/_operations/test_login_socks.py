# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way that leads through a SOCKS proxy, in time as any other."""

from __future__ import annotations

import socketserver
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils import _http
from ansible_collections.damops.elvis.plugins.module_utils._operations import login
from tests.support.answers import TOKEN, bearer_grant
from tests.support.certificates import Certificates, serving
from tests.support.operations import fail, run
from tests.support.scripted import ScriptedServer, scripted_server
from tests.support.serving import serving as listening
from tests.support.socks import PASSWORD, USER, Socks, start_socks

HOST = "dam.example.com"
WHO: dict[str, Any] = {"username": "alice", "password": "wonderland", "retries": 0}
USER_INFO = f"{USER.decode()}:{PASSWORD.decode()}@"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    certificates = Certificates(tmp_path_factory.mktemp("socks"))
    certificates.issue("server.pem", HOST)
    return certificates


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, made: Certificates) -> Iterator[ScriptedServer]:
    tls = serving(made.path("server.pem")) if request.param == "https" else None
    with scripted_server(bearer_grant(), tls=tls) as server:
        yield server


def address(server: ScriptedServer) -> str:
    scheme, _slashes, place = server.url.partition("://")
    return f"{scheme}://{HOST}:{place.rpartition(':')[2]}"


@pytest.mark.parametrize("by_environment", [False, True])
@pytest.mark.parametrize("has_login", [False, True])
def test_the_way_is_taken(
    server: ScriptedServer,
    made: Certificates,
    monkeypatch: pytest.MonkeyPatch,
    by_environment: bool,
    has_login: bool,
) -> None:
    with start_socks(login=has_login) as proxy:
        url = f"socks5h://{USER_INFO if has_login else ''}127.0.0.1:{proxy.port}"
        if by_environment:
            monkeypatch.setenv("ALL_PROXY", url)
        given: dict[str, Any] = {} if by_environment else {"proxy": url}
        result = run(login.OPERATION, server_url=address(server), ca_path=made.path("ca.pem"), **WHO, **given)

    assert result["session"]["auth_token"] == TOKEN
    assert proxy.asked_for == [HOST]
    assert len(server.requests) == 1


def test_a_name_may_be_resolved_here() -> None:
    with scripted_server(bearer_grant()) as server, start_socks() as proxy:
        run(login.OPERATION, server_url=server.url, proxy=f"socks5://127.0.0.1:{proxy.port}", **WHO)

    assert proxy.asked_for == ["127.0.0.1"]


@contextmanager
def start_something_else() -> Iterator[Socks]:
    class HangUp(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            self.request.recv(1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), HangUp) as listener, listening(listener):
        yield Socks(listener.server_address[1])


FAILURES: Mapping[str, tuple[AbstractContextManager[Socks], str, str]] = {
    "wrong login": (
        start_socks(login=True),
        "wrong:password@",
        "asks for a user and a password, or refuses those it got",
    ),
    "no login": (start_socks(login=True), "", "asks for a user and a password, or refuses those it got"),
    "refused": (start_socks(), "", "found no way to the server: connection refused"),
    "no SOCKS": (start_something_else(), "", "the proxy hung up, or is not a SOCKS proxy"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_a_proxy_says(name: str) -> None:
    running, user_info, words = FAILURES[name]
    with running as proxy:
        port = proxy.port
        error = fail(
            login.OPERATION, server_url=f"http://{HOST}:9", proxy=f"socks5h://{user_info}127.0.0.1:{port}", **WHO
        )

    assert error.reason == "proxy"
    assert words in error.message
    assert f"The proxy is 127.0.0.1:{port}, from the option proxy." in error.message
    assert "may have" not in error.message


def test_nobody_listens() -> None:
    error = fail(login.OPERATION, server_url=f"http://{HOST}", proxy="socks5h://127.0.0.1:9", **WHO)

    assert error.reason == "proxy"
    assert "no connection to the proxy: connection refused" in error.message


@pytest.mark.parametrize("seconds_a_byte", [0.15, 5])
def test_a_slow_proxy_can_not_stretch_a_call(seconds_a_byte: float) -> None:
    """Each of its bytes comes in time, and all of them do not."""
    with scripted_server(bearer_grant()) as server, start_socks(seconds_a_byte=seconds_a_byte) as proxy:
        start = time.monotonic()
        url = f"socks5h://127.0.0.1:{proxy.port}"
        error = fail(login.OPERATION, server_url=server.url, proxy=url, **{**WHO, "timeout": 0.4})
        took = time.monotonic() - start

    assert error.reason == "timeout"
    assert took < 1.5
    assert server.requests == []


def test_without_pysocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, f"{_http.__name__}.socks", raising=False)
    monkeypatch.delattr(_http, "socks", raising=False)
    monkeypatch.setitem(sys.modules, "socks", None)
    error = fail(login.OPERATION, server_url=f"http://{HOST}", proxy="socks5h://127.0.0.1:9", **WHO)

    assert error.reason == "missing_library"
    assert "a SOCKS proxy needs the Python library PySocks" in error.message
