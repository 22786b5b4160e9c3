# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs large playbooks, looks at their memory, and counts what they leave behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.bench.runs import Watched, watched
from tests.bench.scenarios import Task, write_playbook
from tests.integration.support import BIN, environment_for
from tests.support.emulator import Emulator

MIB = 1 << 20


@dataclass(frozen=True)
class Machine:
    """Where playbooks run, with the installed collection; `folder` holds all that they write."""

    collections: Path
    folder: Path

    def run(self, name: str, tasks: list[Task], *arguments: str) -> Watched:
        """Run tasks to a good end; nothing that they made for themselves may be left."""
        playbook = write_playbook(self.folder / name, tasks, hosts="all" if arguments else "localhost")
        temporary = self.folder / f"{name}.tmp"
        environment = {**environment_for(self.folder, self.collections), "ANSIBLE_LOCAL_TEMP": str(temporary)}
        result = watched([BIN / "ansible-playbook", playbook, *arguments], environment)
        assert list(temporary.glob("*")) == []
        return result


ASKING = 1
"""The connection by which the server is asked here; it may still be open."""


def open_files(server: Emulator) -> int:
    """Count what the server has open: files, and sockets of clients that did not close theirs."""
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
