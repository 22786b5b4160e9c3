# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the work between login and logout takes: the collection, PowerShell's loops, a bare client.

Each has a server of its own, and they take turns. Of each whole program its own start is taken off: what it takes to
log in and out. The ratios count; where there is no PowerShell, its columns are left out.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import local
from typing import Any

import requests

from tests.bench import runs
from tests.bench.limits import make_certificates
from tests.bench.markdown import table as as_table
from tests.bench.scenarios import PASSWORD, USERNAME, Scenario, Task, login_and_logout
from tests.integration.support import environment_for
from tests.support.emulator import Emulator, start_emulator

COUNT = 10_000
FEW = 1_000
LATENCY = 20
"""Milliseconds to a server that is far away."""
ITEMS = 200
SLICES = 4
STARTS = 3
SHORTEST = 0.001
"""Seconds; what takes no longer than a start, give or take, can't be told from nothing."""
CONNECTIONS = 4
POWERSHELL = "pwsh"
SCRIPT = Path(__file__).with_name("work.ps1")
HEADINGS = ("what", "the collection", "PowerShell", "a bare client", "compared", "to reach", "reached")


@dataclass(frozen=True)
class Files:
    """A tree of files of 4 kB, and the table with their metadata."""

    folder: Path
    table: Path
    count: int

    @classmethod
    def make(cls, place: Path, count: int) -> Files:
        folder, table = place / "tree", place / "captions.csv"
        with _writer(table, "path", "headline", "credit") as rows:
            for number in range(count):
                path = Path(f"{number // 100:03}", f"file {number:05}.jpg")
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(os.urandom(4096))
                rows.writerow([path, f"Headline {number}", "Bench"])
        return cls(folder, table, count)


@dataclass
class Jobs:
    """What was measured, in seconds, by the job and by who did it."""

    seconds: dict[tuple[str, str], float] = field(default_factory=dict)

    def of(self, job: str, who: str) -> float | None:
        return self.seconds.get((job, who))


@contextmanager
def _writer(path: Path, *headings: str) -> Iterator[Any]:
    """Write a CSV file with these headings."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(headings)
        yield rows


class Side:
    """Somebody who does jobs on a server of their own."""

    name: str

    def __init__(self, server: Emulator, folder: Path, environment: Mapping[str, str]) -> None:
        self.server = server
        self.folder = folder
        self.environment = {
            **environment,
            "ELVIS_SERVER_URL": server.url,
            "ELVIS_USERNAME": USERNAME,
            "ELVIS_PASSWORD": PASSWORD,
        }
        folder.mkdir(parents=True)
        self._start = 0.0

    def command(self, job: str, files: Files, options: Mapping[str, object]) -> Sequence[str | Path]:
        raise NotImplementedError

    def time(self, job: str, files: Files, **options: object) -> float:
        """Return the seconds of a job, without those of a start."""
        print(f"\r{self.name}: {job:30}", end="", file=sys.stderr, flush=True)
        if not self._start:
            idle = self.command("start", files, {})
            self._start = statistics.median(runs.seconds(idle, self.environment) for _number in range(STARTS))
        return max(SHORTEST, runs.seconds(self.command(job, files, options), self.environment) - self._start)


class Collection(Side):
    """Playbooks with one task between login and logout."""

    name = "the collection"

    def __init__(self, program: Path, collections: Path, server: Emulator, folder: Path, bundle: Path) -> None:
        super().__init__(server, folder, {})
        self._program = program
        # All that it needs stands in the playbook, as far as it is not what everybody gets.
        self.environment = {**environment_for(folder, collections), "SSL_CERT_FILE": str(bundle)}

    @property
    def report(self) -> Path:
        return self.folder / "report.csv"

    def command(self, job: str, files: Files, options: Mapping[str, object]) -> Sequence[str | Path]:
        login, logout = login_and_logout(self.server.url)
        place = self.folder / f"playbook-{len(list(self.folder.glob('playbook-*')))}"
        return [self._program, *Scenario([login, *self._tasks(job, files, options), logout]).write(place)]

    def _tasks(self, job: str, files: Files, options: Mapping[str, object]) -> list[Task]:
        if job == "start":
            return []
        if job == "asset":
            item = {"path": "/Loop/file {{ item }}.jpg", "file": str(next(files.folder.rglob("*.jpg")))}
            return [
                {
                    **self._task("elvis_asset", {**item, "metadata": {"headline": "{{ item }}"}}),
                    "loop": list(range(ITEMS)),
                }
            ]
        tasks: dict[str, tuple[str, dict[str, object]]] = {
            "upload": (
                "elvis_upload",
                {"src": str(files.folder), "path": "/Bench", "metadata_src": str(files.table)},
            ),
            "report": (
                "elvis_asset_info",
                {
                    "query": 'ancestorPaths:"/Bench"',
                    "fields": ["id", "assetPath", "headline"],
                    "dest": str(self.report),
                    "limit": files.count,
                },
            ),
            "metadata": ("elvis_metadata", {"src": str(self.folder / "changed.csv")}),
            "download": ("elvis_download", {"path": "/Bench", "dest": str(self.folder / "fetched")}),
        }
        module, given = tasks[job]
        return [self._task(module, {**given, **options})]

    def _task(self, module: str, options: Mapping[str, object]) -> Task:
        return {f"damops.elvis.{module}": {"session": "{{ elvis.session }}", **options}}


class PowerShell(Side):
    """A script with a loop."""

    name = "PowerShell"

    def __init__(self, server: Emulator, folder: Path, bundle: Path) -> None:
        super().__init__(server, folder, {**os.environ, "SSL_CERT_FILE": str(bundle), "NO_COLOR": "1"})

    @property
    def report(self) -> Path:
        return self.folder / "report.csv"

    def command(self, job: str, files: Files, options: Mapping[str, object]) -> Sequence[str | Path]:  # noqa: ARG002
        given = {
            "upload": (files.folder, files.table),
            "report": (self.folder, self.report),
            "metadata": (self.folder, self.folder / "changed.csv"),
            "download": (self.folder / "fetched", ""),
        }.get(job, ("", ""))
        return [POWERSHELL, "-NoProfile", "-NonInteractive", "-File", SCRIPT, job, *map(str, given)]


def change_headlines(side: Collection | PowerShell) -> None:
    """Write a table with another headline for each asset of the side's report."""
    with side.report.open(encoding="utf-8-sig", newline="") as source:
        read = list(csv.DictReader(source))
    with _writer(side.folder / "changed.csv", "id", "headline") as rows:
        rows.writerows([row["id"], f"Changed {number}"] for number, row in enumerate(read))


