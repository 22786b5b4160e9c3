# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the server as a process of its own, and asks it what it saw."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

FOLDER = Path(__file__).parents[1]
"""Where the package is found without an installation."""
READY = "Elvis emulator listening on "
NOT_MODELLED = "Not modelled"
SECONDS_TO_STOP = 60
SECONDS_TO_ANSWER = 30


@dataclass(frozen=True)
class Emulator:
    """A running server; `url` includes its path prefix."""

    url: str
    process: subprocess.Popen[str]

    @property
    def root(self) -> str:
        """Its address without a path."""
        return "/".join(self.url.split("/")[:3])

    def sessions(self) -> list[dict[str, Any]]:
        """Return the live sessions."""
        sessions: list[dict[str, Any]] = self._observe("sessions")
        return sessions

    def end_sessions(self) -> None:
        """End every live session, as a superuser or the idle time-out does."""
        self._observe("sessions", "DELETE")

    def requests(self) -> list[dict[str, Any]]:
        """Return what was asked: method, path, the names of parameters and headers, carrier, status, errorcode."""
        asked: list[dict[str, Any]] = self._observe("requests")
        return asked

    def forget_requests(self) -> None:
        """Start the log of requests anew."""
        self._observe("requests", "DELETE")

    def connections(self) -> int:
        """Return how many TCP connections the server accepted so far; those that only asked here don't count."""
        return int(self._observe("connections")["accepted"])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop the server before its time; return its exit code and what it wrote to stderr."""
        return _stop(self.process, number)

    def kill(self) -> None:
        """End the server as `kill -9` does."""
        self.process.kill()
        self.process.wait(SECONDS_TO_STOP)

    def _observe(self, what: str, method: str = "GET") -> Any:
        with requests.Session() as http:
            http.trust_env = False
            # The certificate is the subject of a test, not of this question.
            address = f"{self.root}/_emulator/{what}"
            reply = http.request(method, address, timeout=SECONDS_TO_ANSWER, verify=not address.startswith("https:"))
        assert reply.status_code == 200, reply.status_code
        return reply.json()


@contextmanager
def start_emulator(*arguments: str) -> Iterator[Emulator]:
    """Run a server on a free port with these options of its command line; stop it at the end, whatever happens.

    It ends with the process that started it, too, even when that one is killed. A server that was not killed must end
    with exit code 0 and without a fault on stderr.
    """
    command = [sys.executable, "-m", "elvis_emulator", "serve", "--port", "0", "--stop-with-stdin", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=FOLDER, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith(READY), f"the emulator did not start: {line}{_stop(process, signal.SIGTERM)}"
            yield Emulator(line.removeprefix(READY).rstrip(), process)
        finally:
            code, written = _stop(process, signal.SIGTERM)
            # It may well be why a test failed.
            sys.stderr.write(written)
    faults = [line for line in written.splitlines() if not line.startswith(NOT_MODELLED)]
    assert (code, faults) in ((0, []), (-signal.SIGKILL, []))


def _stop(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    process.send_signal(number)
    try:
        written = process.communicate(timeout=SECONDS_TO_STOP)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, written
