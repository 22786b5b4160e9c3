# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says why a TLS connection did not come about: what is not in one of these tables is told in OpenSSL's own words.

Private to damops.elvis.
"""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._errors import CallFailure, Kind
from .certificate import Certificate, certificate_of

try:
    from urllib3.connection import CertificateError  # type: ignore[attr-defined] # it has had several other places
except ImportError:  # transport tells
    CertificateError = ssl.SSLCertVerificationError  # type: ignore[assignment,misc]


class _TlsFailure(NamedTuple):
    """What happened in a handshake; ``pattern`` is found in OpenSSL's name for it."""

    pattern: str
    kind: Kind
    summary: str


_FAILURES = (
    _TlsFailure(
        pattern="CERTIFICATE_REQUIRED",
        kind="client_certificate_missing",
        summary="the server asks for a client certificate, and was given none",
    ),
    _TlsFailure(
        pattern="ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_)",
        kind="client_certificate_refused",
        summary="the server does not accept the client certificate",
    ),
    _TlsFailure(
        pattern="WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH",
        kind="tls_not_spoken",
        summary="the server does not speak TLS on this port",
    ),
    _TlsFailure(
        pattern="UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION",
        kind="tls_too_old",
        summary="the server speaks only versions of TLS that are no longer safe",
    ),
    _TlsFailure(
        pattern="NO_CERTIFICATE_OR_CRL_FOUND",
        kind="ca_file",
        summary="the file of the trusted CAs holds no certificate",
    ),
    _TlsFailure(
        pattern="ALERT_HANDSHAKE_FAILURE",
        kind="client_certificate_refused",
        summary="the server refuses the handshake: it may ask for a client certificate, or have no cipher in common",
    ),
)


class _Refused(NamedTuple):
    """Why a server's certificate was refused; ``codes`` are OpenSSL's numbers for it (X509_V_ERR_...)."""

    codes: tuple[int | None, ...]
    kind: Kind
    summary: str


_REFUSED = (
    _Refused(
        codes=(10,),
        kind="certificate_expired",
        summary="has expired, or that of a CA above it has",
    ),
    _Refused(
        codes=(9,),
        kind="certificate_not_yet_valid",
        summary="is not valid yet",
    ),
    _Refused(
        # urllib3 1 compares the host's name itself, and has no number for what it found.
        codes=(62, 64, None),
        kind="certificate_of_other_host",
        summary="is not valid for this host",
    ),
    _Refused(
        codes=(18,),
        kind="certificate_self_signed",
        summary="is self-signed, and not trusted here",
    ),
    _Refused(
        codes=(2, 19, 20, 21),
        kind="certificate_issuer_unknown",
        summary="was issued by a CA that is not trusted here",
    ),
)

CLIENT_CERTIFICATE_KINDS: frozenset[Kind] = frozenset({"client_certificate_missing", "client_certificate_refused"})
"""What a server tells with TLS 1.3 only when the request is on its way, which it does not read then."""

_HUNG_UP = (ConnectionError, ssl.SSLEOFError)


def tls_failure(causes: Sequence[BaseException]) -> tuple[Kind, str]:
    """Return what happened in a handshake, with the server or with a proxy, from all exceptions that led to one."""
    tls_causes = [cause for cause in causes if isinstance(cause, ssl.SSLError)]
    # Only OpenSSL itself says more, or names a reason.
    reasons = [str(getattr(cause, "reason", None) or "") for cause in tls_causes]
    for failure in _FAILURES:
        if any(re.search(failure.pattern, reason) for reason in reasons):
            return failure.kind, failure.summary
    verified = (str(getattr(cause, "verify_message", None) or "") for cause in tls_causes)
    compared = ("certificate is not valid for this host" for cause in causes if isinstance(cause, CertificateError))
    words = (*verified, *compared, *(reason.lower().replace("_", " ") for reason in reasons))
    return "tls", next(filter(None, words), "the two sides gave no reason")


def broken_tls(causes: Sequence[BaseException]) -> tuple[Kind, str]:
    """Return what broke a connection whose handshake was done."""
    kind, _words = failure = tls_failure(causes)
    if kind in CLIENT_CERTIFICATE_KINDS:
        return failure
    reasons = (str(getattr(cause, "reason", None) or "") for cause in causes if isinstance(cause, ssl.SSLError))
    name = next(filter(None, reasons), "unknown reason").lower().replace("_", " ")
    return "tls_broken", f"it broke after the request was sent ({name})"


def failure_of_handshake(connection: Any, failure: BaseException) -> CallFailure | None:
    """Return what is wrong with the other side of a connection, None when it is not the other side's or not known.

    :param connection: one of urllib3's
    :param failure: what ended it before a request was sent
    """
    proxy = getattr(connection, "proxy", None)
    if isinstance(failure, socket.timeout):
        return CallFailure("timeout", f"no connection within {connection.timeout:.3g} s", "unsent")
    if isinstance(failure, _HUNG_UP):
        if proxy is None:
            hung_up = "the TLS connection failed: the server hung up in the middle of the handshake"
            return CallFailure("tls_hung_up", hung_up, "unsent", transient=True)
        by_proxy = "the proxy, or the server behind it, hung up before the request was sent"
        return CallFailure("proxy", by_proxy, "unsent", transient=True)
    is_refused = isinstance(failure, (ssl.SSLCertVerificationError, CertificateError))
    if not is_refused or (proxy is not None and proxy.scheme == "https"):
        # It may be the proxy's own certificate.
        return None
    kind, summary = _certificate_failure(failure)
    found = certificate_of(connection.host, connection.port) if proxy is None else Certificate()
    is_valid_for = f"it is valid for {found.names}" if found.names and kind == "certificate_of_other_host" else ""
    words = "; ".join(filter(None, (f"the server's certificate {summary}", is_valid_for, found.wrong_date)))
    return CallFailure(kind, words, "unsent")


def _certificate_failure(refusal: BaseException) -> tuple[Kind, str]:
    code = getattr(refusal, "verify_code", None)
    for refused in _REFUSED:
        if code in refused.codes:
            return refused.kind, refused.summary
    words = getattr(refusal, "verify_message", "") or "it can't be verified"
    return "certificate", f"was refused: {words}"


def reason_to_hang_up(connected: Any, broken: OSError) -> OSError:
    """Return why the other side ended a connection while the request was on its way.

    With TLS 1.3 it refuses a client's certificate only then, in an alert that waits unread.
    """
    try:
        if isinstance(connected, ssl.SSLSocket):
            connected.recv(1)
    except ssl.SSLError as alert:
        return alert if alert.reason else broken
    except OSError:
        pass
    return broken
