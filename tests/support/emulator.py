# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts the emulated Elvis server as a process of its own, and asks it what it saw."""

from __future__ import annotations

import http.client
import json
import signal
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
READY = "Elvis emulator listening on "
NOT_MODELLED = "Not modelled"
SECONDS_TO_STOP = 10
SERVERS = {
    "errors hidden": (),
    "errors shown": ("--errors", "status"),
    "errors hidden, below a prefix": ("--prefix", "/app", "--csrf-error", "401"),
    "errors shown, below a prefix": ("--errors", "status", "--prefix", "/app", "--csrf-error", "401"),
}
"""The ways in which a real server may be set up, with the options that make the emulated one behave so."""


RUNNING: dict[str, Emulator] = {}
"""The servers by the addresses under which they are reached, gateways included."""


@dataclass(frozen=True)
class Emulator:
    """A running server; `url` includes its path prefix."""

    url: str
    process: subprocess.Popen[str]
    others: list[str] = field(default_factory=list)
    """What others than the task under test did here: a test that changes something, another task."""
    tasks: list[Any] = field(default_factory=list)
    """The tasks that run at the moment."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def prefix(self) -> str:
        """The path below which it answers, without a slash at its end."""
        return urlsplit(self.url).path.rstrip("/")

    def sessions(self) -> list[dict[str, Any]]:
        """Return the live sessions."""
        sessions: list[dict[str, Any]] = self._observe("sessions")
        return sessions

    def end_sessions(self) -> None:
        """End every live session, as a superuser or the idle time-out does."""
        self._observe("sessions", "DELETE")

    def requests(self) -> list[dict[str, Any]]:
        """Return what was asked: method, path, the names of parameters and headers, carrier, status, errorcode."""
        requests: list[dict[str, Any]] = self._observe("requests")
        return requests

    def forget_requests(self) -> None:
        """Start the log of requests anew."""
        self._observe("requests", "DELETE")

    def assets(self) -> list[dict[str, Any]]:
        """Return all assets: id, path, size, version, who made and changed them, and when."""
        assets: list[dict[str, Any]] = self._observe("assets")
        return assets

    def relations(self) -> list[dict[str, Any]]:
        """Return all relations: id, type, parent, child."""
        relations: list[dict[str, Any]] = self._observe("relations")
        return relations

    def webhooks(self) -> list[dict[str, Any]]:
        """Return all webhooks, as far as they can be shown."""
        webhooks: list[dict[str, Any]] = self._observe("webhooks")
        return webhooks

    def events_since(self, number: int) -> list[dict[str, Any]]:
        """Return what happened after the event with this number, the first first."""
        count = 100
        while True:
            events: list[dict[str, Any]] = self._observe(f"events/{count}")
            if len(events) < count or events[-1]["number"] <= number:
                return [event for event in reversed(events) if event["number"] > number]
            count *= 10

    def last_event(self) -> int:
        """Return the number of the latest event, 0 when nothing has happened."""
        events = self._observe("events/1")
        return int(events[0]["number"]) if events else 0

    def connections(self) -> int:
        """Return how many TCP connections the server accepted so far; those that only asked here don't count."""
        return int(self._observe("connections")["accepted"])

    def stop(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop the server before its time; return its exit code and what it said on stderr."""
        return _stop(self.process, number)

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
def start_emulator(*arguments: str, root: Path = ROOT) -> Iterator[Emulator]:
    """Run a server on a free port with these options of its command line; stop it at the end, whatever happens.

    It ends with the process that started it, too, even when that one is killed. The root is that of a checkout.
    By then it must have had no fault of its own.
    """
    command = [sys.executable, "-m", "elvis_emulator", "--port", "0", "--stop-with-stdin", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=root / "emulator", stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith(READY), "the emulator did not start"
            emulator = Emulator(line.removeprefix(READY).rstrip(), process)
            RUNNING[emulator.url] = emulator
            yield emulator
        finally:
            RUNNING.pop(line.removeprefix(READY).rstrip(), None)
            code, said = _stop(process, signal.SIGTERM)
            # It may well be why a test failed.
            sys.stderr.write(said)
    # What it does not model is no fault.
    faults = [line for line in said.splitlines() if not line.startswith(NOT_MODELLED)]
    assert (code, faults) == (0, [])


_for_forks: dict[tuple[str, ...], Emulator] = {}


@contextmanager
def keep_for_forks(*options: tuple[str, ...]) -> Iterator[None]:
    """Run a server with each of these options, for `shared_emulator` in this process and in those forked from it."""
    with ExitStack() as started:
        for arguments in options:
            _for_forks[arguments] = started.enter_context(start_emulator(*arguments))
        yield
        _for_forks.clear()


def shared_emulator(*arguments: str) -> AbstractContextManager[Emulator]:
    """Give the server that is kept with these options, or run one."""
    if emulator := _for_forks.get(arguments):
        return nullcontext(emulator)
    return start_emulator(*arguments)


def _stop(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, str]:
    process.send_signal(number)
    try:
        said = process.communicate(timeout=SECONDS_TO_STOP)[1]
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return process.returncode, said
