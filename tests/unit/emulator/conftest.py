# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the real server as a process of its own; a test talks to it over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import pytest
import requests

ROOT = Path(__file__).parents[3]


@dataclass
class Emulator:
    """A running server and a client for it."""

    process: subprocess.Popen[str]
    ready_line: str
    http: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        # No proxy, no .netrc: the tests talk to this machine only.
        self.http.trust_env = False
        # No cookies of its own either: a test says what it sends.
        self.http.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    @property
    def base(self) -> str:
        return self.ready_line.split()[-1]

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.base.split("/")[2].rsplit(":", 1)
        return host, int(port)

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.http.post(self.base + path, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.http.get(self.base + path, **options)

    def raw(self, text: str, body: bytes = b"") -> str:
        """Send bytes as they are; return all that comes until the server closes, which the text must ask for."""
        with socket.create_connection(self.address, timeout=10) as connection:
            connection.sendall(text.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)
            return b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")

    def observe(self, what: str, method: str = "GET") -> Any:
        root = "/".join(self.base.split("/")[:3])
        # A connection of its own, so that it never counts.
        return requests.request(method, f"{root}/_emulator/{what}", timeout=10).json()

    def bearer(self, user: str = "alice:wonderland", **more: str) -> dict[str, str]:
        """Log in; return the header of the session."""
        name, password = user.split(":")
        reply = self.post("/services/apilogin", data={"username": name, "password": password} | more).json()
        return {"Authorization": f"Bearer {reply['authToken']}"}

    def cookie(self, user: str = "alice:wonderland") -> tuple[dict[str, str], dict[str, str]]:
        """Log in; return the cookie header alone, and together with the CSRF header."""
        name, password = user.split(":")
        reply = requests.post(f"{self.base}/services/login", data={"username": name, "password": password}, timeout=10)
        cookie = {"Cookie": f"authToken={reply.cookies['authToken']}"}
        return cookie, cookie | {"X-CSRF-TOKEN": reply.json()["csrfToken"]}

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stop the server; return its exit code and what it said on stderr."""
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        _, said = self.process.communicate(timeout=10)
        self.http.close()
        return self.process.returncode, said


@contextmanager
def running(*arguments: str) -> Iterator[Emulator]:
    """Run a server; when it ends, it must have had no fault of its own."""
    command = [sys.executable, "-m", "tests.emulator", "--port", "0", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    emulator = Emulator(process, process.stdout.readline().strip())
    try:
        yield emulator
    finally:
        code, said = emulator.stop()
    assert (code, said) == (0, "")


@pytest.fixture(scope="session")
def shared() -> Iterator[Emulator]:
    """One server for all tests that don't mind the others' traces."""
    with running() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def strict() -> Iterator[Emulator]:
    """The same with real statuses."""
    with running("--errors", "status") as emulator:
        yield emulator


@pytest.fixture
def start() -> Iterator[Callable[..., Emulator]]:
    """Start servers with options of one's own."""
    with ExitStack() as started:
        yield lambda *arguments: started.enter_context(running(*arguments))
