# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a certificate that was refused: OpenSSL names only the first of its faults, and none of its names.

Private to damops.elvis.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from .._text import TIME_FORMAT, escaped

MOST_SECONDS = 5.0
"""For each of the two handshakes that it takes."""
MOST_NAMES = 5
"""Names of a certificate that a message has."""
_PARTIAL_CHAIN, _NO_CHECK_TIME = 0x80000, 0x200000
"""OpenSSL's X509_V_FLAG_PARTIAL_CHAIN, which Python 3.9 has no name for, and X509_V_FLAG_NO_CHECK_TIME."""


class Certificate(NamedTuple):
    """What a person has to know of a certificate that was refused; empty texts where it can't be read.

    :param wrong_date: since when it is over, or from when on it is valid; empty where it is valid now
    :param names: the hosts that it is valid for
    """

    wrong_date: str = ""
    names: str = ""


def certificate_of(host: str, port: int) -> Certificate:
    """Return the certificate of a server.

    Nothing is sent but handshakes. The second one trusts the very certificate that the first one saw, because Python
    shows the content only of a certificate that it accepted.
    """
    blind = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    blind.check_hostname = False
    blind.verify_mode = ssl.CERT_NONE
    trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trusting.check_hostname = False
    trusting.verify_flags |= _PARTIAL_CHAIN | _NO_CHECK_TIME
    try:
        with _shake_hands(blind, host, port) as connected:
            trusting.load_verify_locations(cadata=connected.getpeercert(binary_form=True))
        with _shake_hands(trusting, host, port) as connected:
            certificate = connected.getpeercert() or {}
        begin, end = (ssl.cert_time_to_seconds(str(certificate[name])) for name in ("notBefore", "notAfter"))
    except (OSError, ValueError, KeyError):
        # The refusal itself is known: this only adds to it.
        return Certificate()
    return Certificate(_words(begin, end, time.time()), _named(certificate))


def _named(certificate: Mapping[str, Any]) -> str:
    alternatives = certificate.get("subjectAltName", ())
    names = [escaped(name) for kind, name in alternatives if kind in ("DNS", "IP Address")]
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(names[:MOST_NAMES])}{more}"


def _words(begin: float, end: float, now: float) -> str:
    if end < now:
        return f"it expired at {_shown(end)}"
    if begin > now:
        return f"it is not valid before {_shown(begin)}"
    return ""


def _shown(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime(TIME_FORMAT)


def _shake_hands(context: ssl.SSLContext, host: str, port: int) -> ssl.SSLSocket:
    plain = socket.create_connection((host, port), MOST_SECONDS)
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise
