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

from .._errors import Problem, Reason
from .body import BREAKS_OFF, BREAKS_OFF_ADVICE

try:
    from requests import exceptions as outer
    from urllib3 import exceptions as inner
    from urllib3.connection import CertificateError  # type: ignore[attr-defined] # it has had several other places
except ImportError:
    pass  # _http tells


class _Meaning(NamedTuple):
    kinds: tuple[type[BaseException], ...]
    reason: Reason
    came_back: str
    sent: bool
    passing: bool
    advice: str | None = None


CLIENT_CERTIFICATE = "Check client_cert: it must be valid, and from a CA that the server asks for."
PROXY_LOGIN = "Write them into its address, percent-encoded: http://user:password@proxy.example.com:3128."
PROXY_TLS = "Check that its address must begin with https://; name the CA of its certificate with ca_path."
CA_FILES = "Check ca_path, or the variables REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE."
_TLS_FAILURES = (
    (
        "CERTIFICATE_REQUIRED",
        "the server asks for a client certificate, and was given none",
        "Name one, with its key, with client_cert and client_key.",
    ),
    (
        "ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_)",
        "the server does not accept the client certificate",
        CLIENT_CERTIFICATE,
    ),
    (
        "WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH",
        "the server does not speak TLS on this port",
        "Check the port in server_url, and whether it must be http://.",
    ),
    (
        "UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION",
        "the server speaks only versions of TLS that are no longer safe",
        "Switch on TLS 1.2 or newer at the server.",
    ),
    ("NO_CERTIFICATE_OR_CRL_FOUND", "the file of the trusted CAs holds no certificate", CA_FILES),
    (
        "ALERT_HANDSHAKE_FAILURE",
        "the server refuses the handshake: it may ask for a client certificate, or have no cipher in common",
        CLIENT_CERTIFICATE,
    ),
)
"""Of what OpenSSL gives as its reason: what came back, and what to do."""


def explain(error: BaseException, seconds: float) -> Problem:
    """Return what came back instead of a reply.

    :param error: an exception from requests, urllib3 or the system
    :param seconds: how long the request was allowed to take
    """
    causes = list(_causes(error))
    meaning = next(
        meaning for meaning in _meanings(causes, seconds) if any(isinstance(cause, meaning.kinds) for cause in causes)
    )
    return Problem(meaning.reason, meaning.came_back, sent=meaning.sent, passing=meaning.passing, advice=meaning.advice)


