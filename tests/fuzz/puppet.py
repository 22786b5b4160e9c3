# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A scripted server that lives longer than an example, which would otherwise cost a server each."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.support.scripted import Request, ScriptedServer, scripted_server


class Puppet:
    """A server that gives the n-th request of an example the n-th reply, and further ones the last."""

    def __init__(self) -> None:
        self._server = ScriptedServer("")
        self._replies: Sequence[bytes] = [b""]

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def requests(self) -> list[Request]:
        """What came since the example began."""
        return self._server.requests

    @property
    def connections(self) -> int:
        return self._server.connections

    def play(self, *replies: bytes) -> None:
        """Begin an example; an empty reply is a connection that is closed instead."""
        self._replies = replies
        self._server.requests.clear()

    @contextmanager
    def running(self) -> Iterator[None]:
        with scripted_server(self._answer) as self._server:
            yield

    def _answer(self, connection: socket.socket) -> None:
        connection.sendall(self._replies[min(len(self.requests), len(self._replies)) - 1])


@contextmanager
def pull_strings() -> Iterator[Puppet]:
    """Run a server that is told what to answer while it runs."""
    puppet = Puppet()
    with puppet.running():
        yield puppet
