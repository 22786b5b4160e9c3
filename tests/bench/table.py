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
NOTHING = "`ansible.builtin.assert`, a task that does nothing"
BARE_LOGIN = "the same request by `requests`, from a warm Python: connection and handshake"
BARE_ACTION = "an action of ten lines that calls `requests.post`, and does nothing else"
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
    nothing = figures.each("assert")
    plain = figures.each("login")
    yield _at_most("one login task, http", NOTHING, Comparison(plain, nothing), 1.4)
    bare = Comparison(plain, figures.each("bare login"))
    yield _compared("one login task, http", BARE_ACTION, bare, f"{_shown(bare.times_its_time)} times its time")
    login, uri = figures.each("https login"), figures.each("https uri")
    what = "one login task, https, the environment names the CAs"
    yield _at_most(what, NOTHING, Comparison(login, nothing), 1.5)
    yield _faster(what, f"{URI}, the same login", Comparison(login, uri), 15)
    readings = [limit.reading for limit in figures.limits]
    yield _compared(what, BARE_LOGIN, Comparison(login, [limit.login for limit in figures.limits]), "")
    yield Row("a bundle of CAs is read, in a forked process", _time(readings), "", "", "")
    yield _with_reading(figures.each("https login, option"), nothing, readings)
    for prefix, over in (("", "http"), ("https ", "https")):
        compared = Comparison(figures.each(f"{prefix}on target"), figures.each(f"{prefix}uri"))
        yield _not_slower(f"one login task on the target, {over}", f"{URI}, the same login", compared)
    yield from _loop(figures)
    yield _counted("log in + log out: HTTP requests", figures.counted("https in and out", "requests"), 2)


def _with_reading(option: list[float], nothing: list[float], readings: list[float]) -> Row:
    what = f"one login task, https, the option `ca_path` names them, less {_time(readings)} for one reading"
    read = [seconds - reading for seconds, reading in zip(option, readings, strict=True)]
    return _at_most(what, NOTHING, Comparison(read, nothing), 1.5)


def _loop(figures: Figures) -> Iterator[Row]:
    for prefix, over in (("", "http"), ("https ", "https")):
        loop, uri_loop = figures.each(f"{prefix}loop"), figures.each(f"{prefix}uri loop")
        what = f"one item of a loop of {ITEMS} logouts, {over}"
        yield _faster(what, f"{URI} in a loop", Comparison(loop, uri_loop), 50)
    needed = [item + limit.call for item, limit in zip(figures.each("debug loop"), figures.limits, strict=True)]
    compared = Comparison(figures.each("https loop"), needed)
    row = _added("one item of a loop, https", "an item of `debug`, and the bare call by `requests`", compared, digits=3)
    yield row.to_reach("at most 1 ms more", compared.milliseconds_more.median <= 1)
    yield _counted("the same loop: TLS handshakes", figures.counted("https loop", "connections") // LOOPS, 1)


def _hosts(figures: Figures) -> Iterator[Row]:
    what = f"{HOSTS} hosts, {FORKS} forks, each logs in and out of a session of its own, https"
    ours, theirs = MEMORY_OF
    yield _faster(what, URI, Comparison(figures.whole(ours), figures.whole(theirs)), 10)
    yield _counted("the same: sessions left on the server", figures.counted(ours, "sessions_left"), 0)
    yield Row(
        "the same: peak memory of all processes",
        _memory(figures.memory[ours]),
        URI,
        _memory(figures.memory[theirs]),
        "",
    )


def _playbooks(figures: Figures) -> Iterator[Row]:
    what, asserts = "a playbook: log in, search, log out", figures.whole("three asserts")
    session = figures.whole("session")
    compared = Comparison(session, asserts)
    row = _added(f"{what}, http", "a playbook of three `assert`", compared)
    yield row.to_reach("at most 120 ms more", compared.milliseconds_more.median <= 120)
    readings = [limit.reading for limit in figures.limits]
    read = [whole - reading for whole, reading in zip(figures.whole("https session"), readings, strict=True)]
    compared = Comparison(read, asserts)
    row = _added(f"{what}, https, less one reading of the CAs", "a playbook of three `assert`", compared)
    yield row.to_reach("at most 120 ms more", compared.milliseconds_more.median <= 120)
    if CURL in figures.runs:
        yield _added(what, "the same calls with `curl`, a shell script", Comparison(session, figures.whole(CURL)))
    for prefix, over in (("", "http"), ("https ", "https")):
        guarded = Comparison(figures.whole(f"{prefix}in and out, guarded"), figures.whole(f"{prefix}in and out"))
        row = _added(f"a playbook: log in, log out, {over}, with `session_guard`", "without it", guarded)
        yield row.to_reach("at most 40 ms more", guarded.milliseconds_more.median <= 40)
    guarded = Comparison(figures.whole("nothing, guarded"), figures.whole("nothing"))
    row = _added("a playbook without Elvis tasks, with `session_guard`", "without it", guarded)
    yield row.to_reach("no measurable time", guarded.milliseconds_more.low <= 0)


def _files(figures: Figures) -> Iterator[Row]:
    for direction in ("up", "down"):
        small, large = (figures.transfers[direction, size] for size in (SMALL, LARGE))
        what = f"a file of 1 GiB goes {direction}, with login and logout"
        yield Row(what, f"{large.seconds:.1f} s", "a file of 1 MiB", f"{small.seconds:.1f} s", "")
        yield more_memory(
            "the same: peak memory", large.peak_memory, "1 MiB", small.peak_memory, to_spare=MEMORY_TO_SPARE
        )


def more_memory(what: str, size: int | None, other: str, least: int | None, *, to_spare: int) -> Row:
    """Compare peaks of memory in bytes, None where they are not known; say whether the first has that much to spare."""
    row = Row(what, _memory(size), other, _memory(least), "")
    if not (size and least):
        return row
    more = size - least
    row = row._replace(compared=f"{more / 2**20:+.0f} MiB")
    return row.to_reach(f"at most {to_spare / 2**20:.0f} MiB more", more <= to_spare)


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


def _not_slower(what: str, other: str, comparison: Comparison) -> Row:
    row = _at_most(what, other, comparison, 1)
    is_unclear = row.reached == NO and comparison.times_its_time.low <= 1
    return row._replace(goal="not slower", reached=UNCLEAR if is_unclear else row.reached)


def _added(what: str, other: str, comparison: Comparison, digits: int = 0) -> Row:
    more = comparison.milliseconds_more
    median, low, high = (_signed(value, digits) for value in (more.median, more.low, more.high))
    compared = f"{median} ({low} to {high}) ms"
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
    median, low, high = (rounded(factor * value) for value in (spread.median, spread.low, spread.high))
    return f"{median} ({low}–{high})"


def _signed(value: float, digits: int) -> str:
    return f"{value:+.{digits}g}" if digits else f"{value:+.0f}"


def rounded(value: float) -> str:
    """Return three digits, and more before the point where there are more."""
    return f"{value:#.3g}".rstrip(".") if 0 < value < 100 else f"{value:.0f}"
