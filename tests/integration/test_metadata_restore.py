# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A wrong query damages hundreds of assets while somebody works, on a server whose searches lag: it is taken back.

What the task says is compared, field by field, with the states before the damage and before the task.
"""

from __future__ import annotations

import json
import re
import shlex
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support import Ansible
from tests.support.assets import Dam, logged_in
from tests.support.emulator import ROOT, Emulator, start_emulator

COUNT = 240
LAG = 0.5
FIELDS = ("status", "rating", "cf_date", "description", "headline", "credit", "tags")
OLD, NEW = "1999-01-01T00:00:00.007Z", "2500-01-01T00:00:00Z"
TASKS = """
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
  register: elvis
  check_mode: false
- block:
    - damops.elvis.elvis_metadata_restore: &damage
        session: "{{ elvis.session }}"
        query: "ancestorPaths:{{ zone | damops.elvis.query_term }}"
        users: ["{{ users }}"]
        since: "{{ since }}"
        until: "{{ end }}"
        max_change: 1000
        index_wait: 5
        report: "{{ report }}"
        plan_dest: "{{ plan if ansible_check_mode else omit }}"
        plan: "{{ plan if digest and not ansible_check_mode else omit }}"
        plan_digest: "{{ digest if digest and not ansible_check_mode else omit }}"
      register: first
    - damops.elvis.elvis_metadata_restore: *damage
      register: again
      when: is_twice
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session }}"
      check_mode: false
