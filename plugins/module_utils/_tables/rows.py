# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads rows of metadata from a CSV or JSON Lines file; all of it is checked before any of it is used.

Private to damops.elvis.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePath
from typing import IO, NamedTuple

from .._elvis.field_values import is_empty
from .._elvis.paths import path_mistake
from .._errors import ElvisError, system_words
from .._text import escaped
from .cells import unguarded
from .columns import BadCell, Columns, RowOptions, Value, check_kind, read_columns
from .csv_file import CsvFile
from .json_lines import read_json_lines
from .text_lines import BadText, Version, open_regular, version_of

JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})
"""Of files that are read as JSON Lines; all others are read as CSV."""
MOST_KNOWN = 100
"""Sets of names in a JSON Lines file whose meaning is remembered: most files have one."""
MOST_NAMED = 10
"""Mistakes that one message names; the others are counted."""

Key = tuple[str, str]
"""How a row names its asset, ``id`` or ``path``, and the text that does."""


class Row(NamedTuple):
    """What a file has on one asset.

    :param line: where it begins
    :param cells: the raw values, by their fields; an empty one only where it empties the field
    """

    line: int
    key: Key
    cells: dict[str, Value]


class Summary(NamedTuple):
    """What a file has: assets it has rows on, columns that are never written, and cells that are empty."""

    rows: int
    ignored: list[str]
    empty: int


class _Mistake(NamedTuple):
    line: int
    text: str
    column: str | None = None

    def __str__(self) -> str:
        column = f", column {self.column}:" if self.column else ""
        return f"line {self.line}{column} {self.text}"


def dam_key(kind: str, text: str) -> Key:
    """Return the key of an asset in the DAM.

    :param kind: ``id``, ``path``, or nothing where the text has to tell
    :raises BadCell: when it names none
    """
    kind = kind or ("path" if text.startswith("/") else "id")
    if kind == "id":
        return kind, text
    path = unicodedata.normalize("NFC", text.replace("\\", "/"))
    mistake = path_mistake(path)
    if mistake or path == "/":
        raise BadCell(f"{escaped(path)} {mistake or 'is not an asset'}")
    return kind, path


