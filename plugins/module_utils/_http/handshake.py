# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says why a TLS connection did not come about. Private to damops.elvis.

OpenSSL has few words for that, and Python does not show a certificate that it refused: so it is asked for once more.
"""

from __future__ import annotations

import copy
import socket
import ssl
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from .._errors import Problem
from .._text import TIME_FORMAT, one_line

try:
    from urllib3.connection import CertificateError  # type: ignore[attr-defined] # it has had several other places
    from urllib3.exceptions import HTTPError
except ImportError:  # _http tells
    HTTPError = CertificateError = OSError  # type: ignore[assignment,misc]

Certificate = Mapping[str, Any]
"""As :meth:`ssl.SSLSocket.getpeercert` returns it."""

REFUSALS = (ssl.SSLCertVerificationError, CertificateError)
"""The second is that of urllib3 1, which compares the host's name itself, and has no number for what it found."""
HANG_UPS = (ConnectionError, ssl.SSLEOFError)
EXPIRED, SELF_SIGNED, NAMES_OTHER_HOST = 10, 18, (None, 62, 64)
"""OpenSSL's numbers (X509_V_ERR_...)."""
UNKNOWN_ISSUER = (2, 19, 20, 21)
MOST_NAMES = 5
LONGEST_NAME = 100

HUNG_UP = "the TLS connection failed: the server hung up in the middle of the handshake"
PROXY_HUNG_UP = "the proxy, or the server behind it, hung up before the request was sent"
HUNG_UP_ADVICE = "Check that it speaks TLS on this port, and look into its log."
CLOCK = "or set the clock of the machine that runs this task, if that is what is wrong"


def problem_of_handshake(connection: Any, tunnel_to: str | None, failure: BaseException) -> Problem | None:
    """Return what is wrong with the other side of a connection, None when it is not the other side's or not known.

    :param connection: one of urllib3's
    :param tunnel_to: the host, where a proxy makes a tunnel to it
    :param failure: what ended it before a request was sent
    """
    proxy = getattr(connection, "proxy", None)
    if isinstance(failure, socket.timeout):
        return Problem("timeout", f"no connection within {connection.timeout:.3g} s", sent=False)
    if isinstance(failure, HANG_UPS):
        if proxy is None:
            return Problem("tls", HUNG_UP, sent=False, passing=True, advice=HUNG_UP_ADVICE)
        return Problem("proxy", PROXY_HUNG_UP, sent=False, passing=True)
    if not isinstance(failure, REFUSALS) or (proxy is not None and proxy.scheme == "https"):
        # It may be the proxy's own certificate, and until that is good the proxy learns nothing: its password neither.
        return None
    certificate = _presented_by(connection)
    return _problem_with(certificate, tunnel_to or connection.host, failure) if certificate else None


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


def _presented_by(connection: Any) -> Certificate:
    """Return the certificate that a server shows, empty when it can't be had."""
    # A connection like the one that failed. Nothing is sent on it.
    look = copy.copy(connection)
    look.sock, look.ssl_context = None, None
    look.cert_reqs, look.assert_hostname = ssl.CERT_NONE, False
    look.cert_file = look.key_file = None
    try:
        look.connect()
        if not isinstance(look.sock, ssl.SSLSocket):
            return {}
        # A certificate is decoded only where it is to be verified; by now, that is of no other effect.
        look.sock.context.verify_mode = ssl.CERT_REQUIRED
        return look.sock.getpeercert() or {}
    except (OSError, HTTPError, Problem):
        return {}
    finally:
        look.close()


def _problem_with(certificate: Certificate, host: str, refusal: BaseException) -> Problem:
    came_back, advice = _finding(certificate, host, refusal)
    return Problem("tls", f"the server's certificate {came_back}", sent=False, advice=advice)


def _finding(certificate: Certificate, host: str, refusal: BaseException) -> tuple[str, str]:
    """Return what is wrong, the first that is true, and what to do."""
    code = getattr(refusal, "verify_code", None)
    words = getattr(refusal, "verify_message", "") or "it can't be verified"
    now = time.time()
    findings = (
        (
            _seconds(certificate, "notAfter") < now,
            f"expired on {_moment(certificate, 'notAfter')}",
            f"Renew it on the server, {CLOCK}.",
        ),
        (
            _seconds(certificate, "notBefore") > now,
            f"is not valid before {_moment(certificate, 'notBefore')}",
            f"Give the server one that is valid now, {CLOCK}.",
        ),
        (
            code in NAMES_OTHER_HOST,
            f"is for {_names(certificate)}, not for {host}",
            f"Use a name that it is for in server_url, or give the server a certificate for {host}.",
        ),
        (
            code == SELF_SIGNED,
            "is self-signed, and not trusted here",
            "If it is the right one, name its file with ca_path.",
        ),
        (
            code in UNKNOWN_ISSUER,
            f"was issued by {_issuer(certificate)}, which is not trusted here",
            (
                "Name the file with the certificate of that CA with ca_path. If it is in there, the server does not"
                " send the certificates between that and its own."
            ),
        ),
        (code == EXPIRED, "was issued by a CA whose own certificate expired", f"Renew that of the CA, {CLOCK}."),
        (True, f"was refused: {words}", "Give the server a certificate that can be verified."),
    )
    return next((came_back, advice) for is_true, came_back, advice in findings if is_true)


def _seconds(certificate: Certificate, limit: str) -> float:
    return ssl.cert_time_to_seconds(certificate[limit])


def _moment(certificate: Certificate, limit: str) -> str:
    return datetime.fromtimestamp(_seconds(certificate, limit), tz=timezone.utc).strftime(TIME_FORMAT)


def _names(certificate: Certificate) -> str:
    names = [_shown(name) for kind, name in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
    more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return ", ".join(names[:MOST_NAMES] + more) or "no host"


def _issuer(certificate: Certificate) -> str:
    parts = {name: value for part in certificate.get("issuer", ()) for name, value in part}
    return _shown(parts.get("commonName") or ", ".join(parts.values()) or "a CA without a name")


def _shown(name: str) -> str:
    return one_line(name)[:LONGEST_NAME]
