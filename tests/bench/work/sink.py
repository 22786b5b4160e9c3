# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that takes files as fast as they come: it counts their bytes and throws them away.

It answers the few calls that an upload into an empty folder makes, and keeps nothing. It runs as a process of its own,
so that it does not take turns with what is measured.
"""

from __future__ import annotations

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from tests.support.certificates import serving

PIECE = 1 << 20
HEAD = 4096
_FOLDER = re.compile(rb'name="folderPath"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)')
_FILE = re.compile(rb'name="Filedata"; filename="([^"]+)"')


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        start = self._take_body()
        service = urlsplit(self.path).path.rpartition("/")[2]
        self._answer(getattr(self, f"_{service}", self._nothing)(start))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""

    def _take_body(self) -> bytes:
        """Read the body to its end; return how it begins."""
        left = int(self.headers.get("Content-Length", 0))
        buffer = memoryview(bytearray(PIECE))
        start = b""
        while left:
            taken = self.rfile.readinto(buffer[: min(left, PIECE)])
            assert taken, "the sender has gone"
            start += bytes(buffer[: min(taken, HEAD - len(start))])
            left -= taken
        return start

    def _apilogin(self, _start: bytes) -> object:
        return {"loginSuccess": True, "authToken": "nobody-looks-at-it", "serverVersion": "6.107"}

    def _search(self, _start: bytes) -> object:
        return {"firstResult": 0, "maxResultHits": 0, "totalHits": 0, "hits": []}

    def _browse(self, _start: bytes) -> object:
        return []

    def _createFolder(self, start: bytes) -> object:  # noqa: N802 - the service's name
        return dict.fromkeys(parse_qs(start.decode()).get("path", []), "created")

    def _create(self, start: bytes) -> object:
        folder, file = _FOLDER.search(start), _FILE.search(start)
        path = f"{folder[1].decode() if folder else ''}/{file[1].decode() if file else ''}"
        return {"id": uuid4().hex, "metadata": {"assetPath": path}}

    def _logout(self, _start: bytes) -> object:
        return {"logoutSuccess": True}

    def _nothing(self, _start: bytes) -> object:
        return {}

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until whoever started this closes its standard input; say the address first.

    With a certificate and its key in a file, which may be named, it speaks TLS.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        for certificate in sys.argv[1:]:
            server.socket = serving(certificate).wrap_socket(server.socket, server_side=True)
        scheme = "https" if sys.argv[1:] else "http"
        print(f"{scheme}://127.0.0.1:{server.server_address[1]}", flush=True)
        Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
