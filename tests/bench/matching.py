# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that article numbers match to assets, in a DAM of many, beside the same files by their place."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import requests

from tests.bench.scenarios import PASSWORD, USERNAME
from tests.bench.table import Row, rounded
from tests.bench.work.files import Files
from tests.bench.work.sides import Bare, Collection
from tests.support.emulator import Emulator, start_emulator

FILES = 2_000
COPIES = 24
"""Of the assets that get the files, with other numbers: so that there are 50,000 in all."""
AT_ONCE = 100
"""Files for which one search is to do."""
ROUNDS = 3
FIELD = "cf_articleNumber"
BY_PLACE: Mapping[str, object] = {"path": "/Bench"}
BY_FIELD: Mapping[str, object] = {"path": "/", "match": {"field": FIELD, "pattern": r"file (\d{5})"}}


class Matching(NamedTuple):
    """What was measured; the best of the rounds counts.

    :param searches: those of an upload that has nothing to send
    """

    files: int
    by_field: float
    by_place: float
    searches: int


def measure(program: Path, collections: Path, place: Path, bundle: Path, count: int = FILES) -> Matching:
    """Send other files to all of some assets, in turn by their field and by their place, each to a server of its own.

    By place, the task reads only the folder of these assets; by field, it searches the whole DAM.
    """
    place.mkdir()
    snapshot = place / "server"
    _fill(snapshot, Files.make(place / "before", count), bundle)
    src = Files.make(place / "after", count).folder
    seconds: dict[str, list[float]] = {"field": [], "place": []}
    for number in range(ROUNDS):
        for kind, options in (("field", BY_FIELD), ("place", BY_PLACE)):
            with start_emulator("--load", str(snapshot)) as server:
                side = Collection(program, collections, server.url, place / f"{kind}-{number}", bundle)
                seconds[kind].append(side.time("upload", None, src=str(src), **options))
                if kind == "field":
                    searches = _searches_of_another(server, side, src)
    shutil.rmtree(place)
    return Matching(count, min(seconds["field"]), min(seconds["place"]), searches)


def rows(done: Matching) -> Iterator[Row]:
    """Yield the rows of the table."""
    assets = done.files * (COPIES + 1)
    what = f"`match` sends {done.files:,} files to some of {assets:,} assets, http; the best of {ROUNDS}"
    ours, other = (f"{rounded(seconds)} s" for seconds in (done.by_field, done.by_place))
    row = Row(what, ours, "the same files by their place", other, f"{done.by_field / done.by_place - 1:+.1%}")
    yield row.to_reach("at most 30% more", done.by_field <= 1.3 * done.by_place)
    most = -(-done.files // AT_ONCE)
    row = Row("the same, nothing to do: searches", str(done.searches), "", "", "")
    yield row.to_reach(f"one for {AT_ONCE} files", done.searches <= most)


def _searches_of_another(server: Emulator, side: Collection, src: Path) -> int:
    server.forget_requests()
    side.time("upload", None, src=str(src), **BY_FIELD)
    return sum(seen["path"].endswith("/services/search") for seen in server.requests())


def _fill(snapshot: Path, files: Files, bundle: Path) -> None:
    """Write a snapshot of a server on which each asset has a number of its own."""
    with start_emulator() as server, requests.Session() as session:
        session.trust_env = False
        Bare(server.url, bundle).upload(files)

        def post(service: str, **what: object) -> object:
            answer = session.post(f"{server.url}/services/{service}", **what).json()  # type: ignore[arg-type]
            assert "errorcode" not in answer, answer
            return answer

        login = post("apilogin", data={"username": USERNAME, "password": PASSWORD})
        assert isinstance(login, dict)
        session.headers["Authorization"] = f"Bearer {login['authToken']}"
        for copy in range(COPIES + 1):
            folder = f"/Copy {copy}" if copy else "/Bench"
            if copy:
                post("copy", data={"source": "/Bench", "target": folder})
            found = post("search", data={"q": f'ancestorPaths:"{folder}"', "num": files.count, "sort": "assetPath-asc"})
            assert isinstance(found, dict)
            ids = [hit["id"] for hit in found["hits"]]
            assert len(ids) == files.count
            numbers = (f"{copy or ''}{number:05}" for number in range(files.count))
            rows = [
                {"id": asset_id, "metadata": {FIELD: number}} for asset_id, number in zip(ids, numbers, strict=True)
            ]
            post("updatebulk", json=rows)
        post("logout")
        snapshot.write_bytes(session.get(f"{server.url}/_emulator/snapshot").content)
