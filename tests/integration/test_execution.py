# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task returns the same, whoever does the work; and it is done where that changes nothing for the user."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from tests.integration.support import Ansible, Result, Run, comparable
from tests.support.emulator import Emulator, start_emulator

TASKS = """
# Logins
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: wonderland, return_profile: true}
  register: bearer
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    auth_method: cookie
    cred: YWxpY2U6d29uZGVybGFuZA==
    client_type: api_nightly_import
    return_profile: true
  register: session
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: looking-glass}
  register: refused
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: looking-glass, auth_method: cookie}
  register: refused_session
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "http://127.0.0.1:9", username: alice, password: wonderland, retries: 0}
  register: unreachable
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}/nowhere", username: alice, password: wonderland}
  register: not_found
  ignore_errors: true
# What is read with the session
- damops.elvis.elvis_session_info: {session: "{{ session.session }}"}
  register: info
- damops.elvis.elvis_request: {session: "{{ session.session }}", path: services/search, query: {q: "*", num: 1}}
  register: search
- damops.elvis.elvis_request: {session: "{{ bearer.session }}", path: services/nowhere}
  register: no_such_service
  ignore_errors: true
# Logouts
- damops.elvis.elvis_logout: {server_url: "{{ url }}", auth_token: "{{ bearer.session.auth_token }}", verify: true}
  register: logout
- damops.elvis.elvis_logout: {session: "{{ item }}"}
  loop: ["{{ bearer.session }}", {}]
  register: looped
- damops.elvis.elvis_logout: {session: "{{ session.session }}", mode: redirect, logout_success_url: /goodbye}
  register: redirect
# Bad input: our own words, and Ansible's
- damops.elvis.elvis_login: {server_url: dam.example.com, username: alice, password: wonderland}
  register: bad_server
  ignore_errors: true
- damops.elvis.elvis_login: {username: alice, password: wonderland}
  register: required
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}", auth_method: basic}
  register: choices
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}", timeout: soon}
  register: wrong_type
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}", passwort: wonderland}
  register: unsupported
  ignore_errors: true
- damops.elvis.elvis_logout: {session: {server_url: "{{ url }}"}, auth_token: a-token}
  register: exclusive
  ignore_errors: true
- damops.elvis.elvis_logout: {session: {server_url: "{{ url }}", colour: blue}}
  register: unsupported_suboption
  ignore_errors: true
# Keywords
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: wonderland}
  check_mode: true
  register: checked
- damops.elvis.elvis_logout: {session: "{{ checked.session }}"}
  check_mode: true
  register: checked_logout
- damops.elvis.elvis_login: {username: alice, password: wonderland, auth_method: cookie}
  module_defaults: {group/damops.elvis.elvis: {server_url: "{{ url }}", http_agent: nightly import, timeout: 20}}
  register: defaults
- damops.elvis.elvis_logout: {session: "{{ defaults.session }}"}
  module_defaults: {group/damops.elvis.elvis: {server_url: "{{ url }}", http_agent: nightly import, timeout: 20}}
  register: defaults_logout
"""
NAMES = re.findall(r"register: (\w+)", TASKS)
FAILING = {
    "refused": "refused",
    "refused_session": "refused",
    "unreachable": "unreachable",
    "not_found": "not_found",
    "no_such_service": "not_found",
    "bad_server": "bad_request",
    "required": "bad_request",
    "choices": "bad_request",
    "wrong_type": "bad_request",
    "unsupported": "bad_request",
    "exclusive": "bad_request",
    "unsupported_suboption": "bad_request",
}
"""The reasons of the tasks that fail; the others succeed."""


@dataclass(frozen=True)
class Way:
    """Keywords of a task, where it is executed then, and how it begins to tell why."""

    side: str
    why: str
    keywords: dict[str, Any] = field(default_factory=dict)


