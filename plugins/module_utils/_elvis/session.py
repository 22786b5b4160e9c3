# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The session: the value that a login makes, tasks pass on and a logout spends. Private to damops.elvis."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from .._errors import ElvisError
from .._text import read_time
from .redaction import SHORTEST_MASKED
from .server_url import parse_server_url
from .token import LONGEST_TOKEN, expires_at

SIMULATED_TOKEN = "simulated-by-check-mode"  # noqa: S105 - stands where a token would, opens nothing
ADVICE = "Pass on what the login returned, whole and unchanged."
# Neither a header nor a cookie may carry these; the brackets are what a list or a dict has once Ansible made it text.
_NO_TOKEN = re.compile(r"""[^\x21-\x7e]|["',;\\(){}<>\[\]]""")
_NO_HEADER = re.compile(r"[^\x20-\x7e]")


SESSION_COOKIES = frozenset({"authToken", "JSESSIONID"})
"""What proves a session; the second is that of Elvis 4 and 5. A load balancer's cookies alone prove nothing."""


def read_cookies(header: str | None) -> dict[str, str]:
    """Return the cookies of a Cookie header by their names, each as it stands there."""
    return {pair.partition("=")[0]: pair for pair in (header or "").split("; ") if pair}


def value_of(cookie: str | None) -> str | None:
    """Return the value of a cookie, None where it has none."""
    return (cookie or "").partition("=")[2] or None


def is_token(value: object) -> bool:
    """Tell whether a header and a cookie can carry ``value`` as a token."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_TOKEN and not _NO_TOKEN.search(value)


@dataclass(frozen=True)
class Session:
    """Who is logged in where, and what proves it.

    ``bearer`` sessions (``/services/apilogin``) prove it with ``auth_token`` alone, and ``cookie`` has what a load
    balancer set besides; ``cookie`` ones (``/services/login``) prove it with ``cookie``, the whole Cookie header, and
    ``csrf_token`` where something changes.
    """

    server_url: str
    auth_method: str
    auth_token: str | None = field(default=None, repr=False)
    csrf_token: str | None = field(default=None, repr=False)
    cookie: str | None = field(default=None, repr=False)
    username: str | None = None
    server_version: str | None = None
    expires_at: str | None = None
    simulated: bool = False

    def __post_init__(self) -> None:
        carrier = "auth_token" if self.auth_method == "bearer" else "cookie"
        if not getattr(self, carrier):
            raise ElvisError(f"The session has no {carrier}. {ADVICE}", "bad_request")
        for name, value, unusable in (
            ("auth_token", self.auth_token, _NO_TOKEN),
            ("csrf_token", self.csrf_token, _NO_TOKEN),
            ("cookie", self.cookie, _NO_HEADER),
        ):
            if value is not None and unusable.search(value):
                raise ElvisError(
                    f"{name} has a line break or another character that no HTTP header may carry. {ADVICE}",
                    "bad_request",
                )

    @classmethod
    def simulate(cls, server_url: str, auth_method: str, username: str | None) -> Session:
        """Return what a login in check mode gives: every key of a session, and no token that a server accepts."""
        is_cookie = auth_method == "cookie"
        return cls(
            server_url=server_url,
            auth_method=auth_method,
            auth_token=SIMULATED_TOKEN,
            csrf_token=SIMULATED_TOKEN if is_cookie else None,
            cookie=f"authToken={SIMULATED_TOKEN}" if is_cookie else None,
            username=username,
            simulated=True,
        )

    @classmethod
    def from_option(cls, option: Mapping[str, Any]) -> Session:
        """Read the ``session`` option of a task.

        :raises ElvisError: when a key is missing or its value can't be what a login returned
        """
        missing = [key for key in ("server_url", "auth_method") if not option.get(key)]
        if missing:
            raise ElvisError(f"The session has no {' and no '.join(missing)}. {ADVICE}", "bad_request")
        given = {key: value for key, value in option.items() if value is not None}
        return cls(**{**given, "server_url": parse_server_url(given["server_url"])})

    def as_option(self) -> dict[str, Any]:
        """Return the session as tasks pass it on; ``simulated`` is there only when it is true."""
        option = dict(vars(self))
        if not self.simulated:
            del option["simulated"]
        return option

    @cached_property
    def expiry(self) -> datetime | None:
        """When the token expires, as far as the login or the token itself tells."""
        return read_time(self.expires_at or expires_at(self.auth_token or "") or "")

    @property
    def headers(self) -> dict[str, str]:
        """The HTTP headers that make a request one of this session."""
        is_bearer = self.auth_method == "bearer"
        headers = {
            "Authorization": f"Bearer {self.auth_token}" if is_bearer else None,
            "Cookie": self.cookie,
            "X-CSRF-TOKEN": None if is_bearer else self.csrf_token,
        }
        return {name: value for name, value in headers.items() if value}

    def with_cookies(self, header: str) -> Session:
        """Return the session as it is after a reply that set cookies, given as the Cookie header that replays them."""
        cookies = read_cookies(self.cookie)
        for name, cookie in read_cookies(header).items():
            is_unusable = name in SESSION_COOKIES and not is_token(value_of(cookie))
            # A bearer token is its own proof, and a cookie beside it might say something else.
            if not is_unusable and not (name == "authToken" and self.auth_method == "bearer"):
                cookies[name] = cookie
        token = self.auth_token if self.auth_method == "bearer" else value_of(cookies.get("authToken"))
        return dataclasses.replace(self, cookie="; ".join(cookies.values()) or None, auth_token=token)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value of the session that must not be shown, a cookie's parts included."""
        cookies = [self.cookie, *map(value_of, read_cookies(self.cookie).values())]
        # A short one, such as the name of a node, is none: to mask it would withhold all that a server says.
        long_ones = [secret for secret in cookies if secret and len(secret) >= SHORTEST_MASKED]
        return (*filter(None, (self.auth_token, self.csrf_token)), *long_ones)
