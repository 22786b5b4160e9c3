# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates in metadata and in queries: moments, periods such as a month, and what is told relative to now."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

_ISO = re.compile(
    r"""(?P<year>\d{4})
    (?:-(?P<month>\d\d?)
    (?:-(?P<day>\d\d?)
    (?:[T\ ](?P<hour>\d\d?)
    (?::(?P<minute>\d\d)
    (?::(?P<second>\d\d)
    (?:[.,](?P<fraction>\d{1,9}))?)?)?\s*(?P<zone>Z|[+-]\d\d:?\d\d)?)?)?)?""",
    re.VERBOSE,
)
UTC = timezone.utc  # noqa: UP017 - mypy reads this as 3.10 has it

_RELATIVE = re.compile(r"NOW((?:[+-]\d{1,6}[A-Za-z]+|/[A-Za-z]+)*)")
_STEP = re.compile(r"([+-]\d+|/)([A-Za-z]+)")

# The units from long to short; the letter alone will do, a month's is upper-case.
_UNITS = ("year", "month", "day", "hour", "minute", "second")
_SPELLINGS = {"y": "year", "M": "month", "d": "day", "date": "day", "h": "hour", "m": "minute", "s": "second"}


@dataclass(frozen=True, slots=True)
class Period:
    """From a moment up to, not including, another; in ms since 1970."""

    start: int
    end: int


def parse_date(text: str) -> int | None:
    """Return the ms since 1970 of what a client sent as a date, or None."""
    text = text.strip()
    if re.fullmatch(r"-?\d{5,17}", text):
        return int(text)
    period = _iso_period(text)
    return period.start if period else None


def parse_period(text: str, now: datetime) -> Period | None:
    """Return what a date in a query stands for: a year, a month, a second …, or a moment; None if it is not a date."""
    text = text.strip()
    relative = _RELATIVE.fullmatch(text)
    if relative:
        moment = _relative(relative[1], now)
        return Period(_ms(moment), _ms(moment) + 1) if moment else None
    if re.fullmatch(r"-?\d{5,17}", text):
        return Period(int(text), int(text) + 1)
    return _iso_period(text)


def _iso_period(text: str) -> Period | None:
    match = _ISO.fullmatch(text)
    if not match:
        return None
    told = [unit for unit in _UNITS if match[unit]]
    try:
        start = datetime(
            int(match["year"]),
            int(match["month"] or 1),
            int(match["day"] or 1),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int((match["fraction"] or "0")[:6].ljust(6, "0")),
            _zone(match["zone"]),
        )
        if match["fraction"]:
            return Period(_ms(start), _ms(start) + 1)
        return Period(_ms(start), _ms(_plus(start, 1, told[-1])))
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if not text or text == "Z":
        return UTC
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _relative(steps: str, now: datetime) -> datetime | None:
    moment = now
    for amount, word in _STEP.findall(steps):
        unit = _SPELLINGS.get(word) or _SPELLINGS.get(word.lower()) or word.lower().removesuffix("s")
        try:
            if unit == "week":
                moment = _rounded_to_week(moment) if amount == "/" else moment + timedelta(weeks=int(amount))
            elif unit not in _UNITS:
                return None
            else:
                moment = _rounded(moment, unit) if amount == "/" else _plus(moment, int(amount), unit)
        except (ValueError, OverflowError):
            return None
    return moment


def _rounded(moment: datetime, unit: str) -> datetime:
    least = {"month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}
    shorter = {name: least[name] for name in _UNITS[_UNITS.index(unit) + 1 :]}
    return moment.replace(microsecond=0, **shorter)  # type: ignore[arg-type]


def _rounded_to_week(moment: datetime) -> datetime:
    return _rounded(moment, "day") - timedelta(days=moment.weekday())


def _plus(moment: datetime, amount: int, unit: str) -> datetime:
    if unit in ("year", "month"):
        months = moment.year * 12 + moment.month - 1 + amount * (12 if unit == "year" else 1)
        year, month = divmod(months, 12)
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        return moment.replace(year=year, month=month + 1, day=day)
    return moment + timedelta(**{f"{unit}s": amount})


def _ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
