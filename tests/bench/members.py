# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A collection that gets many members, and one that has them, beside a bare client that makes the relations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.bench.table import Row, rounded
from tests.bench.work.files import Files
from tests.bench.work.sides import Bare, Collection
from tests.support.emulator import start_emulator

MEMBERS = 5_000
NEW_IN_PAGE = 499
"""Hits of a page that the one before did not have."""
SEARCHES_BESIDES = 3
"""The collection, the collection with its metadata, and a page that is begun."""


class Members(NamedTuple):
    """What was measured.

    :param searches: those of a task that has nothing to do
    """

    number: int
    first: float
    bare: float
    again: float
    searches: int


def measure(program: Path, collections: Path, place: Path, bundle: Path, count: int = MEMBERS) -> Members:
    """Put assets into a new collection, once by a task and once by a bare client, each at a server of its own."""
    place.mkdir()
    files = Files.make(place / "files", count)
    with start_emulator() as server:
        Bare(server.url, bundle).upload(files)
        side = Collection(program, collections, server.url, place / "collection", bundle)
        first, again = side.time("members", None), side.time("members", None)
        server.forget_requests()
        side.time("members", None)
        searches = sum(seen["path"].endswith("/services/search") for seen in server.requests())
    with start_emulator() as server:
        client = Bare(server.url, bundle)
        client.upload(files)
        bare = client.collect(count)
    shutil.rmtree(place)
    return Members(count, first, bare, again, searches)


def rows(done: Members) -> Iterator[Row]:
    """Yield the rows of the table."""
    what = f"`elvis_collection` adds {done.number:,} members, http"
    yield Row(
        what,
        f"{rounded(done.first)} s",
        "a bare client",
        f"{rounded(done.bare)} s",
        f"{done.first / done.bare - 1:+.1%}",
    )
    yield Row("the same, nothing to do", f"{rounded(done.again)} s", "", "", "")
    most = 2 * -(-done.number // NEW_IN_PAGE) + SEARCHES_BESIDES
    row = Row("the same, nothing to do: searches", str(done.searches), "", "", "")
    yield row.to_reach("two for 500 members", done.searches <= most)
