# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Serves the stand-in for AWX on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.awx.controller import API, Controller, Object

TOKEN = "token-of-an-administrator"
VERSION = "24.6.1"


@contextmanager
def served(controller: Controller) -> Iterator[str]:
    """Serve AWX's API, and return its address."""
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = self._decide(body)
            content = json.dumps(answer).encode() if status != 204 else b""
            self.send_response(status)
            # The modules warn of any other than their own.
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", VERSION)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _decide(self, body: bytes) -> tuple[int, Object]:
            url = urlsplit(self.path)
            if self.headers.get("Authorization") != f"Bearer {TOKEN}":
                return 401, {
                    "detail": "Authentication credentials were not provided. To establish a login session, ..."
                }
            if not url.path.startswith(API):
                return 404, {"detail": "The requested resource could not be found."}
            with lock:
                return controller.answer(
                    self.command,
                    unquote(url.path.removeprefix(API)),
                    dict(parse_qsl(url.query, keep_blank_values=True)),
                    json.loads(body or "{}"),
                )

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815

        def log_message(self, *dummy: object) -> None:
            """Keep still."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
