# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A SOCKS 5 proxy, which takes every name for this machine, and can be slow, strict or broken."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.support.serving import serving

USER, PASSWORD = b"alice", b"tweedledee"
NO_METHOD = 255
"""SOCKS' own number for: none of the ways to log in that were offered."""
REFUSED = 5
"""SOCKS' own number for a connection that the server refuses."""


@dataclass
class Socks:
    """A running proxy, and the names that it was asked for."""

    port: int
    asked_for: list[str] = field(default_factory=list)


@contextmanager
def start_socks(*, login: bool = False, seconds_a_byte: float = 0) -> Iterator[Socks]:
    """Listen on a free port.

    :param login: whether it asks for a user and a password
    :param seconds_a_byte: how long it takes for each byte of its own answers
    """
    running = Socks(0)

    class Handler(socketserver.BaseRequestHandler):
        request: socket.socket

        def handle(self) -> None:
            with suppress(OSError):
                self._serve()

        def _serve(self) -> None:
            _version, count = self._take(2)
            is_offered = (2 if login else 0) in self._take(count)
            self._answer(bytes([5, NO_METHOD if not is_offered else 2 if login else 0]))
            if not is_offered:
                return
            if login:
                _version, length = self._take(2)
                user = self._take(length)
                accepted = (user, self._take(self._take(1)[0])) == (USER, PASSWORD)
                self._answer(bytes([1, 0 if accepted else 1]))
                if not accepted:
                    return
            _version, _command, _reserved, kind = self._take(4)
            name = socket.inet_ntoa(self._take(4)) if kind == 1 else self._take(self._take(1)[0]).decode()
            (port,) = struct.unpack("!H", self._take(2))
            running.asked_for.append(name)
            try:
                server = socket.create_connection(("127.0.0.1", port))
            except OSError:
                self._answer(bytes([5, REFUSED, 0, 1, 0, 0, 0, 0, 0, 0]))
                return
            with server:
                self._answer(bytes([5, 0, 0, 1, 127, 0, 0, 1, 0, 0]))
                back = threading.Thread(target=_pump, args=(server, self.request))
                back.start()
                _pump(self.request, server)
                back.join()

        def _take(self, count: int) -> bytes:
            return self.request.recv(count, socket.MSG_WAITALL)

        def _answer(self, data: bytes) -> None:
            for byte in data:
                time.sleep(seconds_a_byte)
                self.request.sendall(bytes([byte]))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener, serving(listener):
        running.port = listener.server_address[1]
        yield running


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(64 * 1024):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
