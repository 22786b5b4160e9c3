# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a call when its time is over, whatever the other side does. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any


class Watchdog:
    """Shuts the sockets of a call that takes too long.

    A socket's own time-out starts anew with every byte, so a server that sends one byte a second could stretch a call
    for ever. SIGALRM would end that too, but it is Ansible's, for a task's ``timeout``.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: list[tuple[Any, socket.socket]] = []
        self._seconds = self._end = 0.0
        self.expired = False

    def watch(self, connection: Any, connected: socket.socket) -> None:
        """Watch the socket that ``connection`` (of http.client's kind) was given, for as long as it is open."""
        # TLS takes the descriptor over and leaves the plain socket empty: a duplicate reaches the connection for good.
        handle = connected.dup()
        with self._lock:
            self._watched.append((connection, handle))
            # The connection may have taken all the time there was.
            if self.expired:
                _shut(handle)

    @contextlib.contextmanager
    def limit(self, seconds: float) -> Iterator[None]:
        """Run a block that may use the network for ``seconds``; afterwards ``expired`` tells whether it was cut off."""
        self.expired = False
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        is_over = threading.Event()
        waiting = threading.Thread(target=self._wait, args=(is_over,), daemon=True)
        waiting.start()
        try:
            yield
        finally:
            is_over.set()
            # Or it could still be about to cut off, and hit the next call.
            waiting.join()
            self.forget_closed()

    def feed(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Pass on what comes or goes, within a limit: its time starts anew with each chunk that got through."""
        for chunk in chunks:
            self._end = time.monotonic() + self._seconds
            yield chunk
            self._end = time.monotonic() + self._seconds

    def close_connections(self) -> None:
        """Close every connection that is still open."""
        for connection, _handle in self._watched:
            connection.close()
        self.forget_closed()

    def forget_closed(self) -> None:
        """Let go of the sockets whose connections were closed, so that the server sees them closed too."""
        with self._lock:
            still_open = [(connection, handle) for connection, handle in self._watched if connection.sock is not None]
            for connection, handle in self._watched:
                if connection.sock is None:
                    handle.close()
            self._watched = still_open

    def _wait(self, is_over: threading.Event) -> None:
        while (left := self._end - time.monotonic()) > 0:
            if is_over.wait(left):
                return
        self._expire()

    def _expire(self) -> None:
        with self._lock:
            self.expired = True
            for _connection, handle in self._watched:
                _shut(handle)


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)
