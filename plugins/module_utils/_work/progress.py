# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells how far a task is: a line every few seconds, none when it takes less. Private to damops.elvis."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PERIOD = 5.0
"""Seconds between two lines."""
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Progress:
    """How many of how many are done, and how many bytes.

    Any thread may count; only the task's own tells.

    :param tell: takes a line
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self.log: list[str] = []
        self.begin("", 0)
        self._last = self.started

    def begin(self, what: str, total: int, total_bytes: int = 0) -> None:
        """Begin a part of the work, such as ``Uploaded`` so many files of so many bytes."""
        self._what, self._total, self._total_bytes = what, total, total_bytes
        self._done = self.bytes = 0
        self.started = time.monotonic()

    def count(self, number: int = 1) -> None:
        """Tell that so many more are done."""
        with self._lock:
            self._done += number

    def add(self, size: int) -> None:
        """Tell that so many bytes more have gone through."""
        with self._lock:
            self.bytes += size

    @property
    def rate(self) -> float:
        """Bytes a second since this part of the work began."""
        return self.bytes / max(time.monotonic() - self.started, 0.001)

    def look(self) -> None:
        """Tell how far it is, when the last line is old enough."""
        now = time.monotonic()
        if now - self._last < PERIOD:
            return
        self._last = now
        line = f"{self._what} {self._done} of {self._total}"
        if self.bytes:
            line += f", {size_in_words(self.bytes)} of {size_in_words(max(self._total_bytes, self.bytes))}"
            line += f", {size_in_words(self.rate)}/s"
        line += f", {self._total - self._done} left"
        self.log.append(line)
        self._tell(line)


def size_in_words(size: float) -> str:
    """Return a number of bytes as a person reads it, such as ``4.1 MB``."""
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"
