# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the columns of a file with rows are, and what a cell in them means. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from typing import Any, NamedTuple, Union

from .._elvis.field_values import SYSTEM_FIELDS, is_empty, is_time
from .._elvis.times import NoTime, format_time, parse_time
from .cells import ListFormat

Value = Union[str, int, float, bool, list[Any], None]

KEY_COLUMNS = {"id": "id", "path": "path", "assetpath": "path"}
"""Columns that name an asset, in lower case, and how. What Elvis calls ``assetPath`` is a path in a report as well."""


class BadCell(Exception):
    """A cell can't be used; the text is the end of a sentence."""


@dataclass(frozen=True)
class RowOptions:
    """How rows are read: the options that every module with rows has.

    :param clears: whether an empty cell empties its field, instead of leaving it as it is
    :param key: the column that names the asset, where it is none of KEY_COLUMNS
    :param mapping: the fields of columns that are called otherwise
    :param zone: where a time without a zone is meant
    """

    encoding: str = "utf-8"
    delimiter: str | None = None
    lists: ListFormat = field(default_factory=lambda: ListFormat("; "))
    clears: bool = False
    key: str | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    list_fields: frozenset[str] = frozenset({"tags"})
    date_fields: frozenset[str] = frozenset()
    zone: tzinfo | None = None

    def value(self, name: str, raw: Value, present: Any = None) -> Value:
        """Return the value that a cell gives to a field.

        No call tells which fields are lists or dates: the value that is there may, or the task's options.

        :param present: the value that is there
        :raises BadCell: when it is not a moment, and the field holds moments
        """
        moment = self.moment(name, raw, present)
        if moment is not raw or not isinstance(raw, str) or not raw.strip():
            return moment
        is_list = isinstance(present, list) or name in self.list_fields
        return self.lists.split(raw) if is_list else raw

    def moment(self, name: str, raw: Value, present: Any) -> Value:
        """Return a value that is to be a moment as Elvis takes it, and any other as it is.

        :raises BadCell: when it is not a moment, and the field holds moments
        """
        if not (is_time(present) or name in self.date_fields) or isinstance(raw, (bool, list)) or is_empty(raw):
            return raw
        moment = parse_time(str(raw), self.zone)
        if isinstance(moment, NoTime):
            raise BadCell(moment.mistake)
        return format_time(moment)


class Column(NamedTuple):
    """A column: its place, what it is called, and the field or the kind of key in it."""

    place: int
    name: str
    field: str


class Columns(NamedTuple):
    """The columns of a file.

    :param keys: those that name the asset, the one that counts first
    :param ignored: those of what the server itself keeps, which is never written
    """

    keys: list[Column]
    fields: list[Column]
    ignored: list[str]


def read_columns(names: Sequence[str], options: RowOptions, kinds: Sequence[str]) -> Columns:
    """Return what the columns with these names are.

    :param kinds: the kinds of key that may be used, the one that counts first
    :raises BadCell: when they can't be told apart, or none names an asset
    """
    keys: list[Column] = []
    fields: list[Column] = []
    ignored: list[str] = []
    seen: dict[str, str] = {}
    for place, name in enumerate(map(str.strip, names)):
        of_field = options.mapping.get(name, name)
        if not name:
            # Cells without a name must be empty: RowFile looks.
            continue
        twin = seen.setdefault(of_field.casefold(), name)
        if twin is not name:
            raise BadCell(f"has two columns for one field: {twin} and {name}")
        kind = KEY_COLUMNS.get(of_field.lower(), "")
        if options.key in (name, of_field) if options.key else kind in kinds:
            keys.append(Column(place, name, kind))
        elif kind or of_field in SYSTEM_FIELDS:
            ignored.append(name)
        else:
            fields.append(Column(place, name, of_field))
    if not keys:
        wanted = options.key or " or ".join(kinds)
        raise BadCell(f"has no column {wanted}, which names the asset; its columns are: {', '.join(names)[:500]}")
    keys.sort(key=lambda column: kinds.index(column.field) if column.field in kinds else 0)
    return Columns(keys, fields, ignored)


def check_kind(value: Any) -> None:
    """Make sure that a value is of a kind that metadata can be.

    :raises BadCell: when it is not
    """
    items = value if isinstance(value, list) else [value]
    if not all(item is None or isinstance(item, (str, int, float)) for item in items):
        raise BadCell("has an object or a list in a list, and metadata are text, numbers, booleans or lists of these")
