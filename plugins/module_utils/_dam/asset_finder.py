# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds assets: by their paths or ids, by a query, in a whole tree. Private to damops.elvis.

Elvis returns no hit beyond the 10,000th (documented), and promises no stable order. So a search that finds more is
split by the folders in it; what comes twice is dropped; a search whose hits moved meanwhile is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from .._elvis.advice import MEANINGS
from .._elvis.client import Client, Request
from .._elvis.paths import is_below, pairing_key, parent_of
from .._elvis.response import not_elvis, parse
from .._elvis.services import SEARCH
from .._errors import CallFailure, ElvisError, Reason
from .._http.transport import HttpResponse
from .._text import escaped
from .folders import browse
from .hits import Hit, read_hit
from .query import as_sent, batched, both, folder_query, id_clause, path_clause, tree_query
from .search import MOST_READINGS

LONGEST_SHOWN = 200
"""Characters of a query in a message."""
MOST_HITS = 10_000
"""A server returns no hit beyond this one, whatever ``totalHits`` says (documented)."""
PAGE = 500
"""Hits that one request asks for; the largest number that a server takes is not documented."""
MOST_LEVELS = 100
"""How deep a folder may lie in others. A server that lists one more below each would be read for ever."""
STABLE_ORDER = "assetCreated-asc,id-asc"
"""The first stays as it is while an asset is there, and what is new comes last; the second tells equals apart."""
HIT_FIELDS = ("assetPath", "versionNumber", "checkedOut", "checkedOutBy", "checkedOutOnClient")
"""What is read of every asset: where it is, and whether it may be changed."""


class AssetPage(NamedTuple):
    """Some of the assets that a query finds, and how many it finds in all.

    :param place: where it stands among the pages of its search: the first of them, one that follows, or the first of
        another reading, which takes the place of all that came of this search before
    """

    total: int
    hits: list[Hit]
    place: Literal["first", "next", "again"] = "first"


class TooManyHits(ElvisError):
    """A query finds more than a server returns."""


class AssetFinder:
    """The assets of a server, as one session sees them.

    :param fields: what to read of each; None for all that it has
    :param more: what to read besides
    """

    def __init__(self, client: Client, fields: Iterable[str] | None = (), more: Iterable[str] = HIT_FIELDS) -> None:
        self._client = client
        self._fields = "all" if fields is None else ",".join(dict.fromkeys(("assetPath", *more, *fields)))

    def by_ids(self, ids: Iterable[str], query: str | None = None) -> dict[str, Hit]:
        """Return the assets that are there, by their ids.

        :param query: finds those that are wanted; None for all
        """
        wanted = dict.fromkeys(ids)
        queries = (both(query, f"({clauses})") for clauses, _batch in batched(wanted, id_clause))
        hits = [hit for of_batch in queries for hit in self.by_query(of_batch)]
        return {hit.id: hit for hit in hits if hit.id in wanted}

    def by_paths(self, paths: Iterable[str], query: str | None = None) -> dict[str, Hit]:
        """Return the assets that are there, by the paths that were asked for; see :func:`match_paths`.

        :param query: finds those that are wanted; None for all
        """
        wanted = list(dict.fromkeys(paths))
        queries = (both(query, f"({clauses})") for clauses, _batch in batched(wanted, path_clause))
        return match_paths(wanted, [hit for of_batch in queries for hit in self.by_query(of_batch)])

    def by_query(self, query: str) -> list[Hit]:
        """Return all hits of a query, each once; see :meth:`pages`."""
        return collected(self.pages(query))

    def count(self, query: str) -> int:
        """Return how many assets a query finds."""
        return self._ask(query, STABLE_ORDER, 0, 0).total

    def pages(self, query: str, sort: str = STABLE_ORDER, limit: int | None = None) -> Iterator[AssetPage]:
        """Yield the hits of a query as one reading finds them, each once.

        Hits that moved meanwhile are read again, and returned in one page, in the place of those that came before.

        :param limit: how many hits are wanted at most; None for all
        :raises TooManyHits: when as many are wanted as a server does not return
        :raises ElvisError: when they don't come to rest
        """
        most = MOST_HITS if limit is None else limit
        reading = _Reading(most)
        for number, page in enumerate(self._read(query, sort, limit, reading)):
            yield page._replace(place="next" if number else "first")
        found: dict[str, Hit] = {}
        for _another in range(MOST_READINGS - 1):
            if reading.is_whole:
                return
            reading = _Reading(most)
            for page in self._read(query, sort, limit, reading):
                found.update({hit.id: hit for hit in page.hits})
            # Only the order may be unstable: then one reading has what another one missed.
            is_complete = limit is None and reading.totals[0] == reading.totals[-1] == len(found)
            if reading.is_whole or is_complete:
                ids = found if is_complete else reading.ids
                yield AssetPage(reading.totals[-1], [found[asset_id] for asset_id in ids], "again")
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

    def _read(self, query: str, sort: str, limit: int | None, reading: _Reading) -> Iterator[AssetPage]:
        """Yield the pages of a search from its first hit to its last, each with the hits that are new in it."""
        while not reading.has_ended:
            start = max(0, reading.end - 1)
            page = self._ask(query, sort, start, min(PAGE, reading.most - start))
            if min(page.total, limit or page.total) > MOST_HITS:
                raise self._too_many(query, page.total)
            yield page._replace(hits=reading.add(page))

    def tree(self, folder: str, query: str | None = None) -> Iterator[AssetPage]:
        """Yield the assets in a folder and its sub-folders, each once, however many there are.

        :param query: finds those that are wanted; None for all
        :raises ElvisError: when not all of them can be read
        """
        whole = both(query, tree_query(folder))
        has_begun = False
        try:
            for page in self.pages(whole):
                yield page._replace(hits=[hit for hit in page.hits if is_below(hit.path, folder)])
                has_begun = True
            return
        except TooManyHits:
            total = self.count(whole)
        if has_begun:
            # It grew meanwhile.
            yield AssetPage(total, [], "again")
        if folder.count("/") > MOST_LEVELS:
            raise self._error(
                whole,
                CallFailure("not_elvis", f"the server lists folders more than {MOST_LEVELS} levels deep", "answered"),
                f"Check {'/'.join(folder.split('/')[:5])} in Elvis: its folders seem to lie in one another.",
            )
        seen: set[str] = set()
        of_search: list[str] = []
        for page in self._split(folder, query):
            if page.place == "again":
                seen.difference_update(of_search)
            if page.place != "next":
                of_search = []
            new = [hit for hit in page.hits if hit.id not in seen]
            of_search += [hit.id for hit in new]
            seen.update(of_search)
            yield AssetPage(total, new, page.place)
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

    def _split(self, folder: str, query: str | None) -> Iterator[AssetPage]:
        """Yield the assets of a tree that is too large for one search."""
        folders = dict.fromkeys(entry.path for entry in browse(self._client, folder) or ())
        for below in folders:
            yield from self.tree(below, query)
        has_begun = False
        try:
            for page in self.pages(both(query, folder_query(folder))):
                yield page._replace(hits=[hit for hit in page.hits if parent_of(hit.path) == folder])
                has_begun = True
        except TooManyHits:
            if has_begun:
                yield AssetPage(0, [], "again")
            # Entries have no id, but there is no limit to them (documented).
            names = [entry.path for entry in browse(self._client, folder, with_assets=True) or ()]
            for start in range(0, len(names), PAGE):
                found = self.by_paths(names[start : start + PAGE], query)
                yield AssetPage(len(names), list(found.values()))

    def _ask(self, query: str, sort: str, start: int, number: int) -> AssetPage:
        form = {
            "q": as_sent(query),
            "start": str(start),
            "num": str(number),
            "sort": sort,
            "metadataToReturn": self._fields,
        }
        advice = _advice(query)
        request = Request("find assets", "POST", SEARCH.address, form=form, repeatable=True, advice=advice)
        page = self._client.call(request, lambda reply: _read_page(reply, self._client))
        return page._replace(hits=page.hits[:number])

    def _too_many(self, query: str, total: int) -> TooManyHits:
        summary = f"the search finds {total} assets, and Elvis returns no hit beyond the first {MOST_HITS}"
        failure = CallFailure("too_many_hits", summary, "answered")
        error = self._error(query, failure, "Narrow the query, or set a limit.")
        return TooManyHits(error.message, error.reason)

    def _error(self, query: str, failure: CallFailure, advice: str) -> ElvisError:
        reason = MEANINGS[failure.kind].reason
        purpose = f"find the assets of {query[:LONGEST_SHOWN]}"
        return self._client.error(Request(purpose, "POST", SEARCH.address, advice={reason: advice}), failure)


