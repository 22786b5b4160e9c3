# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Works through the steps of a plan, past the failure of one, and stops where no further one could succeed.

Private to damops.elvis.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TypeVar

from .._elvis.client import Client
from .._errors import ENDS_TASK, ElvisError
from .parallel import Workers
from .progress import Progress

S = TypeVar("S")
D = TypeVar("D")

FRACTION = 1.0
"""Seconds that the server's clock may be ahead of what its header says, which has no fractions."""
MOST_TIMEOUTS = 3
"""After so many one after the other, the server counts as gone."""


class StepThreads:
    """The threads that do the steps of one task.

    :param stops_at_failure: whether the first failure ends the task
    """

    def __init__(self, client: Client, concurrency: int, progress: Progress, *, stops_at_failure: bool = False) -> None:
        self._client = client
        self._concurrency = concurrency
        self.stops_at_failure = stops_at_failure
        self._workers = Workers(concurrency, client.gate, progress.look)
        self._timeouts = 0
        self.progress = progress
        self.fatal: ElvisError | None = None

    def __enter__(self) -> StepThreads:  # noqa: PYI034 - Python 3.9 has no Self
        self._workers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.__exit__(kind, error, trace)

    def run(
        self,
        what: str,
        work: Callable[[S], D],
        steps: Sequence[S],
        *,
        fail: Callable[[S, ElvisError], D],
        size: Callable[[S], int] = lambda _step: 0,
    ) -> list[D | None]:
        """Return what ``work`` makes of each step; None for those that were not begun.

        :param what: what is done with them, for a person who watches, such as ``Uploaded``
        :param fail: makes the same of a step and of the error with which it failed
        :param size: tells how many bytes a step moves
        """
        if self.fatal:
            return [None] * len(steps)
        self.progress.begin(what, len(steps), sum(map(size, steps)))

        def do(step: S) -> D | None:
            try:
                self._check_time(size(step))
            except ElvisError as error:
                self.end(error)
                return None
            try:
                done = work(step)
            except ElvisError as error:
                self._take_note(error)
                done = fail(step, error)
            else:
                self._timeouts = 0
            self.progress.count()
            return done

        return self._workers.run(do, steps)

    def _take_note(self, error: ElvisError) -> None:
        self._timeouts = self._timeouts + 1 if error.reason == "timeout" else 0
        if error.reason in ENDS_TASK or self._timeouts >= MOST_TIMEOUTS:
            self.end(error)
        elif self.stops_at_failure:
            self._workers.halt()

    def end(self, error: ElvisError) -> None:
        """Begin no further step: each would fail for the same reason."""
        self.fatal = self.fatal or error
        self._workers.halt()

    def _check_time(self, size: int) -> None:
        """Make sure that the session lives as long as it takes, at the rate that was seen, to move so many bytes.

        :raises ElvisError: when it ends before
        """
        session = self._client.session
        expiry = session.expiry if session else None
        if expiry is None:
            return
        left = expiry.timestamp() - time.time() - self._client.clock_ahead - FRACTION
        rate = self.progress.rate / self._concurrency
        if left > 0 and (not size or not self.progress.bytes or size / rate < left):
            return
        when = f"ends in {math.ceil(left)} s, before the next file could be sent or fetched" if left > 0 else "is over"
        raise ElvisError(f"The session at {self._client.server_url} {when}. Log in again.", "not_logged_in")
