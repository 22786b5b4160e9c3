# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that ask a process to end, while it holds a session."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._interrupts import interrupts_raise

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@pytest.fixture(autouse=True)
def received() -> Iterator[list[int]]:
    """The signals that came through; they end nothing here."""
    numbers: list[int] = []
    before = {number: signal.signal(number, lambda number, _: numbers.append(number)) for number in SIGNALS}
    yield numbers
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", SIGNALS)
def test_the_first_signal_raises_and_further_ones_wait(received: list[int], number: signal.Signals) -> None:
    steps = []

    def be_interrupted_twice() -> None:
        with interrupts_raise():
            try:
                signal.raise_signal(number)
                steps.append("went on after the first")
            finally:
                signal.raise_signal(signal.SIGTERM)
                steps.append("went on after the second")

    with pytest.raises(KeyboardInterrupt):
        be_interrupted_twice()
    assert steps == ["went on after the second"]
    assert received == [number], "afterwards the first has its ordinary effect"


def test_without_a_signal_nothing_is_different(received: list[int]) -> None:
    with interrupts_raise():
        pass
    signal.raise_signal(signal.SIGTERM)
    assert received == [signal.SIGTERM]
