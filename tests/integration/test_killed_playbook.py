# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker whose playbook was killed ends soon, whatever it is doing, and so does session_guard's process."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.integration.guarded import (
    GATE,
    LOGIN,
    SECONDS_TO_START,
    Running,
    Task,
    eventually,
    play,
    started,
)
from tests.integration.support import EXECUTIONS, Ansible
from tests.support.emulator import start_emulator
from tests.support.scripted import json_reply, scripted_server

SECONDS_TO_END = 10
PIPE_SIZE = 64 * 1024
"""Bytes that a pipe takes before somebody reads it; on Linux."""
LARGE = json_reply(200, {"totalHits": 0, "hits": [], "facets": "x" * 4 * PIPE_SIZE})
RUNNING = json_reply(200, {"processId": "1", "state": "running"})
WATCHED = {**LOGIN, "when": False}
"""A task before which session_guard starts its process, though it logs nobody in."""


@dataclass(frozen=True)
class Work:
    """What a worker does, and how to see that it does so.

    :param is_reached: tells whether the worker is at that
    """

    task: Task
    url: str
    is_reached: Callable[[], bool]


def request(**options: Any) -> Task:
    session = {"server_url": "{{ url }}", "auth_token": "a-token"}
    return {"damops.elvis.elvis_request": {**session, "timeout": 600, "path": "services/search", **options}}


@contextmanager
def deaf(task: Task) -> Iterator[Work]:
    """A server that takes a connection, and neither reads nor answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def is_called() -> bool:
            return bool(select.select([listening], [], [], 0)[0])

        yield Work(task, f"http://127.0.0.1:{listening.getsockname()[1]}", is_called)


def sending() -> AbstractContextManager[Work]:
    return deaf(request(method="POST", form={"q": "x" * 4 * 1024**2}))


def waiting() -> AbstractContextManager[Work]:
    return deaf(request())


@contextmanager
def waiting_for_a_process() -> Iterator[Work]:
    with scripted_server(RUNNING) as server:
        task = request(method="POST", path="services/remove", form={"q": "x", "async": "true"}, wait=True)
        yield Work(task, server.url, lambda: len(server.requests) > 2)


@contextmanager
def uploading() -> Iterator[Work]:
    with start_emulator("--latency", "100") as server:
        # No session of the run's own, which the guard would end at once.
        login = {"username": "alice", "password": "wonderland"}
        token = requests.post(f"{server.url}/services/apilogin", data=login, timeout=10).json()["authToken"]
        folder = "{{ gate | dirname }}/many"
        options = {"server_url": "{{ url }}", "auth_token": token, "src": folder, "path": "/Demo Zone/Killed"}
        files = f"mkdir {folder} && for number in $(seq 1500); do echo $number > {folder}/$number.txt; done"
        task = {"block": [{"ansible.builtin.shell": files}, {"damops.elvis.elvis_upload": options}]}
        yield Work(task, server.url, lambda: len(server.requests()) > 10)


WORK = {
    "sending": sending,
    "waiting": waiting,
    "waiting for a process": waiting_for_a_process,
    "uploading": uploading,
}


def state_of(process: int) -> list[str]:
    """Return what the system says of a process, from its state and its parent on; nothing where there is none."""
    with suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return []


def is_alive(process: int) -> bool:
    return state_of(process)[:1] not in ([], ["Z"])


def workers_of(running: Running) -> set[int]:
    """Return the workers of a playbook that runs."""
    processes = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    playbook = str(running.process.pid)
    return {process for process in processes if state_of(process)[1:2] == [playbook]} - {running.closer()}


def is_blocked_by_a_pipe(process: int) -> bool:
    """Tell whether a process waits for somebody to read from a pipe that is full."""
    return Path(f"/proc/{process}/wchan").read_text(encoding="ascii").endswith("pipe_write")


def kill(running: Running) -> None:
    os.kill(running.process.pid, signal.SIGKILL)


@pytest.mark.parametrize("work", WORK)
@pytest.mark.parametrize("execution", EXECUTIONS)
def test_ends_whatever_it_is_doing(installed: Ansible, execution: str, work: str) -> None:
    ansible = replace(installed, execution=execution)
    with WORK[work]() as at, started(ansible, play(WATCHED, at.task), url=at.url, label="") as running:
        assert eventually(at.is_reached, SECONDS_TO_START), running.end().output
        left = {*workers_of(running), *filter(None, [running.closer()])}
        assert len(left) == 2

        kill(running)

        assert eventually(lambda: not any(map(is_alive, left)), SECONDS_TO_END)


def test_ends_without_a_guard(installed: Ansible) -> None:
    with waiting() as at, started(installed, play(at.task), url=at.url) as running:
        assert eventually(at.is_reached, SECONDS_TO_START), running.end().output
        (worker,) = workers_of(running)
        assert running.closer() is None

        kill(running)

        assert eventually(lambda: not is_alive(worker), SECONDS_TO_END)


def test_ends_while_nobody_takes_its_result(installed: Ansible) -> None:
    """It is larger than the pipe to the playbook, and a worker that holds both ends of that is never told."""
    is_stopped = threading.Event()

    def answer(connection: socket.socket) -> None:
        is_stopped.wait(SECONDS_TO_START)
        connection.sendall(LARGE)

    with scripted_server(answer) as server, started(installed, play(WATCHED, request()), url=server.url) as running:
        assert eventually(lambda: bool(server.requests), SECONDS_TO_START), running.end().output
        left = {*workers_of(running), *filter(None, [running.closer()])}
        assert len(left) == 2
        os.kill(running.process.pid, signal.SIGSTOP)
        is_stopped.set()
        assert eventually(lambda: any(map(is_blocked_by_a_pipe, left)), SECONDS_TO_START)

        kill(running)

        assert eventually(lambda: not any(map(is_alive, left)), SECONDS_TO_END)


def test_the_guard_waits_for_no_worker_of_others(installed: Ansible) -> None:
    """Any worker holds its pipe, and a task of another collection may take long."""
    with (
        start_emulator() as server,
        started(installed, play({**LOGIN, "no_log": True}, GATE), url=server.url, label="") as running,
    ):
        running.wait_at_gate()
        (worker,) = workers_of(running)
        guard = running.closer()
        assert guard
        assert len(server.sessions()) == 1

        kill(running)

        assert eventually(lambda: not is_alive(guard), SECONDS_TO_END)
        assert server.sessions() == []
        assert is_alive(worker)
