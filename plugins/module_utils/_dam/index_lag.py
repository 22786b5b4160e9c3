# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time until a search shows what was written, and all that waits for it. Private to damops.elvis.

Whether a search sees a write at once is not documented: clients on one node rely on it, and an index that is refreshed
now and then does not. Whether ``browse`` and the list of webhooks do is not documented either.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from .._elvis.client import Client
from .._elvis.field_values import flat, is_same, is_shortened
from .._elvis.gate import Gate
from .._elvis.own_writes import Write
from .asset_finder import HIT_FIELDS, AssetFinder
from .hits import Hit

K = TypeVar("K")
T = TypeVar("T")

INDEX_LAG = 10.0
"""Seconds within which a search sees what was written (guess: it is not documented, and clients rely on none)."""
FIRST_LOOK, LONGEST_LOOK = 0.25, 2.0
"""Seconds before a search is asked again; doubled for each further time."""


def longest_lag(client: Client) -> float:
    """Return the seconds after which a look-up gives up: what a task waits less for its own writes is no matter."""
    return max(INDEX_LAG, client.index_wait)


def look_until(gate: Gate, end: float, look: Callable[[], T | None]) -> T | None:
    """Return what is found, None where nothing is by ``end``, a monotonic time. It is looked for once in any case."""
    found = look()
    for _look in further_looks(gate, end):
        if found is not None:
            break
        found = look()
    return found


def further_looks(gate: Gate, end: float) -> Iterator[float]:
    """Pause, and yield for a further look, ever longer, as long as the pause is over by ``end``, a monotonic time."""
    pause = FIRST_LOOK
    while time.monotonic() + pause <= end:
        gate.pause(pause)
        yield pause
        pause = min(2 * pause, LONGEST_LOOK)


def find_missing(
    client: Client,
    find: Callable[[Sequence[K]], Mapping[K, T]],
    missing: Iterable[K],
    end: float | None = None,
) -> dict[K, T]:
    """Return what is found of the missing, once all of it is or the longest lag is over.

    For what another task may just have written; what this one wrote, the reply of the write tells.

    :param end: the monotonic time at which the lag is over, None where it begins now
    """
    left = list(missing)
    found: dict[K, T] = {}
    for _look in further_looks(client.gate, time.monotonic() + longest_lag(client) if end is None else end):
        if not left:
            break
        found.update(find(left))
        left = [key for key in left if key not in found]
    return found


def note_written(client: Client, asset: Hit, fields: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Take note that an asset was created or changed.

    :param asset: as the server's reply shows it
    :param fields: the metadata that were written
    :param before: the fields that a search showed before
    """
    stored = {name: asset.fields.get(name, value) for name, value in fields.items()}
    write = Write(
        version=asset.number("versionNumber"),
        modified=asset.number("assetModified"),
        fields=stored,
        is_doubtful=any(is_shortened(before.get(name), value) for name, value in stored.items()),
    )
    client.own_writes.add(asset.id, write)


def note_given_back(client: Client, asset: Hit) -> None:
    """Take note that a check-out ended, which need not change the version of the asset or its date."""
    client.own_writes.add(asset.id, Write(fields={"checkedOutBy": None}))


def note_removed(client: Client, asset: Hit) -> None:
    """Take note that an asset was removed."""
    client.own_writes.add(asset.id, Write(is_there=False))


class Unseen(NamedTuple):
    """What a server does not show of the writes of a task.

    :param number: how many writes it does not show
    :param otherwise: the values that a search shows where they are other ones than the server's replies did, by the
        path of the asset
    """

    number: int
    otherwise: Mapping[str, Mapping[str, Any]]


def wait_for_own_writes(client: Client) -> Unseen:
    """Wait until the server shows what a task wrote, or its ``index_wait`` is over; return what it doesn't show.

    The last write of each connection is asked for first: what it wrote before was there before.

    :raises ElvisError: when the server can't be asked
    """
    writes = client.own_writes
    look = _Look(client)
    others = [shows for shows in writes.others if not shows()]
    left = look.left(writes.asked_first)
    if left:
        left = look.left(writes.by_id)
    for _look in further_looks(client.gate, time.monotonic() + client.index_wait):
        if not (left or others):
            break
        others = [shows for shows in others if not shows()]
        left = look.left(left)
    shortened = [asset_id for asset_id in left if look.is_shortened(asset_id)]
    otherwise = {look.found[asset_id].path: look.others[asset_id] for asset_id in (*look.final, *shortened)}
    return Unseen(len(left) - len(shortened) + len(others), otherwise)


def is_shown(write: Write, found: Hit | None) -> bool:
    """Tell whether a search shows a write, or what somebody made of the asset after it.

    :param found: what the search finds of the asset
    """
    if found is None or not write.is_there:
        return found is None and not write.is_there
    version = found.number("versionNumber")
    if version and write.version and version != write.version:
        return version > write.version
    modified = found.number("assetModified")
    if modified and write.modified and modified > write.modified:
        return True
    return not other_values(write, found)


def other_values(write: Write, found: Hit) -> dict[str, Any]:
    """Return the values that a search shows of what was written, where they are other ones."""
    pairs = {name: (found.fields.get(name), value) for name, value in write.fields.items()}
    return {name: flat(there) for name, (there, value) in pairs.items() if there != value and not is_same(there, value)}


class _Look:
    """What searches show of the writes of a task.

    :ivar found: the assets as they were shown last
    :ivar others: the values that are shown of them where they are other ones than were written
    :ivar final: those of which a search shows the very write, with other values: waiting is of no use
    """

    def __init__(self, client: Client) -> None:
        fields = {name for write in client.own_writes.by_id.values() for name in write.fields}
        self._finder = AssetFinder(client, sorted(fields), (*HIT_FIELDS, "assetModified"))
        self._writes = client.own_writes.by_id
        self.found: dict[str, Hit] = {}
        self.others: dict[str, dict[str, Any]] = {}
        self.final: list[str] = []

    def left(self, writes: Mapping[str, Write]) -> dict[str, Write]:
        """Return the writes that are not shown yet."""
        found = self._finder.by_ids(writes)
        self.found.update(found)
        left = {}
        for asset_id, write in writes.items():
            hit = found.get(asset_id)
            if asset_id in self.final or is_shown(write, hit):
                continue
            self.others[asset_id] = other_values(write, hit) if hit else {}
            if hit and write.modified and hit.number("assetModified") == write.modified:
                self.final.append(asset_id)
            else:
                left[asset_id] = write
        return left

    def is_shortened(self, asset_id: str) -> bool:
        """Tell whether all that is shown otherwise is what a server may have made of what was written.

        Where dates show that a search lags, it is not.
        """
        others, write = self.others[asset_id], self._writes[asset_id]
        is_dated = write.modified and others and self.found[asset_id].number("assetModified")
        return not is_dated and bool(others) and all(is_shortened(others[name], write.fields[name]) for name in others)
