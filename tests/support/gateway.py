# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway in front of a server that fails as gateways do: loses answers, slows clients down, hangs up."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from tests.support.emulator import RUNNING
from tests.support.serving import serving

Fate = Literal["pass", "lose answer", "hang up"]


class Refusal(NamedTuple):
    """An answer of the gateway's own."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


Edit = Callable[[bytes], bytes]
"""What a gateway makes of an answer's body."""
Decide = Callable[[int, str], "Fate | Refusal | Edit"]
"""Says what becomes of the n-th call (from 1) of a service, such as ``create``."""


@dataclass
class Gateway:
    """A running gateway, and how often each service was asked for."""

    url: str
    decide: Decide
    calls: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fate_of(self, service: str) -> Fate | Refusal | Edit:
        with self.lock:
            self.calls[service] = self.calls.get(service, 0) + 1
            number = self.calls[service]
        return self.decide(number, service)


@contextmanager
def gateway_to(url: str, decide: Decide, *, waits: bool = False) -> Iterator[Gateway]:
    """Run a gateway to a server.

    :param waits: whether the calls of clients that are gone are still answered before it ends
    """
    address = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            fate = gateway.fate_of(self.path.partition("?")[0].rpartition("/")[2])
            if fate == "hang up":
                self._hang_up()
                return
            if isinstance(fate, Refusal):
                self._answer(fate.status, fate.headers, fate.body)
                return
            upstream = http.client.HTTPConnection(address.netloc, timeout=30)
            headers = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
            upstream.request(self.command, self.path, body, headers)
            reply = upstream.getresponse()
            content = reply.read()
            upstream.close()
            if fate == "lose answer":
                self._hang_up()
            else:
                content = fate(content) if callable(fate) else content
                self._answer(reply.status, {"Content-Type": reply.getheader("Content-Type", "")}, content)

        do_GET = do_POST  # noqa: N815

        def _answer(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def _hang_up(self) -> None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(2)

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = not waits
        block_on_close = waits

    with Server(("127.0.0.1", 0), Handler) as server, serving(server):
        gateway = Gateway(f"http://127.0.0.1:{server.server_address[1]}{address.path}", decide)
        if url in RUNNING:
            RUNNING[gateway.url] = RUNNING[url]
        try:
            yield gateway
        finally:
            RUNNING.pop(gateway.url, None)
