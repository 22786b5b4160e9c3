# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way to a server on which answers get lost, as behind a load balancer that restarts."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

from tests.support.serving import serving

CHUNK = 64 * 1024


class _Relay(socketserver.ThreadingTCPServer):
    daemon_threads = True
    # A connection that got its answer whole stays open until its client closes it.
    block_on_close = False


@contextmanager
def lossy_relay(url: str, *passed_on: int) -> Iterator[str]:
    """Run a relay to a server and give its address: the n-th connection breaks after so many bytes of its answer.

    Further connections get their answers whole.
    """
    limits = iter(passed_on)
    address = urlsplit(url)
    host_and_port = address.hostname or "", address.port or 80

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            client: socket.socket = self.request
            with socket.create_connection(host_and_port) as server:
                upwards = threading.Thread(target=_pass_on, args=(client, server))
                upwards.start()
                _pass_on(server, client, next(limits, sys.maxsize))
                _shut(client)
                upwards.join()

    with _Relay(("127.0.0.1", 0), Handler) as relay, serving(relay):
        yield f"http://127.0.0.1:{relay.server_address[1]}{address.path}"


def _pass_on(source: socket.socket, sink: socket.socket, most: int = sys.maxsize) -> None:
    """Pass on what comes, until it ends or it was as much as may pass."""
    with suppress(OSError):
        while data := source.recv(CHUNK):
            sink.sendall(data[:most])
            most -= len(data)
            if most <= 0:
                return
    _shut(sink)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
