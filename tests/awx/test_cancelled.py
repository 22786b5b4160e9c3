# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job that is cancelled leaves no session, where the guard is switched on and no container dies around it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from io import FileIO
from pathlib import Path

import pytest

from tests.awx.jobs import GUARDED, Order, started
from tests.integration.guarded import GATE, LOGIN, SECONDS_TO_CLOSE, SECONDS_TO_START, eventually, left_open, play
from tests.integration.support import Ansible
from tests.support.emulator import Emulator, start_emulator


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.mark.parametrize(("name", "environment", "left"), [("guarded", GUARDED, 0), ("not guarded", {}, 1)])
def test_a_cancelled_job(
    name: str, environment: Mapping[str, str], left: int, installed: Ansible, server: Emulator, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    variables = {"url": server.url, "label": name, "gate": str(gate)}
    order = Order(play(LOGIN, GATE), variables=variables, environment=environment)
    # Both ends in one, or this would wait for the task.
    with FileIO(gate, "r+"), started(installed, order) as job:
        reached = Path(f"{gate}-reached")
        assert eventually(reached.exists, SECONDS_TO_START)
        assert left_open(server, name) == 1

        job.cancel()
        job.end()

        assert job.status == "canceled"
        assert eventually(lambda: left_open(server, name) == left, SECONDS_TO_CLOSE)
