# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The deadline of a call; what keeps to it is tested with the transport."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._http.deadline import Deadline

Pass = Callable[[float], None]


@pytest.fixture
def time_passes(monkeypatch: pytest.MonkeyPatch) -> Pass:
    """Let so many seconds go by."""
    now = 1000.0

    def passes(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now)
    return passes


def waits(deadline: Deadline) -> float | None:
    """Return how long a socket waits that the deadline was applied to."""
    with socket.socket() as connected:
        deadline.apply(connected)
        return connected.gettimeout()


def test_nothing_waits_longer_than_what_is_left(time_passes: Pass) -> None:
    deadline = Deadline()
    deadline.start(10)
    assert waits(deadline) == 10
    time_passes(4)
    assert waits(deadline) == 6
    assert not deadline.is_over


@pytest.mark.parametrize("seconds", [10, 11])
def test_nothing_waits_when_it_is_over(time_passes: Pass, seconds: float) -> None:
    deadline = Deadline()
    deadline.start(10)
    time_passes(seconds)
    assert deadline.is_over
    with pytest.raises(TimeoutError):
        waits(deadline)


def test_each_call_has_its_own_time(time_passes: Pass) -> None:
    deadline = Deadline()
    deadline.start(10)
    time_passes(20)
    deadline.start(5)
    assert waits(deadline) == 5


def test_a_transfer_takes_the_time_it_takes(time_passes: Pass) -> None:
    deadline = Deadline()
    deadline.start(5)
    for _chunk in deadline.feed([b"a", b"b", b"c"]):
        assert waits(deadline) == 5
        time_passes(4)
    assert waits(deadline) == 5
    time_passes(5)
    assert deadline.is_over


class Told(socket.socket):
    """A socket that remembers what time-outs it was told."""

    def __init__(self) -> None:
        self.told: list[float | None] = []
        super().__init__()

    def settimeout(self, value: float | None) -> None:
        self.told.append(value)
        super().settimeout(value)


def test_a_socket_is_told_again_only_when_it_would_wait_too_long(time_passes: Pass) -> None:
    deadline = Deadline()
    with Told() as one, Told() as other:
        for seconds in (10, 10, 20):
            # As from chunk to chunk of a transfer, whose end has other seconds.
            deadline.start(seconds)
            deadline.apply(one)
            time_passes(0.005)
            deadline.apply(one)
        assert one.told == [10, 20]
        time_passes(4.995)
        deadline.apply(one)
        # Whatever it was told by others meanwhile: this is not the beginning.
        deadline.apply(one)
        deadline.start(20)
        deadline.apply(one)
        assert one.told == [10, 20, 15, 15, 20]
        deadline.apply(other)
        assert other.told == [20]
