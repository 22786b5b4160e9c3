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
from typing import Any, TypeVar

from .._elvis.client import Client
from .._elvis.field_values import is_same
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


def find_missing(client: Client, find: Callable[[Sequence[K]], Mapping[K, T]], missing: Iterable[K]) -> dict[K, T]:
    """Return what is found of the missing, once all of it is or the longest lag is over.

    For what another task may just have written; what this one wrote, the reply of the write tells.
    """
    left = list(missing)
    found: dict[K, T] = {}
    for _look in further_looks(client.gate, time.monotonic() + longest_lag(client)):
        if not left:
            break
        found.update(find(left))
        left = [key for key in left if key not in found]
    return found


def note_written(client: Client, asset: Hit, fields: Mapping[str, Any]) -> None:
    """Take note that an asset was created or changed.

    :param asset: as the server's reply shows it
    :param fields: the metadata that were written
    """
    stored = {name: asset.fields.get(name, value) for name, value in fields.items()}
    write = Write(version=asset.number("versionNumber"), modified=asset.number("assetModified"), fields=stored)
    client.own_writes.add(asset.id, write)


def note_given_back(client: Client, asset: Hit) -> None:
    """Take note that a check-out ended, which need not change the version of the asset or its date."""
    client.own_writes.add(asset.id, Write(fields={"checkedOutBy": None}))


def note_removed(client: Client, asset: Hit) -> None:
    """Take note that an asset was removed."""
    client.own_writes.add(asset.id, Write(is_there=False))


def wait_for_own_writes(client: Client) -> int:
    """Wait until the server shows what a task wrote, or its ``index_wait`` is over; return how many it doesn't show.

    The last write of each connection is asked for first: what it wrote before was there before.

    :raises ElvisError: when the server can't be asked
    """
    writes = client.own_writes
    fields = {name for write in writes.by_id.values() for name in write.fields}
    finder = AssetFinder(client, sorted(fields), (*HIT_FIELDS, "assetModified"))
    others = [shows for shows in writes.others if not shows()]
    left = _not_shown(finder, writes.last)
    if left:
        left = _not_shown(finder, writes.by_id)
    for _look in further_looks(client.gate, time.monotonic() + client.index_wait):
        if not (left or others):
            break
        others = [shows for shows in others if not shows()]
        left = _not_shown(finder, left)
    return len(left) + len(others)


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
    pairs = ((found.fields.get(name), value) for name, value in write.fields.items())
    return all(there == value or is_same(there, value) for there, value in pairs)


def _not_shown(finder: AssetFinder, writes: Mapping[str, Write]) -> dict[str, Write]:
    found = finder.by_ids(writes)
    return {asset_id: write for asset_id, write in writes.items() if not is_shown(write, found.get(asset_id))}
