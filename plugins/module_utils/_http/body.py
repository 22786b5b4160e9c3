# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the body of a reply: whole or not at all, and a piece at a time. Private to damops.elvis.

urllib3 could unpack it, but takes a packed body that breaks off for a whole one, and what follows one for a part of it.
Before its version 2.6, it has no limit for what it unpacks at once, nor for the lines between chunks.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from .._errors import CallFailure

if TYPE_CHECKING:
    import requests

PIECE = 16 * 1024
"""Bytes that are read at once, packed or not: a file that comes slowly moves on whenever so many have come."""
ACCEPTED = "gzip"
"""What requests ask for."""
BROKEN_OFF = "a reply that breaks off"
_LENGTH = re.compile("[0-9]{1,18}")
_KNOWN = frozenset({"gzip", "x-gzip", "deflate"})
_EITHER_FORMAT = 32 + zlib.MAX_WBITS
"""Lets zlib find out whether it is gzip's or its own."""
_BARE_FORMAT = -zlib.MAX_WBITS
"""What stands inside of either. Some servers send just that, and call it deflate as well."""


def read_body(response: requests.Response) -> Iterator[bytes]:
    """Yield the body, unpacked, a piece at a time.

    :raises CallFailure: at its end when it breaks off, or when it can't be unpacked
    """
    packed = _read(response)
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        yield from packed
    elif encoding in _KNOWN:
        yield from _inflate(packed, may_be_bare=encoding == "deflate")
    else:
        raise CallFailure("not_http", "a reply in a compression that was not asked for", "unknown")


def _read(response: requests.Response) -> Iterator[bytes]:
    # urllib3 2 looks for itself, and doesn't tell with which status a body breaks off.
    response.raw.enforce_content_length = False
    while piece := response.raw.read(PIECE, decode_content=False):
        yield piece
    if _breaks_off(response):
        status = response.status_code
        raise CallFailure("broken_off", f"HTTP {status} and {BROKEN_OFF}", "unknown", transient=True, status=status)


def _breaks_off(response: requests.Response) -> bool:
    if "Transfer-Encoding" in response.headers:
        return False
    read = response.raw.tell()
    announced = _LENGTH.fullmatch(response.headers.get("Content-Length", ""))
    if announced:
        return bool(read != int(announced[0]))
    # Python takes headers that break off for whole ones, and what is left of them may announce nothing.
    return read == 0 and 200 <= response.status_code < 204


def _inflate(packed: Iterator[bytes], *, may_be_bare: bool) -> Iterator[bytes]:
    head = next(packed, b"")
    if len(head) == 1:
        head += next(packed, b"")
    inflater = zlib.decompressobj(_format_of(head) if may_be_bare else _EITHER_FORMAT)
    is_empty = True
    try:
        for piece in chain(filter(None, [head]), packed):
            is_empty = False
            while piece and not inflater.unused_data:
                yield inflater.decompress(piece, PIECE)
                piece = inflater.unconsumed_tail
            if inflater.unused_data:
                break
        yield inflater.flush()
    except zlib.error:
        raise _broken() from None
    if inflater.unused_data or not (inflater.eof or is_empty):
        raise _broken()


def _format_of(head: bytes) -> int:
    """Return the format of packed data, which zlib knows from the first two bytes."""
    try:
        zlib.decompressobj(_EITHER_FORMAT).decompress(head[:2])
    except zlib.error:
        return _BARE_FORMAT
    return _EITHER_FORMAT


def _broken() -> CallFailure:
    return CallFailure("not_http", "a reply whose compression is broken", "unknown")
