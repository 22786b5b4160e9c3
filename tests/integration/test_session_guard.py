# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a run is over, no session of it is open: however it ended, and wherever it logged in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.guarded import (
    LOGIN,
    LOGIN_ON_TARGET,
    LOGOUT,
    SWITCHED_ON,
    Play,
    Task,
    left_open,
    play,
    started,
    write,
)
from tests.integration.support import Ansible, Run
from tests.support.emulator import Emulator, start_emulator

HOSTS = "".join(f"host{number}," for number in range(20))
HERE = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
ON_HOSTS = {"hosts": "all", "vars": HERE}
NOBODY_LISTENS = "http://127.0.0.1:9"

UNREACHABLE = {"ansible_connection": "ssh", "ansible_ssh_executable": "false"}

LOGOUT_BY_TOKEN: Task = {
    "damops.elvis.elvis_logout": {"server_url": "{{ url }}", "auth_token": "{{ elvis.session.auth_token }}"}
}
FAIL: Task = {"ansible.builtin.fail": {"msg": "on purpose"}}
FILES = {
    "log_in.yml": [LOGIN],
    "roles/log_in/tasks/main.yml": [LOGIN],
}


@dataclass(frozen=True)
class Row:
    """A run.

    :param left: how many sessions it leaves open for session_guard
    """

    play: Play
    left: int
    returncode: int = 0
    arguments: tuple[str, ...] = ()


ROWS = {
    # How a run ends
    "last task": Row(play(LOGIN), left=1),
    "failed task": Row(play(LOGIN, FAIL, LOGOUT), left=1, returncode=2),
    "unreachable host": Row(
        play(
            LOGIN,
            {"ansible.builtin.add_host": {"name": "gone"} | UNREACHABLE},
            {"ansible.builtin.ping": None, "delegate_to": "gone"},
        ),
        left=1,
        returncode=4,
    ),
    "error in a late include": Row(play(LOGIN, {"ansible.builtin.include_tasks": "broken.yml"}), left=1, returncode=4),
    # Where a session comes from
    "target": Row(play(LOGIN_ON_TARGET), left=1),
    "handler": Row(
        play(
            {"ansible.builtin.debug": None, "changed_when": True, "notify": "log in"},
            handlers=[{"name": "log in", **LOGIN}],
        ),
        left=1,
    ),
    "included files": Row(
        play(
            {"ansible.builtin.include_role": {"name": "log_in"}},
            {"ansible.builtin.include_tasks": "log_in.yml"},
        ),
        left=2,
    ),
    "action from a template": Row(
        play({"action": "{{ 'damops.elvis.elvis_' ~ 'login' }}", "args": LOGIN["damops.elvis.elvis_login"]}), left=1
    ),
    "loops": Row(
        play(
            {**LOGIN, "loop": [1, 2, 3], "no_log": True},
            {**LOGIN, "until": "elvis.attempts == 3", "delay": 0},
        ),
        left=6,
    ),
    "twenty hosts at a time": Row(play(LOGIN, **ON_HOSTS), 20, arguments=("-i", HOSTS, "--forks", "20")),
    "strategy free": Row(play(LOGIN, strategy="free", **ON_HOSTS), 3, arguments=("-i", "a,b,c,")),
    "delegated once for each host in turn": Row(
        play({**LOGIN, "run_once": True, "delegate_to": "localhost"}, serial=1, **ON_HOSTS),
        left=2,
        arguments=("-i", "a,b,"),
    ),
    # What a logout did before, or did not
    "logged out": Row(play(LOGIN, LOGOUT, LOGIN, LOGOUT_BY_TOKEN), left=0),
    "failed logout": Row(
        play(
            LOGIN,
            {**LOGOUT, "check_mode": True},
            {"damops.elvis.elvis_logout": {"session": "{{ elvis.session }}", "proxy": NOBODY_LISTENS, "retries": 0}},
        ),
        left=1,
        returncode=2,
    ),
    "check mode": Row(play(LOGIN, LOGOUT), left=0, arguments=("--check",)),
}