def _advice(query: str) -> Mapping[Reason, str]:
    """Return what to do about a query that the server can't read."""
    shown = escaped(f"{query[:LONGEST_SHOWN]}…" if len(query) > LONGEST_SHOWN else query)
    of_relations = (
        " relatedTo begins a query, and no AND, OR or NOT follows its clauses." if "relatedTo" in query else ""
    )
    return {
        "bad_request": f"The query was {shown!r}. In a query, a value with blanks stands in quotes, and the filter"
        f" damops.elvis.query_term quotes any text.{of_relations}"
    }


class _Reading:
    """One reading of a search, from its first hit to its last.

    Each page begins with the last hit of the one before: another one at that place means that something moved.

    :param most: how many hits are wanted
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.ids: dict[str, None] = {}
        self.totals: list[int] = []
        self.end = 0
        """How many places of the list were read."""
        self.has_ended = False
        self._is_steady = True
        self._last: str | None = None

    def add(self, page: AssetPage) -> list[Hit]:
        """Take note of the hits that came, and return those that are new."""
        hits = list(page.hits)
        if self._last is not None and hits:
            self._is_steady = self._is_steady and hits.pop(0).id == self._last
        self._is_steady = self._is_steady and self.ids.keys().isdisjoint(hit.id for hit in hits)
        # A hit in the place of the last one is as new as the others.
        new = {hit.id: hit for hit in page.hits if hit.id not in self.ids}
        self.ids.update(dict.fromkeys(new))
        self.totals.append(page.total)
        self.end += len(hits)
        self.has_ended = not hits or self.end >= min(page.total, self.most)
        self._last = hits[-1].id if hits else self._last
        return list(new.values())

    @property
    def is_whole(self) -> bool:
        """Whether all hits came, and none of them moved."""
        return self._is_steady and len(self.ids) == min(self.totals[-1], self.most)


def collected(pages: Iterable[AssetPage]) -> list[Hit]:
    """Return the hits of pages, without those whose place another reading takes."""
    hits: list[Hit] = []
    start = 0
    for page in pages:
        if page.place == "first":
            start = len(hits)
        elif page.place == "again":
            del hits[start:]
        hits += page.hits
    return hits


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


def _read_page(reply: HttpResponse, client: Client) -> AssetPage:
    answer = client.without_secrets(parse(reply), reply.body)
    total, hits = (answer.get(name) for name in ("totalHits", "hits")) if isinstance(answer, dict) else (None, None)
    if isinstance(total, bool) or not isinstance(total, int) or not isinstance(hits, list):
        raise not_elvis(reply, "hits and their number were expected")
    assets = [read_hit(hit) for hit in hits]
    if None in assets:
        raise not_elvis(reply, "a hit has no id, or no assetPath in its metadata")
    return AssetPage(total, [asset for asset in assets if asset])
