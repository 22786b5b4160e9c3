# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds assets: by their paths or ids, by a query, in a whole tree. Private to damops.elvis.

Elvis returns no hit beyond the 10,000th (documented), and promises no stable order. So a search that finds more is
split by the folders in it; what comes twice is dropped; a search whose hits moved meanwhile is read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from .._elvis.advice import MEANINGS
from .._elvis.client import Client, Request
from .._elvis.paths import is_below, pairing_key, parent_of
from .._elvis.response import not_elvis, parse
from .._elvis.services import SEARCH
from .._errors import CallFailure, ElvisError
from .._http.transport import HttpResponse
from . import index_lag
from .folders import browse
from .hits import Hit, read_hit
from .query import batched, both, folder_query, id_clause, path_clause, tree_query

MOST_HITS = 10_000
"""A server returns no hit beyond this one, whatever ``totalHits`` says (documented)."""
PAGE = 500
"""Hits that one request asks for; the largest number that a server takes is not documented."""
MOST_READINGS = 5
"""How often a search is read from its start at most, when its hits move while it is read."""
STABLE_ORDER = "assetCreated-asc,id-asc"
"""The first stays as it is while an asset is there, and what is new comes last; the second tells equals apart."""
SYSTEM_FIELDS = ("assetPath", "versionNumber", "checkedOut", "checkedOutBy", "checkedOutOnClient")
"""What is read of every asset: where it is, and whether it may be changed."""


class Page(NamedTuple):
    """Some of the assets that a query finds, and how many it finds in all."""

    total: int
    hits: list[Hit]


class TooManyHits(ElvisError):
    """A query finds more than a server returns."""


class AssetFinder:
    """The assets of a server, as one session sees them.

    :param fields: what to read of each; None for all that it has
    :param more: what to read besides
    """

    def __init__(self, client: Client, fields: Iterable[str] | None = (), more: Iterable[str] = SYSTEM_FIELDS) -> None:
        self._client = client
        self._fields = "all" if fields is None else ",".join(dict.fromkeys(("assetPath", *more, *fields)))

    def by_ids(self, ids: Iterable[str]) -> dict[str, Hit]:
        """Return the assets that are there, by their ids."""
        wanted = dict.fromkeys(ids)
        hits = [hit for query, _batch in batched(wanted, id_clause) for hit in self.by_query(query)]
        return {hit.id: hit for hit in hits if hit.id in wanted}

    def by_paths(self, paths: Iterable[str], query: str | None = None) -> dict[str, Hit]:
        """Return the assets that are there, by the paths that were asked for; see :func:`match_paths`.

        :param query: finds those that are wanted; None for all
        """
        wanted = list(dict.fromkeys(paths))
        queries = (both(query, f"({clauses})") for clauses, _batch in batched(wanted, path_clause))
        return match_paths(wanted, [hit for of_batch in queries for hit in self.by_query(of_batch)])

    def by_query(self, query: str) -> Iterator[Hit]:
        """Yield all hits of a query, each once; see :meth:`pages`."""
        return (hit for page in self.pages(query) for hit in page.hits)

    def count(self, query: str) -> int:
        """Return how many assets a query finds."""
        return self._ask(query, STABLE_ORDER, 0, 0).total

    def pages(self, query: str, sort: str = STABLE_ORDER, limit: int | None = None) -> Iterator[Page]:
        """Yield the hits of a query, each once. What moved while it was read makes it read again.

        :param limit: how many hits are wanted at most; None for all
        :raises TooManyHits: when as many are wanted as a server does not return
        :raises ElvisError: when they don't come to rest
        """
        seen: set[str] = set()
        for attempt in range(MOST_READINGS):
            reading = _Reading()
            most = MOST_HITS if limit is None else limit
            while not reading.has_ended and reading.end < most:
                start = max(0, reading.end - 1)
                page = self._ask(query, sort, start, min(PAGE, MOST_HITS - start, most - start))
                if min(page.total, limit or page.total) > MOST_HITS:
                    raise self._too_many(query, page.total)
                reading.add(page)
                new = [hit for hit in page.hits if hit.id not in seen]
                seen.update(hit.id for hit in new)
                yield Page(page.total, new)
            if reading.end >= most or reading.is_whole or (attempt and reading.is_complete(len(seen))):
                return
        raise self._error(
            query,
            CallFailure(
                "hits_changed",
                f"the search found {reading.totals[0]} assets at first and {reading.totals[-1]} at the end, and"
                f" returned {len(reading.ids)} of them; it was read {MOST_READINGS} times",
                "answered",
            ),
            "Too many assets are added, removed or changed meanwhile. Try again at a quieter time, or narrow the"
            " query.",
        )

    def tree(self, folder: str, query: str | None = None) -> Iterator[Page]:
        """Yield the assets in a folder and its sub-folders, each once, however many there are.

        :param query: finds those that are wanted; None for all
        :raises ElvisError: when not all of them can be read
        """
        whole = both(query, tree_query(folder))
        try:
            for page in self.pages(whole):
                yield Page(page.total, [hit for hit in page.hits if is_below(hit.path, folder)])
            return
        except TooManyHits:
            # Of these nothing was read.
            total = self.count(whole)
        seen: set[str] = set()
        for hits in self._split(folder, query):
            new = [hit for hit in hits if hit.id not in seen]
            seen.update(hit.id for hit in new)
            yield Page(total, new)
        if len(seen) < min(total, self.count(whole)):
            raise self._error(
                whole,
                CallFailure(
                    "hits_changed",
                    f"the search finds {total} assets, but only {len(seen)} were found folder by folder",
                    "answered",
                ),
                f"Elvis returns no more than {MOST_HITS:,} hits of one search, so they are read folder by folder. Some"
                " may lie where this user can't list the folders, or were moved meanwhile: try again, or narrow the"
                " query.",
            )

    def _split(self, folder: str, query: str | None) -> Iterator[list[Hit]]:
        """Yield the assets of a tree that is too large for one search."""
        for entry in browse(self._client, folder) or ():
            for page in self.tree(entry.path, query):
                yield page.hits
        try:
            for page in self.pages(both(query, folder_query(folder))):
                yield [hit for hit in page.hits if parent_of(hit.path) == folder]
        except TooManyHits:
            # Entries have no id, but there is no limit to them (documented).
            names = [entry.path for entry in browse(self._client, folder, with_assets=True) or ()]
            for start in range(0, len(names), PAGE):
                yield list(self.by_paths(names[start : start + PAGE], query).values())

    def _ask(self, query: str, sort: str, start: int, number: int) -> Page:
        form = {
            "q": query,
            "start": str(start),
            "num": str(number),
            "sort": sort,
            "metadataToReturn": self._fields,
        }
        request = Request("find assets", "POST", SEARCH.address, form=form, repeatable=True)
        return self._client.call(request, lambda reply: _read_page(reply, self._client))

    def _too_many(self, query: str, total: int) -> TooManyHits:
        summary = f"the search finds {total} assets, and Elvis returns no hit beyond the first {MOST_HITS}"
        failure = CallFailure("too_many_hits", summary, "answered")
        error = self._error(query, failure, "Narrow the query, or set a limit.")
        return TooManyHits(error.message, error.reason)

    def _error(self, query: str, failure: CallFailure, advice: str) -> ElvisError:
        reason = MEANINGS[failure.kind].reason
        purpose = f"find the assets of {query[:200]}"
        return self._client.error(Request(purpose, "POST", SEARCH.address, advice={reason: advice}), failure)


