# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers as processes of their own, and a client for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from http.cookiejar import DefaultCookiePolicy

import pytest
import requests

from emulator.tests.client import Client, Start
from emulator.tests.running import Emulator, start_emulator


@contextmanager
def using(starting: AbstractContextManager[Emulator]) -> Iterator[Client]:
    """Run a server, with a client that adds nothing of its own: no proxy, no .netrc, no cookies."""
    with starting as server, requests.Session() as http:
        http.trust_env = False
        http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        yield Client(server, http)


@pytest.fixture(scope="session")
def shared() -> Iterator[Client]:
    """One server for all tests that don't mind the others' traces."""
    with using(start_emulator()) as client:
        yield client


@pytest.fixture(scope="session")
def strict() -> Iterator[Client]:
    """The same with real statuses."""
    with using(start_emulator("--errors", "status")) as client:
        yield client


@pytest.fixture
def start() -> Iterator[Start]:
    """Start servers with options of one's own."""
    with ExitStack() as started:
        yield lambda *arguments: started.enter_context(using(start_emulator(*arguments)))
