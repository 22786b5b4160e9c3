# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook that fails leaves no session behind, wherever it fails."""

from __future__ import annotations

from tests.integration.support import LOGIN, Ansible
from tests.support.emulator import Emulator

TASKS = """
- block:
    - damops.elvis.elvis_login:
        server_url: "{{ url }}"
        username: alice
        password: "{{ password }}"
      register: elvis
    - ansible.builtin.fail:
        msg: the work between login and logout went wrong
  rescue:
    - ansible.builtin.fail:
        msg: the server does not want this user
      when: elvis.reason | default('') == 'refused'
      register: rescued
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session | default({}) }}"
      register: logout
"""


def test_a_session_that_became_text_ends_as_well(ansible: Ansible, server: Emulator) -> None:
    logout = {"damops.elvis.elvis_logout": {"session": "{{ elvis.session | to_json }}"}, "register": "logout"}
    run = ansible.play([LOGIN, logout], vars={"url": server.url})
    assert run.returncode == 0, run.output
    assert run.results["logout"]["logout_success"] is True
    assert server.sessions() == []


def test_a_failing_task_leaves_no_session(ansible: Ansible, server: Emulator) -> None:
    run = ansible.play(TASKS, vars={"url": server.url, "password": "wonderland"})

    assert "the work between login and logout went wrong" in run.output
    assert run.results["rescued"]["skipped"] is True
    assert run.results["logout"]["logout_success"] is True
    assert server.sessions() == []


def test_a_refused_login_leaves_nothing_to_log_out(ansible: Ansible, server: Emulator) -> None:
    run = ansible.play(TASKS, vars={"url": server.url, "password": "looking-glass"})

    assert run.returncode == 2
    assert run.results["rescued"]["msg"] == "the server does not want this user"
    assert (run.results["logout"]["changed"], run.results["logout"]["msg"]) == (
        False,
        "No session was given: there is nothing to end.",
    )
    assert [request["path"] for request in server.requests()] == ["/services/apilogin"]
