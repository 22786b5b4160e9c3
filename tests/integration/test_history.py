# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Histories in real playbooks, in both places of execution: two users, a search that lags, a check, a second run."""

from __future__ import annotations

import csv
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support import Ansible
from tests.support.assets import Dam, logged_in
from tests.support.emulator import Emulator, start_emulator

pytestmark = pytest.mark.same_everywhere

TASKS = """
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
  register: elvis
  check_mode: false
- block:
    - damops.elvis.elvis_history_info:
        session: "{{ elvis.session }}"
        ids: "{{ ids }}"
        actions: [METADATA_UPDATE]
        users: [Admin]
        since: 1h
      register: listed
    - damops.elvis.elvis_history_info:
        session: "{{ elvis.session }}"
        ids: "{{ ids }}"
        actions: [METADATA_UPDATE, REMOVE]
        users: [alice, admin]
        dest: "{{ folder }}/history.csv"
      register: written
    - damops.elvis.elvis_history_info:
        session: "{{ elvis.session }}"
        path: /Zone/new.jpg
      register: searched
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session }}"
      check_mode: false
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator("--index-delay", "600000") as emulator:
        yield emulator


def test_a_check_a_run_and_a_second_one(ansible: Ansible, server: Emulator, tmp_path: Path) -> None:
    dest = tmp_path / "history.csv"
    with logged_in(server) as dam:
        ids = [dam.create("/Zone/new.jpg", None), dam.create("/Zone/removed.jpg", None)]
        admin = Dam(server, "admin", "changemenow")
        for asset_id in ids:
            admin.post("update", id=asset_id, metadata='{"status": "Final"}')
        admin.leave()
        dam.post("remove", ids=ids[1])

        def play(*arguments: str) -> dict[str, Any]:
            done = ansible.play_at(server, TASKS, *arguments, vars={"folder": str(tmp_path), "ids": ids})
            assert done.returncode == 0, done.output
            return done.results

        check = play("--check")
        assert (check["written"]["changed"], dest.exists()) == (True, False)
        real, again = play(), play("--check")

    changed = [(event["user"], event["id"], event["field"], event["after"]) for event in real["listed"]["events"]]
    assert changed == [("admin", asset_id, "status", "Final") for asset_id in ids]
    assert check["listed"]["events"] == real["listed"]["events"]
    assert (real["written"]["changed"], again["written"]["changed"]) == (True, False)
    assert check["written"]["checksum"] == real["written"]["checksum"]
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    with dest.open(encoding="utf-8", newline="") as file:
        rows = [(row["user"], row["action"], row["id"]) for row in csv.DictReader(file)]
    updates = [("admin", "METADATA_UPDATE", asset_id) for asset_id in ids]
    assert rows == [*updates, ("alice", "REMOVE", ids[1])]
    # A search knows nothing of it yet; the server itself does.
    assert (real["searched"]["missing"], real["searched"]["events"]) == (["/Zone/new.jpg"], [])
