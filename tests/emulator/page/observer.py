# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second face, for tests: what the server saw. Nothing here is part of Elvis; no value of a client is shown."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass

from aiohttp import web

from tests.emulator.description import describe
from tests.emulator.users.sessions import Sessions
from tests.emulator.web.errors import ElvisError, error_reply, json_reply, not_found, wrong_method

ROOT = "/_emulator"
LOG_SIZE = 100_000


@dataclass(frozen=True)
class LogEntry:
    """One request: names only, because values may be secret."""

    method: str
    path: str
    query: list[str]
    form: list[str]
    headers: list[str]
    carrier: str | None
    status: int
    errorcode: int | None
    modelled: bool


class Connections:
    """Counts TCP connections, without those that only asked the observer."""

    def __init__(self) -> None:
        self.accepted = 0
        self._asked_observer_only: dict[object, bool] = {}

    def opened(self) -> None:
        self.accepted += 1

    def closed(self, connection: object) -> None:
        self._asked_observer_only.pop(connection, None)

    def observer_asked(self, connection: object) -> None:
        """A request of a test: a connection on which it is the first one is not counted."""
        if connection not in self._asked_observer_only:
            self._asked_observer_only[connection] = True
            self.accepted -= 1

    def client_asked(self, connection: object) -> None:
        """A request of a client: its connection counts, whoever used it before."""
        if self._asked_observer_only.get(connection):
            self.accepted += 1
        self._asked_observer_only[connection] = False


class Observer:
    """Answers what lies under /_emulator/."""

    def __init__(self, sessions: Sessions) -> None:
        self.connections = Connections()
        self._sessions = sessions
        self._log: deque[LogEntry] = deque(maxlen=LOG_SIZE)

    def note(self, entry: LogEntry) -> None:
        self._log.append(entry)

    def answer(self, method: str, path: str) -> web.Response:
        """Answer a call of a test; always with the real status."""
        try:
            return json_reply(self._value(method, path))
        except ElvisError as error:
            return error_reply(error, hidden=False)

    def _value(self, method: str, path: str) -> object:
        what = path.removeprefix(ROOT).strip("/")
        if what not in ("sessions", "requests", "connections", "openapi.json"):
            raise not_found(f"No such page: {path}")
        if (method, what) == ("DELETE", "sessions"):
            return {"ended": self._sessions.close_all()}
        if (method, what) == ("DELETE", "requests"):
            emptied = len(self._log)
            self._log.clear()
            return {"removed": emptied}
        if method not in ("GET", "HEAD"):
            raise wrong_method(method)
        if what == "connections":
            return {"accepted": self.connections.accepted}
        if what == "openapi.json":
            return describe()
        return self._live_sessions() if what == "sessions" else [asdict(entry) for entry in self._log]

    def _live_sessions(self) -> list[dict[str, object]]:
        return [
            {
                "user": session.user,
                "method": session.method,
                "clientId": session.client_id,
                "clientType": session.client_type,
                "created": int(session.created * 1000),
                "lastUsed": int(session.last_used * 1000),
            }
            for session in self._sessions.live()
        ]
