# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relations and collections in real playbooks: a check says what is done then, and a second run does nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.support import Ansible, ThreeRuns, foreknown
from tests.support.assets import Dam, logged_in
from tests.support.emulator import Emulator, start_emulator
from tests.support.relations import related

pytestmark = pytest.mark.same_everywhere

TASKS = """
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
  register: elvis
  check_mode: false
- block:
    - damops.elvis.elvis_relation:
        session: "{{ elvis.session }}"
        relations:
          - {type: references, from: /Zone/page.indd, to: /Zone/a.jpg}
          - {type: referenced-by, from: "{{ b }}", to: /Zone/page.indd}
          - {type: related, from: /Zone/a.jpg, to: /Zone/b.jpg}
      register: made
    - damops.elvis.elvis_relation:
        session: "{{ elvis.session }}"
        relations: [{type: duplicate, from: /Zone/c.jpg, to: /Zone/a.jpg}]
        state: absent
      register: gone
    - damops.elvis.elvis_relation:
        session: "{{ elvis.session }}"
        relations: [{type: contains, from: /Zone/c.jpg, to: /Zone/b.jpg}]
      register: in_the_way
      ignore_errors: true
    - damops.elvis.elvis_collection:
        session: "{{ elvis.session }}"
        path: /Zone/box.collection
        query: extension:jpg
        metadata: {description: pictures}
      register: box
    - damops.elvis.elvis_collection:
        session: "{{ elvis.session }}"
        path: /Zone/old.collection
        paths: [/Zone/a.jpg, /Zone/page.indd]
        members_state: pure
      register: pure
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session }}"
      check_mode: false
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def runs(ansible: Ansible, server: Emulator) -> Iterator[ThreeRuns]:
    with logged_in(server) as dam:
        ids = {name: dam.create(f"/Zone/{name}") for name in ("page.indd", "a.jpg", "b.jpg", "c.jpg")}
        for type_, other in (("duplicate", "a.jpg"), ("variation", "b.jpg")):
            dam.post("createRelation", relationType=type_, target1Id=ids["c.jpg"], target2Id=ids[other])
        old = dam.create("/Zone/old.collection", None)
        for name in ("a.jpg", "b.jpg"):
            dam.post("createRelation", relationType="contains", target1Id=old, target2Id=ids[name])
        yield ansible.check_run_and_repeat(dam, TASKS, b=ids["b.jpg"])


def related_in(dam: Dam, ids: dict[str, str]) -> dict[str, list[str]]:
    return {
        "references": related(dam, ids["/Zone/page.indd"], "references"),
        "related": related(dam, ids["/Zone/a.jpg"], "related"),
        "variation": related(dam, ids["/Zone/c.jpg"], "variation"),
        "box": related(dam, ids["/Zone/box.collection"], "contains"),
        "old": related(dam, ids["/Zone/old.collection"], "contains"),
    }


@pytest.mark.parametrize("task", ["made", "gone", "in_the_way", "box", "pure"])
def test_a_check_says_what_is_done_then(runs: ThreeRuns, task: str) -> None:
    check, real = (foreknown(run.results[task]) for run in (runs.check, runs.real))
    if task == "box":
        # A check does not know the id of what is made then.
        assert check["collection"].pop("id") is None
        assert real["collection"].pop("id")
    assert check == real
    assert check["changed"] is (task != "in_the_way")


def test_a_check_writes_nothing_and_a_second_run_neither(runs: ThreeRuns) -> None:
    assert [len(writes) for writes in runs.writes] == [0, 10, 0]
    assert {name for name, result in runs.again.results.items() if result.get("changed")} == {"elvis"}


def test_what_is_there_then(runs: ThreeRuns) -> None:
    assert related_in(runs.dam, runs.dam.ids()) == {
        "references": ["/Zone/a.jpg", "/Zone/b.jpg"],
        "related": ["/Zone/b.jpg"],
        "variation": ["/Zone/b.jpg"],
        "box": ["/Zone/a.jpg", "/Zone/b.jpg", "/Zone/c.jpg"],
        "old": ["/Zone/a.jpg", "/Zone/page.indd"],
    }


def test_the_conflict_names_the_relation(runs: ThreeRuns) -> None:
    result = runs.real.results["in_the_way"]
    assert (result["reason"], result["counts"]["failed"]) == ("conflict", 1)
    assert "they have the relation variation already" in result["msg"]


def test_a_diff_shows_each_relation(runs: ThreeRuns) -> None:
    for run in (runs.check, runs.real):
        assert "/Zone/page.indd references /Zone/a.jpg" in run.stdout
        assert '+    "state": "present"' in run.stdout
