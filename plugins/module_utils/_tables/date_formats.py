# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the times of a file in the formats that a task names. Private to damops.elvis."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timezone, tzinfo

from .._elvis.times import NOT_ISO, WITHOUT_ZONE, NoTime, format_time, parse_iso, to_datetime, to_milliseconds
from .._errors import ElvisError

UNITS = {"ms": 1, "s": 1000}
"""Formats that count from 1970, and their milliseconds."""
LONGEST_NUMBER = 18
_DIGITS = re.compile(r"-?\d+", re.ASCII)
_EXAMPLE = datetime(2000, 12, 31, 23, 59, 59, tzinfo=timezone.utc)
_NOT_ISO = NoTime(f"{NOT_ISO.mistake}, or say with date_formats how it is written, such as %d.%m.%Y")
_YEAR = re.compile(r"%[YyGcx]")


class DateFormats:
    """How digits alone, and the dates of a spreadsheet, say a time. ISO 8601 is always read.

    :param formats: ``ms``, ``s``, or formats of ``strptime``
    :raises ElvisError: when one is none of these
    """

    def __init__(self, formats: Sequence[str] = ()) -> None:
        self._formats = [text.strip() for text in formats]
        for text in self._formats:
            if text not in UNITS:
                _check(text)

    def read(self, text: str, zone: tzinfo | None) -> int | NoTime:
        """Return the milliseconds since 1970 that the cell of a file says.

        :param zone: the zone of a time that has none
        """
        text = text.strip()
        is_digits = bool(_DIGITS.fullmatch(text))
        iso = NoTime("") if is_digits else parse_iso(text, zone)
        found = [moment for moment in (iso, *(_read(text, form, zone) for form in self._formats)) if moment is not None]
        moments = sorted({moment for moment in found if isinstance(moment, int)})
        if len(moments) > 1:
            readings = " or as ".join(map(format_time, moments))
            return NoTime(f"can be read as {readings}: name fewer date_formats, so that one is left")
        if moments:
            return moments[0]
        if is_digits:
            return NoTime(
                "has only digits, which may mean several times. Say with date_formats how they are meant, such as ms, s"
                " or %Y%m%d"
            )
        mistake = next((mistake for mistake in found[1:] if isinstance(mistake, NoTime)), iso)
        return _NOT_ISO if mistake == NOT_ISO else mistake


def _read(text: str, form: str, zone: tzinfo | None) -> int | NoTime | None:
    """Return the time that a text is in one format, None where it is not in that format."""
    if form in UNITS:
        moment = int(text) * UNITS[form] if _DIGITS.fullmatch(text) and len(text) < LONGEST_NUMBER else None
        return moment if moment is not None and to_datetime(moment) else None
    try:
        read = datetime.strptime(text, form)  # noqa: DTZ007 - the zone of the task comes below
    except ValueError:
        return None
    if text.isdecimal() and read.strftime(form) != text:
        # strptime takes 2014111 for a date of eight digits, and nobody knows which.
        return None
    if read.tzinfo is None and zone is None:
        return WITHOUT_ZONE
    return to_milliseconds(read if read.tzinfo else read.replace(tzinfo=zone))


def _check(form: str) -> None:
    """Make sure that a text is a format of ``strptime``.

    :raises ElvisError: when it is none, or names no year
    """
    try:
        datetime.strptime(_EXAMPLE.strftime(form), form)  # noqa: DTZ007 - only whether it can be read counts
        mistake = None if _YEAR.search(form) else "names no year"
    except (ValueError, re.error) as error:
        mistake = f"is not one ({error})"
    if mistake:
        raise ElvisError(
            f"date_formats: {form!r} {mistake}. Give ms, s, or a format of Python's strptime, such as %d.%m.%Y.",
            "bad_request",
        )
