# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Refuses headers of a task's own that can't be sent, or must not be. Private to damops.elvis."""

from __future__ import annotations

import re
from typing import Any

from .._errors import LINE_BREAK, ElvisError
from .._http.transport import ConnectionOptions
from .environment import ENVIRONMENT

OF_OPTIONS = {
    "authorization": "with auth_method: bearer it has the session's token. It is for cookie sessions only",
    "cookie": "it has the session's cookies",
    "x-csrf-token": "it has the session's CSRF token",
    "user-agent": "use the option http_agent",
    "proxy-authorization": "write user and password into the option proxy",
}
"""What a session or another option is there for."""
OF_HTTP = frozenset(
    {
        *("accept", "accept-encoding", "connection", "expect", "host", "keep-alive", "proxy-connection"),
        *("trailer", "transfer-encoding", "upgrade"),
    }
)
"""What follows from a request itself."""
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?")


def check_extra_headers(connection: ConnectionOptions) -> None:
    """Refuse what would break a request, or stand in the way of a session; no value is repeated.

    :raises ElvisError: when there is such a header
    """
    names: set[str] = set()
    for name, value in connection.extra_headers:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _bad("a name that no HTTP header can have")
        _check_value(name, value)
        lowered = name.lower()
        if lowered in names:
            raise _bad(f"{name} twice, and upper and lower case make no difference")
        names.add(lowered)
        if lowered in OF_HTTP or lowered.startswith("content-"):
            raise _bad(f"{name}, which follows from the request itself. Leave it out")
        if lowered in OF_OPTIONS and lowered != "authorization":
            raise _bad(f"{name}: {OF_OPTIONS[lowered]}")


def refuse_authorization(connection: ConnectionOptions) -> None:
    """Refuse a second Authorization header, for what sends a Bearer token in its own.

    :raises ElvisError: when there is one
    """
    for name, _value in connection.extra_headers:
        if name.lower() == "authorization":
            raise _bad(f"{name}: {OF_OPTIONS['authorization']}")


def _check_value(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise _bad(f"{name} with a value that is not text. Put it in quotes")
    if not str(value).strip():
        raise _bad(f"{name} with an empty value. Check where it comes from, or leave it out")
    if str(value).endswith(("\n", "\r")):
        raise _bad(f"{name} with a line break at the end of its value. {LINE_BREAK.rstrip('.')}")
    if not _VALUE.fullmatch(str(value)):
        raise _bad(f"{name} with a value that has a space at an end, or a character that no HTTP header may carry")


def _bad(what: str) -> ElvisError:
    return ElvisError(f"extra_headers, or {ENVIRONMENT['extra_headers']}, has {what}.", "bad_request")
