# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads assets again right before they are changed: somebody else may have changed them. Private to damops.elvis.

What is moved or removed must be as it was. What gets a new file may be elsewhere by now: the part of a file carries a
name, and the server gives that name to the asset, so it must be the present one.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from .._elvis.client import Client, Request
from .._elvis.field_values import exact_text
from .._elvis.paths import name_of, trimmed_key
from .._elvis.services import SEARCH, UPDATE
from .._errors import CallFailure, ElvisError
from . import index_lag
from .asset_finder import AssetFinder
from .folders import AssetNames
from .history import WantedHistory, read_history
from .hits import Hit

MOST_AT_ONCE = 100
"""Assets that are read at once."""
READING_FRESH_FOR = 2.0
"""Seconds for which what was read again counts before a move or a removal: an asset, and the list of a folder."""
RUN_AGAIN = "It was left unchanged. Run the task again: it looks first."
NOT_THERE = "it is no longer there"
CREATE_ANEW = "Run the task again: it creates the asset anew."
RENAMES, MOVES = "RENAME", "MOVE"
"""The actions in the history of an asset that give it another name, or another folder (documented)."""


class Present(NamedTuple):
    """An asset as it was read again, and when that was: in ms since 1970, by the server's clock."""

    asset: Hit
    read_at: float


class _TimedHit(NamedTuple):
    """What was found of an asset, when that was by the server's clock in ms, and by a monotonic one in seconds."""

    found: Hit | None
    read_at: float
    at: float


