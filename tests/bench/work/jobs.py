# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does all jobs, each side in turn, over http and https."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.limits import make_certificates
from tests.bench.work import large
from tests.bench.work.files import Files, change_headlines
from tests.bench.work.sides import CHANGES, ITEMS, POWERSHELL, Bare, Collection, PowerShell, Side
from tests.support.emulator import start_emulator

COUNT = 10_000
FEW = 1_000
LATENCY = 20
"""Milliseconds to a server that is far away."""
CONCURRENCIES = (4, 16)
SLICES = 4
EVENTS, EVENTS_OF_JOBS = 10, 3
"""Of each asset in its history, and those that the jobs before leave there: it is made, changed and downloaded."""
OURS, THEIRS, BARE, NO_WAIT = "the collection", "PowerShell", "a bare client", "index_wait: 0"
ROUNDS = 3
"""How often an upload that looks for its writes is compared with one that doesn't: they are nearly the same."""


@dataclass
class Jobs:
    """What was measured: seconds by the job and by who did it, and what else there is to tell by its name.

    :param count: the files and rows of the large jobs
    :param large_size: the bytes of each large file
    """

    count: int
    large_size: int
    seconds: dict[tuple[str, str], float] = field(default_factory=dict)
    large: Mapping[str, float] = field(default_factory=dict)
    one: Mapping[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    sessions_left: int = 0

    def of(self, job: str, who: str = OURS) -> float | None:
        return self.seconds.get((job, who))


class Measuring:
    """All jobs, in a folder of their own."""

    def __init__(self, program: Path, collections: Path, folder: Path, count: int, large_size: int) -> None:
        self._program, self._collections = program, collections
        self._place = folder / "work"
        self._place.mkdir()
        self._certificate, self._bundle = make_certificates(self._place)
        self._files = Files.make(self._place / "many", count)
        self._few = Files.make(self._place / "few", min(FEW, count))
        self._slice = Files.make(self._place / "slice", count // 2)
        self._jobs = Jobs(count, large_size)

    def run(self) -> Jobs:
        """Do everything; say on stderr how far it is."""
        self._small_job()
        for over, options in (("http", ()), ("https", ("--tls-cert", str(self._certificate)))):
            self._large_jobs(over, options)
        self._own_writes()
        self._memory()
        self._far_away()
        self._slices()
        given = self._program, self._collections, self._place, self._bundle, self._jobs.large_size
        self._jobs.large = large.send(*given)
        self._jobs.one = large.there_and_back(*given)
        print(file=sys.stderr)
        return self._jobs

    def _collection(self, url: str, name: str) -> Collection:
        return Collection(self._program, self._collections, url, self._place / f"collection-{name}", self._bundle)

    def _powershell(self, url: str, name: str) -> PowerShell | None:
        return PowerShell(url, self._place / f"powershell-{name}", self._bundle) if shutil.which(POWERSHELL) else None

    def _small_job(self) -> None:
        """Log in, make a folder, log out; beside a playbook that does nothing."""
        with start_emulator() as server:
            side, script = self._collection(server.url, "small"), self._powershell(server.url, "small")
            self._jobs.seconds["nothing", OURS] = side.whole("nothing")
            self._jobs.seconds["small", OURS] = side.whole("folder")
            if script:
                self._jobs.seconds["small", THEIRS] = script.whole("folder")

    def _large_jobs(self, over: str, options: Sequence[str]) -> None:
        with start_emulator(*options) as server:
            side = self._collection(server.url, over)
            self._of_many(side, over, again=True)
            if over == "http":
                self._jobs.seconds["asset", OURS] = side.time("asset", self._files) / ITEMS
                self._jobs.seconds["asset again", OURS] = side.time("asset", self._files) / ITEMS
        with start_emulator(*options) as server:
            script = self._powershell(server.url, over)
            if script:
                self._of_many(script, over, again=False)
        with start_emulator(*options) as server:
            bare = Bare(server.url, self._bundle)
            self._jobs.seconds[f"upload, {over}", BARE] = bare.upload(self._files)
            bare.check_out()
            for job in CHANGES:
                self._jobs.seconds[f"{job}, {over}", BARE] = bare.change(job)
            bare.leave()

    def _of_many(self, side: Side, over: str, *, again: bool) -> None:
        bare = Bare(side.url, self._bundle)
        for job in ("upload", "report", "metadata", "download", "history", "restore", *CHANGES):
            if job == "metadata":
                change_headlines(side.report, side.changes)
            if job == "history":
                bare.add_events(EVENTS - EVENTS_OF_JOBS)
            if job == "restore":
                side.span = bare.damage()
            if job == "give back":
                bare.check_out()
            self._jobs.seconds[f"{job}, {over}", side.name] = side.time(job, self._files)
            if again and job not in ("report", "history", "restore", "remove"):
                self._jobs.seconds[f"{job} again, {over}", side.name] = side.time(job, self._files)

    def _own_writes(self) -> None:
        """Upload with and without the look at the end, in turn, each to an empty server; the best of each counts."""
        for number in range(ROUNDS):
            for who, options in ((OURS, {}), (NO_WAIT, {"index_wait": 0})):
                with start_emulator() as server:
                    side = self._collection(server.url, f"own-writes-{number}-{len(options)}")
                    seconds = side.time("upload", self._files, **options)
                best = self._jobs.of("own writes", who)
                self._jobs.seconds["own writes", who] = min(seconds, best or seconds)

    def _memory(self) -> None:
        with start_emulator() as server:
            side = self._collection(server.url, "memory")
            for job in ("nothing", "upload", "report", "history"):
                self._jobs.memory[job] = side.peak_memory(job, self._files)

    def _far_away(self) -> None:
        latency = ("--latency", str(LATENCY))
        for concurrency in CONCURRENCIES:
            with start_emulator(*latency) as server:
                side = self._collection(server.url, f"far-{concurrency}")
                self._jobs.seconds[f"far, {concurrency}", OURS] = side.time(
                    "upload", self._few, concurrency=concurrency
                )
                self._jobs.seconds[f"far move, {concurrency}", OURS] = side.time(
                    "move", self._few, concurrency=concurrency
                )
        with start_emulator(*latency) as server:
            script = self._powershell(server.url, "far")
            if script:
                self._jobs.seconds["far", THEIRS] = script.time("upload", self._few)
                self._jobs.seconds["far move", THEIRS] = script.time("move", self._few)

    def _slices(self) -> None:
        """Upload the same tree to four folders, one by one and all at once, each by a playbook of its own."""
        with start_emulator("--latency", str(LATENCY), "--seats", str(SLICES)) as server:
            alone = self._collection(server.url, "slice-alone")
            self._jobs.seconds["slice", "alone"] = alone.time("upload", self._slice, path="/Alone")
            sides = [self._collection(server.url, f"slice-{number}") for number in range(SLICES)]
            for side in sides:
                # All of them are as fast to start as the first.
                side.start = alone.start

            def upload(number: int) -> float:
                return sides[number].time("upload", self._slice, path=f"/Slice {number}")

            with ThreadPoolExecutor(SLICES) as pool:
                self._jobs.seconds["slice", "together"] = max(pool.map(upload, range(SLICES)))
            self._jobs.sessions_left = len(server.sessions())


def measure(program: Path, collections: Path, folder: Path, count: int = COUNT, large_size: int = large.SIZE) -> Jobs:
    """Do all jobs with so many files, and files of so many bytes where they are to be large."""
    return Measuring(program, collections, folder, count, large_size).run()
