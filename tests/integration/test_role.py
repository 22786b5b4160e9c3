# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role that works in a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support import Ansible, Run
from tests.support.emulator import Emulator

WORK = """
- damops.elvis.elvis_session_info:
  register: me
- damops.elvis.elvis_request:
    path: services/search
    query: {q: "*", num: 0}
- ansible.builtin.debug:
    msg: "{{ me.username }} at {{ elvis.session.server_url }} with {{ elvis.headers.keys() | join }}"
"""
FAIL = """
- ansible.builtin.fail:
    msg: the work went wrong
"""


@pytest.fixture
def play(installed: Ansible, server: Emulator, tmp_path: Path) -> Callable[..., Run]:
    """Runs the role with tasks in a file named `tasks`, which lies beside the playbook."""

    def run(
        work: str, *arguments: str, tasks: str = "main.yml", password: str = "wonderland", **defaults: dict[str, Any]
    ) -> Run:
        (tmp_path / "main.yml").write_text(work, encoding="utf-8")
        of_modules = {f"damops.elvis.{module}": options for module, options in defaults.items()}
        play = {
            "hosts": "localhost",
            "gather_facts": False,
            "module_defaults": {"group/damops.elvis.elvis": {"server_url": server.url}, **of_modules},
            "roles": [{"role": "damops.elvis.session", "vars": {"elvis_session_tasks": tasks}}],
        }
        playbook = tmp_path / "playbook.yml"
        playbook.write_text(yaml.safe_dump([play]), encoding="utf-8")
        return installed.playbook(playbook, *arguments, env={"ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": password})

    return run


def paths(server: Emulator) -> list[str]:
    return [request["path"] for request in server.requests()]


@pytest.mark.parametrize(("method", "header"), [("bearer", "Authorization"), ("cookie", "CookieX-CSRF-TOKEN")])
def test_the_tasks_work_in_the_session(method: str, header: str, play: Callable[..., Run], server: Emulator) -> None:
    run = play(WORK, "-v", elvis_login={"auth_method": method})

    assert run.returncode == 0, run.output
    assert f"alice at {server.url} with {header}" in run.stdout
    assert paths(server)[-3:] == ["/services/profile", "/services/search", "/services/logout"]
    assert server.sessions() == []


def test_the_logout_takes_its_options_from_the_play(play: Callable[..., Run], server: Emulator) -> None:
    run = play(WORK, elvis_logout={"verify": True})

    assert run.returncode == 0, run.output
    assert paths(server)[-2:] == ["/services/logout", "/services/search"]


def test_it_logs_out_when_a_task_fails(play: Callable[..., Run], server: Emulator) -> None:
    run = play(FAIL)

    assert run.returncode == 2
    assert "the work went wrong" in run.output
    assert paths(server) == ["/services/apilogin", "/services/logout"]


def test_it_logs_out_when_the_tasks_are_not_there(play: Callable[..., Run], server: Emulator) -> None:
    run = play(WORK, tasks="none.yml")

    assert run.returncode == 2
    assert "none.yml" in run.output
    assert paths(server) == ["/services/apilogin", "/services/logout"]


def test_a_refused_login_runs_no_tasks(play: Callable[..., Run], server: Emulator) -> None:
    run = play(FAIL, password="looking-glass")

    assert run.returncode == 2
    assert "Invalid username or password" in run.output
    assert "the work went wrong" not in run.output
    assert paths(server) == ["/services/apilogin"]


def test_check_mode_sends_nothing(play: Callable[..., Run], server: Emulator) -> None:
    run = play(WORK, "--check")

    assert run.returncode == 0, run.output
    assert paths(server) == []


def test_a_session_within_a_session_is_refused(play: Callable[..., Run], server: Emulator) -> None:
    """Its login would take the place of the outer one, whose session nobody could end then."""
    run = play("- ansible.builtin.include_role: {name: damops.elvis.session}\n")

    assert run.returncode == 2
    assert "damops_elvis_session is set already" in run.output
    assert paths(server) == ["/services/apilogin", "/services/logout"]
    assert server.sessions() == []
