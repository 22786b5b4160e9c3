# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads rows of metadata from a table; all of it is checked before any of it is used. Private to damops.elvis."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from .._elvis.field_values import is_empty
from .._elvis.paths import path_mistake
from .._errors import ElvisError, system_words
from .._text import counted, escaped
from .cell_values import DEFAULT_LIST_FIELDS, BadCell, RowOptions, Value
from .columns import Columns, missing_columns, read_columns
from .ragged import Ragged
from .table import Record, open_table
from .text_lines import BadText, Version, open_regular, version_of

MOST_KNOWN = 100
"""Sets of names in a JSON file whose meaning is remembered: most files have one."""
LINE_BREAK_HINT = "A cell that has a line break in it must be in quotes"
MOST_NAMED = 10
"""Mistakes that one message names; the others are counted."""

Key = tuple[str, str]
"""How a row names its asset (``id``, ``path`` or a field), and the text that does."""


class Row(NamedTuple):
    """What a file has on one asset.

    :param line: where it begins
    :param cells: the raw values, by their fields; an empty one only where it empties the field
    :param columns: the columns of the fields
    :param lines: the lines of the fields, where these are several
    """

    line: int
    key: Key
    cells: dict[str, Value]
    columns: Mapping[str, str] = {}
    lines: Mapping[str, int] = {}

    def together_with(self, other: Row) -> Row:
        """Return two rows on one asset as one."""
        of_other = other.lines or dict.fromkeys(other.cells, other.line)
        lines = {**of_other, **(self.lines or dict.fromkeys(self.cells, self.line))}
        return Row(self.line, self.key, {**self.cells, **other.cells}, {**self.columns, **other.columns}, lines)

    def contradiction(self, other: Row) -> str | None:
        """Return what another row on the same asset says otherwise, None where the two agree."""
        fields = [name for name, value in other.cells.items() if self.cells.get(name, value) != value]
        if not fields:
            return None
        line = self.lines.get(fields[0], self.line)
        return f"has another value in column {other.columns[fields[0]]} than line {line}, which names the same asset"


class Summary(NamedTuple):
    """What a file has.

    :param where: the words for the file, and its sheet
    :param rows: the number of assets it has rows on
    :param fields: the fields that it gives a value, with the names of their columns
    :param remarks: what a person may want to know
    :param warnings: what a person should know
    :param after_short: the key of each row that follows one whose last cells are missing, and the line of that one
    """

    where: str
    rows: int
    fields: dict[str, str]
    remarks: list[str]
    warnings: list[str]
    after_short: dict[Key, int]


class _Mistake(NamedTuple):
    line: int
    text: str
    column: str | None = None

    def __str__(self) -> str:
        column = f", column {escaped(self.column)}:" if self.column else ""
        return f"line {self.line}{column} {self.text}"


def dam_key(kind: str, text: str) -> Key:
    """Return the key of an asset in the DAM.

    :param kind: ``id``, ``path``, the name of a field, or nothing where the text has to tell
    :raises BadCell: when it names none
    """
    kind = kind or ("path" if text.startswith("/") else "id")
    if kind != "path":
        return kind, text
    path = unicodedata.normalize("NFC", text.replace("\\", "/"))
    mistake = path_mistake(path)
    if mistake or path == "/":
        raise BadCell(f"{escaped(path)} {mistake or 'is not an asset'}")
    return kind, path