class PresentAssets:
    """Assets that one task is about to change; several threads may ask.

    :param query: must still find them; None for any
    :param except_query: must still not find them; None for none
    :param key: the field that names them, which the finder reads; None where no field does
    """

    def __init__(
        self,
        client: Client,
        finder: AssetFinder,
        query: str | None = None,
        except_query: str | None = None,
        key: str | None = None,
    ) -> None:
        self._client = client
        self._finder = finder
        self._query = query
        self._except_query = except_query
        self._key = key
        self._ids: Sequence[str] = ()
        self._places: dict[str, int] = {}
        self._lock = threading.Lock()
        self._read: dict[str, _TimedHit] = {}
        self._names = AssetNames(client, READING_FRESH_FOR)
        self._has_history = True

    def expect(self, ids: Sequence[str]) -> None:
        """Take note of the assets that will be asked for, in this order."""
        self._ids = ids
        self._places = {asset_id: place for place, asset_id in enumerate(ids)}

    def take(self, planned: Hit) -> Present:
        """Return an asset as it is now, and read those that come after it along with it. Each is returned once.

        One that a search does not find is returned as it was planned: the write will tell.

        :raises ElvisError: when the server can't be asked, or the asset has another key by now
        """
        reading = self._taken(planned, math.inf)
        found = reading.found or planned
        if self._key and exact_text(found.fields.get(self._key)) != exact_text(planned.fields.get(self._key)):
            raise self._conflict(planned, f"it has changed meanwhile: {self._key}")
        return Present(found, reading.read_at)

    def guard(
        self, planned: Hit, *, is_listed: bool = False, is_placed: bool = True, may_be_free: bool = True
    ) -> Callable[[], None]:
        """Return what makes sure that an asset is as it was planned, for the check of each request that changes it.

        :param is_listed: whether its folder must list it as well: a search may not know yet that it was moved
        :param is_placed: whether its history must not show that it was moved either, because its path names it
        :param may_be_free: whether its check-out may have ended, which this task does first where it is forced to
        """
        read_at = -math.inf

        def check() -> None:
            nonlocal read_at
            if time.monotonic() - read_at > READING_FRESH_FOR:
                read_at = self._check(planned, is_listed=is_listed, is_placed=is_placed, may_be_free=may_be_free)

        return check

    def _check(self, planned: Hit, *, is_listed: bool, is_placed: bool, may_be_free: bool) -> float:
        """Make sure that an asset is as it was planned, and return when it was read, a moment ago at most.

        :raises ElvisError: when it is another one by now: moved, edited, checked out or gone
        """
        reading = self._taken(planned, READING_FRESH_FOR)
        found = reading.found
        if found is None:
            is_chosen = self._query is not None or self._except_query is not None
            raise self._conflict(planned, "it is no longer among the wanted assets" if is_chosen else NOT_THERE)
        numbers = [(name, found.number(name), planned.number(name)) for name in ("versionNumber", "checkedOut")]
        pairs = [("path", found.path, planned.path), *numbers]
        is_free = may_be_free and found.number("checkedOut") is None
        changed = [name for name, now, before in pairs if now != before and not (is_free and name == "checkedOut")]
        if changed:
            raise self._conflict(planned, f"it has changed meanwhile: {', '.join(changed)}")
        if is_listed and not self._names.has(planned.path):
            raise self._conflict(planned, NOT_THERE)
        elsewhere = self._elsewhere(planned, reading.read_at) if is_placed else None
        if elsewhere:
            raise self._conflict(planned, f"it was moved to {elsewhere} meanwhile, and another asset has its path")
        return reading.at

    def _elsewhere(self, planned: Hit, read_at: float) -> str | None:
        """Return where an asset is whose move a search may not know of yet, None where it was not moved.

        Its folder still lists its path where another asset was put there.
        """
        since = int(read_at - 1000 * index_lag.longest_lag(self._client))
        wanted = WantedHistory((RENAMES, MOVES), since=since)
        try:
            entries = read_history(self._client, planned.id, planned.path, wanted) if self._has_history else ()
        except ElvisError:
            # Nobody knows, and it is not asked again.
            self._has_history = False
            return None
        paths = [entry.path for entry in entries or () if entry.path]
        last = paths[-1] if paths else planned.path
        return last if trimmed_key(last) != trimmed_key(planned.path) and self._names.has(last) else None

    def _taken(self, planned: Hit, fresh_for: float) -> _TimedHit:
        """Return what is there of an asset, and read those that come after it along with it.

        :param fresh_for: the seconds for which a reading counts
        """
        with self._lock:
            reading = self._read.pop(planned.id, None)
            if reading and time.monotonic() - reading.at <= fresh_for:
                return reading
            start = self._places.get(planned.id)
            first = start - start % MOST_AT_ONCE if start is not None else 0
            self._read_again([planned.id] if start is None else self._ids[first : first + MOST_AT_ONCE])
            return self._read.pop(planned.id)

    def _read_again(self, ids: Sequence[str]) -> None:
        at, read_at = time.monotonic(), 1000 * (time.time() + self._client.clock_ahead)
        found = self._finder.by_ids(ids, self._query)
        if self._except_query is not None:
            excepted = self._finder.by_ids(found, self._except_query)
            found = {asset_id: hit for asset_id, hit in found.items() if asset_id not in excepted}
        self._read.update({asset_id: _TimedHit(found.get(asset_id), read_at, at) for asset_id in ids})

    def _conflict(self, planned: Hit, summary: str) -> ElvisError:
        request = Request(f"change {planned.path}", "POST", SEARCH.address, advice={"conflict": RUN_AGAIN})
        return self._client.error(request, CallFailure("conflict", summary, "answered"))


def name_meanwhile(client: Client, present: Present) -> str | None:
    """Return the path that somebody gave an asset after it was read and before it got its file, None where nobody did.

    The new file has given it back its former name by then. Where the history can't be read, nobody knows.

    :raises ElvisError: when somebody has removed the asset since
    """
    # What was done before it was read may have been unknown to the search.
    since = present.read_at - 1000 * index_lag.INDEX_LAG
    try:
        renames = read_history(
            client, present.asset.id, present.asset.path, WantedHistory((RENAMES,), since=int(since))
        )
    except ElvisError:
        return None
    if renames is None and not AssetNames(client, fresh_for=0).has(present.asset.path):
        request = Request(
            f"store a file in {present.asset.path}", "POST", UPDATE.address, advice={"conflict": CREATE_ANEW}
        )
        summary = "it was stored, and somebody has removed the asset since"
        raise client.error(request, CallFailure("conflict", summary, "answered"))
    own = trimmed_key(name_of(present.asset.path))
    paths = [entry.path for entry in renames or () if entry.path and trimmed_key(name_of(entry.path)) != own]
    return paths[-1] if paths else None
