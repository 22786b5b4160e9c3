# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the survey of Elvis: request asks to call: a path that can't be right is refused before the login."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.awx.jobs import Job, Order, run
from tests.integration.support import Ansible
from tests.support.emulator import ROOT, Emulator, start_emulator

TAKEN = ""
ELSEWHERE = "path must name something on the session's own server, http://127.0.0.1:"
SEGMENT = "path has an empty, '.' or '..' segment. Give a path such as services/search."
ROWS = [
    # Blank, or with another slash at an end: taken.
    ("", TAKEN),
    ("   ", TAKEN),
    ("services/ping", TAKEN),
    (" /services/ping ", TAKEN),
    ("services/ping/", TAKEN),
    # Slashes alone, or too many.
    ("/", "path is empty. Give a path such as services/search."),
    ("//", ELSEWHERE),
    ("services//ping", SEGMENT),
    ("services/ping//", SEGMENT),
    # Another server.
    ("https://dam.example.com/services/ping", ELSEWHERE),
    ("HTTPS://dam.example.com", ELSEWHERE),
    ("//dam.example.com/services/ping", ELSEWHERE),
    ("ftp://127.0.0.1/services/ping", ELSEWHERE),
    ("http:services/ping", ELSEWHERE),
    # Above the address, a query, or no path at all.
    ("../services/ping", SEGMENT),
    ("services/search?q=cover", "path must not have a query: use the option query."),
    ("services/ping#top", "path must not have a fragment."),
    ("services\\ping", "path has a control character or a backslash."),
    ("100%", "path has a % that does not begin an escape."),
    ("services/login", "services/login can't be called here: use damops.elvis.elvis_login."),
]
"""Each path as it is typed, and what the job says of it."""


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def job(installed: Ansible, server: Emulator) -> Job:
    """One job that does all that the playbook does after its first play, for each path."""
    _checks, play = yaml.safe_load((ROOT / "examples/awx/request.yml").read_text(encoding="utf-8"))
    tasks: list[dict[str, Any]] = [
        {
            "block": play["tasks"],
            "rescue": [{"name": str(number), "ansible.builtin.debug": {"msg": "{{ ansible_failed_result.msg }}"}}],
            "vars": {"elvis_path": f"{{{{ typed{number} }}}}"},
        }
        for number in range(len(ROWS))
    ]
    answers = {f"typed{number}": typed for number, (typed, _sentence) in enumerate(ROWS)}
    own = {"vars_files": [str(ROOT / "playbooks/vars/answers.yml")], "tasks": tasks}
    inputs = {"server_url": server.url, "username": "alice", "password": "wonderland"}
    return run(installed, Order({**play, **own}, inputs, answers))


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: ROWS[number][0])
def test_a_path(number: int, job: Job) -> None:
    sentence = ROWS[number][1]
    said = [
        str(event["event_data"]["res"]["msg"])
        for event in job.events
        if event["event"] == "runner_on_ok" and event["event_data"]["task"] == str(number)
    ]

    assert len(said) == (sentence != TAKEN), (said, job.output)
    assert all(sentence in message for message in said), said


def test_only_a_call_that_can_be_made_logs_in(job: Job, server: Emulator) -> None:
    asked = [str(request["path"]).strip("/") for request in server.requests()]

    assert job.status == "successful", job.output
    taken = sum(sentence == TAKEN for _typed, sentence in ROWS)
    assert {path: asked.count(path) for path in set(asked)} == dict.fromkeys(
        ["services/apilogin", "services/ping", "services/logout"], taken
    )
    assert server.sessions() == []