def upload_bare(server: Emulator, files: Files, bundle: Path) -> float:
    """Return the seconds of the same uploads by ``requests``, with as many connections, and nothing else done."""
    kept = local()

    def session() -> requests.Session:
        if not hasattr(kept, "session"):
            kept.session = requests.Session()
            kept.session.verify = str(bundle)
            kept.session.trust_env = False
        found: requests.Session = kept.session
        return found

    login = {"username": USERNAME, "password": PASSWORD}
    token = session().post(f"{server.url}/services/apilogin", data=login).json()["authToken"]
    headers = {"Authorization": f"Bearer {token}"}

    def send(row: dict[str, str]) -> None:
        metadata = json.dumps({"headline": row["headline"], "credit": row["credit"]})
        fields = {"assetPath": f"/Bench/{row['path']}", "metadata": metadata}
        with (files.folder / row["path"]).open("rb") as file:
            answer = session().post(
                f"{server.url}/services/create", data=fields, files={"Filedata": file}, headers=headers
            )
        assert "id" in answer.json(), answer.text

    with files.table.open(encoding="utf-8", newline="") as source, ThreadPoolExecutor(CONNECTIONS) as pool:
        start = time.perf_counter()
        for _done in pool.map(send, csv.DictReader(source)):
            pass
        return time.perf_counter() - start