"""

State = dict[tuple[str, str], Any]
"""The value of each field, by the id of its asset and its name."""


@pytest.fixture(scope="module")
def lagging() -> Iterator[Emulator]:
    with start_emulator("--index-delay", str(int(1000 * LAG))) as emulator:
        yield emulator


def state(dam: Dam, zone: str) -> State:
    """Return what there is, once a search knows it."""
    time.sleep(LAG)
    hits = dam.post("search", q=f'ancestorPaths:"{zone}"', num=1000, metadataToReturn="all")["hits"]
    assert len(hits) == COUNT
    return {(hit["id"], name): hit["metadata"].get(name) for hit in hits for name in FIELDS}


def fill(dam: Dam, zone: str) -> list[str]:
    ids = []
    for number in range(COUNT):
        values: dict[str, Any] = {"status": f"Status {number % 7}", "rating": number % 5, "cf_date": OLD}
        values |= {"description": f"one\r\ntwo, {number}", "credit": "-5 °C"}
        if number % 12 == 0:
            values["tags"] = ["a", f"b{number}"]
        if number % 20 == 0:
            values["status"] = "Wrong"
        ids.append(dam.create(f"{zone}/{number:03}.txt", None, **values))
    # So that the form of a field that is emptied everywhere can be seen.
    dam.create(f"/Other{zone}/a.txt", None, description="text")
    return ids


def damage(admin: Dam, alice: Dam, zone: str, ids: list[str]) -> None:
    """Change all assets by a wrong query, twice, and some in between."""
    query = f'ancestorPaths:"{zone}"'
    admin.post("updatebulk", q=query, status="Wrong", rating=5, cf_date=NEW, description="", tags="wrong")
    time.sleep(0.002)
    for asset_id in ids[101:110]:
        alice.post("update", id=asset_id, metadata=json.dumps({"status": "In between"}))
    time.sleep(0.002)
    admin.post("updatebulk", q=query, status="Wrong again", headline="Wrong")


def edit(alice: Dam, ids: list[str]) -> None:
    """Work on with some assets; one of them gets its old value back."""
    for asset_id in ids[50:60]:
        alice.post("update", id=asset_id, metadata=json.dumps({"rating": 9, "headline": "Mine", "tags": "mine"}))
    alice.post("update", id=ids[61], metadata=json.dumps({"status": "Status 5"}))


def moment() -> str:
    time.sleep(0.002)
    return str(int(1000 * time.time()))


def pairs(result: dict[str, Any], *lists: str) -> set[tuple[str, str]]:
    return {(entry["id"], entry["field"]) for name in lists for entry in result[name]}


@pytest.mark.same_everywhere
def test_what_a_wrong_query_did_is_taken_back(ansible: Ansible, lagging: Emulator, tmp_path: Path) -> None:
    zone, report = f"/Zone {ansible.execution}", tmp_path / "report.jsonl"
    with logged_in(lagging) as alice:
        admin = Dam(lagging, "admin", "changemenow")
        ids = fill(alice, zone)
        before = state(alice, zone)
        since = moment()
        damage(admin, alice, zone, ids)
        until = moment()
        admin.leave()
        damaged = {pair for pair, value in state(alice, zone).items() if value != before[pair]}
        edit(alice, ids)
        # The first task begins while no search shows these edits.
        wrong = {"zone": zone, "users": "ADMIN", "since": since, "end": until, "report": str(report), "is_twice": False}
        wrong |= {"plan": str(tmp_path / "plan.jsonl"), "digest": ""}
        check = ansible.play_at(lagging, TASKS, "--check", "--diff", vars=wrong).results["first"]
        present = state(alice, zone)
        began = moment()
        done = ansible.play_at(lagging, TASKS, vars={**wrong, "digest": check["plan"]["digest"], "is_twice": True})
        restored = state(alice, zone)
        lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
        mine = {**wrong, "users": "alice", "since": began, "end": "0s"}
        back = ansible.play_at(lagging, TASKS, vars=mine).results["first"]
        taken_back = state(alice, zone)

    first, again = done.results["first"], done.results["again"]
    counts = first["field_counts"]
    assert (check["field_counts"], len(check["diff"])) == (counts, COUNT)
    assert [result["plan"]["not_approved"] for result in (first, again)] == [0, 0]
    assert sum(counts.values()) == len(damaged)
    assert (counts["failed"], counts["without_history"], counts["unchanged"]) == (0, 0, 1)
    edited = {
        *((asset_id, "status") for asset_id in ids[101:110]),
        *((asset_id, name) for asset_id in ids[50:60] for name in ("rating", "headline", "tags")),
    }
    uncertain = {(ids[number], "tags") for number in range(0, COUNT, 12)}
    assert (pairs(first, "edited_since"), pairs(first, "uncertain")) == (edited, uncertain - edited)
    left = edited | uncertain
    assert restored == {pair: present[pair] if pair in left else value for pair, value in before.items()}
    assert {line["id"] for line in lines} == set(ids)
    assert (again["changed"], again["field_counts"]) == (
        False,
        {**counts, "restored": 0, "unchanged": counts["unchanged"] + counts["restored"]},
    )
    # The histories have a list as one text, so what was set to no value at all can't be set back to that text.
    doubt = {(asset_id, "tags") for asset_id in ids} - left
    doubtful = {"restored": counts["restored"] - len(doubt), "uncertain": len(doubt)}
    assert back["field_counts"] == {**dict.fromkeys(counts, 0), **doubtful}
    assert taken_back == {pair: restored[pair] if pair in doubt else value for pair, value in present.items()}


def commands() -> list[list[str]]:
    """Return the commands of the runbook, in their order."""
    text = (ROOT / "docs/runbooks/wrong_query.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^ *```shell\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.replace("\\\n", " ").splitlines() if line.strip()]


def test_the_runbook(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    env = {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
    with logged_in(server) as dam:
        ids = [dam.create(f"/Demo Zone/Print/{number}.txt", None, status="Final") for number in range(3)]
        admin = Dam(server, "admin", "changemenow")
        admin.post("updatebulk", q='ancestorPaths:"/Demo Zone"', status="New")
        admin.leave()
        dam.post("update", id=ids[0], metadata='{"status": "Mine"}')
        shown = []
        for words in commands():
            assert words[0] == "ansible-playbook"
            arguments = [word.replace("/srv/reports", str(tmp_path)) for word in words[2:]]
            run = installed.playbook(ROOT / words[1], *arguments, env=env)
            assert run.returncode == 0, run.output
            shown.append(run.output)
        found = {metadata["assetPath"]: metadata["status"] for metadata in dam.metadata("*:*").values()}
    assert list(found.values()).count("Final") == 2
    assert list(found.values()).count("Mine") == 1
    assert "admin: 3 assets" in shown[0]
    assert "3 fields changed by mistake: 2 restored, 1 edited since" in shown[1]
    assert "3 fields changed by mistake: 2 unchanged, 1 edited since" in shown[-1]
    assert (tmp_path / "restored.jsonl").exists()
