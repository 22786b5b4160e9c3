# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Draws tables of measured figures as bars: the pages keep the data, and the site shows it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import NamedTuple

Table = Sequence[Sequence[str]]

# 34.6 (33.3–39.6) ms, or 97 MiB
FIGURE = re.compile(r"(?P<middle>[\d.]+) (?:\((?P<low>[\d.]+)–(?P<high>[\d.]+)\) )?(?P<unit>ms|s|MiB)")
IN_BASE_UNITS = {"ms": 0.001, "s": 1, "MiB": 1}

# `timeout` 1 ?
OUTCOME = re.compile(r"(?P<reason>\w+) (?P<requests>\d+)(?P<in_doubt> \?)?")
ENDS = ("it succeeds", "it fails", "it fails, and may have been done all the same")


class Figure(NamedTuple):
    """What was measured: seconds or MiB."""

    middle: float
    low: float
    high: float

    @classmethod
    def read(cls, text: str) -> Figure | None:
        found = FIGURE.fullmatch(text)
        if not found:
            return None
        middle, low, high = (float(found[part] or found["middle"]) for part in ("middle", "low", "high"))
        factor = IN_BASE_UNITS[found["unit"]]
        return cls(factor * middle, factor * low, factor * high)


def beside_each_other(table: Table) -> str:
    """Draw each row that has two figures as a pair of bars."""
    headings, *rows = table
    drawn = [html for row in rows for html in _pair(dict(zip(headings, row, strict=True)))]
    explained = "The two bars of a pair have the same scale. A thin line goes from the lowest to the highest figure."
    return _figure("pairs", explained, drawn)


def _pair(row: dict[str, str]) -> Iterator[str]:
    ours, theirs = Figure.read(row["it took"]), Figure.read(row["that took"])
    if not ours or not theirs:
        return
    longest = max(ours.high, theirs.high)
    yield "<div class='pair'>"
    yield from _labelled(row["what"], row["it took"], _bar(ours, longest, "ours"))
    yield from _labelled(row["beside it"], row["that took"], _bar(theirs, longest, "theirs"))
    yield f"<p class='compared'>{escape(row['compared'])}</p></div>"


def _bar(figure: Figure, longest: float, kind: str) -> str:
    middle, low, high = (f"{100 * value / longest:.2f}%" for value in figure)
    length = f"<rect class='{kind}' width='{middle}' height='100%'/>"
    return f"{length}<line class='spread' x1='{low}' x2='{high}' y1='50%' y2='50%'/>"


def outcomes(table: Table) -> str:
    """Draw what comes of the faults, for each kind of call: how it ends, and how many requests reach the server."""
    (_fault, *calls), *rows = table
    faults = [row[1:] for row in rows if any(row[1:])]
    ends = {call: Counter(map(_end, column)) for call, column in zip(calls, zip(*faults, strict=True), strict=True)}
    sent = {call: Counter(map(_sent, column)) for call, column in zip(calls, zip(*faults, strict=True), strict=True)}
    return _stacks(f"How a call ends, with each of the {len(faults)} faults", ENDS, ends) + _stacks(
        f"How many requests reach the server, with each of the {len(faults)} faults",
        sorted(set().union(*sent.values())),
        sent,
    )


def _outcome(cell: str) -> re.Match[str]:
    found = OUTCOME.fullmatch(cell)
    if not found:
        raise ValueError(f"not an outcome: {cell}")
    return found


def _end(cell: str) -> str:
    found = _outcome(cell)
    if found["reason"] == "ok":
        return ENDS[0]
    return ENDS[2] if found["in_doubt"] else ENDS[1]


def _sent(cell: str) -> str:
    return _outcome(cell)["requests"]


def _stacks(caption: str, parts: Sequence[str], counts: dict[str, Counter[str]]) -> str:
    key = "".join(f"<li class='part-{number}'>{escape(part)}</li>" for number, part in enumerate(parts))
    drawn = [html for call, count in counts.items() for html in _stack(call, parts, count)]
    return _figure("stacks", caption, [f"<ul class='key'>{key}</ul>", *drawn])


def _stack(call: str, parts: Sequence[str], count: Counter[str]) -> Iterator[str]:
    bars, start = "", 0.0
    for number, part in enumerate(parts):
        width = 100 * count[part] / count.total()
        bars += f"<rect class='part-{number}' x='{start:.2f}%' width='{width:.2f}%' height='100%'/>"
        start += width
    yield from _labelled(call, " + ".join(str(count[part]) for part in parts), bars)


def _labelled(label: str, value: str, bars: str) -> Iterator[str]:
    said = escape(f"{label}: {value}", quote=True)
    yield f"<p><span>{escape(label)}</span> <span class='value'>{escape(value)}</span></p>"
    yield f'<svg class="bar" role="img" aria-label="{said}">{bars}</svg>'


def _figure(kind: str, caption: str, drawn: Iterable[str]) -> str:
    return f"<figure class='chart {kind}'><figcaption>{escape(caption)}</figcaption>{''.join(drawn)}</figure>"


def draw(table: Table) -> str | None:
    """Draw a table of figures, None when it is none of those that are drawn."""
    for headings, chart in CHARTS.items():
        if tuple(table[0][: len(headings)]) == headings:
            return chart(table)
    return None


CHARTS = {
    ("what", "it took", "beside it", "that took"): beside_each_other,
    ("the server", "login", "write", "read"): outcomes,
}
"""How a table is drawn, by its first headings."""
