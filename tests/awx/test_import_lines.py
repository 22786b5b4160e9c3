# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last line of an import: what all its sessions did, and why files were skipped. One job has many imports."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.awx.jobs import Job, Order, run
from tests.integration.support import Ansible
from tests.support.emulator import ROOT

COUNTED = ("created", "updated", "removed", "unchanged", "skipped", "failed")
YOUNG = "younger than 60 s, it may still be arriving"
LINK = "a link that leads outside"
ENDED = "not_logged_in"
OK = ""
Session = dict[str, Any]


def session(reason: str = OK, put_away: int = 0, **counts: int) -> Session:
    """Return what elvis_upload says of one session."""
    result: Session = {
        "counts": dict.fromkeys(COUNTED, 0) | counts,
        "put_away": put_away,
        "msg": "The message of the module.",
        "left_out": [],
        "failures": [],
    }
    return result | ({"reason": reason, "failed": True} if reason else {})


def skipping(*why: str, number: int = 0) -> Session:
    """Return what elvis_upload says when it skips files; its list may have fewer than there are."""
    left_out = [{"path": f"{place}.txt", "why": reason} for place, reason in enumerate(why)]
    return session(skipped=number or len(why)) | {"left_out": left_out}


def four(**last: int) -> list[Session]:
    """Return 600 files in 4 sessions."""
    return [session(ENDED, created=150) for _time in range(3)] + [session(created=150, **last)]


ROWS: list[tuple[str, list[Session], str]] = [
    # The sum. What an earlier session stored is unchanged to the last one.
    ("600 files", four(unchanged=450), "in 4 sessions: 600 created."),
    ("600 files, others were there", four(unchanged=457), "in 4 sessions: 600 created, 7 unchanged."),
    (
        "new and changed files",
        [session(ENDED, created=2, updated=3), session(ENDED, updated=2), session(updated=1, unchanged=9)],
        "in 3 sessions: 2 created, 6 updated, 2 unchanged.",
    ),
    (
        "files that are moved once they are stored",
        [session(ENDED, 5, created=5), session(ENDED, 4, created=4), session(OK, 1, created=1, unchanged=3)],
        "in 3 sessions: 10 created, 3 unchanged, 10 put away.",
    ),
    (
        "a session that did nothing",
        [session(ENDED, created=5), {"reason": ENDED, "failed": True}, session(unchanged=5, created=1)],
        "in 3 sessions: 6 created.",
    ),
    (
        "the last one fails",
        [session(ENDED, created=8), session("storage", created=1, unchanged=8, failed=2)],
        "Outcome in /Demo Zone/Inbox, in 2 sessions: 9 created, 2 failed. Correct the cause, and run this again.",
    ),
    (
        "no session is left",
        [session(ENDED, created=8), session(ENDED, created=1, unchanged=8)],
        "in 2 sessions: 9 created. elvis_rounds allows no further session. Raise it, or run this again.",
    ),
    ("one session", [session(created=3)], "The message of the module."),
    # Why files were skipped: the first three reasons.
    ("1 skipped", [skipping(LINK)], f"module. Skipped: 0.txt: {LINK}."),
    ("3 skipped", [skipping(YOUNG, LINK, YOUNG)], f"Skipped: 0.txt: {YOUNG}; 1.txt: {LINK}; 2.txt: {YOUNG}."),
    ("4 skipped", [skipping(*[LINK] * 4)], f"2.txt: {LINK}; and 1 more."),
    ("5 skipped", [skipping(*[YOUNG] * 5)], f"1.txt: {YOUNG}; 2.txt: {YOUNG}; and 2 more."),
    ("2,000 skipped", [skipping(*[YOUNG] * 4, number=2000)], f"2.txt: {YOUNG}; and 1997 more."),
    (
        "2 skipped by the last of 2 sessions",
        [session(ENDED, created=1), skipping(YOUNG, LINK)],
        f"in 2 sessions: 1 created, 2 skipped. Skipped: 0.txt: {YOUNG}; 1.txt: {LINK}.",
    ),
    ("none", [session()], "The message of the module. There is no file in /srv/inbox."),
]
"""What is tried, what its sessions did, and how the last line ends."""


def tasks_of(path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((ROOT / "playbooks" / path).read_text(encoding="utf-8"))
    return found


COUNT, *_THE_SESSION = tasks_of("tasks/import_round.yml")
IMPORT = tasks_of("import.yml")[-1]
(SHOW,) = IMPORT["tasks"][-1]["always"]
TIME = IMPORT["vars"]["elvis_import_time"]


def done(sessions: list[Session]) -> list[dict[str, Any]]:
    """Return the tasks that leave behind what a playbook with these sessions does."""
    began = {"elvis_import_time": TIME, "elvis_import_began": f"{{{{ now(utc=true).strftime('{TIME}') }}}}"}
    before: dict[str, Any] = {"elvis_import_round": 0, "elvis_import_before": {}, "elvis_import": {}, **began}
    told = [[COUNT, {"ansible.builtin.set_fact": {"elvis_import": one}}] for one in sessions]
    return [{"ansible.builtin.set_fact": before}, *(task for pair in told for task in pair)]


@pytest.fixture(scope="module")
def job(installed: Ansible) -> Job:
    """One job that shows the end of each import."""
    show = {
        "ansible.builtin.include_tasks": str(ROOT / "playbooks/tasks/show_import.yml"),
        "vars": SHOW["vars"],
    }
    ends = [
        {
            "block": [*done(sessions), show],
            "rescue": [{"ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}],
        }
        for _name, sessions, _line in ROWS
    ]
    play = {"hosts": "localhost", "gather_facts": False, "tasks": ends}
    answers = {"elvis_src": "/srv/inbox", "elvis_path": "/Demo Zone/Inbox"}
    return run(installed, Order(play, answers=answers, environment={}))


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[name for name, _sessions, _line in ROWS])
def test_the_last_line(number: int, job: Job) -> None:
    lines = [
        event["event_data"]["res"]["msg"]
        for event in job.events
        if event["event"] == "runner_on_ok" and event["event_data"]["task_action"].endswith("debug")
    ]

    assert len(lines) == len(ROWS), job.output
    # A failure ends with what is the same for all.
    said = lines[number].partition(" What is stored is not sent again.")[0]
    assert said.endswith(ROWS[number][2])
