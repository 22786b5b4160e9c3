# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does one thing with many items at a time, in threads of this process. Private to damops.elvis.

Each thread keeps a connection of its own; all work with one session, and stop together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Generic, TypeVar

from .._elvis.gate import Gate
from .._http.transport import Transport, kept_transports

T = TypeVar("T")
R = TypeVar("R")

LONGEST_STOP = 1.5
"""Seconds that threads are waited for when a task is told to stop; it has to end within 2 s."""
LOOK = 0.5
"""Seconds between two looks at the progress."""


class Workers:
    """Threads that work through one list after the other, as many at a time as there may be connections.

    :param gate: what a thread passes before it sends anything; it is closed for good when the work is broken off
    :param look: is called in the thread of the task, every half second
    """

    def __init__(self, concurrency: int, gate: Gate, look: Callable[[], None] = lambda: None) -> None:
        self._concurrency = concurrency
        self._gate = gate
        self._look = look
        self._threads: list[threading.Thread] = []
        self._transports: list[dict[Any, Transport]] = []
        self._wake = threading.Condition()
        self._job: _Job[Any, Any] | None = None
        self._is_over = False

    def __enter__(self) -> Workers:  # noqa: PYI034 - Python 3.9 has no Self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the threads; when the task was interrupted, what they are sending is broken off."""
        with self._wake:
            self._is_over = True
            self._wake.notify_all()
        if self._job:
            self._job.halt()
        if error is not None:
            self._gate.shut()
            self._break_off()
        end = time.monotonic() + LONGEST_STOP
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def run(self, work: Callable[[T], R], items: Sequence[T]) -> list[R | None]:
        """Return what ``work`` returns for each item, in their order; None for those that were not begun.

        An exception of ``work`` ends the whole.
        """
        job: _Job[T, R] = _Job(work, items)
        if not items:
            return []
        with self._wake:
            self._job = job
            self._wake.notify_all()
        while len(self._threads) < min(self._concurrency, len(items)):
            # Not waited for by the interpreter: a connection that is being opened can't be broken off.
            thread = threading.Thread(target=self._serve, daemon=True, name=f"elvis-{len(self._threads)}")
            self._threads.append(thread)
            thread.start()
        while not job.is_done.wait(LOOK):
            self._look()
        if job.failure:
            raise job.failure
        return job.results

    def halt(self) -> None:
        """Begin no further item of the present list; what has begun goes on."""
        if self._job:
            self._job.halt()

    def _serve(self) -> None:
        transports = kept_transports()
        self._transports.append(transports)
        job: _Job[Any, Any] | None = None
        try:
            while job := self._next_after(job):
                job.work_through()
        finally:
            for transport in transports.values():
                transport.close()

    def _next_after(self, done: _Job[Any, Any] | None) -> _Job[Any, Any] | None:
        with self._wake:
            self._wake.wait_for(lambda: self._is_over or self._job is not done)
            return None if self._is_over else self._job

    def _break_off(self) -> None:
        for transports in list(self._transports):
            for transport in list(transports.values()):
                transport.break_off()


class _Job(Generic[T, R]):
    """One list of items, which threads take one by one."""

    def __init__(self, work: Callable[[T], R], items: Sequence[T]) -> None:
        self._work = work
        self._items = items
        self._lock = threading.Lock()
        self._next = 0
        self._running = 0
        self._is_halted = False
        self.results: list[R | None] = [None] * len(items)
        self.failure: BaseException | None = None
        self.is_done = threading.Event()

    def halt(self) -> None:
        with self._lock:
            self._is_halted = True
            self._set_when_done()

    def work_through(self) -> None:
        while (number := self._take()) is not None:
            try:
                self.results[number] = self._work(self._items[number])
            except BaseException as error:  # noqa: BLE001 - raised again by the thread of the task
                self.failure = self.failure or error
                self._is_halted = True
            with self._lock:
                self._running -= 1
                self._set_when_done()

    def _take(self) -> int | None:
        with self._lock:
            if self._is_halted or self._next == len(self._items):
                return None
            self._next += 1
            self._running += 1
            return self._next - 1

    def _set_when_done(self) -> None:
        if not self._running and (self._is_halted or self._next == len(self._items)):
            self.is_done.set()