def _meanings(causes: list[BaseException], seconds: float) -> tuple[_Meaning, ...]:
    """Return what each kind of exception means, the first that is found among the causes before the others."""
    proxy, proxy_advice = _proxy_failure(causes)
    tls, tls_advice = _tls_failure(causes)
    no_connection = f"no connection: {_system_error(causes)}"
    broken = "the connection broke before the answer came"
    unsendable = "an address or a value that HTTP can't carry"
    may_resolve_later = any(getattr(cause, "errno", None) == socket.EAI_AGAIN for cause in causes)
    # urllib3 blames the proxy for what breaks later, too.
    behind_proxy = (ConnectionError,) if _is_behind_proxy(causes) else ()
    return (
        _Meaning(behind_proxy, "unreachable", broken, True, True),
        _Meaning(
            (outer.ProxyError, inner.ProxyError, outer.InvalidProxyURL), "proxy", proxy, False, False, proxy_advice
        ),
        _Meaning((outer.InvalidSchema, inner.ProxySchemeUnknown), "proxy", "no way to use such a proxy", False, False),
        _Meaning((inner.InvalidHeader,), "bad_response", "headers that contradict each other", True, False),
        _Meaning((outer.InvalidURL, outer.InvalidHeader, UnicodeError), "bad_request", unsendable, False, False),
        # What breaks in the handshake is told where it is made: here the request was on its way.
        _Meaning((ssl.SSLEOFError, ssl.SSLZeroReturnError), "unreachable", broken, True, True),
        _Meaning((ssl.SSLError, inner.SSLError), "tls", f"the TLS connection failed: {tls}", False, False, tls_advice),
        _Meaning((socket.gaierror,), "unreachable", "the host name does not resolve", False, may_resolve_later),
        # Before the time-out: some versions of urllib3 make it a kind of it.
        _Meaning((inner.NewConnectionError,), "unreachable", no_connection, False, True),
        _Meaning((inner.ConnectTimeoutError,), "timeout", f"no connection within {seconds:.3g} s", False, True),
        _Meaning((inner.TimeoutError, socket.timeout), "timeout", f"no answer within {seconds:.3g} s", True, True),
        _Meaning((IncompleteRead, inner.IncompleteRead), "bad_response", BREAKS_OFF, True, True, BREAKS_OFF_ADVICE),
        # Python's own ConnectionError: a connection that is reset, or closed instead of answered.
        _Meaning((ConnectionError,), "unreachable", broken, True, True),
        _Meaning(
            (BadStatusLine,) if _is_cut(causes) else (), "bad_response", BREAKS_OFF, True, True, BREAKS_OFF_ADVICE
        ),
        _Meaning((HTTPException,), "bad_response", f"something that is not HTTP{_or_too_much(causes)}", True, False),
        _Meaning((BaseException,), "unreachable", "no exchange with the server", True, False),
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


def _proxy_failure(causes: list[BaseException]) -> tuple[str, str | None]:
    found = (re.search(r"Tunnel connection failed: (\d{3})", str(cause)) for cause in causes)
    status = next((match[1] for match in found if match), None)
    if status == "407":
        return "the proxy asks for a user and a password (HTTP 407)", PROXY_LOGIN
    if status:
        return f"the proxy did not let the request through (HTTP {status})", None
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return f"the TLS connection to the proxy failed: {_tls_failure(causes)[0]}", PROXY_TLS
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return "the name of the proxy does not resolve", None
    if any(isinstance(cause, (inner.NewConnectionError, inner.ConnectTimeoutError)) for cause in causes):
        return f"no connection to the proxy: {_system_error(causes)}", None
    return "the proxy did not let the request through", None


def _is_cut(causes: list[BaseException]) -> bool:
    """Tell whether the connection broke in the first line of an answer."""
    lines = (str(cause) for cause in causes if isinstance(cause, BadStatusLine))
    return any("HTTP/".startswith(line[:5]) and not line.endswith("\n") for line in lines)


def _or_too_much(causes: list[BaseException]) -> str:
    # Python's limits have no exception of their own.
    is_too_much = any(re.match(r"got more than \d+", str(cause)) for cause in causes)
    return ", or has more than 100 headers or a line of more than 64 KiB" if is_too_much else ""


def _tls_failure(causes: list[BaseException]) -> tuple[str, str | None]:
    tls_causes = [cause for cause in causes if isinstance(cause, ssl.SSLError)]
    # Only OpenSSL itself says more, or names a reason.
    reasons = [str(getattr(cause, "reason", None) or "") for cause in tls_causes]
    for pattern, came_back, advice in _TLS_FAILURES:
        if any(re.search(pattern, reason) for reason in reasons):
            return came_back, advice
    verified = (str(getattr(cause, "verify_message", None) or "") for cause in tls_causes)
    # urllib3 1 compares the host's name itself.
    compared = ("certificate is not valid for this host" for cause in causes if isinstance(cause, CertificateError))
    words = (*verified, *compared, *(reason.lower().replace("_", " ") for reason in reasons))
    return next(filter(None, words), "the two sides found no common ground"), None


def _system_error(causes: list[BaseException]) -> str:
    numbers = (cause.errno for cause in causes if isinstance(cause, OSError) and isinstance(cause.errno, int))
    return next((os.strerror(number).lower() for number in numbers if number), "the host can't be reached")
