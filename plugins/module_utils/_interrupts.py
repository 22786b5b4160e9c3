# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turns the signals that end a job into exceptions, for a while. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def interrupts_raise() -> Iterator[None]:
    """Run a block in which the first signal that asks to end raises KeyboardInterrupt, and further ones wait.

    Without that, a process that is asked to end would just be gone, and with it the token of a session that the server
    is granting at that moment: workers of ansible-core 2.20 and later kill themselves. After the block the signal has
    its ordinary effect.
    """
    received: list[int] = []

    def raise_once(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if len(received) == 1:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, raise_once) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if received:
            os.kill(os.getpid(), received[0])
