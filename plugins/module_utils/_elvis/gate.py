# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets all threads of a task go on, or none while the server wants a pause. Private to damops.elvis."""

from __future__ import annotations

import random
import threading
import time

SPREAD = 0.25
"""Seconds over which threads come back after a pause: all at once, they would be too many again."""


class GateShut(Exception):
    """The task is told to stop: nothing may be sent any more."""


class Gate:
    """What every thread passes before it sends a request."""

    def __init__(self) -> None:
        self._open_at = 0.0
        self._is_shut = threading.Event()

    def hold(self, seconds: float) -> None:
        """Let nobody pass for so long, because a server or a gateway asks for it."""
        self._open_at = max(self._open_at, time.monotonic() + seconds)

    @property
    def is_open(self) -> bool:
        """Whether nobody has to wait now."""
        return time.monotonic() >= self._open_at

    def shut(self) -> None:
        """Let nobody pass any more."""
        self._is_shut.set()

    def go_through(self) -> None:
        """Wait until the gate is open.

        :raises GateShut: when it is shut, also while somebody waits
        """
        while not self._is_shut.is_set():
            left = self._open_at - time.monotonic()
            if left <= 0:
                return
            self._is_shut.wait(left + random.uniform(0, SPREAD))  # noqa: S311 - nothing is guarded by it
        raise GateShut

    def pause(self, seconds: float) -> None:
        """Wait so long.

        :raises GateShut: as soon as the gate is shut
        """
        if self._is_shut.wait(seconds):
            raise GateShut
