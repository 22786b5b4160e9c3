# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a request shows its session: a Bearer header or a cookie."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from elvis_emulator import unknowns
from elvis_emulator.users.sessions import Session

# Seen in clients: `Bearer<token>` without the space.
_BEARER = re.compile(r"bearer\s*(\S+)", re.IGNORECASE)

# Not a strict parser of cookies: clients send `Path` and `HttpOnly` back as if they were some.
_COOKIE = re.compile(r'(?:^|;)\s*authToken\s*=[\s"]*([^\s";]+)')


@dataclass(frozen=True)
class Shown:
    """A token as a request shows it; whether it is any good is another matter."""

    carrier: Literal["bearer", "cookie"]
    token: str


def shown_by(headers: Mapping[str, str]) -> list[Shown]:
    """Return what a request shows, what counts first in front; empty when it shows nothing."""
    shown = []
    bearer = _BEARER.match(headers.get("Authorization", "").strip())
    if bearer:
        shown.append(Shown("bearer", bearer[1]))
    cookie = _COOKIE.search(headers.get("Cookie", ""))
    if cookie and not (shown and unknowns.BEARER_HIDES_COOKIE):
        shown.append(Shown("cookie", cookie[1]))
    return shown


def has_csrf_token(session: Session, headers: Mapping[str, str]) -> bool:
    """Tell whether a request brings the CSRF token of its session, where that has one."""
    if session.csrf_token is None:
        return True
    given = headers.get("X-CSRF-TOKEN", "").strip()
    return hmac.compare_digest(session.csrf_token.encode(), given.encode(errors="surrogateescape"))
