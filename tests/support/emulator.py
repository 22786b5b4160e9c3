# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the emulated Elvis server as a process of its own, and asks it what it saw."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
SECONDS_TO_STOP = 10


@dataclass(frozen=True)
class Emulator:
    """A running server; `url` includes its path prefix."""

    url: str

    def sessions(self) -> list[dict[str, Any]]:
        """Return the live sessions."""
        sessions: list[dict[str, Any]] = self._observe("sessions")
        return sessions

    def end_sessions(self) -> None:
        """End every live session, as a superuser or the idle time-out does."""
        self._observe("sessions", "DELETE")

    def requests(self) -> list[dict[str, Any]]:
        """Return what was asked: method, path, the names of parameters and headers, carrier, status."""
        requests: list[dict[str, Any]] = self._observe("requests")
        return requests

    def forget_requests(self) -> None:
        """Start the log of requests anew."""
        self._observe("requests", "DELETE")

    def connections(self) -> int:
        """Return how many TCP connections the server accepted so far; those that only asked here don't count."""
        return int(self._observe("connections")["accepted"])

    def _observe(self, what: str, method: str = "GET") -> Any:
        # Not with requests, which looks for proxies and passwords (.netrc) of its own.
        address = urlsplit(self.url)
        connection: http.client.HTTPConnection
        if address.scheme == "https":
            # The certificate is the subject of a test, not of what it asks here.
            context = ssl._create_unverified_context()  # noqa: S323
            connection = http.client.HTTPSConnection(address.netloc, timeout=10, context=context)
        else:
            connection = http.client.HTTPConnection(address.netloc, timeout=10)
        try:
            connection.request(method, f"/_emulator/{what}")
            reply = connection.getresponse()
            assert reply.status == 200, reply.status
            return json.load(reply)
        finally:
            connection.close()


@contextmanager
def start_emulator(*arguments: str) -> Iterator[Emulator]:
    """Run a server on a free port with these options of its command line; stop it at the end, whatever happens."""
    command = [sys.executable, "-m", "tests.emulator", "--port", "0", *arguments]
    # What it has to say on stderr is left to whoever runs the tests.
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            ready_line = process.stdout.readline()
            assert ready_line.startswith("Elvis emulator listening on "), f"the emulator did not start: {ready_line!r}"
            yield Emulator(ready_line.split()[-1])
        finally:
            process.terminate()
            try:
                process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                process.kill()
