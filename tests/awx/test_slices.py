# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One inventory of many machines, in slices that run side by side, takes no more seats than slices times forks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.awx.jobs import Order, run, slices
from tests.integration.support import Ansible
from tests.support.emulator import start_emulator

MACHINES = [f"machine{number:03}" for number in range(1, 61)]
SLICES = 3
FORKS = 4


def test_slices_side_by_side(installed: Ansible) -> None:
    dealt = slices(MACHINES, SLICES)
    with start_emulator("--seats", str(SLICES * FORKS)) as server, ThreadPoolExecutor(SLICES) as pool:
        orders = [
            Order(
                "examples/awx/fleet.yml",
                {"server_url": server.url, "username": "api", "password": "api"},
                hosts={name: {} for name in names},
                forks=FORKS,
            )
            for names in dealt
        ]
        jobs = list(pool.map(lambda order: run(installed, order), orders))

        assert [job.status for job in jobs] == ["successful"] * SLICES, jobs[0].output
        assert "machine001 has sent this many assets: 0" in jobs[0].output
        assert server.sessions() == []
        asked = [request["path"] for request in server.requests()]
    assert sorted(name for names in dealt for name in names) == MACHINES
    for path in ("/services/apilogin", "/services/search", "/services/logout"):
        assert asked.count(path) == len(MACHINES)


def test_a_fleet_of_folders_is_a_session_a_slice(installed: Ansible) -> None:
    folders = {"details": {}, "people": {"folder": "portraits"}}
    with start_emulator("--seats", str(len(folders))) as server, ThreadPoolExecutor(len(folders)) as pool:
        orders = [
            Order(
                "examples/fleet/import.yml",
                {"server_url": server.url, "username": "api", "password": "api"},
                hosts={name: folders[name] for name in names},
                forks=FORKS,
            )
            for names in slices(list(folders), len(folders))
        ]
        jobs = list(pool.map(lambda order: run(installed, order), orders))

        assert [job.status for job in jobs] == ["successful"] * len(folders), jobs[0].output
        for job, folder in zip(jobs, ("details", "portraits"), strict=True):
            assert f"/Demo Zone/Fleet/{folder} at {server.url}: 1 created." in job.last_lines
        assert server.sessions() == []
        asked = [request["path"].rpartition("/")[2] for request in server.requests()]
    assert (asked.count("apilogin"), asked.count("create"), asked.count("logout")) == (2, 2, 2)


def test_says_that_there_is_no_machine(installed: Ansible) -> None:
    job = run(installed, Order("examples/awx/fleet.yml", {"server_url": "http://127.0.0.1:9"}, hosts={}))
    assert job.status == "failed"
    assert "The inventory has no machine" in job.output
