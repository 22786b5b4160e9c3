# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A receiver of webhooks: it answers what a test tells it to, and keeps what it got."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECONDS_TO_ARRIVE = 10


@dataclass
class Receiver:
    """What came so far: headers and raw bodies. `statuses` are answered in turn, then 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def events(self, count: int) -> list[dict[str, Any]]:
        """Wait for so many events, and return them."""
        wait_until(lambda: len(self.got) >= count)
        return [json.loads(body) for _headers, body in self.got]


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS_TO_ARRIVE
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


@contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    """Let the server accept connections in a thread, and take no more of them at the end."""
    acceptor = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    acceptor.start()
    try:
        yield
    finally:
        server.shutdown()
        acceptor.join()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server, _serving(server):
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
        yield receiver
