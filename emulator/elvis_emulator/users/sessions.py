# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The live sessions: opened by a login, ended by a logout, by time, or by hand."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from .tokens import TokenContent, make_token, new_id

Method = Literal["bearer", "cookie"]


@dataclass
class Session:
    """One login. Times are in seconds since 1970; `csrf_token` is None for the kind that needs none."""

    user: str
    method: Method
    client_type: str
    client_id: str
    token: str
    csrf_token: str | None
    created: float
    last_used: float
    # What its tokens tell of the user.
    details: dict[str, object] = field(default_factory=dict)
    # Which node of a cluster knows it.
    node: int = 0
    # How often its cookie was used, and the token that it had before.
    cookie_calls: int = 0
    former_token: str | None = None


def auth_cookie(session: Session) -> str:
    """The cookie that carries a session, as a login sets it; documented by the vendor."""
    return f"authToken={session.token};Path=/;HttpOnly"


class SeatsExhaustedError(Exception):
    """As many sessions live as the licence allows."""


class Sessions:
    """Every live session, found by its token; who is idle or expired is dropped when it is next looked at."""

    def __init__(
        self,
        idle_timeout: float,
        token_lifetime: float,
        seats: int | None = None,
        clock: Callable[[], float] = time.time,
        shared: bool = True,
    ) -> None:
        self._idle_timeout = idle_timeout
        self._token_lifetime = token_lifetime
        self._seats = seats
        self._clock = clock
        self._shared = shared
        self._by_token: dict[str, Session] = {}

    def open(
        self,
        user: str,
        method: Method,
        client_type: str,
        client_id: str,
        details: dict[str, object],
        node: int = 0,
    ) -> Session:
        """Open a session. Raise SeatsExhaustedError when there is no room."""
        self._sweep()
        if self._seats is not None and len(self.live()) >= self._seats:
            raise SeatsExhaustedError
        now = self._clock()
        needs_csrf = method == "cookie"
        content = TokenContent(user, new_id(), client_type, client_id, needs_csrf, now, self._token_lifetime, details)
        session = Session(
            user=user,
            method=method,
            client_type=client_type,
            client_id=client_id,
            token=make_token(content),
            csrf_token=new_id() if needs_csrf else None,
            created=now,
            last_used=now,
            details=details,
            node=node,
        )
        self._by_token[session.token] = session
        return session

    def use(self, token: str, node: int = 0) -> Session | None:
        """Return the live session of a token, and count this as its last use; None when this node knows none."""
        session = self._by_token.get(token)
        if session is None or not (self._shared or session.node == node):
            return None
        now = self._clock()
        if self._is_over(session, now):
            self.close(session)
            return None
        session.last_used = now
        return session

    def close(self, session: Session) -> None:
        """End a session: its token is refused from now on (a guess, that the vendor's `authId` makes likely)."""
        self._by_token.pop(session.token, None)
        self._by_token.pop(session.former_token or "", None)

    def renew(self, session: Session) -> None:
        """Give a session a new token. The one it had is good until the next renewal; so no call under way fails."""
        self._by_token.pop(session.former_token or "", None)
        session.former_token = session.token
        needs_csrf = session.csrf_token is not None
        session.token = make_token(
            TokenContent(
                session.user,
                new_id(),
                session.client_type,
                session.client_id,
                needs_csrf,
                self._clock(),
                self._token_lifetime,
                session.details,
            )
        )
        self._by_token[session.token] = session

    def close_all(self) -> int:
        """End every session; return how many lived."""
        self._sweep()
        count = len(self.live())
        self._by_token.clear()
        return count

    def live(self) -> list[Session]:
        """Every live session, the oldest first."""
        self._sweep()
        return [session for token, session in self._by_token.items() if token == session.token]

    def _sweep(self) -> None:
        now = self._clock()
        for session in [session for session in self._by_token.values() if self._is_over(session, now)]:
            self.close(session)

    def _is_over(self, session: Session, now: float) -> bool:
        # How idle time and the token's expiry relate is not documented: whichever comes first.
        return now - session.last_used >= self._idle_timeout or now - session.created >= self._token_lifetime
