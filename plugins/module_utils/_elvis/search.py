# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a search to its end, page by page. Private to damops.elvis."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, NamedTuple

from .._errors import ElvisError, Kind
from .._http.request import Fields
from .._http.transport import HttpResponse
from .client import Client, Request
from .response import ElvisFailure, not_elvis, parse

PAGE = 200
"""Hits that a page asks for when the task does not say. With the text of whole documents in its metadata a hit may take
100 kB, and a reply may take 32 MiB; 10,000 hits are 50 requests."""


class Window(NamedTuple):
    """Which hits are read: those from number ``start`` on, ``num`` at a time, and not more than ``limit``."""

    start: int
    num: int
    limit: int


class Page(NamedTuple):
    """Some of the hits, and how many there are in all."""

    reply: HttpResponse
    total: int
    hits: list[dict[str, Any]]


def read_window(parameters: Fields, limit: int) -> Window:
    """Return which hits the parameters of a search ask for.

    :raises ElvisError: when one of them is no number that makes sense
    """
    given = {"start": "0", "num": str(PAGE), **dict(parameters)}
    for name, least in (("start", 0), ("num", 1)):
        if not given[name].isdecimal() or len(given[name]) > 9 or int(given[name]) < least:
            raise ElvisError(f"With paginate, {name} must be a number of {least} or more.", "bad_request")
    if limit < 1:
        raise ElvisError("limit must be 1 or more.", "bad_request")
    return Window(int(given["start"]), int(given["num"]), limit)


def read_pages(client: Client, request: Request, parameters: Fields, window: Window) -> Iterator[Page]:
    """Yield the pages of a search until its last hit.

    The id of each hit is remembered: one that comes twice means that another one was missed.

    :raises ElvisError: when there are more hits than wanted, or the hits change meanwhile
    """
    parameters = [(name, value) for name, value in parameters if name not in ("start", "num")]
    seen: set[str] = set()
    total = None
    while total is None or window.start + len(seen) < total:
        numbers = [("start", str(window.start + len(seen))), ("num", str(window.num))]
        page = client.call(_with(request, [*parameters, *numbers]), lambda reply: _read_page(reply, client))
        _compare(client, request, window, page, seen, total)
        total = page.total
        seen.update(hit["id"] for hit in page.hits)
        yield page


def _with(request: Request, parameters: Fields) -> Request:
    if request.method == "GET":
        return dataclasses.replace(request, query=parameters)
    return dataclasses.replace(request, form=parameters)


def _read_page(reply: HttpResponse, client: Client) -> Page:
    answer = client.without_secrets(parse(reply))
    total, hits = (answer.get(name) for name in ("totalHits", "hits")) if isinstance(answer, dict) else (None, None)
    if not isinstance(total, int) or not isinstance(hits, list):
        raise not_elvis(reply, "hits and their number were expected")
    if not all(isinstance(hit, dict) and isinstance(hit.get("id"), str) for hit in hits):
        raise not_elvis(reply, "a hit has no id")
    return Page(reply, total, hits)


def _compare(client: Client, request: Request, window: Window, page: Page, seen: set[str], total: int | None) -> None:
    """Compare a page with those before it.

    :raises ElvisError: when they don't make one list that may be read
    """
    ids = {hit["id"] for hit in page.hits}
    read = window.start + len(seen)
    left = page.total - read
    so_far = f"after {read} of {page.total} hits"
    mistakes: tuple[tuple[bool, Kind, str], ...] = (
        (
            page.total - window.start > window.limit,
            "too_many_hits",
            f"the search finds {page.total} hits, and limit is {window.limit}",
        ),
        (
            total not in (None, page.total),
            "hits_changed",
            f"the search found {total} hits at first and finds {page.total} now, {so_far}",
        ),
        (left > 0 and not ids, "hits_end_early", f"no more hits came {so_far}"),
        (
            len(ids) < len(page.hits) or not seen.isdisjoint(ids),
            "hits_changed",
            f"the server returned duplicate hits, {so_far}",
        ),
        (max(0, left) < len(ids), "hits_changed", f"more hits came than the search counts, {so_far}"),
    )
    for is_made, kind, summary in mistakes:
        if is_made:
            raise client.error(request, ElvisFailure(kind, summary, page.reply))
