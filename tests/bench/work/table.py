# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the table of the work: what it took, beside whom, what it was to reach, and whether it did."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench.table import REPORTED, Row, more_memory, rounded
from tests.bench.work.jobs import BARE, CONCURRENCIES, EVENTS, FEW, LATENCY, NO_WAIT, OURS, ROUNDS, SLICES, THEIRS, Jobs
from tests.bench.work.large import COUNT
from tests.bench.work.sides import CONNECTIONS, ITEMS

LOOP = "PowerShell, a loop"
CHANGED = {"give back": "given back", "move": "moved", "remove": "removed"}
THREE_ASSERTS = "a playbook of three `assert`"
MIB = 1 << 20
MEMORY_TO_SPARE = 64 * MIB


def rows(jobs: Jobs) -> Iterator[Row]:
    """Yield every row."""
    yield from _small(jobs)
    for over in ("http", "https"):
        yield from _many(jobs, over)
    yield from _own_writes(jobs)
    yield from _one_by_one(jobs)
    yield from _memory(jobs)
    yield from _far(jobs)
    yield from _slices(jobs)
    yield from _large(jobs)


def _small(jobs: Jobs) -> Iterator[Row]:
    nothing, ours, theirs = jobs.seconds["nothing", OURS], jobs.seconds["small", OURS], jobs.of("small", THEIRS)
    what = "log in, a folder, log out: the whole program"
    added = f"{1000 * (ours - nothing):+.0f} ms"
    yield Row(what, _time(ours), THREE_ASSERTS, _time(nothing), added)
    if theirs is not None:
        row = Row(what, _time(ours), "PowerShell", _time(theirs), f"{added} are {(ours - nothing) / theirs:.0%} of it")
        yield row.to_reach("a third of PowerShell's, over three `assert`", ours - nothing <= theirs / 3)


def _many(jobs: Jobs, over: str) -> Iterator[Row]:
    count = f"{jobs.count:,}"
    what = f"{count} files of 4 kB with metadata go up, {over}"
    yield from _faster(jobs, what, f"upload, {over}", 1.6)
    ours, bare = jobs.seconds[f"upload, {over}", OURS], jobs.seconds[f"upload, {over}", BARE]
    other = f"a client of `requests` with {CONNECTIONS} connections, and nothing else done"
    row = Row(what, _time(ours), other, _time(bare), f"{bare / ours:.0%} of its files a second")
    yield row.to_reach("at least 70%", bare / ours >= 0.7)
    again, report = jobs.seconds[f"upload again, {over}", OURS], jobs.of(f"report, {over}", THEIRS)
    if report is not None:
        row = Row("the same, nothing to do", _time(again), "PowerShell's report of it", _time(report), "")
        row = row._replace(compared=f"{again / report:.3g} times its time")
        yield row.to_reach("at most 1.5 times its time", again <= 1.5 * report)
    yield from _faster(jobs, f"a report of {count} assets as CSV, {over}", f"report, {over}", 1)
    metadata = f"metadata, {over}"
    yield from _faster(jobs, f"{count} rows of metadata, all different, {over}", metadata, 3)
    yield from _faster(jobs, "the same, nothing to do", f"metadata again, {over}", 6, metadata)
    download = f"download, {over}"
    yield from _faster(jobs, f"{count} files of 4 kB come down, {over}", download, 2)
    yield from _faster(jobs, "the same, nothing to do", f"download again, {over}", None, download)
    history = f"the histories of {count} assets, {EVENTS} events each, as CSV, {over}"
    yield from _faster(jobs, history, f"history, {over}", 2 if over == "http" else 3)
    restored = f"two fields of {count} assets are as before a wrong query, {over}"
    yield from _faster(jobs, restored, f"restore, {over}", 2 if over == "http" else 3)
    for job, words in CHANGED.items():
        yield from _changes(jobs, f"{count} assets are {words}, {over}", f"{job}, {over}", 2 if over == "http" else 3)
        if job != "remove":
            yield from _faster(jobs, "the same, nothing to do", f"{job} again, {over}", None, f"{job}, {over}")


def _changes(jobs: Jobs, what: str, job: str, goal: float) -> Iterator[Row]:
    """Yield how fast assets are changed: it is to be so many times faster than a loop, or about as a bare client."""
    ours, theirs, bare = jobs.seconds[job, OURS], jobs.of(job, THEIRS), jobs.seconds[job, BARE]
    other = f"a client of `requests` with {CONNECTIONS} connections, and nothing else done"
    row = Row(what, _time(ours), other, _time(bare), f"{bare / ours:.0%} of its assets a second")
    is_near = bare / ours >= 0.9
    yield row.to_reach("at least 90%, or the next row", is_near or (theirs or 0) / ours >= goal)
    if theirs is not None:
        row = Row(what, _time(ours), LOOP, _time(theirs), f"{theirs / ours:.3g} times faster")
        yield row.to_reach(f"at least {goal:.3g} times faster, or the row before", is_near or theirs / ours >= goal)


