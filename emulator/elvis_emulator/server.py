# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a handler gets, and what it may return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from .events.journal import Journal
from .events.webhooks import Webhooks
from .options import Options
from .processes import Processes
from .store.names import Names
from .store.relations import Relations
from .store.store import Store, now_ms
from .users.accounts import Accounts
from .users.secrets import RequestSecrets
from .users.sessions import Session, Sessions
from .web.errors import forbidden, not_logged_in
from .web.parameters import Parameters


@dataclass(frozen=True)
class Server:
    """The state of one emulated server."""

    options: Options
    accounts: Accounts
    sessions: Sessions
    store: Store
    processes: Processes
    names: Names
    secrets: RequestSecrets
    journal: Journal
    webhooks: Webhooks
    # Where files are put for a while.
    spool: Path
    relations: Relations
    auth_keys: dict[str, dict[str, Any]] = field(default_factory=dict)
    # What an administrator set, by id.
    engines: dict[str, dict[str, object]] = field(default_factory=dict)
    rules: dict[str, dict[str, object]] = field(default_factory=dict)
    presets: dict[str, dict[str, object]] = field(default_factory=dict)
    # In ms since 1970.
    started: int = field(default_factory=now_ms)


@dataclass(frozen=True)
class Call:
    """One call: what the client sent, as far as it is understood, and the server that answers it."""

    server: Server
    request: web.BaseRequest
    variables: tuple[str, ...]
    parameters: Parameters
    session: Session | None
    node: int = 0

    @property
    def logged_in(self) -> Session:
        """The session of a call; "Not logged in" when there is none."""
        if self.session is None:
            raise not_logged_in()
        return self.session

    @property
    def user(self) -> str:
        return self.logged_in.user

    def needs_superuser(self, what: str) -> None:
        """Refuse the call to everybody else."""
        if not self.server.accounts.is_superuser(self.user):
            raise forbidden(f"Only a superuser may {what}")

    @property
    def base_url(self) -> str:
        """The address of this server as it knows it, prefix included."""
        public = self.server.options.unkindness.public_url
        return public or f"{self.request.scheme}://{self.request.host}{self.server.options.prefix}"


# A JSON value, or a whole reply where it is not plain JSON with status 200.
Handler = Callable[[Call], object]
