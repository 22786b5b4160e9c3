# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what is still at work when nothing has been shown for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SILENCE = 10.0
"""The seconds after which somebody who watches would like to know. Each line doubles them."""


class Heartbeat:
    """A thread that shows a line when nothing happened for a while.

    :param describe: returns what is still at work; empty if nothing is
    :param show: shows a line
    """

    def __init__(self, describe: Callable[[], str], show: Callable[[str], None], silence: float = SILENCE) -> None:
        self._describe = describe
        self._show = show
        self._first = silence
        self._changed = threading.Condition()
        self._number = 0
        self._is_over = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def note(self) -> None:
        """Begin a new silence: something has happened."""
        with self._changed:
            self._number += 1
            self._changed.notify()

    def stop(self) -> None:
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._thread.join()

    def _watch(self) -> None:
        with self._changed:
            while not self._is_over:
                self._wait_in_silence(self._number)

    def _wait_in_silence(self, number: int) -> None:
        """Wait until something happens, and show a line now and then."""
        silence, began = self._first, time.monotonic()
        while not self._changed.wait_for(lambda: self._is_over or self._number != number, silence):
            if what := self._describe():
                self._show(f"… {time.monotonic() - began:.0f} s: {what}")
                silence *= 2


@contextmanager
def saying_what_takes_long(what: str) -> Iterator[None]:
    """Show what a block does, and again while it takes long."""
    print(f"{what} …", flush=True)
    heartbeat = Heartbeat(lambda: what, lambda line: print(line, flush=True))
    heartbeat.start()
    try:
        yield
    finally:
        heartbeat.stop()
