# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program in the middle of a playbook works with the session, and nobody who watches sees it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.integration.support import Ansible, Run
from tests.support.emulator import Emulator, start_emulator
from tests.support.secrets import leaks, returned_secrets

pytestmark = pytest.mark.same_everywhere

WORK = """
import json, sys, urllib.request
session = json.load(sys.stdin)
request = urllib.request.Request(
    session["server_url"] + "/services/createFolder",
    data=b"path=/Demo Zone/By a program/" + sys.argv[1].encode(),
    headers={"Authorization": "Bearer " + session["auth_token"]},
)
print(urllib.request.urlopen(request).read().decode())
"""
TASKS = """
- damops.elvis.elvis_login: {username: alice, password: wonderland}
  register: bearer
- damops.elvis.elvis_login: {username: alice, password: wonderland, auth_method: cookie}
  register: cookies
- damops.elvis.elvis_command:
    session: "{{ bearer.session }}"
    argv: [python3, -c, "{{ work }}", "{{ damops_elvis_execution }}"]
  register: worked
- damops.elvis.elvis_command:
    session: "{{ item }}"
    argv: [sh, -c, 'tee /dev/stderr; cat /proc/$$/cmdline /proc/$$/environ']
    chdir: /
  loop: "{{ [bearer.session, cookies.session] }}"
  loop_control: {label: ""}
  no_log: "{{ ansible_version.full is version('2.22', '<') }}"
  register: printed
- damops.elvis.elvis_command:
    auth_token: "{{ bearer.session.auth_token }}"
    argv: [sh, -c, 'read -r token; echo "${token}"; echo "broke with ${token}" >&2; exit 3']
    stdin_format: token
  register: failed
  ignore_errors: true
- damops.elvis.elvis_command:
    session: "{{ bearer.session }}"
    argv: [sh, -c, 'exit 3']
  register: allowed
  failed_when: allowed.rc not in [0, 3]
  changed_when: false
- block:
    - damops.elvis.elvis_command:
        session: "{{ bearer.session }}"
        argv: [echo, "{{ bearer.session.auth_token }}"]
  rescue:
    - ansible.builtin.debug: {var: ansible_failed_result}
    - ansible.builtin.debug: {var: ansible_failed_task}
    - ansible.builtin.set_fact: {refused: "{{ ansible_failed_result.reason }}"}
      register: reason
- damops.elvis.elvis_command:
    session: "{{ bearer.session }}"
    argv: [cat]
  async: 30
  poll: 1
  register: background
  when: damops_elvis_execution == "target"
- damops.elvis.elvis_command:
    session: "{{ bearer.session }}"
    argv: [touch, "{{ marker }}"]
  check_mode: true
  register: checked
- damops.elvis.elvis_command:
    session: "{{ bearer.session }}"
    argv: [sh, -c, 'echo $$ > {{ marker }}.pid; exec sleep 60']
  timeout: 1
  ignore_errors: true
  register: timed_out
- damops.elvis.elvis_logout: {session: "{{ bearer.session }}", verify: true}
- damops.elvis.elvis_logout: {session: "{{ cookies.session }}", verify: true}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def marker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("marker") / "made"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("collected") / "seen"


@pytest.fixture(scope="module")
def run(ansible: Ansible, server: Emulator, marker: Path, collected: Path) -> Run:
    environment = {
        "ELVIS_PASSWORD": "looking-glass",
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).with_name("callback_plugins")),
        "ANSIBLE_CALLBACKS_ENABLED": "collector",
        "COLLECTED": str(collected),
    }
    variables = {"work": WORK, "marker": str(marker)}
    defaults = {"group/damops.elvis.elvis": {"server_url": server.url}}
    run = ansible.play(TASKS, "-vvvv", env=environment, vars=variables, module_defaults=defaults, may_warn=True)
    assert run.returncode == 0, run.output
    return run


def test_it_works_with_the_session(run: Run, ansible: Ansible) -> None:
    worked = run.results["worked"]
    assert (worked["changed"], worked["rc"], worked["stderr"]) == (True, 0, "")
    assert json.loads(worked["stdout"]) == {f"/Demo Zone/By a program/{ansible.execution}": "created"}
    assert worked["stdout_lines"] == [worked["stdout"]]


def test_nobody_sees_the_session(run: Run, collected: Path) -> None:
    secrets = set(chain([("password", "looking-glass")], returned_secrets(run.results)))
    assert len(secrets) == 5
    seen = {"output": run.output, "callback": collected.read_text("utf-8")}
    for item in run.results["printed"]["results"]:
        # What a loop is over is the playbook's.
        del item["item"]
    for name in ("printed", "failed", "background"):
        seen[name] = json.dumps(run.results.get(name), ensure_ascii=False)
    assert leaks(secrets, seen) == []


def test_what_it_prints_is_there_without_the_session(run: Run) -> None:
    for item in run.results["printed"]["results"]:
        assert '"auth_token": "********"' in item["stderr"]
        assert item["stderr"] in item["stdout"]
        assert "/dev/stderr" in item["stdout"]


def test_a_failure_is_told(run: Run) -> None:
    failed = run.results["failed"]
    assert (failed["failed"], failed["reason"], failed["rc"], failed["changed"]) == (True, "program", 3, True)
    assert failed["stdout_lines"] == ["********"]
    assert "it ended with 3. The last it printed: broke with ********" in failed["msg"]
    assert failed["msg"] in run.output


def test_a_playbook_says_what_is_a_failure_and_a_change(run: Run) -> None:
    allowed = run.results["allowed"]
    assert (allowed["failed"], allowed["changed"], allowed["rc"]) == (False, False, 3)


def test_a_token_among_the_arguments_is_refused(run: Run) -> None:
    assert run.results["reason"]["ansible_facts"]["refused"] == "bad_request"


def test_in_the_background(run: Run, ansible: Ansible) -> None:
    if ansible.execution == "target":
        assert run.results["background"]["rc"] == 0
        assert '"auth_token": "********"' in run.results["background"]["stdout"]


def test_a_check_runs_nothing(run: Run, marker: Path) -> None:
    assert run.results["checked"]["changed"] is True
    assert not marker.exists()


def test_a_task_that_takes_too_long_ends_the_program(run: Run, ansible: Ansible, marker: Path) -> None:
    assert run.results["timed_out"]["failed"] is True
    pid = int(marker.with_suffix(".pid").read_text())
    if ansible.execution == "target":
        # There Ansible ends no module, only the task that waits for it.
        os.kill(pid, signal.SIGKILL)
        return
    deadline = time.monotonic() + 10
    while _is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(pid)


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_no_session_is_left(run: Run, server: Emulator) -> None:
    assert run.returncode == 0
    assert server.sessions() == []
