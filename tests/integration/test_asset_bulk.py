# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets and folders moved, given back and removed in playbooks: a check tells the truth, a second run does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.support import Ansible, ThreeRuns, foreknown
from tests.support.assets import Dam, logged_in
from tests.support.emulator import Emulator, start_emulator

pytestmark = pytest.mark.same_everywhere

TASKS = """
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
  register: elvis
  check_mode: false
- module_defaults:
    group/damops.elvis.elvis:
      session: "{{ elvis.session }}"
  block:
    - damops.elvis.elvis_asset_bulk:
        query: status:Old
        folder: /Zone/Archive
        layout: tree
        base: /Zone/In
      register: moved
      ignore_errors: true
    - damops.elvis.elvis_asset_bulk:
        paths: /Zone/held.jpg
        undo_check_out: true
        checked_out_before: 0s
      register: given_back
    - damops.elvis.elvis_asset_bulk:
        query: status:Draft
        except_query: relatedTo:{{ box }} relationTarget:child relationType:contains
        state: absent
      register: removed
    - damops.elvis.elvis_asset_bulk:
        query: status:New
        max_change: 2
        state: absent
      register: too_many
      ignore_errors: true
    - damops.elvis.elvis_folder:
        path: /Zone/Names/Renamed
        moved_from: /Zone/New
      register: renamed
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session }}"
      check_mode: false
"""
RESULTS = ("moved", "given_back", "removed", "too_many")


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def runs(ansible: Ansible, server: Emulator) -> Iterator[ThreeRuns]:
    with logged_in(server) as dam:
        for name in ("1/a", "2/a", "2/b"):
            dam.create(f"/Zone/In/{name}.jpg", status="Old")
        Dam(server, "api", "api").post(f"checkout/{dam.ids()['/Zone/In/2/b.jpg']}")
        dam.post(f"checkout/{dam.create('/Zone/held.jpg')}")
        box = dam.create("/Zone/box.collection", None)
        for name in ("kept", "gone"):
            draft = dam.create(f"/Zone/{name}.jpg", status="Draft")
            if name == "kept":
                dam.post("createRelation", relationType="contains", target1Id=box, target2Id=draft)
        for number in range(3):
            dam.create(f"/Zone/New/{number}.jpg", status="New")
        yield ansible.check_run_and_repeat(dam, TASKS, box=box)


@pytest.mark.parametrize("task", [*RESULTS, "renamed"])
def test_a_check_says_what_is_done_then(runs: ThreeRuns, task: str) -> None:
    check, real = (foreknown(run.results[task]) for run in (runs.check, runs.real))
    assert check == real
    assert check["changed"] is (task != "too_many")


def test_what_is_done(runs: ThreeRuns) -> None:
    counts = {name: {kind: n for kind, n in runs.real.results[name]["counts"].items() if n} for name in RESULTS}
    assert counts == {
        "moved": {"updated": 2, "failed": 1},
        "given_back": {"updated": 1},
        "removed": {"removed": 1},
        "too_many": {},
    }
    (failure,) = runs.real.results["moved"]["failures"]
    assert (failure["path"], failure["reason"]) == ("/Zone/In/2/b.jpg", "conflict")
    assert "3 assets would be removed, and max_change is 2" in runs.real.results["too_many"]["msg"]
    assert sorted(runs.dam.ids()) == [
        "/Zone/Archive/1/a.jpg",
        "/Zone/Archive/2/a.jpg",
        "/Zone/In/2/b.jpg",
        *(f"/Zone/Names/Renamed/{number}.jpg" for number in range(3)),
        *(f"/Zone/{name}" for name in ("box.collection", "held.jpg", "kept.jpg")),
    ]


def test_a_check_writes_nothing_and_a_second_run_neither(runs: ThreeRuns) -> None:
    # Folders and two moves, a check-out, a removal, a folder that is made and one that is moved.
    assert [len(writes) for writes in runs.writes] == [0, 7, 0]
    assert {name for name, result in runs.again.results.items() if result.get("changed")} == {"elvis"}


def test_a_diff_shows_each_asset(runs: ThreeRuns) -> None:
    for run in (runs.check, runs.real):
        assert "--- before: /Zone/gone.jpg" in run.stdout
        assert '-    "state": "present"' in run.stdout