def _own_writes(jobs: Jobs) -> Iterator[Row]:
    ours, without = jobs.seconds["own writes", OURS], jobs.seconds["own writes", NO_WAIT]
    what = f"{jobs.count:,} files go up, and a search shows them, http; the best of {ROUNDS}"
    row = Row(what, _time(ours), f"`{NO_WAIT}`, which does not look", _time(without), f"{ours / without - 1:+.1%}")
    yield row.to_reach("at most 3% more", ours <= 1.03 * without)


def _one_by_one(jobs: Jobs) -> Iterator[Row]:
    for job, what in (("asset", f"an item of a loop of {ITEMS} `elvis_asset`"), ("asset again", "nothing to do")):
        seconds = jobs.seconds[job, OURS]
        yield Row(what, _time(seconds), "", "", "").to_reach("at most 20 ms", seconds <= 0.02)


def _memory(jobs: Jobs) -> Iterator[Row]:
    nothing = jobs.memory["nothing"]
    for job, what in (
        ("upload", "files go up"),
        ("report", "assets in a report"),
        ("history", "histories in a report"),
    ):
        of = f"peak memory of {jobs.count:,} {what}"
        yield more_memory(of, jobs.memory[job], THREE_ASSERTS, nothing, to_spare=MEMORY_TO_SPARE)


def _far(jobs: Jobs) -> Iterator[Row]:
    for concurrency in CONCURRENCIES:
        what = f"{min(FEW, jobs.count):,} files, the server {LATENCY} ms away, `concurrency: {concurrency}`"
        yield from _faster(jobs, what, f"far, {concurrency}", 0.8 * concurrency, "far")
        moved = f"{min(FEW, jobs.count):,} assets are moved, the server {LATENCY} ms away, `concurrency: {concurrency}`"
        yield from _faster(jobs, moved, f"far move, {concurrency}", 3, "far move")


def _slices(jobs: Jobs) -> Iterator[Row]:
    alone, together = jobs.seconds["slice", "alone"], jobs.seconds["slice", "together"]
    what = f"the slowest of {SLICES} slices of {jobs.count // 2:,} files, the server {LATENCY} ms away"
    compared = f"{together / alone:.3g} times its time"
    row = Row(what, _time(together), "one slice alone", _time(alone), compared)
    yield row.to_reach("at most 1.15 times, until a core is full", together <= 1.15 * alone)
    left = jobs.sessions_left
    yield Row("the same: sessions left", str(left), "", "", "").to_reach("0", left == 0)


def _large(jobs: Jobs) -> Iterator[Row]:
    what = f"{COUNT} files of {jobs.large_size // MIB:,} MiB go to a server that throws them away"
    ours = jobs.large[OURS]
    for form in ("--form", "--upload-file"):
        curl = jobs.large.get(f"curl {form}")
        if curl is not None:
            row = Row(what, _time(ours), f"`curl {form}`", _time(curl), f"{ours / curl:.3g} times its time")
            yield row.to_reach("at most 1.1 times its time", ours <= 1.1 * curl)
    memory, least = int(jobs.large["memory"]), int(jobs.large["memory of a start"])
    yield more_memory("the same: peak memory", memory, "a login and a logout", least, to_spare=MEMORY_TO_SPARE)
    for direction in ("up", "down"):
        yield Row(f"one of them goes {direction}, the emulated server", _time(jobs.one[direction]), "", "", "")
    is_same = bool(jobs.one["is the same"])
    yield Row("the same: what came down, and what went up", "the same" if is_same else "differs", "", "", "").to_reach(
        "the same", is_same
    )


def _faster(jobs: Jobs, what: str, job: str, goal: float | None, other: str = "") -> Iterator[Row]:
    """Yield how much faster a job is than PowerShell's, where there is one."""
    ours, theirs = jobs.seconds[job, OURS], jobs.of(other or job, THEIRS)
    if theirs is None:
        yield Row(what, _time(ours), "", "", "")
        return
    row = Row(what, _time(ours), LOOP, _time(theirs), f"{theirs / ours:.3g} times faster")
    if goal is None:
        yield row._replace(goal=REPORTED)
    else:
        yield row.to_reach(f"at least {goal:.3g} times faster", theirs / ours >= goal)


def _time(seconds: float) -> str:
    return f"{rounded(seconds)} s" if seconds >= 1 else f"{rounded(1000 * seconds)} ms"
