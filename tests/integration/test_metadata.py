# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders, reports and metadata in real playbooks: a check says what is done then, and a second run does nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.support import Ansible, ThreeRuns
from tests.support.assets import logged_in
from tests.support.emulator import Emulator, start_emulator

pytestmark = pytest.mark.same_everywhere

TASKS = """
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
  register: elvis
  check_mode: false
- block:
    - damops.elvis.elvis_folder:
        session: "{{ elvis.session }}"
        path: [/Zone/New, /Zone/Old]
      register: folders
    - damops.elvis.elvis_folder:
        session: "{{ elvis.session }}"
        path: [/Zone/Gone]
        state: absent
        recursive: true
      register: gone
    - damops.elvis.elvis_asset_info:
        session: "{{ elvis.session }}"
        query: 'ancestorPaths:"/Zone/Old"'
        fields: [assetPath, status, tags]
        sort: name-desc
      register: info
    - damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        src: "{{ src }}"
        list_fields: [keywords]
      register: rows
    - damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        query: 'ancestorPaths:"/Zone/Old"'
        max_change: 100
        metadata: {credit: Carol, tags: ["+z"]}
        report: "{{ folder }}/report.jsonl"
      register: all_of_them
    - damops.elvis.elvis_asset_info:
        session: "{{ elvis.session }}"
        query: 'ancestorPaths:"/Zone/Old"'
        fields: [id, headline, tags, status, assetCreated]
        dest: "{{ folder }}/report.csv"
      register: report
    - damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        src: "{{ folder }}/report.csv"
      register: round_trip
      when: not ansible_check_mode
    - damops.elvis.elvis_asset_info:
        session: "{{ elvis.session }}"
        query: 'ancestorPaths:"/Zone/Old"'
        fields: [id, headline, tags, status, assetCreated]
        dest: "{{ folder }}/report.xlsx"
        timezone: Europe/Berlin
      register: workbook
    - damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        src: "{{ folder }}/report.xlsx"
        timezone: Europe/Berlin
      register: workbook_trip
      when: not ansible_check_mode
    - damops.elvis.elvis_metadata:
        session: "{{ elvis.session }}"
        assets: [{path: /Zone/Old/a.jpg, metadata: {credit: Carol}}]
      async: 60
      poll: 1
      register: background
      when: not ansible_check_mode and damops_elvis_execution == "target"
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session }}"
      check_mode: false
"""
ROWS = 'path;headline;keywords;status\n/Zone/Old/a.jpg;\'-5;"x; y";\n/Zone/Old/b.jpg;"two\nlines";;New\n'


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def runs(ansible: Ansible, server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ThreeRuns]:
    folder = tmp_path_factory.mktemp("files")
    src = folder / "rows.csv"
    src.write_text(ROWS, encoding="utf-8", newline="")
    with logged_in(server) as dam:
        for name in "ab":
            # The task warns of a column that no asset has had a value for.
            known = {"keywords": ["k"]} if name == "a" else {}
            dam.create(f"/Zone/Old/{name}.jpg", status="New", tags=["x"], headline="old", **known)
        dam.create("/Zone/Gone/c.jpg")
        yield ansible.check_run_and_repeat(dam, TASKS, src=str(src), folder=str(folder))


def test_a_check_writes_nothing(runs: ThreeRuns) -> None:
    assert runs.writes[0] == []


@pytest.mark.parametrize("task", ["folders", "gone", "rows", "all_of_them"])
def test_a_check_says_what_is_done_then(runs: ThreeRuns, task: str) -> None:
    check, real = (dict(run.results[task]) for run in (runs.check, runs.real))
    for result in (check, real):
        for name in ("msg", "seconds", *(["diff"] if task == "all_of_them" else [])):
            # What the rows set is there by then.
            result.pop(name, None)
    assert check["changed"] is True
    assert check == real


def test_a_second_run_does_nothing(runs: ThreeRuns) -> None:
    changed = {name for name, result in runs.again.results.items() if result.get("changed")}
    assert changed == {"elvis"}
    assert runs.writes[2] == []


def test_what_is_there_then(runs: ThreeRuns) -> None:
    found = runs.dam.metadata('ancestorPaths:"/Zone"')
    fields = ("headline", "keywords", "tags", "status", "credit")
    assert {path: [metadata.get(name) for name in fields] for path, metadata in found.items()} == {
        "/Zone/Old/a.jpg": ["-5", ["x", "y"], ["x", "z"], "New", "Carol"],
        "/Zone/Old/b.jpg": ["two\nlines", None, ["x", "z"], "New", "Carol"],
    }


def test_what_is_returned(runs: ThreeRuns) -> None:
    info = runs.check.results["info"]
    assert info["assets"] == [
        {"assetPath": f"/Zone/Old/{name}.jpg", "status": "New", "tags": ["x"]} for name in ("b", "a")
    ]
    assert info["total"] == 2
    rows = runs.real.results["rows"]
    assert [entry["fields"] for entry in rows["updated"]] == [["headline", "keywords"], ["headline"]]
    assert rows["failures"] == rows["left_out"] == []


def test_a_diff_shows_the_values(runs: ThreeRuns) -> None:
    for run in (runs.check, runs.real):
        assert '-    "headline": "old"' in run.stdout
        assert '+    "headline": "two\\nlines"' in run.stdout
        assert '"state": "present"' in run.stdout


@pytest.mark.parametrize(("report", "trip"), [("report", "round_trip"), ("workbook", "workbook_trip")])
def test_a_report_changes_nothing(runs: ThreeRuns, report: str, trip: str) -> None:
    assert runs.real.results[report]["changed"] is True
    round_trip = runs.real.results[trip]
    assert (round_trip["changed"], round_trip["counts"]["unchanged"]) == (False, 2)


def test_in_the_background(runs: ThreeRuns) -> None:
    result = runs.real.results["background"]
    if not result.get("skipped"):
        assert (result["changed"], bool(result["finished"]), result["counts"]["unchanged"]) == (False, True, 1)


def test_the_report_of_the_task(runs: ThreeRuns) -> None:
    path = Path(runs.real.results["report"]["dest"]).with_name("report.jsonl")
    assert path.read_text(encoding="utf-8").count('"outcome"') == 2


@pytest.mark.same_everywhere
def test_a_simulated_session(ansible: Ansible) -> None:
    tasks = """
- damops.elvis.elvis_login: {username: alice, password: wonderland}
  register: elvis
- damops.elvis.elvis_folder: {session: "{{ elvis.session }}", path: [/Zone/New]}
  register: folder
- damops.elvis.elvis_asset_info: {session: "{{ elvis.session }}", query: "checkedOutBy:*"}
  register: info
- damops.elvis.elvis_metadata: {session: "{{ elvis.session }}", query: "*:*", max_change: 100, metadata: {status: New}}
  register: metadata
"""
    defaults = {"group/damops.elvis.elvis": {"server_url": "http://127.0.0.1:9"}}
    run = ansible.play(tasks, "--check", module_defaults=defaults, may_warn=True)
    assert run.returncode == 0, run.output
    expected = {"folder": True, "info": False, "metadata": True}
    assert {name: run.results[name]["changed"] for name in expected} == expected
    assert all(run.results[name]["simulated"] for name in expected)
    assert run.results["metadata"]["updated"] == run.results["info"]["assets"] == run.results["folder"]["folders"] == []
