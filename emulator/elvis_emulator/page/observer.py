# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The second face, for tests and for people: what the server saw and what it holds. Nothing here is part of Elvis.

No value of a client's parameter is shown, no token, no secret; the paths of assets are. Only a snapshot has it all.
"""

from __future__ import annotations

import tempfile
from collections import deque
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from elvis_emulator.description import describe
from elvis_emulator.state.snapshot import write_snapshot
from elvis_emulator.web.errors import ElvisError, error_reply, json_reply, not_found, wrong_method

from .views import VIEWS

if TYPE_CHECKING:
    from elvis_emulator.server import Server

ROOT = "/_emulator"
SNAPSHOT = f"{ROOT}/snapshot"
LOG_SIZE = 100_000
SHOWN = 100

FILES = {"": "page.html", "page.css": "page.css", "page.js": "page.js"}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
_HEADERS = {
    # What an asset, a user or a webhook is called is shown as text; should that ever fail, this holds.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class LogEntry:
    """One request: names only, because values may be secret.

    :param time: when it was answered, in ms
    :param user: whose session it had; empty without one
    """

    time: int
    user: str
    method: str
    path: str
    query: list[str]
    form: list[str]
    headers: list[str]
    carrier: str | None
    status: int
    errorcode: int | None
    modelled: bool
    node: int


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

    def __init__(self, server: Server) -> None:
        self.connections = Connections()
        self._server = server
        self._log: deque[LogEntry] = deque(maxlen=LOG_SIZE)

    def note(self, entry: LogEntry) -> None:
        self._log.append(entry)

    def answer(self, method: str, path: str) -> web.Response:
        """Answer a call of a test or of the page; always with the real status."""
        what = path.removeprefix(ROOT).strip("/")
        try:
            if method == "DELETE":
                return json_reply(self._delete(what))
            if method not in ("GET", "HEAD"):
                raise wrong_method(method)
            if path == SNAPSHOT:
                return self._snapshot()
            return _file(FILES[what]) if what in FILES else json_reply(self._value(what))
        except ElvisError as error:
            return error_reply(error, hidden=False)

    def _delete(self, what: str) -> object:
        if what == "sessions":
            return {"ended": self._server.sessions.close_all()}
        if what == "requests":
            emptied = len(self._log)
            self._log.clear()
            return {"removed": emptied}
        raise wrong_method("DELETE")

    def _snapshot(self) -> web.Response:
        """All that the server holds, as a file. Unlike the rest, it has the secrets of webhooks and addresses."""
        with tempfile.TemporaryDirectory(dir=self._server.spool) as folder:
            path = Path(folder) / "snapshot"
            write_snapshot(self._server, path)
            # It is gone when it is closed.
            return web.Response(body=path.open("rb"), content_type="application/octet-stream")

    def _value(self, what: str) -> object:
        match what:
            case "connections":
                return {"accepted": self.connections.accepted}
            case "openapi.json":
                return describe()
            case "requests":
                return [asdict(entry) for entry in self._log]
            case "state":
                return self._state()
        name, _slash, count = what.partition("/")
        if name not in VIEWS or not (count or "0").isdecimal():
            raise not_found(f"No such page: {ROOT}/{what}")
        return VIEWS[name](self._server, int(count or LOG_SIZE))

    def _state(self) -> object:
        """What the page shows: the latest of everything, and how much there is of it."""
        latest = [asdict(entry) for entry in islice(reversed(self._log), SHOWN)]
        counts = {"requests": len(self._log), "assets": len(self._server.store)}
        return {name: view(self._server, SHOWN) for name, view in VIEWS.items()} | {
            "requests": latest,
            "counts": counts,
        }


def _file(name: str) -> web.Response:
    path = Path(__file__).with_name(name)
    return web.Response(body=path.read_bytes(), content_type=_TYPES[path.suffix], charset="utf-8", headers=_HEADERS)
