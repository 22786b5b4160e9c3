# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ctrl-C while many assets are moved: the work and the session end, and the next run does the rest."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_bulk import OPERATION
from tests.integration.guarded import LOGIN, SECONDS_TO_CLOSE, SECONDS_TO_START, eventually, play, started
from tests.integration.support import EXECUTIONS, Ansible
from tests.support.assets import Dam
from tests.support.emulator import Emulator, start_emulator
from tests.support.operations import result_of

pytestmark = pytest.mark.same_everywhere

NUMBER = 300
OPTIONS = {"query": 'ancestorPaths:"/Zone/in"', "folder": "/Zone/out", "max_change": NUMBER}
MOVE = {"damops.elvis.elvis_asset_bulk": {"session": "{{ elvis.session }}", **OPTIONS}}


def moves(server: Emulator) -> int:
    """Return how many assets the server has moved."""
    return sum(call["path"] == "/services/move" and call["errorcode"] is None for call in server.requests())


@pytest.mark.parametrize("execution", EXECUTIONS)
def test_ctrl_c_while_assets_are_moved(installed: Ansible, tmp_path: Path, execution: str) -> None:
    (tmp_path / "Zone/in").mkdir(parents=True)
    for number in range(NUMBER):
        (tmp_path / f"Zone/in/{number}.txt").write_text(str(number), encoding="utf-8")
    ansible = replace(installed, execution=execution)
    with start_emulator("--latency", "20", "--load", str(tmp_path)) as server:
        with started(ansible, play(LOGIN, MOVE), url=server.url, label="") as running:
            assert eventually(lambda: moves(server) >= 10, SECONDS_TO_START), running.end().output

            running.kill(signal.SIGINT)

            run = running.end()
        assert eventually(lambda: server.sessions() == [], SECONDS_TO_CLOSE)
        assert run.returncode != 0
        assert "User interrupted execution" in run.output
        assert "Traceback" not in run.output
        assert "session_guard: logged out the session of alice" in run.stderr
        # A module on the target goes on until it is done, or its session is over.
        assert 10 <= moves(server) <= (NUMBER - 1 if execution == "controller" else NUMBER)

        done, dam = moves(server), Dam(server)
        counts = result_of(OPERATION, session=dam.session, **OPTIONS)["counts"]
        assert (counts["updated"], counts["failed"], moves(server)) == (NUMBER - done, 0, NUMBER)
        assert len(dam.metadata('ancestorPaths:"/Zone/out"')) == NUMBER