class _Reading:
    """One reading of a search, from its first hit to its last.

    Each page begins with the last hit of the one before: another one at that place means that something moved.
    """

    def __init__(self) -> None:
        self.ids: dict[str, None] = {}
        self.totals: list[int] = []
        self.end = 0
        """How many places of the list were read."""
        self.has_ended = False
        self._is_steady = True
        self._last: str | None = None

    def add(self, page: Page) -> None:
        """Take note of the hits that came."""
        ids = [hit.id for hit in page.hits]
        if self._last is not None and ids:
            self._is_steady = self._is_steady and ids.pop(0) == self._last
        self._is_steady = self._is_steady and self.ids.keys().isdisjoint(ids)
        self.ids.update(dict.fromkeys(ids))
        self.totals.append(page.total)
        self.end += len(ids)
        self.has_ended = not ids or self.end >= page.total
        self._last = ids[-1] if ids else self._last

    @property
    def is_whole(self) -> bool:
        """Whether all hits came, and none of them moved."""
        return self._is_steady and len(self.ids) == self.totals[-1]

    def is_complete(self, seen: int) -> bool:
        """Tell whether as many assets as there are were seen in all readings: only their order is not stable."""
        return self.totals[0] == self.totals[-1] == seen


def match_paths(wanted: Iterable[str], hits: Iterable[Hit]) -> dict[str, Hit]:
    """Return the asset at each path: a search is for analysed text, so a hit with another path is not a hit.

    A path may be written in other letter case, or another form of Unicode, where that fits one asset only.
    """
    exact: dict[str, Hit] = {}
    alike: dict[str, dict[str, Hit]] = {}
    for hit in hits:
        exact[hit.path] = hit
        alike.setdefault(pairing_key(hit.path), {})[hit.id] = hit
    found = {}
    for path in wanted:
        candidates = alike.get(pairing_key(path), {})
        if path in exact:
            found[path] = exact[path]
        elif len(candidates) == 1:
            found[path] = next(iter(candidates.values()))
    return found


def wait_for_index(find: Callable[[Sequence[str]], dict[str, Hit]], missing: Iterable[str]) -> dict[str, Hit]:
    """Return what is found of the missing, once all of it is or INDEX_LAG is over.

    For what another task may just have written; what this one wrote, the reply of the write tells.
    """
    left = list(missing)
    found: dict[str, Hit] = {}
    for pause in index_lag.pauses_until(time.monotonic() + index_lag.INDEX_LAG):
        if not left:
            break
        time.sleep(pause)
        found.update(find(left))
        left = [key for key in left if key not in found]
    return found


def _read_page(reply: HttpResponse, client: Client) -> Page:
    answer = client.without_secrets(parse(reply), reply.body)
    total, hits = (answer.get(name) for name in ("totalHits", "hits")) if isinstance(answer, dict) else (None, None)
    if isinstance(total, bool) or not isinstance(total, int) or not isinstance(hits, list):
        raise not_elvis(reply, "hits and their number were expected")
    assets = [read_hit(hit) for hit in hits]
    if None in assets:
        raise not_elvis(reply, "a hit has no id, or no assetPath in its metadata")
    return Page(total, [asset for asset in assets if asset])
