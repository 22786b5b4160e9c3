# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that answers what it is told to, byte for byte: what no polite web framework would send."""

from __future__ import annotations

import http.client
import json
import select
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from io import BufferedIOBase
from typing import Any
from urllib.parse import parse_qsl

from tests.support.serving import serving

HttpResponse = bytes | Callable[[socket.socket], None]
"""What is sent, or a function that does as it likes with the connection."""


SECONDS_TO_LEAVE = 10


@dataclass(frozen=True)
class Request:
    """A request that arrived whole. `path` includes the query; names of headers are found in any case."""

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        """The fields of an urlencoded body."""
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class ScriptedServer:
    """A running server, what reached it, and the connections that are still open."""

    url: str
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open: set[socket.socket] = field(default_factory=set)
    closing: threading.Condition = field(default_factory=threading.Condition)

    def wait_until_left(self) -> bool:
        """Tell whether every client has closed its connections, which may take a moment."""
        with self.closing:
            return self.closing.wait_for(lambda: not self.open, timeout=SECONDS_TO_LEAVE)


@contextmanager
def scripted_server(*replies: HttpResponse, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """Run a server on a free loopback port: the n-th request gets the n-th reply, further ones get the last.

    After a reply the connection is closed, unless the reply says `Connection: keep-alive`. It speaks https with a
    context for that.
    """

    class Handler(socketserver.StreamRequestHandler):
        def setup(self) -> None:
            super().setup()
            with seen.closing:
                seen.open.add(self.connection)
                seen.connections += 1

        def handle(self) -> None:
            # A client that leaves early is often what a test is about.
            with suppress(ConnectionError, ssl.SSLError):
                while (request := _read_request(self.rfile)) is not None:
                    with seen.closing:
                        reply = replies[min(len(seen.requests), len(replies) - 1)]
                        seen.requests.append(request)
                    if callable(reply):
                        reply(self.connection)
                        break
                    self.connection.sendall(reply)
                    if b"\r\nConnection: keep-alive\r\n" not in reply:
                        break

        def finish(self) -> None:
            with seen.closing:
                seen.open.discard(self.connection)
                seen.closing.notify_all()
            super().finish()

    class Server(socketserver.ThreadingTCPServer):
        def get_request(self) -> tuple[socket.socket, Any]:
            accepted, address = super().get_request()
            if tls:
                # The handshake is for the thread of the connection, when it begins to read.
                accepted = tls.wrap_socket(accepted, server_side=True, do_handshake_on_connect=False)
            return accepted, address

    with Server(("127.0.0.1", 0), Handler) as server:
        seen = ScriptedServer(f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}")
        try:
            with serving(server):
                yield seen
        finally:
            with seen.closing:
                for connection in seen.open:
                    # Wakes the thread that waits for it, which server_close() waits for.
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RDWR)


def json_reply(status: int, body: object, **headers: str | list[str]) -> bytes:
    """Return a HTTP reply with JSON; underscores in the names of headers stand for hyphens."""
    return raw_reply(status, json.dumps(body).encode(), **{"Content_Type": "application/json", **headers})


def html_reply(status: int, text: str = "<html><body>Welcome</body></html>", **headers: str | list[str]) -> bytes:
    """Return a HTTP reply with a page, as a portal or a proxy in front of the server sends it."""
    return raw_reply(status, text.encode(), **{"Content_Type": "text/html; charset=utf-8", **headers})


def raw_reply(status: int, body: bytes = b"", **headers: str | list[str]) -> bytes:
    """Return a HTTP reply. `Content_Length` may be given, and be wrong; a list is a header that comes several times.

    It says `Connection: close` unless told otherwise, or a client might send its next request into a connection that is
    about to be closed.
    """
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    for name, values in {"Content_Length": str(len(body)), "Connection": "close", **headers}.items():
        lines += [f"{name.replace('_', '-')}: {value}" for value in ([values] if isinstance(values, str) else values)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def hang_up(connection: socket.socket) -> None:
    """Close the connection instead of an answer."""
    connection.shutdown(socket.SHUT_RDWR)


def stay_silent(connection: socket.socket) -> None:
    """Never answer, until the client leaves."""
    connection.recv(1)


def drip(reply: bytes, pause: float) -> Callable[[socket.socket], None]:
    """Return a reply that comes byte by byte, with a pause after each, until the client leaves."""

    def send(connection: socket.socket) -> None:
        for byte in reply:
            connection.sendall(bytes([byte]))
            # A client that waits for an answer sends nothing: readable means that it left.
            if select.select([connection], [], [], pause)[0]:
                return

    return send


def _read_request(stream: BufferedIOBase) -> Request | None:
    line = stream.readline().decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = http.client.parse_headers(stream)
    body = stream.read(int(headers.get("Content-Length", "0")))
    return Request(line[0], line[1], headers, body)
