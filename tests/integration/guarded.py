# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks that run with session_guard switched on, and wait in the middle of a task to be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

import yaml

from tests.integration.support import Ansible, Run, environment_for
from tests.support.emulator import Emulator

SWITCHED_ON = {"ANSIBLE_CALLBACKS_ENABLED": "damops.elvis.session_guard"}
SECONDS_TO_CLOSE = 5
SECONDS_TO_START = 60

Task = Mapping[str, Any]
Play = Mapping[str, Any]

LOGIN: Task = {
    "damops.elvis.elvis_login": {
        "server_url": "{{ url }}",
        "username": "alice",
        "password": "wonderland",
        # Tells the sessions of a run from those of others.
        "client_id": "{{ label }}",
    },
    "register": "elvis",
}
LOGIN_ON_TARGET: Task = {**LOGIN, "environment": {"LANGUAGE": "en"}}
"""A task with an environment of its own is never done in the process of the playbook."""
LOGOUT: Task = {"damops.elvis.elvis_logout": {"session": "{{ elvis.session }}"}}
# The gate is gone once it is opened: whoever says that he is there must have hold of it.
GATE: Task = {"ansible.builtin.shell": "exec < {{ gate }} && touch {{ gate }}-reached && cat", "changed_when": False}
"""Waits until somebody opens the gate, a named pipe."""


def play(*tasks: Task, **keywords: Any) -> Play:
    """Return a play on localhost, unless the keywords say otherwise."""
    return {"hosts": "localhost", "gather_facts": False, "tasks": list(tasks), **keywords}


def write(path: Path, *content: Play | Task) -> Path:
    """Write a playbook, or a list of tasks, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(list(content), sort_keys=False), encoding="utf-8")
    return path


def eventually(is_so: Callable[[], bool], seconds: float) -> bool:
    """Tell whether something becomes so in time."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def left_open(server: Emulator, label: str) -> int:
    """Return how many sessions of a run are open."""
    return sum(session["clientId"] == label for session in server.sessions())


def has_slept(process: int) -> bool:
    """Tell whether a process does nothing and has but one thread left."""
    stat = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return stat[0] == "S" and stat[17] == "1"


@dataclass(frozen=True)
class Running:
    """A playbook that runs, and may have GATE among its tasks."""

    process: subprocess.Popen[str]
    gate: FileIO

    def wait_at_gate(self) -> None:
        """Wait until the task at the gate is at work."""
        reached = Path(f"{self.gate.name}-reached")
        eventually(lambda: reached.exists() or self.process.poll() is not None, SECONDS_TO_START)
        assert reached.exists(), self.end().output

    def open_gate(self) -> None:
        """Let the task at the gate come to its end, wherever it is."""
        Path(self.gate.name).unlink(missing_ok=True)
        self.gate.close()

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the run, and to all of its group when it is Ctrl-C's."""
        (os.killpg if number == signal.SIGINT else os.kill)(self.process.pid, number)

    def closer(self) -> int | None:
        """Return the id of the process that closes sessions, None where there is none."""
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                arguments = (entry / "cmdline").read_bytes().split(b"\0")[:-1] if entry.name.isdigit() else []
                if arguments[-1:] == [b"%d" % self.process.pid] and arguments[-3].endswith(b"_guard/program.py"):
                    return int(entry.name)
        return None

    def end(self) -> Run:
        """Wait until all is over, and nobody is left who could write any output."""
        self.open_gate()
        stdout, stderr = self.process.communicate(timeout=SECONDS_TO_START)
        return Run(self.process.returncode, stdout, stderr)


@contextmanager
def started(
    ansible: Ansible, *plays: Play, env: Mapping[str, str] | None = None, **variables: object
) -> Iterator[Running]:
    """Start a run of these plays, each as a playbook of its own; at the end nothing of it is left."""
    folder = ansible.new_folder()
    gate = folder / "gate"
    os.mkfifo(gate)
    values = {"damops_elvis_execution": ansible.execution, "gate": str(gate), **variables}
    playbooks = [write(folder / f"{number}.yml", each) for number, each in enumerate(plays)]
    process = subprocess.Popen(
        [ansible.program, *playbooks, "-e", json.dumps(values)],
        cwd=folder,
        env={**environment_for(folder, ansible.collections), **SWITCHED_ON, **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    # Both ends in one, or this would wait for the task.
    with process, FileIO(gate, "r+") as both_ends:
        running = Running(process, both_ends)
        try:
            yield running
        finally:
            process.kill()
            running.open_gate()