def measure(program: Path, collections: Path, folder: Path, count: int = COUNT) -> Jobs:
    """Do all jobs, over http and https; say on stderr how far it is."""
    place = folder / "work"
    place.mkdir()
    certificate, bundle = make_certificates(place)
    files, few = Files.make(place / "many", count), Files.make(place / "few", min(FEW, count))
    slice_of_all = Files.make(place / "slice", count // 2)
    jobs = Jobs()
    for over, options in (("http", ()), ("https", ("--tls-cert", str(certificate)))):
        with start_emulator(*options) as server:
            side = Collection(program, collections, server, place / f"collection-{over}", bundle)
            _work(jobs, side, files, over, again=True)
            if over == "http":
                jobs.seconds["asset", side.name] = side.time("asset", files) / ITEMS
        if shutil.which(POWERSHELL):
            with start_emulator(*options) as server:
                _work(jobs, PowerShell(server, place / f"powershell-{over}", bundle), files, over, again=False)
        with start_emulator(*options) as server:
            jobs.seconds[f"upload, {over}", "a bare client"] = upload_bare(server, files, bundle)
    _far_away(jobs, program, collections, place, few, bundle)
    _slices(jobs, program, collections, place, slice_of_all, bundle)
    print(file=sys.stderr)
    return jobs


def _work(jobs: Jobs, side: Collection | PowerShell, files: Files, over: str, *, again: bool) -> None:
    for job in ("upload", "report", "metadata", "download"):
        if job == "metadata":
            change_headlines(side)
        jobs.seconds[f"{job}, {over}", side.name] = side.time(job, files)
        if again and job != "report":
            jobs.seconds[f"{job} again, {over}", side.name] = side.time(job, files)


def _far_away(jobs: Jobs, program: Path, collections: Path, place: Path, few: Files, bundle: Path) -> None:
    latency = ("--latency", str(LATENCY))
    for concurrency in (4, 16):
        with start_emulator(*latency) as server:
            side = Collection(program, collections, server, place / f"far-{concurrency}", bundle)
            jobs.seconds[f"far, {concurrency}", side.name] = side.time("upload", few, concurrency=concurrency)
    if shutil.which(POWERSHELL):
        with start_emulator(*latency) as server:
            script = PowerShell(server, place / "far-powershell", bundle)
            jobs.seconds["far", script.name] = script.time("upload", few)


def _slices(jobs: Jobs, program: Path, collections: Path, place: Path, files: Files, bundle: Path) -> None:
    """Upload the same tree to four folders, one by one and all at once, each by a playbook of its own."""
    with start_emulator("--latency", str(LATENCY), "--seats", str(SLICES)) as server:
        alone = Collection(program, collections, server, place / "slice-alone", bundle)
        jobs.seconds["slice", "alone"] = alone.time("upload", files, path="/Alone")
        with ThreadPoolExecutor(SLICES) as pool:
            sides = [
                Collection(program, collections, server, place / f"slice-{number}", bundle) for number in range(SLICES)
            ]
            for side in sides:
                # All of them are as fast to start as the first.
                side._start = alone._start
            times = pool.map(lambda pair: pair[1].time("upload", files, path=f"/Slice {pair[0]}"), enumerate(sides))
            jobs.seconds["slice", "together"] = max(times)
        jobs.seconds["slice", "sessions left"] = len(server.sessions())


def table(jobs: Jobs) -> str:
    """Return what was measured as a table in Markdown."""
    return as_table([HEADINGS, *_rows(jobs)])


def _rows(jobs: Jobs) -> Iterator[tuple[str, ...]]:
    for over in ("http", "https"):
        what = f"upload of 4 kB files with metadata, {over}"
        yield _row(jobs, what, f"upload, {over}", 1.6, bare=0.7)
        yield _row(
            jobs,
            f"the same, nothing to do, beside PowerShell's report, {over}",
            f"upload again, {over}",
            1 / 1.5,
            f"report, {over}",
        )
        yield _row(jobs, f"a report as CSV, {over}", f"report, {over}", 1)
        yield _row(jobs, f"rows of metadata, all different, {over}", f"metadata, {over}", 3)
        yield _row(jobs, f"the same, nothing to do, {over}", f"metadata again, {over}", 6, f"metadata, {over}")
        yield _row(jobs, f"download, {over}", f"download, {over}", 2)
        yield _row(jobs, f"the same, nothing to do, {over}", f"download again, {over}", None, f"download, {over}")
    item = jobs.seconds["asset", "the collection"]
    yield (
        f"an item of a loop of {ITEMS} `elvis_asset`",
        f"{1000 * item:.3g} ms",
        "",
        "",
        "",
        "at most 20 ms",
        _reached(item <= 0.02),
    )
    for concurrency in (4, 16):
        what = f"{FEW:,} files, the server {LATENCY} ms away, concurrency {concurrency}"
        yield _row(jobs, what, f"far, {concurrency}", 0.8 * concurrency, "far")
    alone, together = jobs.seconds["slice", "alone"], jobs.seconds["slice", "together"]
    what = f"the slowest of {SLICES} slices at once, each of half as many files as above, the server {LATENCY} ms away"
    compared = f"{together / alone:.3g} times one alone"
    yield (
        what,
        f"{together:.3g} s",
        "",
        "",
        compared,
        "at most 1.15 times, until a core is full",
        _reached(together <= 1.15 * alone),
    )
    left = int(jobs.seconds["slice", "sessions left"])
    yield "the same: sessions left", str(left), "", "", "", "0", _reached(left == 0)


def _row(
    jobs: Jobs, what: str, job: str, goal: float | None, other: str = "", bare: float | None = None
) -> tuple[str, ...]:
    ours, theirs = jobs.seconds[job, "the collection"], jobs.of(other or job, "PowerShell")
    client = jobs.of(job, "a bare client")
    compared, goals, reached = [], [], []
    if theirs is not None:
        compared.append(f"{theirs / ours:.3g} times faster than PowerShell")
        if goal is not None:
            goals.append(f"{goal:.3g} times")
            reached.append(theirs / ours >= goal)
    if client is not None and bare is not None:
        compared.append(f"{client / ours:.0%} of the bare client")
        goals.append(f"{bare:.0%}")
        reached.append(client / ours >= bare)
    return (
        what,
        _seconds(ours),
        _seconds(theirs),
        _seconds(client),
        ", ".join(compared),
        ", ".join(goals),
        _reached(all(reached)) if reached else "",
    )


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.3g} s"


def _reached(is_reached: bool) -> str:
    return "yes" if is_reached else "**no**"
