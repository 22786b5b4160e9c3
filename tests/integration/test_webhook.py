# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook in real playbooks: a check says what is done then, a second run does nothing, and its secret goes on."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.integration.support import Ansible, Run
from tests.support.emulator import Emulator, start_emulator

pytestmark = pytest.mark.same_everywhere

TASKS = """
- damops.elvis.elvis_login:
    username: admin
    password: changemenow
  register: elvis
  check_mode: false
- block:
    - damops.elvis.elvis_webhook:
        session: "{{ elvis.session }}"
        name: eda
        url: http://127.0.0.1:9/elvis
        event_types: [asset_create, asset_update_metadata]
        metadata_to_return: [id, assetPath, status]
        folders: [/Zone/Inbox]
        enabled: false
      register: made
    - damops.elvis.elvis_webhook:
        session: "{{ elvis.session }}"
        name: gone
        state: absent
      register: gone
    - damops.elvis.elvis_webhook:
        session: "{{ elvis.session }}"
        name: eda
        enabled: false
      register: same
      when: not ansible_check_mode
    - damops.elvis.elvis_webhook:
        session: "{{ elvis.session }}"
        name: in the background
        state: absent
      async: 60
      poll: 1
      register: background
      when: not ansible_check_mode and damops_elvis_execution == "target"
    - damops.elvis.elvis_webhook:
        session: "{{ elvis.session }}"
        name: in the background
      async: 60
      poll: 1
      register: shown
      ignore_errors: true
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session }}"
      check_mode: false
"""


class Runs(NamedTuple):
    """What came of a check, of the real run after it, and of a second one."""

    check: Run
    real: Run
    again: Run
    writes: list[list[str]]


@pytest.fixture(scope="module")
def runs(ansible: Ansible) -> Runs:
    writes = []
    with start_emulator() as server:

        def play(*arguments: str) -> Run:
            run = ansible.play_at(server, TASKS, *arguments)
            called = [f"{request['method']} {request['path']}" for request in server.requests()]
            writes.append([call for call in called if "webhook" in call and not call.startswith("GET")])
            return run

        return Runs(play("--check", "--diff"), play("--diff"), play(), writes)


def test_a_check_says_what_is_done_then_and_writes_nothing(runs: Runs) -> None:
    check, real = runs.check.results["made"], runs.real.results["made"]
    assert (check["changed"], check["changes"]) == (real["changed"], real["changes"])
    assert real["changed"] is True
    assert "http://127.0.0.1:9/elvis" in runs.check.stdout
    assert check["webhook"]["id"] is None
    assert [len(writes) for writes in runs.writes] == [0, 2, 0]


def test_a_second_run_does_nothing(runs: Runs) -> None:
    real, again = runs.real.results["made"], runs.again.results["made"]
    assert (again["changed"], again["webhook"]) == (False, real["webhook"])
    assert again["webhook"]["enabled"] is False
    for result in (runs.real.results["same"], again):
        assert result["webhook"]["secret_token"] == real["webhook"]["secret_token"]
    assert runs.again.results["gone"]["changed"] is False


def test_the_secret_is_not_shown(runs: Runs, ansible: Ansible) -> None:
    secret = runs.real.results["made"]["webhook"]["secret_token"]
    assert secret
    assert secret not in runs.real.output + runs.again.output
    shown = [run.results["shown"] for run in runs[:3]]
    if shown[0]["msg"] == "check mode and async cannot be used on same task.":
        # So ansible-core 2.16 says, of any module.
        shown.pop(0)
    for result in shown:
        assert result["reason"] == "bad_request"
        assert "no_log: true" in result["msg"]
    if ansible.execution == "target":
        assert runs.real.results["background"]["changed"] is False


def test_nothing_is_left_open(installed: Ansible, server: Emulator) -> None:
    """Who is no superuser is told what it takes."""
    login = "- damops.elvis.elvis_login: {server_url: '{{ url }}', username: alice, password: wonderland}\n"
    task = "- damops.elvis.elvis_webhook: {session: '{{ elvis.session }}', name: eda}\n  ignore_errors: true\n"
    run = installed.play(
        f"{login}  register: elvis\n{task}  register: refused\n"
        "- damops.elvis.elvis_logout: {session: '{{ elvis.session }}'}\n",
        vars={"url": server.url},
    )
    assert run.results["refused"]["reason"] == "forbidden"
    assert "superuser" in run.results["refused"]["msg"]
    assert server.sessions() == []