@dataclass(frozen=True)
class Outcome:
    """What came of a run, its log, and how many sessions the server had of it when it was over."""

    run: Run
    log: str
    open: int


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def outcomes(installed: Ansible, server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    def outcome(name: str) -> Outcome:
        row, folder = ROWS[name], tmp_path_factory.mktemp(name.replace(" ", "_"))
        for path, tasks in FILES.items():
            write(folder / path, *tasks)
        (folder / "broken.yml").write_text("- ansible.builtin.debug: [", encoding="utf-8")
        run = installed.playbook(
            write(folder / "playbook.yml", row.play),
            "-e",
            json.dumps({"url": server.url, "label": name}),
            *row.arguments,
            env={**SWITCHED_ON, "ANSIBLE_LOG_PATH": str(folder / "log")},
        )
        return Outcome(run, (folder / "log").read_text(encoding="utf-8"), left_open(server, name))

    with ThreadPoolExecutor(max_workers=2) as pool:
        return dict(zip(ROWS, pool.map(outcome, ROWS), strict=True))


@pytest.mark.parametrize("name", ROWS)
def test_no_session_is_left(name: str, outcomes: dict[str, Outcome], server: Emulator) -> None:
    row, outcome = ROWS[name], outcomes[name]

    assert outcome.run.returncode == row.returncode, outcome.run.output
    assert outcome.open == 0
    sessions = {0: "", 1: "the session"}.get(row.left, f"{row.left} sessions")
    said = f"session_guard: logged out {sessions} of alice at {server.url}, left open by the run."
    assert re.findall("session_guard:.*", outcome.run.stderr) == ([said] if row.left else [])
    # A program may read what a playbook says on standard output.
    assert "session_guard" not in outcome.run.stdout
    assert (said in outcome.log) is bool(row.left)


def test_the_next_playbook_of_a_run_goes_on_with_the_session(installed: Ansible, server: Emulator) -> None:
    next_one = play(
        {"damops.elvis.elvis_session_info": {"session": "{{ elvis.session }}"}, "register": "info"},
        {"ansible.builtin.assert": {"that": "info.alive"}},
    )
    with started(installed, play(LOGIN), next_one, url=server.url, label="two playbooks") as running:
        run = running.end()

    assert run.returncode == 0, run.output
    assert left_open(server, "two playbooks") == 0


def test_a_session_that_is_meant_to_stay(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    login = {"damops.elvis.elvis_login": {**LOGIN["damops.elvis.elvis_login"], "keep": True}}
    run = installed.playbook(
        write(tmp_path / "playbook.yml", play(login)),
        "-e",
        json.dumps({"url": server.url, "label": "keep"}),
        env=SWITCHED_ON,
    )

    assert f"session_guard: left the session of alice at {server.url} open, as keep: true asks." in run.stderr
    assert left_open(server, "keep") == 1


@pytest.fixture
def far_login(tmp_path: Path, server: Emulator, over_ssh: tuple[str, ...]) -> tuple[Path, tuple[str, ...]]:
    """A playbook in which another machine logs in at its own loopback address, and its arguments."""
    variables = json.dumps({"url": server.url, "label": "far"})
    return write(tmp_path / "playbook.yml", play(LOGIN, hosts="far")), (*over_ssh, "-e", variables)


def test_the_loopback_address_of_another_machine_gets_no_token(
    installed: Ansible, server: Emulator, far_login: tuple[Path, tuple[str, ...]]
) -> None:
    playbook, arguments = far_login
    server.forget_requests()
    run = installed.playbook(playbook, *arguments, env=SWITCHED_ON, may_warn=True)

    said = " ".join(run.stderr.split())
    assert f"session_guard: could not close the session of alice at {server.url}. The login ran on far," in said
    assert "Log out on far, with elvis_logout in an always section." in said
    assert [request["path"] for request in server.requests()] == ["/services/apilogin"]


def test_without_requests_nothing_is_sent(
    installed: Ansible, server: Emulator, far_login: tuple[Path, tuple[str, ...]], tmp_path: Path
) -> None:
    """The other machine has the library, and would log in."""
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['requests'] = None\n", encoding="utf-8")
    playbook, arguments = far_login
    server.forget_requests()
    run = installed.playbook(playbook, *arguments, env={**SWITCHED_ON, "PYTHONPATH": str(tmp_path)})

    assert (
        "session_guard could not close the session of this login: the Python library requests is missing" in run.output
    )
    assert server.requests() == []
