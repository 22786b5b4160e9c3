# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the dates of a certificate that was refused: OpenSSL names only the first of its faults.

Private to damops.elvis.
"""

from __future__ import annotations

import socket
import ssl
import time
from datetime import datetime, timezone

from .._text import TIME_FORMAT

MOST_SECONDS = 5.0
"""For each of the two handshakes that it takes."""
_PARTIAL_CHAIN, _NO_CHECK_TIME = 0x80000, 0x200000
"""OpenSSL's X509_V_FLAG_PARTIAL_CHAIN, which Python 3.9 has no name for, and X509_V_FLAG_NO_CHECK_TIME."""


def wrong_date_of(host: str, port: int) -> str:
    """Return since when the certificate of a server is over, or from when on it is valid; empty where it is valid now.

    Empty as well where it can't be read.

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
        return ""
    return _words(begin, end, time.time())


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
