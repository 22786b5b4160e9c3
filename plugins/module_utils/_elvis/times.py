# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moments in time as people and Elvis write them. Private to damops.elvis."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import Any, NamedTuple

from .._errors import ElvisError

_ISO = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d)(?P<seconds>:\d\d(?:[.,]\d{1,9})?)?)?"
    r"\s?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?)?"
)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")
_DIGITS = re.compile(r"-?\d+", re.ASCII)
_MILLISECONDS = re.compile(r"-?\d{12,15}", re.ASCII)
"""Fewer digits are a year, a date without hyphens, or seconds."""
_CALENDAR = re.compile(r"([12]\d{3})(\d\d)(\d\d)([01]\d|2[0-3])([0-5]\d)([0-5]\d)?")
"""How programs write a time in digits alone: with minutes, or with seconds."""
_AGE = re.compile(r"(\d{1,6})\s*([smhdw])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MILLISECOND = timedelta(milliseconds=1)
_MINUTE = timedelta(minutes=1)


class NoTime(NamedTuple):
    """Why a text is not a moment."""

    mistake: str


NOT_ISO = NoTime("is not a time. Write it as ISO 8601, such as 2026-11-22T11:14:08+01:00")
WITHOUT_ZONE = NoTime("is a time without a zone. Add the zone, or say with timezone which one is meant")


def parse_time(text: str, zone: tzinfo | None) -> int | NoTime:
    """Return the milliseconds since 1970 that a value of a task says: ISO 8601, or that number itself.

    :param zone: the zone of a time that has none
    """
    text = text.strip()
    if not _DIGITS.fullmatch(text):
        return parse_iso(text, zone)
    if not _MILLISECONDS.fullmatch(text):
        return NoTime(
            "is not a time: milliseconds since 1970 have 12 to 15 digits. Write it as ISO 8601, such as"
            " 2026-11-22T11:14:08+01:00"
        )
    if _is_calendar_date(text):
        return NoTime("reads as a calendar date, and would count as milliseconds since 1970. Write it as ISO 8601")
    return int(text)


def parse_moment(text: str, zone: tzinfo | None, now: int) -> int | NoTime:
    """Return the milliseconds since 1970 that an option says: as :func:`parse_time`, or an age such as ``48h``.

    :param zone: the zone of a time that has none
    :param now: when an age ends, in milliseconds since 1970
    """
    age = _AGE.fullmatch(text.strip().lower())
    if age:
        return now - 1000 * int(age[1]) * _SECONDS[age[2]]
    return parse_time(text, zone)


def _is_calendar_date(digits: str) -> bool:
    found = _CALENDAR.fullmatch(digits)
    try:
        return bool(found and date(int(found[1]), int(found[2]), int(found[3])))
    except ValueError:
        return False


def parse_iso(text: str, zone: tzinfo | None) -> int | NoTime:
    """Return the milliseconds since 1970 that a text in ISO 8601 says.

    :param zone: the zone of a time that has none
    """
    found = _ISO.fullmatch(text)
    if not found:
        return NOT_ISO
    seconds = (found["seconds"] or ":00").replace(",", ".")
    whole, _dot, fraction = seconds.partition(".")
    try:
        moment = datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00'}{whole}")
        moment = moment.replace(microsecond=int(f"{fraction:0<6}"[:6]) if fraction else 0)
        of_text = parse_offset(found["zone"]) if found["zone"] else None
    except ValueError:
        return NoTime("is not a time that exists")
    zone = of_text or zone
    if zone is None:
        return WITHOUT_ZONE
    return (moment.replace(tzinfo=zone) - _EPOCH) // _MILLISECOND


def parse_offset(text: str) -> timezone:
    """Return the zone that ``Z`` or ``+01:00`` tells.

    :raises ValueError: when there is no such zone
    """
    if text in ("Z", "z"):
        return timezone.utc
    found = _OFFSET.fullmatch(text)
    if not found:
        raise ValueError(text)
    distance = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return timezone(-distance if found[1] == "-" else distance)


def parse_zone(name: str) -> tzinfo:
    """Return the zone that the option timezone names: ``Europe/Berlin``, ``UTC`` or ``+01:00``.

    :raises ElvisError: when there is none of that name on this machine
    """
    if name.upper() == "UTC":
        return timezone.utc
    try:
        return parse_offset(name)
    except ValueError:
        pass
    # Few tasks name one, and importing it takes time.
    from zoneinfo import ZoneInfo  # noqa: PLC0415

    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ElvisError(
            f"timezone {name} is not known on the machine that runs this task. Give a name such as Europe/Berlin (from"
            " the package tzdata), or the difference to UTC, such as +01:00.",
            "bad_request",
        ) from None


def format_time(milliseconds: int, zone: tzinfo | None = None) -> str:
    """Return a moment in ISO 8601, in UTC or in another zone; with its milliseconds, unless these are 0."""
    moment = to_datetime(milliseconds, zone)
    if moment is None:
        # Nobody means that, but a server may have it.
        return str(milliseconds)
    fraction = f".{milliseconds % 1000:03d}" if milliseconds % 1000 else ""
    minutes, rest = divmod(moment.utcoffset() or timedelta(), _MINUTE)
    if rest:
        # Before there were zones, clocks went by the sun; ISO 8601 has no seconds in an offset.
        return format_time(milliseconds)
    sign = "-" if minutes < 0 else "+"
    offset = "Z" if zone is None else f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    return f"{moment.year:04d}-{moment:%m-%dT%H:%M:%S}{fraction}{offset}"


def to_datetime(milliseconds: int, zone: tzinfo | None = None) -> datetime | None:
    """Return a moment in UTC or in another zone, None when no calendar has it."""
    try:
        return (_EPOCH + milliseconds * _MILLISECOND).astimezone(zone or timezone.utc)
    except OverflowError:
        return None


def to_milliseconds(moment: datetime) -> int:
    """Return a moment, which has a zone, as Elvis counts it."""
    return (moment - _EPOCH) // _MILLISECOND


def as_number(value: Any) -> float | None:
    """Return the number that a value is or tells, None when it is none."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
