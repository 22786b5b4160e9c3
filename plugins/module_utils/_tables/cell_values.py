# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the cell of a table as the value of a field. Private to damops.elvis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Union

from .._elvis.field_values import is_empty, is_same, is_time, plain
from .._elvis.times import WITHOUT_ZONE, NoTime, as_number, format_time, to_milliseconds
from .._text import escaped
from .cells import TRUTH, ListFormat
from .date_formats import DateFormats

Value = Union[str, int, float, bool, datetime, list[Any], None]

DEFAULT_LIST_FIELDS = frozenset({"tags"})
LONGEST_SHOWN = 100
"""Characters of a value that a message shows."""
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
"""Such a number may have a comma for thousands: nobody can tell 1,500 from 1.5."""
_LONG_NUMBER = re.compile(r"\s*-?\d(?:[.,]\d+)?E\+(?:1[1-9]|[2-9]\d)\s*", re.ASCII)
"""What a spreadsheet writes into a text file for a number of more than eleven digits."""
_POWERSHELL_OBJECT = re.compile(
    r"(?:System|Microsoft)(?:\.\w+)+(?:\[\]|`\d+\[.*\])|System\.Collections(?:\.\w+)+|@\{.*=.*\}", re.DOTALL
)
"""What PowerShell writes for a list, a hash table or an object whose content it leaves out."""


class BadCell(Exception):
    """A cell can't be used; the text is the end of a sentence.

    :param column: the column that it is in, once that is known
    """

    def __init__(self, mistake: str, column: str | None = None) -> None:
        super().__init__(mistake)
        self.column = column

    def of(self, column: str) -> BadCell:
        """Return the same with its column."""
        return BadCell(str(self), column)


@dataclass(frozen=True)
class RowOptions:
    """How rows are read: the options that every module with rows has.

    :param sheet: the sheet of a workbook, None for its first
    :param clears: whether an empty cell empties its field, instead of leaving it as it is
    :param key: the column that names the asset, where it is none of KEY_COLUMNS
    :param mapping: the fields of columns that have other names
    :param zone: the zone of a time that has none
    """

    encoding: str = "utf-8"
    delimiter: str | None = None
    sheet: str | None = None
    lists: ListFormat = field(default_factory=lambda: ListFormat("; "))
    clears: bool = False
    key: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    list_fields: frozenset[str] = DEFAULT_LIST_FIELDS
    date_fields: frozenset[str] = frozenset()
    date_formats: DateFormats = field(default_factory=DateFormats)
    zone: tzinfo | None = None

    def value(self, name: str, raw: Value, present: Any = None) -> Any:
        """Return the value that a cell gives to a field.

        No call tells which fields are lists, dates or numbers: the present value may, or the task's options.

        :param present: the value that is there
        :raises BadCell: when it can't be a value of that field
        """
        if isinstance(raw, datetime):
            return self._moment(name, raw, present)
        if is_empty(raw) or isinstance(raw, (bool, list)):
            return raw
        if is_time(present) or name in self.date_fields:
            return self._time(str(raw))
        return self._of_text(name, raw, present) if isinstance(raw, str) else raw

    def check(self, name: str, raw: Value) -> None:
        """Make sure that a cell can be a value of a field, as far as that is known without the asset.

        :raises BadCell: when it can't
        """
        check_kind(raw)
        if isinstance(raw, datetime) or name in self.date_fields:
            self.value(name, raw)

    def _moment(self, name: str, cell: datetime, present: Any) -> str:
        """Return the time of a cell that a workbook has as a date.

        Where nothing shows that the field holds times, it keeps the day and the hour that a person sees in the cell.
        """
        if self.zone is None:
            raise BadCell(f"{cell.isoformat(' ')} {WITHOUT_ZONE.mistake}")
        milliseconds = to_milliseconds(cell.replace(tzinfo=self.zone))
        if is_time(present) or name in self.date_fields:
            return format_time(milliseconds)
        text = format_time(milliseconds, self.zone)
        # The last run may have written it.
        if not is_empty(present) and not is_same(present, text):
            raise BadCell(
                f"{cell.isoformat(' ')} is a date in the workbook, and the field holds other values. Format the column"
                " as text, or name the field in date_fields"
            )
        return text

    def _time(self, text: str) -> str:
        moment = self.date_formats.read(text, self.zone)
        if isinstance(moment, NoTime):
            raise BadCell(f"{shown(text)} {moment.mistake}")
        return format_time(moment)

    def _of_text(self, name: str, text: str, present: Any) -> Any:
        there = plain(present)
        if isinstance(there, bool):
            return _read_truth(text)
        if isinstance(there, (int, float)):
            return _read_number(text)
        is_list = isinstance(present, list) or name in self.list_fields
        return self.lists.split(text) if is_list else text


def shown(value: object) -> str:
    """Return a value as a message shows it."""
    text = escaped(str(value))
    return repr(f"{text[:LONGEST_SHOWN]}…" if len(text) > LONGEST_SHOWN else text)


def _read_truth(text: str) -> bool:
    truth = TRUTH.get(text.strip().casefold())
    if truth is None:
        raise BadCell(f"{shown(text)} is neither true nor false, and the field holds one of these. Write true or false")
    return truth


def _read_number(text: str) -> str | float:
    """Return a number as a German or French spreadsheet writes it; any other text as it stands: the server judges."""
    bare = text.strip()
    if as_number(bare) is not None or not _DECIMAL_COMMA.fullmatch(bare):
        return text
    if _THOUSANDS.fullmatch(bare):
        raise BadCell(f"{shown(text)} can be read as two numbers. Write it without a comma")
    return float(bare.replace(",", "."))


def check_kind(value: Any) -> None:
    """Make sure that a cell holds what metadata can be.

    :raises BadCell: when it does not
    """
    if isinstance(value, str):
        if _LONG_NUMBER.fullmatch(value):
            raise BadCell(
                f"{shown(value)} is what a spreadsheet writes in place of a long number. Format the column as text, and"
                " type the number again"
            )
        if _POWERSHELL_OBJECT.fullmatch(value):
            raise BadCell(
                f"{shown(value)} is what PowerShell writes in place of a list or an object. Join the list before"
                " Export-Csv, or give ConvertTo-Json a larger -Depth"
            )
        return
    items = value if isinstance(value, list) else [value]
    if not all(item is None or isinstance(item, (str, int, float, datetime)) for item in items):
        raise BadCell("has an object or a list in a list, and metadata are text, numbers, booleans or lists of these")
