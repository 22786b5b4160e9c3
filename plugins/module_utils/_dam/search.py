# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads what a service answers page by page to its end. Private to damops.elvis."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

from .._elvis.client import Client, Request
from .._elvis.response import ElvisFailure, not_elvis, parse
from .._elvis.services import Paging
from .._errors import ElvisError, Kind
from .._http.request import Fields
from .._http.transport import HttpResponse

PAGE = 200
"""Hits that a page asks for when the task does not say. With the text of whole documents in its metadata a hit may take
100 kB, and a reply may take 32 MiB; 10,000 hits are 50 requests."""

MOST_READINGS = 5
"""How often something is read from its start at most, when it changes while it is read."""


class Listing(NamedTuple):
    """Which hits are read: those from number ``start`` on, ``num`` at a time, and not more than ``limit``.

    :param request: what asks for them, without its parameters
    :param parameters: these, without what asks for a page
    """

    request: Request
    paging: Paging
    parameters: Fields
    start: int
    num: int
    limit: int


class SearchPage(NamedTuple):
    """Some of the hits, what tells each of them from all others, and how many there are in all."""

    reply: HttpResponse
    total: int
    hits: list[Any]
    ids: list[Any]


def read_listing(request: Request, paging: Paging, parameters: Fields, limit: int) -> Listing:
    """Return which hits the parameters of a call ask for.

    :raises ElvisError: when one of them is not a number that makes sense
    """
    given = {paging.start: "0", paging.number: str(PAGE), **dict(parameters)}
    for name, least in ((paging.start, 0), (paging.number, 1)):
        if not given[name].isdecimal() or len(given[name]) > 9 or int(given[name]) < least:
            raise ElvisError(f"With paginate, {name} must be a number of {least} or more.", "bad_request")
    if limit < 1:
        raise ElvisError("limit must be 1 or more.", "bad_request")
    others = [(name, value) for name, value in parameters if name not in (paging.start, paging.number)]
    bare = dataclasses.replace(request, query=[], form=None)
    return Listing(bare, paging, others, int(given[paging.start]), int(given[paging.number]), limit)


def read_pages(client: Client, listing: Listing) -> Iterator[SearchPage]:
    """Yield the pages of an answer until its last hit.

    The id of each hit is remembered: one that comes twice means that another one was missed.

    :raises ElvisError: when there are more hits than wanted, or the hits change meanwhile
    """
    seen: set[Any] = set()
    total = None
    while total is None or listing.start + len(seen) < total:
        page = client.call(_page_at(listing, len(seen)), partial(_read_page, client, listing.paging, len(seen)))
        _compare(client, listing, page, seen, total)
        total = page.total
        seen.update(page.ids)
        yield page


def _page_at(listing: Listing, read: int) -> Request:
    paging = listing.paging
    numbers = [(paging.start, str(listing.start + read)), (paging.number, str(listing.num))]
    parameters = [*listing.parameters, *numbers]
    if listing.request.method == "GET":
        return dataclasses.replace(listing.request, query=parameters)
    return dataclasses.replace(listing.request, form=parameters)


def _read_page(client: Client, paging: Paging, read: int, reply: HttpResponse) -> SearchPage:
    answer = client.without_secrets(parse(reply), reply.body)
    names = (paging.total, paging.items)
    total, hits = (answer.get(name) for name in names) if isinstance(answer, dict) else (None, None)
    if not isinstance(total, int) or not isinstance(hits, list):
        raise not_elvis(reply, f"{paging.items} and their number were expected")
    if not paging.identity:
        # Only its place tells such a hit from others.
        return SearchPage(reply, total, hits, list(range(read, read + len(hits))))
    ids = [hit.get(paging.identity) if isinstance(hit, dict) else None for hit in hits]
    if not all(isinstance(hit_id, str) for hit_id in ids):
        raise not_elvis(reply, f"one of {paging.items} has no {paging.identity}")
    return SearchPage(reply, total, hits, ids)


def _compare(client: Client, listing: Listing, page: SearchPage, seen: set[Any], total: int | None) -> None:
    """Compare a page with those before it.

    :raises ElvisError: when they don't make one list that may be read
    """
    ids = set(page.ids)
    read = listing.start + len(seen)
    left = page.total - read
    so_far = f"after {read} of {page.total} hits"
    mistakes: tuple[tuple[bool, Kind, str], ...] = (
        (
            page.total - listing.start > listing.limit,
            "too_many_hits",
            f"the search finds {page.total} hits, and limit is {listing.limit}",
        ),
        (
            total not in (None, page.total),
            "hits_changed",
            f"the search found {total} hits at first and finds {page.total} now, {so_far}",
        ),
        (left > 0 and not ids, "hits_end_early", f"the server returned no more hits {so_far}"),
        (
            len(ids) < len(page.hits) or not seen.isdisjoint(ids),
            "hits_changed",
            f"the server returned duplicate hits, {so_far}",
        ),
        (max(0, left) < len(ids), "hits_changed", f"the server returned more hits than it counted, {so_far}"),
    )
    for is_made, kind, summary in mistakes:
        if is_made:
            raise client.error(listing.request, ElvisFailure(kind, summary, page.reply))
