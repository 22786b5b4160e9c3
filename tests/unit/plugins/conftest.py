# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every test of the plugins needs: an environment without surprises, and nothing left open."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._elvis import client
from ansible_collections.damops.elvis.plugins.module_utils._http import transport
from tests.support.assets import Dam, logged_in
from tests.support.emulator import SERVERS, Emulator, shared_emulator

SPEAKS_TO_US = (
    "ELVIS_",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing that the person who runs the tests has set has a say."""
    for name in os.environ:
        if name.upper().startswith(SPEAKS_TO_US):
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """A further try comes at once, and a look-up gives up as soon as a test says."""
    monkeypatch.setattr(client, "FIRST_PAUSE", 0)
    monkeypatch.setattr(index_lag, "longest_lag", lambda _client: index_lag.INDEX_LAG)


@pytest.fixture(autouse=True)
def close_connections() -> Iterator[None]:
    """What a task's process keeps open until it ends."""
    yield
    while transport._kept.transports:
        transport._kept.transports.popitem()[1].close()


@pytest.fixture
def resolve_slowly(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let each name take so many seconds until it resolves."""
    resolve = socket.getaddrinfo

    def take(seconds: float) -> None:
        def resolve_later(*arguments: Any, **options: Any) -> Any:
            threading.Event().wait(seconds)
            return resolve(*arguments, **options)

        monkeypatch.setattr(socket, "getaddrinfo", resolve_later)

    return take


@pytest.fixture(scope="session", params=SERVERS.values(), ids=list(SERVERS))
def running_emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with shared_emulator(*request.param) as emulator:
        yield emulator


@pytest.fixture
def elvis(running_emulator: Emulator) -> Emulator:
    """Each of the servers in turn, without a trace of what was before."""
    running_emulator.end_sessions()
    running_emulator.forget_requests()
    return running_emulator


@pytest.fixture(scope="session")
def one_elvis() -> Iterator[Emulator]:
    """One server, for what doesn't depend on how it is set up."""
    with shared_emulator(*SERVERS["errors hidden, below a prefix"]) as emulator:
        yield emulator


@pytest.fixture
def dam(one_elvis: Emulator) -> Iterator[Dam]:
    """A user of a server that has no assets."""
    with logged_in(one_elvis) as dam:
        yield dam


@pytest.fixture
def src(tmp_path: Path) -> Path:
    """A folder with nothing in it."""
    folder = tmp_path / "src"
    folder.mkdir()
    return folder
