# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells rows whose last cells were left off from rows that a line break cut in two. Private to damops.elvis.

Both have fewer cells than the header. But what follows a line break without quotes is the rest of a text, which names
no asset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from .._dam import index_lag
from .._dam.asset_keys import find_by_keys
from .._elvis.client import Client
from .._tables.rows import LINE_BREAK_HINT, Key
from .._text import escaped

MOST_NAMED = 5


def broken_rows(after_short: Mapping[Key, int], fits: Callable[[Key], bool]) -> str | None:
    """Return the words for rows that seem to be cut in two, None where there are none.

    :param after_short: the keys of rows that follow one whose last cells are missing, and the line of that one
    :param fits: tells whether a key names anything
    """
    broken = [(line, key[1]) for key, line in after_short.items() if not fits(key)]
    if not broken:
        return None
    named = "; ".join(
        f"line {line} lacks its last cells, and what follows names nothing that is there: {escaped(text[:100])}"
        for line, text in broken[:MOST_NAMED]
    )
    more = f"; and {len(broken) - MOST_NAMED} more" if len(broken) > MOST_NAMED else ""
    return f"{named}{more}. {LINE_BREAK_HINT}"


def find_broken_rows(client: Client, after_short: Mapping[Key, int], *, waits: bool) -> str | None:
    """Return the words for rows that seem to be cut in two, by the assets that the server has.

    :param waits: whether an asset may be so new that a search does not know it yet
    """
    find = partial(find_by_keys, client)
    known = find(after_short)
    if waits:
        known.update(index_lag.find_missing(client, find, [key for key in after_short if key not in known]))
    return broken_rows(after_short, known.__contains__)
