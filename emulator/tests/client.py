# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client that sends the emulator what a test tells it to."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from emulator.tests.running import Emulator

SECONDS_TO_ANSWER = 30


@dataclass(frozen=True)
class Client:
    """A client of one server; paths are below the server's prefix."""

    server: Emulator
    http: requests.Session

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.http.request(method, self.server.url + path, **{"timeout": SECONDS_TO_ANSWER, **options})

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.request("POST", path, **options)

    def open_connection(self) -> socket.socket:
        address = urlsplit(self.server.url)
        assert address.port
        return socket.create_connection((address.hostname, address.port), SECONDS_TO_ANSWER)

    def raw(self, text: str, body: bytes = b"") -> str:
        """Send bytes as they are; return all that comes until the server closes, which the text must ask for."""
        with self.open_connection() as connection:
            connection.sendall(text.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")

    def bearer(self, user: str = "alice:wonderland", **more: str) -> dict[str, str]:
        """Log in; return the header of the session."""
        name, password = user.split(":")
        reply = self.post("/services/apilogin", data={"username": name, "password": password} | more).json()
        return {"Authorization": f"Bearer {reply['authToken']}"}

    def cookie_and_csrf(self) -> dict[str, str]:
        """Log in; return both headers of the session."""
        reply = self.post("/services/login", data={"username": "alice", "password": "wonderland"})
        return {"Cookie": f"authToken={reply.cookies['authToken']}", "X-CSRF-TOKEN": reply.json()["csrfToken"]}

    def cookie(self) -> dict[str, str]:
        """Log in; return the cookie's header alone."""
        return {"Cookie": self.cookie_and_csrf()["Cookie"]}


Start = Callable[..., Client]
"""Starts a server with options of its command line."""
