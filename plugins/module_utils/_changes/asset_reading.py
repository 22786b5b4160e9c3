# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the assets that a query, paths or ids name, however many there are. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .._dam.asset_finder import MOST_HITS, STABLE_ORDER, AssetFinder, AssetPage
from .._dam.hits import Hit
from .._elvis.paths import parse_path
from .._work.progress import Progress
from .spool import Spool

Row = dict[str, Any]


@dataclass(frozen=True)
class AssetSelection:
    """Which assets a task wants: exactly one of a query, paths and ids.

    :param sort: how Elvis sorts the hits of the query
    :param limit: how many are wanted at most
    """

    query: str | None = None
    paths: Sequence[str] | None = None
    ids: Sequence[str] | None = None
    sort: str | None = None
    limit: int | None = None


class AssetReading:
    """One reading of the assets that a task wants.

    :param as_row: returns what is kept of a hit
    :ivar total: how many there are; known at the end
    :ivar expected: how many there are, as the search says while it is read
    :ivar missing: the paths or ids that were not found
    """

    def __init__(
        self, finder: AssetFinder, selection: AssetSelection, progress: Progress, as_row: Callable[[Hit], Row]
    ) -> None:
        self._finder = finder
        self._selection = selection
        self._progress = progress
        self._as_row = as_row
        self.total = self.read = self.expected = 0
        self.missing: list[str] = []

    def pages(self) -> Iterator[list[Row]]:
        """Yield the assets, some at a time, those of a search once it was read whole.

        :raises ElvisError: when they can't all be read
        """
        limit = self._selection.limit
        total = 0
        with Spool() as spool:
            for page in self._found():
                if not total:
                    self.expected = min(page.total, limit or page.total)
                    self._progress.begin("Read", self.expected)
                total = page.total
                if page.place == "first":
                    yield from self._counted(spool.take())
                elif page.place == "again":
                    spool.clear()
                if self.read == limit:
                    break
                spool.add([self._as_row(hit) for hit in page.hits])
                self._progress.count(len(page.hits))
                self._progress.look()
            yield from self._counted(spool.take())
        self.total = total if self.read == limit else self.read

    def _counted(self, batches: Iterable[list[Row]]) -> Iterator[list[Row]]:
        """Yield no more rows than are wanted, and count them."""
        limit = self._selection.limit
        for batch in batches:
            rows = batch[: None if limit is None else limit - self.read]
            self.read += len(rows)
            yield rows

    def _found(self) -> Iterator[AssetPage]:
        selection, finder = self._selection, self._finder
        if selection.query is None:
            yield self._named()
            return
        limit, sort = selection.limit, selection.sort
        is_short = limit is not None and limit <= MOST_HITS
        if is_short or sort:
            yield from finder.pages(selection.query, _with_tie_breaker(sort), limit)
        else:
            # More than a server returns are read folder by folder, in no order.
            yield from finder.tree("/", selection.query)

    def _named(self) -> AssetPage:
        """Return the assets that are named one by one, in that order."""
        ids, paths = self._selection.ids, self._selection.paths
        wanted = list(dict.fromkeys(ids if ids is not None else map(parse_path, paths or ())))
        found = self._finder.by_ids(wanted) if ids is not None else self._finder.by_paths(wanted)
        self.missing = [name for name in wanted if name not in found]
        return AssetPage(len(found), [found[name] for name in wanted if name in found])


def _with_tie_breaker(sort: str | None) -> str:
    if not sort:
        return STABLE_ORDER
    names = {entry.strip().partition("-")[0] for entry in sort.split(",")}
    return sort if "id" in names else f"{sort},id-asc"
