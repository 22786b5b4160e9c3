# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of rulebooks share: the program, the collection, and a certificate for the receiver."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator

import pytest

from tests.eda.listener import Listener, Station
from tests.integration.support import install_collection
from tests.support.assets import Dam
from tests.support.certificates import Certificates
from tests.support.emulator import Emulator, start_emulator
from tools import rulebook
from tools.collection import CACHE
from tools.programs import Skipped


@pytest.fixture(scope="session")
def station(tmp_path_factory: pytest.TempPathFactory) -> Station:
    """All that it takes to start a rulebook."""
    try:
        program = rulebook.program()
    except Skipped as reason:
        pytest.skip(str(reason))
    certificates = Certificates(tmp_path_factory.mktemp("certificates"))
    certificate, key = certificates.issue_apart("receiver", "localhost")
    return Station(
        program,
        install_collection(tmp_path_factory.mktemp("collection")),
        tmp_path_factory.mktemp("rulebook"),
        certificate,
        key,
        certificates.path("ca.pem"),
    )


@pytest.fixture
def server(station: Station, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Emulator]:
    """An emulated server, which trusts the receiver. Its options are the test's parameter."""
    monkeypatch.setenv("SSL_CERT_FILE", station.ca)
    with start_emulator(*getattr(request, "param", ())) as emulator:
        yield emulator


@pytest.fixture
def dam(server: Emulator) -> Iterator[Dam]:
    """A user who is not the playbooks' one."""
    dam = Dam(server, "api", "api")
    yield dam
    dam.leave()


@pytest.fixture
def listener(station: Station, server: Emulator) -> Iterator[Listener]:
    """The example's rulebook, not started yet."""
    listener = Listener(station, server)
    # Two engines at a time are more than a small machine bears.
    with (CACHE / "eda.lock").open("w", encoding="utf-8") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        yield listener
        listener.stop()
