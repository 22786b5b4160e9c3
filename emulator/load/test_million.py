# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A million assets fit into 2 GiB, and searches by path, folder and id take as long as with a thousand: `make load`."""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests

from elvis_emulator.state.database import Database
from elvis_emulator.state.records import Record
from emulator.tests.running import Emulator, start_emulator

IN_A_FOLDER = 100
FEW, MANY = 1_000, 1_000_000
MOST_MEMORY = 2 << 30
SEARCHES = 300
KINDS = {
    "path": 'assetPath:"/Load/{folder}/picture {number}.jpg"',
    "folder": 'ancestorPaths:"/Load/{folder}"',
    "id": 'id:"{id}"',
}


def records(count: int) -> Iterator[Record]:
    """Make assets with a small file each, a hundred in a folder."""
    yield Record("folder", "root", {"path": "", "metadata": {}})
    yield Record("folder", "load", {"path": "/Load", "metadata": {}})
    file = {"size": 4, "checksum": "", "uploaded": 4, "content": "one"}
    for number in range(count):
        folder, place = divmod(number, IN_A_FOLDER)
        if place == 0:
            yield Record("folder", f"folder{folder:016}", {"path": f"/Load/{folder}", "metadata": {}})
        value = {
            "path": f"/Load/{folder}/picture {number}.jpg",
            "creator": "load",
            "created": 1_700_000_000_000 + number,
            "modifier": "load",
            "modified": 1_700_000_000_000 + number,
            "metadata": {"rating": number % 5, "status": "New", "tags": ["sea", f"t{number % 1000}"]},
            "version": 1,
            "file": file | {"checksum": f"{number:032x}"},
            "fileModified": 1_700_000_000_000 + number,
            "firstChecksum": f"{number:032x}",
        }
        yield Record("asset", f"asset{number:017}", value)


@contextmanager
def server_with(count: int, folder: Path) -> Iterator[Emulator]:
    path = folder / f"{count}.snapshot"
    with closing(Database(path)) as database:
        database.begin()
        database.put(records(count))
        database.commit()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO contents VALUES ('one', 0, ?)", (b"\xff\xd8\xff!",))
        connection.commit()
    with start_emulator("--load", str(path)) as emulator:
        yield emulator


def measured(emulator: Emulator, count: int) -> dict[str, float]:
    """Return the median time of a search of each kind, in ms; what is asked for is another one each time."""
    chosen = random.Random(7)  # noqa: S311
    taken: dict[str, float] = {}
    with requests.Session() as http:
        http.trust_env = False
        login = {"username": "alice", "password": "wonderland"}
        token = http.post(f"{emulator.url}/services/apilogin", data=login, timeout=60).json()["authToken"]
        http.headers["Authorization"] = f"Bearer {token}"

        def ask(query: str) -> float:
            start = time.perf_counter()
            reply = http.post(f"{emulator.url}/services/search", data={"q": query}, timeout=600).json()
            assert reply["totalHits"] in (1, IN_A_FOLDER)
            return (time.perf_counter() - start) * 1000

        for kind, query in KINDS.items():
            # The first search by a field makes its index.
            ask(_filled(query, 0))
            times = [ask(_filled(query, chosen.randrange(count))) for dummy in range(SEARCHES)]
            taken[kind] = statistics.median(times)
    return taken


def _filled(query: str, number: int) -> str:
    return query.format(folder=number // IN_A_FOLDER, number=number, id=f"asset{number:017}")


def memory_of(emulator: Emulator) -> int:
    """Return the most memory that a server had so far, in bytes."""
    status = Path(f"/proc/{emulator.process.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read as Linux tells it")
def test_a_million_assets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server_with(FEW, tmp_path) as small:
        few = measured(small, FEW)
    start = time.monotonic()
    with server_with(MANY, tmp_path) as large:
        loaded = time.monotonic() - start
        many = measured(large, MANY)
        memory = memory_of(large)
    with capsys.disabled():
        report = {"memory in MiB": memory >> 20, "seconds to make and load": round(loaded), "ms": [few, many]}
        print(f"\n{json.dumps(report, indent=2)}")
    assert memory < MOST_MEMORY
    # Two searches that take half a millisecond may differ by more than that on a busy machine.
    assert {kind: many[kind] <= 2 * few[kind] + 0.5 for kind in few} == dict.fromkeys(few, True)