class RowFile:
    """A file with rows.

    :param read_key: returns the key that a text is, or raises BadCell; see :func:`dam_key`
    :param option: what the file is called among the options of the task
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
        self._merged: dict[Key, Row] = {}
        self._ignored: dict[str, None] = {}
        self._empty = 0

    def check(self) -> Summary:
        """Read the whole file, and tell what is in it.

        :raises ElvisError: when it can't be read, with the first mistakes by their lines
        """
        first: dict[Key, int] = {}
        twice: set[Key] = set()
        mistakes: list[_Mistake] = []
        for row in self._read(mistakes.append):
            if row.key in first:
                twice.add(row.key)
            else:
                first[row.key] = row.line
        if twice:
            self._merge(twice, mistakes)
        if mistakes:
            raise self._refused(mistakes)
        return Summary(len(first), list(self._ignored), self._empty)

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

    def refusal(self, line: int, mistake: str) -> str:
        """Return the sentence for a row that can't be used after all."""
        return f"{self._option} {self.path}, line {line}: {mistake}."

    def _merge(self, twice: set[Key], mistakes: list[_Mistake]) -> None:
        """Put the rows on one asset together, unless they contradict each other."""
        for row in self._read(lambda _mistake: None):
            if row.key not in twice:
                continue
            merged = self._merged.setdefault(row.key, Row(row.line, row.key, {}))
            mistakes += (
                _Mistake(row.line, f"has another value of {name} than line {merged.line}, which names the same asset")
                for name, value in row.cells.items()
                if merged.cells.get(name, value) != value
            )
            merged.cells.update(row.cells)

    def _read(self, refuse: Callable[[_Mistake], None]) -> Iterator[Row]:
        """Yield the rows that can be used; what can't be is refused."""
        self._empty = 0
        is_json = PurePath(self.path).suffix.lower() in JSON_SUFFIXES
        with open_regular(self.path, self._option) as file:
            self._check_version(version_of(file))
            try:
                yield from self._read_json(file, refuse) if is_json else self._read_csv(file, refuse)
            except BadText as mistake:
                refuse(_Mistake(mistake.line or 1, mistake.mistake))
            except OSError as error:
                raise ElvisError(
                    f"{self._option} {self.path} can't be read: {system_words(error)}.", "storage"
                ) from None

    def _read_csv(self, file: IO[bytes], refuse: Callable[[_Mistake], None]) -> Iterator[Row]:
        table = CsvFile(file, self._options.encoding, self._options.delimiter)
        if table.header is None:
            refuse(_Mistake(1, "is not there: the file is empty, and a header was expected"))
            return
        header = table.header.cells
        columns = self._columns(table.header.line, header, refuse)
        if columns is None:
            return
        nameless = [place for place, name in enumerate(header) if not name.strip()]
        for line, cells in table:
            if len(cells) != len(header):
                hint = ": a cell that has the delimiter in it must be in quotes" if len(cells) > len(header) else ""
                refuse(_Mistake(line, f"has {len(cells)} cells, and the header has {len(header)}{hint}"))
            elif any(cells[place].strip() for place in nameless):
                refuse(_Mistake(line, "has a cell in a column without a name"))
            else:
                yield from self._row(line, columns, [unguarded(cell) for cell in cells], refuse)

    def _read_json(self, file: IO[bytes], refuse: Callable[[_Mistake], None]) -> Iterator[Row]:
        known: dict[tuple[str, ...], Columns | None] = {}
        has_rows = False
        for line, values in read_json_lines(file):
            has_rows = True
            names = tuple(values)
            if names not in known:
                known = {names: self._columns(line, names, refuse), **(known if len(known) < MOST_KNOWN else {})}
            elif known[names] is None:
                self._columns(line, names, refuse)
            columns = known[names]
            if columns:
                yield from self._row(line, columns, list(values.values()), refuse)
        if not has_rows:
            refuse(_Mistake(1, "is not there: the file is empty"))

    def _columns(self, line: int, names: Sequence[str], refuse: Callable[[_Mistake], None]) -> Columns | None:
        try:
            columns = read_columns(names, self._options, self._kinds)
        except BadCell as mistake:
            refuse(_Mistake(line, str(mistake)))
            return None
        self._ignored.update(dict.fromkeys(columns.ignored))
        return columns

    def _row(
        self, line: int, columns: Columns, values: Sequence[Value], refuse: Callable[[_Mistake], None]
    ) -> Iterator[Row]:
        column = columns.keys[0]
        try:
            for column in columns.keys:
                text = str(values[column.place] or "").strip()
                if text:
                    key = self._read_key(column.field, text)
                    break
            else:
                raise BadCell("is empty, but must name the asset")
            cells: dict[str, Value] = {}
            for column in columns.fields:
                value = values[column.place]
                if not isinstance(value, str):
                    check_kind(value)
                if is_empty(value):
                    self._empty += 1
                    if self._options.clears:
                        cells[column.field] = ""
                    continue
                if column.field in self._options.date_fields:
                    self._options.value(column.field, value)
                cells[column.field] = value
        except BadCell as mistake:
            refuse(_Mistake(line, str(mistake), column.name))
            return
        yield Row(line, key, cells)

    def _check_version(self, version: Version) -> None:
        if self._version not in (None, version):
            raise ElvisError(
                f"{self._option} {self.path} was changed while it was used. What was not done yet is left: run the task"
                " again.",
                "storage",
            )
        self._version = version

    def _refused(self, mistakes: Sequence[_Mistake]) -> ElvisError:
        named = "; ".join(map(str, mistakes[:MOST_NAMED]))
        more = f"; and {len(mistakes) - MOST_NAMED} more" if len(mistakes) > MOST_NAMED else ""
        return ElvisError(
            f"{self._option} {self.path} is refused before anything is sent: {named}{more}. Correct the file, or the"
            " options that say how to read it.",
            "bad_request",
        )

    def _has_changed(self, mistake: _Mistake) -> None:
        raise self._refused([mistake])
