# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads when an Elvis token expires, and never fails on a token that can't be read. Private to damops.elvis."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import datetime, timezone

from .._text import TIME_FORMAT

LONGEST_TOKEN = 64 * 1024
LONGEST_CLAIMS = 256 * 1024
"""Bytes; a real token holds some hundred, and no server takes a header as long as that."""


def expires_at(token: str) -> str | None:
    """Return when `token` expires, as UTC in ISO 8601 (``2026-11-22T11:14:08Z``), or None when it does not tell.

    Elvis issues JSON Web Tokens whose claims are compressed (header ``zip: DEF``): the samples that the vendor
    publishes are in zlib's format, the standard says raw deflate; both are read. A token may also be opaque.
    The signature is the server's business: nothing here trusts the claims, they are only shown.
    """
    if len(token) > LONGEST_TOKEN:
        return None
    try:
        header, claims, _signature = token.split(".")
        raw = _decode(claims)
        if json.loads(_decode(header)).get("zip") == "DEF":
            raw = _inflate(raw)
        expiry = json.loads(raw)["exp"]
        return datetime.fromtimestamp(float(expiry), tz=timezone.utc).strftime(TIME_FORMAT)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, RecursionError, zlib.error):
        return None


def _decode(part: str) -> bytes:
    return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)


def _inflate(data: bytes) -> bytes:
    try:
        return _inflate_as(data, zlib.MAX_WBITS)
    except zlib.error:
        return _inflate_as(data, -zlib.MAX_WBITS)


def _inflate_as(data: bytes, window_bits: int) -> bytes:
    inflater = zlib.decompressobj(window_bits)
    inflated = inflater.decompress(data, LONGEST_CLAIMS)
    if inflater.unconsumed_tail:
        raise ValueError("the claims are longer than any real token's")
    return inflated
