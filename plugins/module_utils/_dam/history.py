# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the history of an asset: who did what with it, when, and which fields changed. Private to damops.elvis.

The vendor documents the call, its pages and its detail levels, but not the order of the entries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._elvis.client import Client, Request
from .._elvis.field_values import plain
from .._elvis.response import not_elvis
from .._elvis.services import HISTORY, HISTORY_PAGING
from .._errors import ElvisError
from .._http.transport import HttpResponse
from .search import MOST_READINGS, PAGE, Listing, read_pages

MOST_ENTRIES = 10_000_000
"""Entries of one asset. Their number is not limited; a server that names a larger one is not believed."""
EVERYTHING = "5"
"""The level of detail that has all actions (documented)."""
SELECTED = "0"
"""The level of detail by which the parameter ``actions`` counts (documented)."""
OLD_VALUE = "oldValue"
"""The value before a change: a guess, from one TypeScript client's types."""
NEW_VALUE = "newValue"
"""The value after it, which the vendor's sample reads."""


class HistoryEntry(NamedTuple):
    """One thing that happened to an asset.

    :param time: in milliseconds since 1970
    :param path: the path of the asset at that time
    :param changed: the value of each changed field before and after, as the server shows them
    :param address: where the client ran
    :param half_known: the names of those changed fields of which the entry lacks a value; an empty one is there
    """

    time: int
    user: str | None
    client: str | None
    action: str
    path: str | None
    changed: Mapping[str, tuple[Any, Any]]
    address: str | None
    half_known: Collection[str] = ()


@dataclass(frozen=True)
class WantedHistory:
    """Which entries of a history are wanted.

    :param actions: the names of actions as Elvis writes them; empty for all
    :param users: the names of users, in any letter case; empty for all
    :param since: the first millisecond that counts, None for no such limit
    :param until: the first millisecond that no longer counts, None for no such limit
    """

    actions: Collection[str] = ()
    users: Collection[str] = ()
    since: int | None = None
    until: int | None = None

    def takes(self, entry: HistoryEntry) -> bool:
        """Tell whether an entry is wanted; a server need not know of ``actions``."""
        return (
            (not self.actions or entry.action in self.actions)
            and (not self.users or _name_key(entry.user or "") in map(_name_key, self.users))
            and (self.since is None or entry.time >= self.since)
            and (self.until is None or entry.time < self.until)
        )


def read_history(client: Client, asset_id: str, shown: str, wanted: WantedHistory) -> list[HistoryEntry] | None:
    """Return what happened to an asset, the oldest entry first; None when the server has no such asset.

    A server may keep the history of an asset that was removed.

    :param shown: the asset as a message names it
    :raises ElvisError: when the history can't be read whole
    """
    listing = _listing(asset_id, shown, wanted)
    try:
        entries = _read_at_rest(client, listing)
    except ElvisError as error:
        # Elvis itself says so: what else answers at an address that leads nowhere is not from Elvis.
        if error.reason == "not_found":
            return None
        raise
    return sorted(filter(wanted.takes, entries), key=_order)


def _listing(asset_id: str, shown: str, wanted: WantedHistory) -> Listing:
    level = [("detailLevel", SELECTED), ("actions", ",".join(wanted.actions))]
    return Listing(
        Request(f"read the history of {shown}", "POST", HISTORY.address, repeatable=True),
        HISTORY_PAGING,
        [("id", asset_id), *(level if wanted.actions else [("detailLevel", EVERYTHING)])],
        start=0,
        num=PAGE,
        limit=MOST_ENTRIES,
    )


def _read_at_rest(client: Client, listing: Listing, readings: int = MOST_READINGS) -> list[HistoryEntry]:
    """Return all entries of one reading during which none was added.

    :raises ElvisError: when there is no such reading
    """
    try:
        return _read_all(client, listing)
    except ElvisError as error:
        if error.reason != "conflict" or readings == 1:
            raise
    return _read_at_rest(client, listing, readings - 1)


def _read_all(client: Client, listing: Listing) -> list[HistoryEntry]:
    entries: list[HistoryEntry] = []
    for page in read_pages(client, listing):
        with client.judging(listing.request):
            entries += [_read_entry(hit, page.reply) for hit in page.hits]
    return entries


def _read_entry(hit: Any, reply: HttpResponse) -> HistoryEntry:
    """Return an entry of a history.

    :raises CallFailure: when it is none
    """
    record = hit.get("usageStatsRecord") if isinstance(hit, dict) else None
    if not isinstance(record, dict):
        raise not_elvis(reply, "an entry has no usageStatsRecord")
    time, action = plain(record.get("logDate")), record.get("action")
    if isinstance(time, bool) or not isinstance(time, int) or not isinstance(action, str):
        raise not_elvis(reply, "an entry has no logDate in milliseconds, or no action")
    changed = record.get("changedMetadata") or {}
    if not isinstance(changed, dict) or not all(isinstance(values, dict) for values in changed.values()):
        raise not_elvis(reply, "the changedMetadata of an entry are not values before and after")
    user, client, path, address = (
        value if isinstance(value, str) and value else None
        for value in map(record.get, ("userName", "clientType", "assetPath", "remoteAddr"))
    )
    values = {name: (pair.get(OLD_VALUE), pair.get(NEW_VALUE)) for name, pair in changed.items()}
    half_known = tuple(name for name, pair in changed.items() if not {OLD_VALUE, NEW_VALUE} <= pair.keys())
    return HistoryEntry(time, user, client, action, path, values, address, half_known)


def _order(entry: HistoryEntry) -> tuple[int, str]:
    """Return what entries are sorted by: two of one millisecond always come in the same order."""
    return entry.time, repr(entry)


def _name_key(user: str) -> str:
    return user.strip().casefold()