class RowFile:
    """A file with rows.

    :param read_key: returns the key that a text is, or raises BadCell; see :func:`dam_key`
    :param option: the option of the task that names the file
    :param kinds: how its rows may name their assets, the way that counts first
    """

    def __init__(
        self,
        path: str,
        options: RowOptions,
        read_key: Callable[[str, str], Key] = dam_key,
        option: str = "src",
        kinds: Sequence[str] = ("id", "path"),
    ) -> None:
        self.path = path
        self._options = options
        self._read_key = read_key
        self._option = option
        self._kinds = kinds
        self._version: Version | None = None
        self._sheet: str | None = None
        self._merged: dict[Key, Row] = {}
        self._ignored: dict[str, None] = {}
        self._seen: dict[str, None] = {}
        self._dates: dict[str, None] = {}
        self._empty = 0
        self._ragged = Ragged()

    def check(self) -> Summary:
        """Read the whole file, and tell what is in it.

        :raises ElvisError: when it can't be read, with the first mistakes by their lines
        """
        first: dict[Key, int] = {}
        twice: set[Key] = set()
        mistakes: list[_Mistake] = []
        after_short: dict[Key, int] = {}
        fields: dict[str, str] = {}
        for row in self._read(mistakes.append):
            if self._ragged.after is not None:
                after_short[row.key] = self._ragged.after
            for name in row.cells:
                if name not in fields:
                    fields[name] = row.columns[name]
            if row.key in first:
                twice.add(row.key)
            else:
                first[row.key] = row.line
        if twice:
            self._merge(twice, mistakes)
        missing = self._missing() if self._seen else None
        if missing and not mistakes:
            mistakes.append(_Mistake(1, missing))
        if mistakes:
            raise self._refused(mistakes)
        warnings = [] if first else ["has no row."]
        warnings += self._ragged.warnings()
        return Summary(
            self.where,
            len(first),
            fields,
            self._remarks(),
            [f"{self.where} {words}" for words in warnings],
            after_short,
        )

    def _missing(self) -> str | None:
        """Return what is wrong with options that name columns, or fields of columns, which are not there."""
        options = self._options
        fields = [options.mapping.get(name, name) for name in self._seen]
        return (
            missing_columns("mapping", options.mapping, self._seen)
            or missing_columns("date_fields", sorted(options.date_fields), fields)
            or missing_columns("list_fields", sorted(options.list_fields - DEFAULT_LIST_FIELDS), fields)
        )

    def _remarks(self) -> list[str]:
        remarks = []
        if self._empty:
            what = "empty their fields" if self._options.clears else "leave their fields as they are"
            remarks.append(f"{self.where} has {counted(self._empty, 'empty cell')}: empty cells {what}.")
        if self._ignored:
            ignored = ", ".join(self._ignored)
            remarks.append(f"{self.where} has columns that the server itself keeps: {ignored}. They are not written.")
        if self._dates:
            dates = ", ".join(map(escaped, self._dates))
            remarks.append(
                f"{self.where} has dates in {dates}. A field that holds no time yet gets the date as text, unless it is"
                " in date_fields."
            )
        return remarks

    def rows(self) -> Iterator[Row]:
        """Yield the rows once more, several on one asset as one.

        :raises ElvisError: when the file is no longer what was checked
        """
        told: set[Key] = set()
        for row in self._read(self._has_changed):
            if row.key not in self._merged:
                yield row
            elif row.key not in told:
                told.add(row.key)
                yield self._merged[row.key]

    @property
    def where(self) -> str:
        """The words for the file, and its sheet."""
        sheet = f", sheet {escaped(self._sheet)}" if self._sheet is not None else ""
        return f"{self._option} {escaped(self.path)}{sheet}"

    def place(self, row: Row, field: str | None = None) -> str:
        """Return the words for where a row is, or its value of a field."""
        if field is None or field not in row.columns:
            return f"{self.where}, line {row.line}"
        return f"{self.where}, line {row.lines.get(field, row.line)}, column {escaped(row.columns[field])}"

    def _merge(self, twice: set[Key], mistakes: list[_Mistake]) -> None:
        """Put the rows on one asset together, unless they contradict each other."""
        for row in self._read(lambda _mistake: None):
            if row.key not in twice:
                continue
            first = self._merged.get(row.key)
            mistake = first.contradiction(row) if first else None
            if mistake:
                mistakes.append(_Mistake(row.line, mistake))
            self._merged[row.key] = first.together_with(row) if first else row

    def _read(self, refuse: Callable[[_Mistake], None]) -> Iterator[Row]:
        """Yield the rows that can be used; what can't be is refused."""
        self._empty = 0
        self._ragged = Ragged()
        known: dict[tuple[str, ...], Columns | None] = {}
        with open_regular(self.path, self._option) as file:
            self._check_version(version_of(file))
            try:
                table = open_table(file, self._option, self.path, self._options)
                self._sheet = table.sheet
                for record in table.records:
                    columns = known.get(record.names) or self._columns(record, refuse)
                    if columns is None and record.cells is None:
                        return
                    if record.names not in known:
                        known = {record.names: columns, **(known if len(known) < MOST_KNOWN else {})}
                    if columns and record.cells is not None:
                        yield from self._row(record, columns, refuse)
            except BadText as mistake:
                refuse(_Mistake(mistake.line or 1, mistake.mistake))
            except OSError as error:
                raise ElvisError(
                    f"{self._option} {self.path} can't be read: {system_words(error)}.", "storage"
                ) from None

    def _columns(self, record: Record, refuse: Callable[[_Mistake], None]) -> Columns | None:
        try:
            columns = read_columns(record.names, self._options, self._kinds)
        except BadCell as mistake:
            refuse(_Mistake(record.line, str(mistake)))
            return None
        self._seen.update(dict.fromkeys(map(str.strip, record.names)))
        self._ignored.update(dict.fromkeys(columns.ignored))
        return columns

    def _row(self, record: Record, columns: Columns, refuse: Callable[[_Mistake], None]) -> Iterator[Row]:
        values = record.cells or ()
        try:
            self._ragged.check(record.line, values, columns)
            key = self._key(values, columns)
            cells = self._cells(values, columns)
        except BadCell as mistake:
            short = self._ragged.after
            cause = f", and line {short} lacks its last cells. {LINE_BREAK_HINT}" if short is not None else ""
            refuse(_Mistake(record.line, f"{mistake}{cause}", mistake.column))
        else:
            yield Row(record.line, key, cells, columns.names)

    def _key(self, values: Sequence[Value], columns: Columns) -> Key:
        for column in columns.keys:
            value = values[column.place] if column.place < len(values) else None
            text = "" if value is None else str(value).strip()
            if text:
                try:
                    return self._read_key(column.field, text)
                except BadCell as mistake:
                    raise mistake.of(column.name) from None
        raise BadCell("is empty, but must name the asset", columns.keys[-1].name)

    def _cells(self, values: Sequence[Value], columns: Columns) -> dict[str, Value]:
        cells: dict[str, Value] = {}
        for column in columns.fields:
            if column.place >= len(values):
                # What was left off says nothing about its field.
                continue
            value = values[column.place]
            if is_empty(value):
                self._empty += 1
                if self._options.clears:
                    cells[column.field] = ""
                continue
            try:
                self._options.check(column.field, value)
            except BadCell as mistake:
                raise mistake.of(column.name) from None
            if isinstance(value, datetime) and column.field not in self._options.date_fields:
                self._dates[column.name] = None
            cells[column.field] = value
        return cells

    def _check_version(self, version: Version) -> None:
        if self._version not in (None, version):
            raise ElvisError(
                f"{self.where} was changed while it was used. What was not done yet is left: run the task again.",
                "storage",
            )
        self._version = version

    def _refused(self, mistakes: Sequence[_Mistake]) -> ElvisError:
        named = "; ".join(map(str, mistakes[:MOST_NAMED]))
        more = f"; and {len(mistakes) - MOST_NAMED} more" if len(mistakes) > MOST_NAMED else ""
        return ElvisError(
            f"{self.where} is refused: {named}{more}. Correct the file, or the options that say how to read it.",
            "bad_request",
        )

    def _has_changed(self, mistake: _Mistake) -> None:
        raise self._refused([mistake])
