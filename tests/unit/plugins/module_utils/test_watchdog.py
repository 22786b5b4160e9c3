# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The watchdog that ends a call when its time is over."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._watchdog import Watchdog


@dataclass
class Connection:
    """What the watchdog needs to know of a connection: its socket, None once it was closed."""

    sock: socket.socket | None

    def close(self) -> None:
        if self.sock:
            self.sock.close()
            self.sock = None


@contextmanager
def connected() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give our end of a connection and the server's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        for end in (ours, theirs):
            end.settimeout(5)
        yield ours, theirs


@contextmanager
def watched(watchdog: Watchdog) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Give the same, watched until the end."""
    with connected() as (ours, theirs):
        watchdog.watch(Connection(ours), ours)
        try:
            yield ours, theirs
        finally:
            watchdog.close_connections()


def test_a_call_that_takes_too_long_is_cut_off() -> None:
    watchdog = Watchdog()
    with watched(watchdog) as (ours, theirs):
        with watchdog.limit(0.01):
            assert ours.recv(1) == b"", "what waits for the server wakes up"
        assert watchdog.expired
        assert theirs.recv(1) == b"", "the server sees it closed"


def test_a_connection_that_comes_when_time_is_over_is_cut_off_as_well() -> None:
    watchdog = Watchdog()
    with watched(watchdog) as (first, _dummy), watchdog.limit(0.01):
        assert first.recv(1) == b""
        with watched(watchdog) as (second, _dummy):
            assert second.recv(1) == b""


def test_a_call_in_time_is_left_alone() -> None:
    watchdog = Watchdog()
    with watched(watchdog) as (ours, theirs):
        with watchdog.limit(60):
            pass
        assert not watchdog.expired
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"


def test_each_call_has_its_own_time() -> None:
    watchdog = Watchdog()
    with watched(watchdog) as (ours, _dummy), watchdog.limit(0.01):
        ours.recv(1)
    with watchdog.limit(60), watched(watchdog) as (ours, theirs):
        assert not watchdog.expired
        theirs.sendall(b"x")
        assert ours.recv(1) == b"x"


@pytest.mark.parametrize("stops", [False, True], ids=["to its end", "until it stops"])
def test_a_transfer_takes_the_time_it_takes(monkeypatch: pytest.MonkeyPatch, stops: bool) -> None:
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    watchdog = Watchdog()
    with watched(watchdog) as (ours, _dummy), watchdog.limit(0.05):
        for _chunk in watchdog.feed([b"a", b"b", b"c"]):
            now += 0.04
        if stops:
            now += 0.06
            assert ours.recv(1) == b""
        else:
            ours.settimeout(0.2)
            with pytest.raises(TimeoutError):
                ours.recv(1)
    assert watchdog.expired is stops


def test_a_closed_connection_is_let_go() -> None:
    watchdog = Watchdog()
    with connected() as (ours, theirs):
        connection = Connection(ours)
        watchdog.watch(connection, ours)
        connection.close()
        with watchdog.limit(60):
            pass
        assert theirs.recv(1) == b"", "the server sees it closed"
