# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says what an exception of the HTTP libraries means, in words that hold nothing of its own. Private to damops.elvis.

The libraries put URLs, headers and a proxy's password into their messages, so none of these is ever repeated.
"""

from __future__ import annotations

import os
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import BadStatusLine, HTTPException, IncompleteRead
from typing import NamedTuple

from .._errors import CallFailure, Delivery, Kind
from .body import BROKEN_OFF
from .tls import CLIENT_CERTIFICATE_KINDS, broken_tls, tls_failure

try:
    from requests import exceptions as outer
    from urllib3 import exceptions as inner
except ImportError:
    pass  # transport tells


class _Meaning(NamedTuple):
    """What it means when one of several kinds of exception is among the causes."""

    exceptions: tuple[type[BaseException], ...]
    kind: Kind
    summary: str
    delivery: Delivery
    transient: bool = False


def explain(error: BaseException, seconds: float, *, has_sent: bool) -> CallFailure:
    """Return what came back instead of a reply.

    :param error: an exception from requests, urllib3 or the system
    :param seconds: how long the request was allowed to take
    :param has_sent: whether the first byte of the request was on its way
    """
    causes = list(_causes(error))
    meaning = next(
        meaning
        for meaning in _meanings(causes, seconds, has_sent=has_sent)
        if any(isinstance(cause, meaning.exceptions) for cause in causes)
    )
    delivery = "unknown" if has_sent and meaning.kind not in CLIENT_CERTIFICATE_KINDS else meaning.delivery
    return CallFailure(meaning.kind, meaning.summary, delivery, transient=meaning.transient)


def _meanings(causes: list[BaseException], seconds: float, *, has_sent: bool) -> tuple[_Meaning, ...]:
    """Return what each kind of exception means, the first that is found among the causes before the others."""
    proxy_kind, proxy = _proxy_failure(causes)
    tls_kind, tls = broken_tls(causes) if has_sent else tls_failure(causes)
    no_connection = f"no connection: {_system_error(causes)}"
    broken = "the connection broke before the answer came"
    unsendable = "an address or a value that HTTP can't carry"
    may_resolve_later = any(getattr(cause, "errno", None) == socket.EAI_AGAIN for cause in causes)
    # urllib3 blames the proxy for what breaks later, too.
    behind_proxy = (ConnectionError,) if _is_behind_proxy(causes) else ()
    cut = (BadStatusLine,) if _is_cut(causes) else ()
    return (
        _Meaning(behind_proxy, "connection_lost", broken, "unknown", transient=True),
        _Meaning((outer.ProxyError, inner.ProxyError, outer.InvalidProxyURL), proxy_kind, proxy, "unsent"),
        _Meaning(
            (outer.InvalidSchema, inner.ProxySchemeUnknown), "proxy", "a proxy of a kind that can't be used", "unsent"
        ),
        _Meaning((inner.InvalidHeader,), "not_http", "headers that contradict each other", "unknown"),
        _Meaning((outer.InvalidURL, outer.InvalidHeader, UnicodeError), "unsendable", unsendable, "unsent"),
        # What breaks in the handshake is told where it is made: here the request was on its way.
        _Meaning((ssl.SSLEOFError, ssl.SSLZeroReturnError), "connection_lost", broken, "unknown", transient=True),
        _Meaning((ssl.SSLError, inner.SSLError), tls_kind, f"the TLS connection failed: {tls}", "unsent"),
        _Meaning(
            (socket.gaierror,),
            "name_not_resolved",
            "the host name does not resolve",
            "unsent",
            transient=may_resolve_later,
        ),
        # Before the time-out: some versions of urllib3 make it a kind of it.
        _Meaning((inner.NewConnectionError,), "no_connection", no_connection, "unsent", transient=True),
        _Meaning(
            (inner.ConnectTimeoutError,), "timeout", f"no connection within {seconds:.3g} s", "unsent", transient=True
        ),
        _Meaning(
            (inner.TimeoutError, socket.timeout),
            "timeout",
            f"no answer within {seconds:.3g} s",
            "unknown",
            transient=True,
        ),
        _Meaning((IncompleteRead, inner.IncompleteRead), "broken_off", BROKEN_OFF, "unknown", transient=True),
        # Python's own ConnectionError: a connection that is reset, or closed instead of answered.
        _Meaning((ConnectionError,), "connection_lost", broken, "unknown", transient=True),
        _Meaning(cut, "broken_off", BROKEN_OFF, "unknown", transient=True),
        _Meaning((HTTPException,), "not_http", f"something that is not HTTP{_or_too_much(causes)}", "unknown"),
        _Meaning((BaseException,), "connection_lost", "no exchange with the server", "unknown"),
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk through what requests wraps around what urllib3 wraps around what the system said."""
    waiting, seen = [error], set()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        wrapped = (*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__)
        waiting.extend(item for item in wrapped if isinstance(item, BaseException))


def _is_behind_proxy(causes: list[BaseException]) -> bool:
    """Tell whether the way was open: what breaks before that never gets here as Python's own ConnectionError."""
    is_blamed = any(isinstance(cause, inner.ProxyError) for cause in causes)
    return is_blamed and not any(isinstance(cause, inner.NewConnectionError) for cause in causes)


def _proxy_failure(causes: list[BaseException]) -> tuple[Kind, str]:
    found = (re.search(r"Tunnel connection failed: (\d{3})", str(cause)) for cause in causes)
    status = next((match[1] for match in found if match), None)
    if status == "407":
        return "proxy_login", "the proxy asks for a user and a password (HTTP 407)"
    if status:
        return "proxy", f"the proxy did not let the request through (HTTP {status})"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "proxy_tls", f"the TLS connection to the proxy failed: {tls_failure(causes)[1]}"
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "proxy", "the name of the proxy does not resolve"
    if any(isinstance(cause, (inner.NewConnectionError, inner.ConnectTimeoutError)) for cause in causes):
        return "proxy", f"no connection to the proxy: {_system_error(causes)}"
    return "proxy", "the proxy did not let the request through"


def _is_cut(causes: list[BaseException]) -> bool:
    """Tell whether the connection broke in the first line of an answer."""
    lines = (str(cause) for cause in causes if isinstance(cause, BadStatusLine))
    return any("HTTP/".startswith(line[:5]) and not line.endswith("\n") for line in lines)


def _or_too_much(causes: list[BaseException]) -> str:
    # Python's limits have no exception of their own.
    is_too_much = any(re.match(r"got more than \d+", str(cause)) for cause in causes)
    limits = ", or has more than 100 headers or interim answers, or a line of more than 64 KiB"
    return limits if is_too_much else ""


def _system_error(causes: list[BaseException]) -> str:
    numbers = (cause.errno for cause in causes if isinstance(cause, OSError) and isinstance(cause.errno, int))
    return next((os.strerror(number).lower() for number in numbers if number), "the host can't be reached")
