# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fetches one file, and compares what came with the size that the DAM shows. Private to damops.elvis.

The server embeds metadata into stored files, so the size of an original may differ from ``fileSize`` (documented). A
file that is far too long, or shorter for no visible reason, is not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from .._dam.asset_finder import AssetFinder
from .._dam.contents import TOLERANCE
from .._dam.hits import Hit
from .._dam.originals import file_request
from .._elvis.client import Client, Request
from .._elvis.content import check_file
from .._errors import CallFailure
from .._files.atomic_file import mode_of_new_file
from .._files.draft import LocalDraft
from .._files.places import Place
from .._http.transport import HttpResponse
from .download_plan import Fetched, date_of

LONGER, MORE = 1.1, 1024 * 1024
"""How much longer than ``fileSize`` a file may be: so many times, and so many bytes."""


class FileFetch:
    """What fetches the files of one task; several threads may use it.

    :param url_of: returns the address of what is wanted of an asset
    :param size_of: returns how many bytes that has, None where nobody knows
    :param count: is told how many bytes came
    :param lose_disk: is told when no other file could be written either
    """

    def __init__(
        self,
        client: Client,
        url_of: Callable[[Hit], str | None],
        size_of: Callable[[Hit], int | None],
        count: Callable[[int], None],
        lose_disk: Callable[[], None],
    ) -> None:
        self._client = client
        self._url_of = url_of
        self._size_of = size_of
        self._count = count
        self._lose_disk = lose_disk
        self._mode = mode_of_new_file()

    def fetch(self, asset: Hit, place: Place) -> Fetched:
        """Fetch the file of an asset to its place.

        :raises ElvisError: when it is not there afterwards; what was there before stays
        """
        request = self._request(asset)
        with self._client.judging(request):
            try:
                return self._fetch(request, asset, place)
            except CallFailure as failure:
                longer = self._longer(asset) if failure.kind == "too_long" else None
                if longer is None:
                    raise
            return self._fetch(self._request(longer), longer, place)

    def _request(self, asset: Hit) -> Request:
        return file_request(self._client, asset, self._url_of(asset) or "")

    def _longer(self, asset: Hit) -> Hit | None:
        """Return an asset as it is now if somebody has replaced its file by a longer one."""
        now = AssetFinder(self._client, ("assetFileModified", "fileSize")).by_ids([asset.id]).get(asset.id)
        sizes = [self._size_of(one) or 0 for one in (now, asset) if one]
        return now if now and self._url_of(now) and sizes[0] > sizes[-1] else None

    def _fetch(self, request: Request, asset: Hit, place: Place) -> Fetched:
        shown = self._size_of(asset)
        with LocalDraft(place.path, self._mode, self._count, self._lose_disk) as draft:

            def check(reply: HttpResponse) -> HttpResponse:
                check_file(reply, asset.path)
                return reply

            def fill(chunks: Iterable[bytes]) -> bytes:
                return draft.fill(_bounded(chunks, shown))

            reply = self._client.attempt(replace(request, save=fill), check)
            if shown is not None and draft.size < shown and "Content-Length" not in reply.headers:
                self._client.attempt(replace(request, save=draft.compare), check)
                if not draft.is_confirmed:
                    summary = f"{draft.size} of {shown} bytes came, and other bytes when it was asked again"
                    raise CallFailure("broken_off", summary, "answered")
            kept = draft.keep(date_of(asset), place.found)
            stored = asset.number("assetFileModified")
            return Fetched(draft.size, shown, stored is None or abs(kept - stored / 1000) <= TOLERANCE)


def _bounded(chunks: Iterable[bytes], shown: int | None) -> Iterator[bytes]:
    """Pass on what comes.

    :raises CallFailure: when it is much longer than the DAM shows
    """
    if shown is None:
        yield from chunks
        return
    most, size = shown * LONGER + MORE, 0
    for chunk in chunks:
        size += len(chunk)
        if size > most:
            raise CallFailure("too_long", f"more than {size} bytes came, where the DAM shows {shown}", "answered")
        yield chunk
