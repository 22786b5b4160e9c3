# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""No session outlives a run that is killed, nor one whose guard fails."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.guarded import (
    GATE,
    LOGIN,
    LOGIN_ON_TARGET,
    SECONDS_TO_CLOSE,
    SECONDS_TO_START,
    SWITCHED_ON,
    eventually,
    has_slept,
    left_open,
    play,
    started,
    write,
)
from tests.integration.support import EXECUTIONS, Ansible
from tests.support.emulator import Emulator, start_emulator
from tests.support.scripted import json_reply, scripted_server

SEVERAL_LOGINS = {**LOGIN, "loop": "{{ range(count) | list }}", "no_log": True}
LOGOUT_OF_FIRST = {
    "damops.elvis.elvis_logout": {"session": "{{ elvis.results[0].session }}"},
    "no_log": True,
}
TOKEN = "the-only-token-of-this-run"


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def running_slow_server() -> Iterator[Emulator]:
    with start_emulator("--latency", "500") as emulator:
        yield emulator


@pytest.fixture
def slow_server(running_slow_server: Emulator) -> Emulator:
    running_slow_server.forget_requests()
    return running_slow_server


@pytest.mark.parametrize("count", [1, 20])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_in_the_middle_of_a_task(
    installed: Ansible, server: Emulator, number: signal.Signals, count: int
) -> None:
    label = f"{number.name}-{count}"
    with started(
        installed, play(SEVERAL_LOGINS, LOGOUT_OF_FIRST, GATE), url=server.url, label=label, count=count + 1
    ) as running:
        running.wait_at_gate()
        assert left_open(server, label) == count

        running.kill(number)
        assert eventually(lambda: left_open(server, label) == 0, SECONDS_TO_CLOSE)

        run = running.end()
    sessions = "the session" if count == 1 else f"{count} sessions"
    assert f"session_guard: logged out {sessions} of alice at {server.url}, left open by the run." in run.stderr
    assert running.closer() is None


@pytest.mark.parametrize(
    ("execution", "number"),
    [
        *((place, signal.SIGKILL) for place in EXECUTIONS),
        ("controller", signal.SIGINT),
        ("controller", signal.SIGTERM),
    ],
)
def test_killed_while_the_answer_to_the_login_is_on_its_way(
    installed: Ansible, slow_server: Emulator, execution: str, number: signal.Signals
) -> None:
    connections = slow_server.connections()
    with started(replace(installed, execution=execution), play(LOGIN), url=slow_server.url, label="") as running:
        assert eventually(lambda: slow_server.connections() > connections, SECONDS_TO_START)

        running.kill(number)

        # A module may be at work for longer than the run.
        assert eventually(lambda: len(slow_server.requests()) == 2, SECONDS_TO_CLOSE)
        assert [request["path"] for request in slow_server.requests()] == ["/services/apilogin", "/services/logout"]
        assert slow_server.sessions() == []


def test_ctrl_c_twice(installed: Ansible, slow_server: Emulator) -> None:
    with started(installed, play(LOGIN, GATE), url=slow_server.url, label="") as running:
        running.wait_at_gate()
        connections = slow_server.connections()
        running.kill(signal.SIGINT)
        # Now the end of the run waits for the session to be closed.
        assert eventually(lambda: slow_server.connections() > connections, SECONDS_TO_START)

        running.kill(signal.SIGINT)

        run = running.end()
        assert eventually(lambda: slow_server.sessions() == [], SECONDS_TO_CLOSE)
    assert "Traceback" not in run.output