LOCAL = "the connection is local and nothing needs another process"
SAME_PYTHON_ELSEWHERE = "{{ ansible_playbook_python | dirname }}/../bin/{{ ansible_playbook_python | basename }}"
BECOME = {"become": True, "become_method": "ansible.builtin.su"}
WAYS = {
    "plain": Way("controller", LOCAL),
    "delegated": Way("controller", LOCAL, {"delegate_to": "localhost"}),
    "empty_environment": Way("controller", LOCAL, {"environment": {}}),
    "any_python": Way("controller", LOCAL, {"vars": {"ansible_python_interpreter": "auto_silent"}}),
    "environment": Way("target", "the task has an environment", {"environment": {"LANG": "C.UTF-8"}}),
    "become": Way("target", "the task has become", BECOME),
    "other_python": Way(
        "target", "the Python interpreter is ", {"vars": {"ansible_python_interpreter": SAME_PYTHON_ELSEWHERE}}
    ),
    "forced": Way("target", "damops_elvis_execution is target", {"vars": {"damops_elvis_execution": "target"}}),
    "forced_back": Way(
        "controller",
        "damops_elvis_execution is controller",
        {
            "vars": {
                "damops_elvis_execution": "{{ 'controller' }}",
                "ansible_python_interpreter": SAME_PYTHON_ELSEWHERE,
            }
        },
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def in_process(installed: Ansible, server: Emulator) -> dict[str, Result]:
    return replace(installed, execution="controller").play(TASKS, vars={"url": server.url}).results


@pytest.fixture(scope="module")
def on_target(installed: Ansible, server: Emulator) -> dict[str, Result]:
    return replace(installed, execution="target").play(TASKS, vars={"url": server.url}).results


@pytest.fixture(scope="module")
def far(installed: Ansible, server: Emulator, over_ssh: tuple[str, ...]) -> dict[str, Result]:
    # Fewer connections, and less to wait for.
    environment = {"ANSIBLE_PIPELINING": "true"}
    return installed.play(TASKS, *over_ssh, hosts="far", vars={"url": server.url}, env=environment).results


@pytest.mark.parametrize("name", NAMES)
def test_the_table_holds_successes_and_failures(name: str, in_process: dict[str, Result]) -> None:
    assert in_process[name].get("reason") == FAILING.get(name), in_process[name]
    assert in_process[name].get("failed", False) is (name in FAILING)


@pytest.mark.parametrize("name", NAMES)
def test_on_the_target(name: str, on_target: dict[str, Result], in_process: dict[str, Result]) -> None:
    assert comparable(on_target[name]) == comparable(in_process[name])


@pytest.mark.parametrize("name", NAMES)
def test_over_ssh(name: str, far: dict[str, Result], in_process: dict[str, Result]) -> None:
    assert comparable(far[name]) == comparable(in_process[name])


def executions(run: Run) -> list[tuple[str, str]]:
    """Return the side and the reason that each task told at -vvv."""
    return re.findall(r"^damops\.elvis\.elvis_\w+: on the (\w+), because (.*)$", run.stdout, re.MULTILINE)


@pytest.fixture(scope="module")
def ways(installed: Ansible, server: Emulator) -> dict[str, tuple[Result, tuple[str, str]]]:
    """What the same login returned in each way, and the execution that it told."""
    possible = {name: way for name, way in WAYS.items() if name != "become" or os.geteuid() == 0}
    login = {"server_url": server.url, "username": "alice", "password": "wonderland", "return_profile": True}
    tasks = [
        {"damops.elvis.elvis_login": login, "register": f"way_{name}", **way.keywords} for name, way in possible.items()
    ]
    run = installed.play(tasks, "-vvv")
    return {name: (run.results[f"way_{name}"], told) for name, told in zip(possible, executions(run), strict=True)}


@pytest.mark.parametrize("name", WAYS)
def test_auto_takes_the_place_that_changes_nothing(
    name: str, ways: dict[str, tuple[Result, tuple[str, str]]], in_process: dict[str, Result]
) -> None:
    if name not in ways:
        pytest.skip("only root becomes another user without a password")
    result, (side, why) = ways[name]

    assert side == WAYS[name].side
    assert why.startswith(WAYS[name].why)
    assert comparable(result) == comparable(in_process["bearer"])


def test_a_far_host_does_its_own_work(installed: Ansible, server: Emulator, over_ssh: tuple[str, ...]) -> None:
    login = {"server_url": server.url, "username": "alice", "password": "wonderland"}
    tasks = [
        {"damops.elvis.elvis_login": login, "register": "far"},
        {"damops.elvis.elvis_login": login, "register": "delegated", "delegate_to": "localhost"},
    ]
    run = installed.play(tasks, *over_ssh, "-vvv", hosts="far")

    assert executions(run) == [("target", "the connection is ssh"), ("controller", LOCAL)]
    assert comparable(run.results["far"]) == comparable(run.results["delegated"])


ASYNC = """
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: wonderland}
  register: first
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: wonderland}
  register: second
- damops.elvis.elvis_logout: {server_url: "{{ url }}", auth_token: "{{ first.session.auth_token }}", verify: true}
  async: 60
  poll: 1
  register: polled
- damops.elvis.elvis_logout: {server_url: "{{ url }}", auth_token: "{{ second.session.auth_token }}", verify: true}
  async: 60
  poll: 0
  register: started
- ansible.builtin.async_status: {jid: "{{ started.ansible_job_id }}"}
  until: fetched is finished
  delay: 1
  retries: 60
  register: fetched
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: wonderland}
  async: 60
  poll: 1
  register: login
  ignore_errors: true
"""


@pytest.fixture(scope="module")
def in_background(installed: Ansible, server: Emulator) -> Run:
    return installed.play(ASYNC, "-vvv", vars={"url": server.url})


@pytest.mark.parametrize("name", ["polled", "fetched"])
def test_a_logout_may_be_async(name: str, in_background: Run, in_process: dict[str, Result]) -> None:
    result = in_background.results[name]

    assert result | in_process["logout"] == result
    assert executions(in_background)[2:] == [("target", "the task has async")] * 2


def test_a_login_may_not(in_background: Run) -> None:
    """Its token would lie on a disk, and be shown when it is fetched."""
    result = in_background.results["login"]

    assert result["failed"] is True
    assert "async" in result["msg"]
    assert "not support" in result["msg"]


IMPOSSIBLE: dict[str, tuple[str, dict[str, Any]]] = {
    "async": ("elvis_logout", {"async": 60, "poll": 1}),
    "become": ("elvis_login", BECOME),
    "environment": ("elvis_login", {"environment": {"LANG": "C.UTF-8"}}),
}


def test_what_can_not_be_forced_is_said(installed: Ansible, server: Emulator) -> None:
    tasks = [
        {
            f"damops.elvis.{module}": {"server_url": server.url},
            "register": f"{name}_",
            "ignore_errors": True,
            **keywords,
        }
        for name, (module, keywords) in IMPOSSIBLE.items()
    ]
    server.forget_requests()
    run = replace(installed, execution="controller").play(tasks)

    for name in IMPOSSIBLE:
        result = run.results[f"{name}_"]
        assert (result["failed"], result["reason"]) == (True, "bad_request")
        assert f"damops_elvis_execution is controller, but the task has {name}" in result["msg"].replace(" an ", " ")
        assert "Set it to auto, or leave that out." in result["msg"]
    assert server.requests() == []


def test_there_is_no_other_place(installed: Ansible) -> None:
    result = replace(installed, execution="sideways").task("elvis_logout", {})

    assert (result["failed"], result["reason"]) == (True, "bad_request")
    assert "it must be auto, controller or target" in result["msg"]


def test_a_controller_without_requests_ships(installed: Ansible, tmp_path: Path) -> None:
    (tmp_path / "requests.py").write_text("raise ImportError\n", encoding="utf-8")
    environment = {"PYTHONPATH": str(tmp_path)}
    options = {"server_url": "http://127.0.0.1:9", "auth_token": "a-token"}
    run = installed.table("elvis_logout", {"logout": options}, "-vvv", env=environment)
    forced = replace(installed, execution="controller").task("elvis_logout", options, env=environment)

    assert executions(run) == [("target", "the Python library requests can't be imported here")]
    # Here, the target is the same Python.
    assert run.results["logout"]["reason"] == "missing_library"
    assert "but the Python library requests can't be imported here" in forced["msg"]
