# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of the table: what was measured, beside what, what it was to reach, and whether it did."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tests.bench.measure import CURL, MEMORY_OF, Figures, Spread
from tests.bench.scenarios import FORKS, HOSTS, ITEMS, LOOPS
from tests.bench.transfers import LARGE, SMALL

HEADINGS = ("what", "it took", "beside it", "that took", "compared", "to reach", "reached")
REPORTED = "(reported)"
YES, NO, UNCLEAR = "yes", "**no**", "can't be told apart"
URI = "`ansible.builtin.uri`"
MEMORY_TO_SPARE = 8 << 20
"""Bytes that a large file may need more than a small one; what is not streamed would need the file's size."""


class Row(NamedTuple):
    """One line of the table; the columns are those of HEADINGS."""

    what: str
    ours: str
    other: str
    theirs: str
    compared: str
    goal: str = REPORTED
    reached: str = ""

    def to_reach(self, goal: str, is_reached: bool) -> Row:
        return self._replace(goal=goal, reached=YES if is_reached else NO)


class Comparison(NamedTuple):
    """The seconds that something took in each round, and what it is compared with took."""

    ours: list[float]
    theirs: list[float]

    @property
    def times_faster(self) -> Spread:
        return Spread.of(theirs / ours for ours, theirs in zip(*self, strict=True))

    @property
    def times_its_time(self) -> Spread:
        return Spread.of(ours / theirs for ours, theirs in zip(*self, strict=True))

    @property
    def milliseconds_more(self) -> Spread:
        return Spread.of(1000 * (ours - theirs) for ours, theirs in zip(*self, strict=True))


def rows(figures: Figures) -> Iterator[Row]:
    """Yield every row."""
    yield from _tasks(figures)
    yield from _hosts(figures)
    yield from _playbooks(figures)
    yield from _files(figures)


def _tasks(figures: Figures) -> Iterator[Row]:
    login, uri = figures.each("login"), figures.each("uri")
    same = f"{URI}, the same login"
    nothing = "`ansible.builtin.assert`, a task that does nothing"
    yield _faster("one login task", same, Comparison(login, uri), 15)
    yield _at_most("one login task", nothing, Comparison(login, figures.each("assert")), 1.5)
    shipped = Comparison(figures.each("shipped"), uri)
    row = _at_most("one login task on the target", same, shipped, 1)
    is_unclear = row.reached == NO and shipped.times_its_time.low <= 1
    yield row._replace(goal="not slower", reached=UNCLEAR if is_unclear else row.reached)
    loop = Comparison(figures.each("loop"), figures.each("uri loop"))
    yield _faster(f"one item of a loop of {ITEMS} logouts", f"{URI} in a loop", loop, 50)
    yield _counted("the same loop: TCP connections", figures.counted("loop", "connections") // LOOPS, 1)
    yield _counted("log in + log out: HTTP requests", figures.counted("in and out", "requests"), 2)


def _hosts(figures: Figures) -> Iterator[Row]:
    what = f"{HOSTS} hosts, {FORKS} forks, each logs in and out of a session of its own"
    yield _faster(what, URI, Comparison(figures.whole("hosts"), figures.whole("uri hosts")), 5)
    yield _counted("the same: sessions left on the server", figures.counted("hosts", "sessions_left"), 0)
    ours, theirs = map(_memory, map(figures.memory.get, MEMORY_OF))
    yield Row("the same: peak memory of all processes", ours, URI, theirs, "")


def _playbooks(figures: Figures) -> Iterator[Row]:
    session, nothing = figures.whole("session"), figures.whole("nothing")
    what = "a playbook: log in, search, log out"
    if CURL in figures.runs:
        yield _added(what, "the same calls with `curl`, a shell script", Comparison(session, figures.whole(CURL)))
    guarded = Comparison(figures.whole("session, guarded"), session)
    yield _added(f"{what}, with `session_guard`", "without it", guarded)
    guarded = Comparison(figures.whole("nothing, guarded"), nothing)
    row = _added("a playbook without Elvis tasks, with `session_guard`", "without it", guarded)
    yield row.to_reach("no measurable time", guarded.milliseconds_more.low <= 0)


def _files(figures: Figures) -> Iterator[Row]:
    for direction in ("up", "down"):
        small, large = (figures.transfers[direction, size] for size in (SMALL, LARGE))
        what = f"a file of 1 GiB goes {direction}, with login and logout"
        yield Row(what, f"{large.seconds:.1f} s", "a file of 1 MiB", f"{small.seconds:.1f} s", "")
        row = Row("the same: peak memory", _memory(large.peak_memory), "1 MiB", _memory(small.peak_memory), "")
        if small.peak_memory and large.peak_memory:
            more = large.peak_memory - small.peak_memory
            row = row._replace(compared=f"{more / 2**20:+.0f} MiB")
            row = row.to_reach(f"at most {MEMORY_TO_SPARE / 2**20:.0f} MiB more", more <= MEMORY_TO_SPARE)
        yield row


def _memory(size: int | None) -> str:
    return f"{size / 2**20:.0f} MiB" if size else "not known here"


def _faster(what: str, other: str, comparison: Comparison, factor: float) -> Row:
    ratio = comparison.times_faster
    row = _compared(what, other, comparison, f"{_shown(ratio)} times faster")
    return row.to_reach(f"at least {factor} times faster", ratio.median >= factor)


def _at_most(what: str, other: str, comparison: Comparison, factor: float) -> Row:
    ratio = comparison.times_its_time
    row = _compared(what, other, comparison, f"{_shown(ratio)} times its time")
    return row.to_reach(f"at most {factor} times its time", ratio.median <= factor)


def _added(what: str, other: str, comparison: Comparison) -> Row:
    more = comparison.milliseconds_more
    compared = f"{more.median:+.0f} ({more.low:+.0f} to {more.high:+.0f}) ms"
    return _compared(what, other, comparison, compared)


def _counted(what: str, count: int, goal: int) -> Row:
    return Row(what, str(count), "", "", "").to_reach(str(goal), count == goal)


def _compared(what: str, other: str, comparison: Comparison, compared: str) -> Row:
    ours, theirs = map(_time, comparison)
    return Row(what, ours, other, theirs, compared)


def _time(seconds: list[float]) -> str:
    spread = Spread.of(seconds)
    return f"{_shown(spread)} s" if spread.median >= 1 else f"{_shown(spread, 1000)} ms"


def _shown(spread: Spread, factor: float = 1) -> str:
    median, low, high = (_rounded(factor * value) for value in (spread.median, spread.low, spread.high))
    return f"{median} ({low}–{high})"


def _rounded(value: float) -> str:
    """Return three digits, and more before the point where there are more."""
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
