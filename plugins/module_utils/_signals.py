# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says when a signal that ends a job may do so. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Callable, Iterable, Iterator
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

    try:
        with _handled(SIGNALS, raise_once):
            yield
    finally:
        if received:
            signal.raise_signal(received[0])


@contextlib.contextmanager
def interrupts_wait() -> Iterator[None]:
    """Run a block that no signal breaks off: the first one that comes has its effect after it.

    That goes for SIGALRM too, by which Ansible ends a task that takes longer than its ``timeout``.
    """
    received: list[int] = []
    try:
        with _handled((*SIGNALS, signal.SIGALRM), lambda number, _frame: received.append(number)):
            yield
    finally:
        if received:
            signal.raise_signal(received[0])


@contextlib.contextmanager
def _handled(signals: Iterable[signal.Signals], handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    # What a process ignores, as one that was started by nohup, stays ignored.
    before = {number: signal.getsignal(number) for number in signals}
    heeded = {number: earlier for number, earlier in before.items() if earlier is not signal.SIG_IGN}
    try:
        for number in heeded:
            signal.signal(number, handler)
        yield
    finally:
        for number, earlier in heeded.items():
            signal.signal(number, earlier)
