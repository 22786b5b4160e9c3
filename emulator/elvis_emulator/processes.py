# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on many assets: at once, or in the background when the caller says `async`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from . import unknowns
from .users.tokens import new_id
from .web.errors import ElvisError, not_found

MAX_REMEMBERED = 1000

Step = Callable[[], None]


@dataclass(frozen=True)
class Work:
    """One step for every asset, and what comes after the last of them."""

    steps: Sequence[Step]
    finish: Step = field(default=lambda: None)


@dataclass
class Process:
    """How far a piece of work is."""

    total: int
    state: str = "running"
    processed: int = 0
    errors: int = 0
    id: str = field(default_factory=new_id)
    task: asyncio.Task[None] | None = None

    def counts(self) -> dict[str, object]:
        """The reply of a call that waited; documented by the vendor."""
        return {"processedCount": self.processed, "errorCount": self.errors}

    def status(self) -> dict[str, object]:
        """The reply of a status call; its shape is a guess."""
        done = self.processed + self.errors
        progress = 100 * done // self.total if self.total else 100
        return {"processId": self.id, "state": self.state, "progress": progress, "total": self.total} | self.counts()


class Processes:
    """The background work of a server; remembered after it ends, the latest thousand."""

    def __init__(self) -> None:
        self._by_id: dict[str, Process] = {}

    def run(self, work: Work, in_background: bool) -> dict[str, object]:
        """Do the work and return the counts, or start it and return its process id."""
        process = Process(total=len(work.steps))
        if not in_background:
            for step in work.steps:
                _do(step, process)
            work.finish()
            return process.counts()
        self._remember(process)
        process.task = asyncio.get_running_loop().create_task(_do_slowly(work, process))
        return {"processId": process.id}

    def find(self, process_id: str) -> Process:
        """Return a process by its id, or raise a 404."""
        if process_id not in self._by_id:
            raise not_found(f"Process not found: {process_id[:100]}")
        return self._by_id[process_id]

    def cancel(self, process: Process) -> None:
        """Stop a process; what it did stays done. One that has ended stays as it is."""
        if process.task and process.state == "running":
            process.task.cancel()
            process.state = "cancelled"

    def cancel_all(self) -> None:
        for process in self._by_id.values():
            self.cancel(process)

    def _remember(self, process: Process) -> None:
        if len(self._by_id) >= MAX_REMEMBERED:
            oldest = next(iter(self._by_id.values()))
            self.cancel(oldest)
            del self._by_id[oldest.id]
        self._by_id[process.id] = process


async def _do_slowly(work: Work, process: Process) -> None:
    for step in work.steps:
        await asyncio.sleep(unknowns.ASYNC_SECONDS_PER_ASSET)
        _do(step, process)
    work.finish()
    process.state = "done"


def _do(step: Step, process: Process) -> None:
    try:
        step()
    except ElvisError:
        process.errors += 1
    else:
        process.processed += 1
