# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetches the files of assets: asks for one, hashes one, finds out whether there is one. Private to damops.elvis."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import unquote

from .._elvis.client import Client, Request
from .._elvis.content import check_file
from .._elvis.endpoint import parse_endpoint
from .._errors import ElvisError, Reason
from .hits import Hit

HEAD = 1024 * 1024
"""Bytes of a file that are kept: an error of Elvis is shorter, so that it is recognised."""
NONE_HERE: frozenset[Reason] = frozenset({"not_found", "forbidden"})
"""Reasons of a failed GET that say that this session gets no such file."""

Save = Callable[[Iterable[bytes]], bytes]


def file_request(client: Client, asset: Hit, url: str) -> Request:
    """Return the request for a file of an asset.

    :param url: the address that the server gives for the file
    :raises ElvisError: when that address is not one of the session's server
    """
    try:
        endpoint = parse_endpoint(url, client.server_url)
    except ElvisError:
        raise ElvisError(
            f"{asset.path} was not fetched: the server names an address for it that is not one of a file. Check"
            " the address that it is configured to have.",
            "bad_response",
        ) from None
    return Request(f"download {asset.path}", "GET", endpoint.path, query=endpoint.query, accept="*/*", repeatable=True)


class Originals:
    """The originals of a server's assets; several threads may ask. Files are read in constant memory."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def checksum(self, asset: Hit) -> str | None:
        """Return the MD5 of an asset's original as the server has it now, None where it returns none.

        :raises ElvisError: when the server can't be asked
        """
        digest = _Digest()
        return digest.hexdigest() if self._get(asset, digest.fill) else None

    def has(self, asset: Hit) -> bool:
        """Tell whether the server returns an original for the id of an asset; only its beginning is read.

        :raises ElvisError: when the server can't be asked
        """
        return self._get(asset, _beginning)

    def _get(self, asset: Hit, save: Save) -> bool:
        if asset.original_url is None:
            return False
        request = file_request(self._client, asset, asset.original_url)
        if asset.id not in unquote(request.path).split("/"):
            # Another asset may be at a path by now. Only an address by id returns the file of this one.
            return False
        try:
            self._client.call(replace(request, save=save), lambda reply: check_file(reply, asset.path))
        except ElvisError as error:
            if error.reason in NONE_HERE:
                return False
            raise
        return True


class _Digest:
    """The MD5 of what is fetched, by which Elvis knows a file."""

    def __init__(self) -> None:
        self._md5 = hashlib.md5(usedforsecurity=False)

    def fill(self, chunks: Iterable[bytes]) -> bytes:
        """Read a file, from its start in each try, and return its beginning."""
        self._md5 = hashlib.md5(usedforsecurity=False)
        head = bytearray()
        for chunk in chunks:
            head += chunk[: HEAD - len(head)]
            self._md5.update(chunk)
        return bytes(head)

    def hexdigest(self) -> str:
        return self._md5.hexdigest()


def _beginning(chunks: Iterable[bytes]) -> bytes:
    """Return the beginning of a file. A small one is read whole, so that its connection can be used again."""
    head = bytearray()
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD:
            break
    return bytes(head[:HEAD])