def test_no_secret_leaves_the_processes(installed: Ansible, tmp_path: Path) -> None:
    replies = json_reply(200, {"loginSuccess": True, "authToken": TOKEN}), json_reply(200, {"logoutSuccess": True})
    environment = {"TMPDIR": str(tmp_path), "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
    login = {"damops.elvis.elvis_login": {"server_url": "{{ url }}"}}
    with (
        scripted_server(*replies) as server,
        started(installed, play(login, GATE), env=environment, url=server.url) as running,
    ):
        running.wait_at_gate()

        closer = Path(f"/proc/{running.closer()}")
        assert b"ELVIS_" not in (closer / "environ").read_bytes()
        processes = [entry for entry in Path("/proc").iterdir() if entry.name.isdigit()]
        shown = [process / file for process in processes for file in ("cmdline", "environ")]
        files = [file for folder in (tmp_path, Path(running.gate.name).parent) for file in folder.rglob("*")]
        assert [path for path in (*shown, *files) if TOKEN.encode() in content(path)] == []

        assert "session_guard: logged out the session of alice" in running.end().stderr
    assert server.requests[-1].headers["Authorization"] == f"Bearer {TOKEN}"


def content(path: Path) -> bytes:
    """Return what is in a file; nothing where there is none, or no longer."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def test_a_run_without_a_login_has_no_guard(installed: Ansible) -> None:
    with started(installed, play(GATE)) as running:
        running.wait_at_gate()
        assert running.closer() is None


def test_a_session_that_can_not_be_closed(installed: Ansible) -> None:
    with (
        start_emulator() as server,
        started(installed, play(LOGIN, LOGIN_ON_TARGET, GATE), url=server.url, label="") as running,
    ):
        running.wait_at_gate()
        server.stop()

        run = running.end()

    said = " ".join(run.stderr.split())
    problem = f"[WARNING]: session_guard: could not close 2 sessions of alice at {server.url}. Cannot log out:"
    assert said.count(problem) == 1
    assert said.count("connection refused") == 1
    # It is this machine, too.
    assert "which may reach a server that this machine does not" not in said
    assert run.returncode == 0


def test_the_closer_is_killed(installed: Ansible, server: Emulator) -> None:
    with started(installed, play(LOGIN, GATE, LOGIN), url=server.url, label="closer killed") as running:
        running.wait_at_gate()
        closer = running.closer()
        assert closer
        os.kill(closer, signal.SIGKILL)

        run = running.end()

    assert run.returncode == 2
    said = " ".join(run.output.split())
    assert f"session_guard can't take care of the session at {server.url}" in said
    assert "The session that the server had granted was logged out again." in said
    assert "[WARNING]: session_guard: its process failed (exit code -9)." in said
    # The one from before, which the warning is about.
    assert left_open(server, "closer killed") == 1


def test_the_folder_of_the_collection_is_gone_when_the_run_is_killed(
    installed: Ansible, server: Emulator, tmp_path: Path
) -> None:
    """As it is when a job's own folder is tidied up while its processes end."""
    collections = tmp_path / "collections"
    shutil.copytree(installed.collections, collections)
    with started(
        replace(installed, collections=collections), play(LOGIN, GATE), url=server.url, label="folder gone"
    ) as running:
        running.wait_at_gate()
        closer = running.closer()
        assert closer
        # What it needs is imported in the background, while the run goes on.
        assert eventually(lambda: has_slept(closer), SECONDS_TO_START)
        shutil.rmtree(collections)

        running.kill(signal.SIGKILL)
        assert eventually(lambda: left_open(server, "folder gone") == 0, SECONDS_TO_CLOSE)

        run = running.end()
    assert f"session_guard: logged out the session of alice at {server.url}, left open by the run." in run.stderr


def test_a_guard_that_can_not_start(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    collections = tmp_path / "collections"
    shutil.copytree(installed.collections, collections)
    program = collections / "ansible_collections/damops/elvis/plugins/plugin_utils/_guard/program.py"
    program.write_text("raise SystemExit(3)", encoding="utf-8")
    playbook = write(tmp_path / "playbook.yml", play(LOGIN, vars={"url": server.url, "label": "no guard"}))

    run = replace(installed, collections=collections).playbook(playbook, env=SWITCHED_ON, may_warn=True)

    assert run.returncode == 2
    assert "The session that the server had granted was logged out again." in " ".join(run.output.split())
    assert left_open(server, "no guard") == 0
