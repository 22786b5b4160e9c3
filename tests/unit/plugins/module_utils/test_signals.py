# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that ask a process to end, while it holds a session."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._signals import interrupts_raise, interrupts_wait

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ALL_SIGNALS = (*SIGNALS, signal.SIGALRM)


@pytest.fixture(autouse=True)
def received() -> Iterator[list[int]]:
    """The signals that came through; they end nothing here."""
    numbers: list[int] = []
    before = {number: signal.signal(number, lambda number, _: numbers.append(number)) for number in ALL_SIGNALS}
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


@pytest.mark.parametrize("number", ALL_SIGNALS)
def test_a_signal_that_has_to_wait_has_its_effect_afterwards(received: list[int], number: signal.Signals) -> None:
    with interrupts_wait():
        signal.raise_signal(number)
        signal.raise_signal(signal.SIGTERM)
        assert received == []
    assert received == [number]


def test_what_had_to_wait_raises_in_the_block_around(received: list[int]) -> None:
    """So that block can still end a session."""
    steps = []

    def work() -> None:
        with interrupts_raise():
            with interrupts_wait():
                signal.raise_signal(signal.SIGTERM)
                steps.append("answer read")
            steps.append("result handed over")

    with pytest.raises(KeyboardInterrupt):
        work()
    assert (steps, received) == (["answer read"], [signal.SIGTERM])


@pytest.mark.parametrize("block", [interrupts_raise, interrupts_wait])
def test_what_a_process_ignores_stays_ignored(block: Callable[[], AbstractContextManager[None]]) -> None:
    """As the hangup in one that nohup started."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    with block():
        signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
