# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells which columns name the asset, which are fields, and which are never written. Private to damops.elvis.

What is in their cells, by the type of the field, is read in ``cell_values``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .._elvis.field_values import SYSTEM_FIELDS
from .._text import escaped, nearest_name
from .cell_values import BadCell, RowOptions

KEY_COLUMNS = {"id": "id", "path": "path", "assetpath": "path"}
"""Columns that name an asset, in lower case, and how. What Elvis calls ``assetPath`` is a path in a report as well."""
LONGEST_LIST = 500
"""Characters of a list of names in a message."""
_SYSTEM_FIELDS = frozenset(name.lower() for name in SYSTEM_FIELDS)
"""Other programs write Name and FileSize."""


class Column(NamedTuple):
    """A column: its place, its name, and the field or the kind of key in it."""

    place: int
    name: str
    field: str


class Columns(NamedTuple):
    """The columns of a table.

    :param keys: those that name the asset, the one that counts first
    :param ignored: those of fields that the server itself keeps, which are never written
    :param names: the names of the columns by their fields
    :param nameless: the places of columns without a name, whose cells must be empty
    :param width: the number of all columns, and :param named_width: that up to the last one with a name
    """

    keys: list[Column]
    fields: list[Column]
    ignored: list[str]
    names: dict[str, str]
    nameless: list[int]
    width: int
    named_width: int


def read_columns(names: Sequence[str], options: RowOptions, kinds: Sequence[str]) -> Columns:
    """Return what the columns with these names are.

    :param kinds: the kinds of key that may be used, the one that counts first
    :raises BadCell: when they can't be told apart, or none names an asset
    """
    keys: list[Column] = []
    fields: list[Column] = []
    ignored: list[str] = []
    nameless: list[int] = []
    seen: dict[str, str] = {}
    for place, name in enumerate(map(str.strip, names)):
        of_field = options.mapping.get(name, name)
        if not name:
            nameless.append(place)
            continue
        twin = seen.setdefault(of_field.casefold(), name)
        if twin is not name:
            raise BadCell(f"has two columns for one field: {twin} and {name}")
        kind = KEY_COLUMNS.get(of_field.lower(), "")
        if options.key in (name, of_field) if options.key else kind in kinds:
            keys.append(Column(place, name, kind or of_field))
        elif kind or of_field.lower() in _SYSTEM_FIELDS:
            ignored.append(name)
        else:
            fields.append(Column(place, name, of_field))
    if not keys:
        raise BadCell(_no_key(names, options, kinds))
    keys.sort(key=lambda column: kinds.index(column.field) if column.field in kinds else 0)
    by_field = {column.field: column.name for column in fields}
    named = [place for place in range(len(names)) if place not in nameless]
    return Columns(keys, fields, ignored, by_field, nameless, len(names), named[-1] + 1)


def _no_key(names: Sequence[str], options: RowOptions, kinds: Sequence[str]) -> str:
    if options.key:
        return f"has no column {options.key}, which the option key names{nearest(options.key, names)}; {listed(names)}"
    if mistake := missing_columns("mapping", options.mapping, names):
        return mistake
    wanted = " or ".join(kinds)
    return (
        f"has no column {wanted}, which names the asset. Name the column that does with the option key; {listed(names)}"
    )


def missing_columns(option: str, wanted: Iterable[str], seen: Iterable[str]) -> str | None:
    """Return what is wrong with an option that names columns which are not there, None where all are.

    :param seen: the names of all columns that are there, or of their fields
    """
    names = list(seen)
    missing = [name for name in wanted if name not in names]
    if not missing:
        return None
    named = ", ".join(f"{escaped(name)}{nearest(name, names)}" for name in missing)
    return f"has no column that {option} names: {named}; {listed(names)}"


def nearest(name: str, names: Iterable[str]) -> str:
    """Return the words for the name that is most like a wrong one, nothing where none is."""
    found = nearest_name(name, names)
    return f" (is it {escaped(found)}?)" if found else ""


def listed(names: Iterable[str]) -> str:
    """Return the words for the columns that are there."""
    return f"its columns are: {listed_names(names)}"


def listed_names(names: Iterable[str]) -> str:
    """Return names as a message lists them."""
    text = ", ".join(escaped(name.strip()) for name in names if name.strip())
    return f"{text[:LONGEST_LIST]}…" if len(text) > LONGEST_LIST else text
