# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the metadata that a table has on the files of a tree. Private to damops.elvis."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from .._changes.new_fields import NewFields
from .._changes.refused_values import with_place
from .._changes.rows_in_doubt import broken_rows
from .._elvis.field_values import differing
from .._elvis.paths import pairing_key, trimmed_key
from .._errors import ElvisError
from .._files.tree import LocalFile
from .._tables.cell_values import BadCell, RowOptions
from .._tables.rows import Key, Row, RowFile
from .._text import agreeing, counted, escaped

MOST_NAMED = 5
"""Rows that one warning names."""
MOST_EXAMPLES = 3
"""Rows, and files, that a failure names."""


class Captions:
    """The rows of a table, by the files that they are about.

    :param path: the table
    :param bases: folders, by whose paths a row may name a file as well: that in the DAM, that here
    :param warn: takes what a person should know of it
    :param tell: takes what may be of interest
    :raises ElvisError: when any part of the table can't be used
    """

    def __init__(
        self,
        path: str,
        bases: Sequence[str],
        options: RowOptions,
        warn: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        self._options = options
        self._bases = bases
        self._warn = warn
        self._tell = tell
        self._file = RowFile(path, options, partial(_read_key, bases), "metadata_src", kinds=("path",))
        self._summary = self._file.check()
        self._rows: dict[str, Row] = {}
        self._fitting: set[str] = set()
        self._unknown: dict[str, int] = {}

    @property
    def fields(self) -> set[str]:
        """The fields to which any of the rows gives a value."""
        return set(self._summary.fields)

    def match(self, files: Sequence[LocalFile], known: Mapping[str, str]) -> None:
        """Find the file of each row.

        :param files: those that are to be sent
        :param known: all that is there, by its pairing key, whether it is to be sent or not
        :raises ElvisError: when a row fits several files, before anything is sent
        """
        exact = {_composed(file.relative): file.relative for file in files}
        alike: dict[str, list[str]] = {}
        for file in files:
            # A cell is read without the blanks around it.
            for alias in dict.fromkeys((pairing_key(file.relative), trimmed_key(file.relative))):
                alike.setdefault(alias, []).append(file.relative)
        for row in self._file.rows():
            key = row.key[1]
            found = [exact[key]] if key in exact else alike.get(pairing_key(key)) or alike.get(trimmed_key(key), [])
            if len(found) > 1:
                names = ", ".join(map(escaped, found))
                raise self._refusal(row, f"{escaped(key)} fits {names}")
            if found:
                self._rows[found[0]] = self._together(self._rows.get(found[0]), row)
            if found or pairing_key(key) in known:
                self._fitting.add(key)
            else:
                self._unknown[key] = row.line
        self._warn_of_rows(len(files))

    def check_fit(self, in_dam: Callable[[str], bool], new: Sequence[LocalFile]) -> None:
        """Make sure that the rows are about these files, and not about others or spelled in another way.

        :param in_dam: tells whether an asset has the name with this pairing key
        :param new: the files that become assets; without a row they would be without metadata for good
        :raises ElvisError: when no row fits any name, here or in the DAM
        """
        if not new or self._fitting or not self._unknown or any(in_dam(pairing_key(key)) for key in self._unknown):
            return
        path, *src = map(escaped, self._bases)
        first = islice(self._unknown.items(), MOST_EXAMPLES)
        rows = ", ".join(f"{escaped(key)} (line {line})" for key, line in first)
        files = ", ".join(escaped(file.relative) for file in new[:MOST_EXAMPLES])
        raise ElvisError(
            f"{self._file.where}: it has {counted(self._summary.rows, 'row')}, and none is about a file in"
            f" {' '.join(['src', *src])} or an asset below {path}. The rows name {rows}; the files are {files}. A row"
            " names a file by its path below src, with its extension. key says which column has it.",
            "bad_request",
        )

    def check_whole(self, in_dam: Callable[[str], bool]) -> None:
        """Make sure that no line break without quotes cuts rows in two.

        :param in_dam: tells whether an asset has the name with this pairing key
        :raises ElvisError: when one seems to
        """

        def fits(key: Key) -> bool:
            return key[1] in self._fitting or in_dam(pairing_key(key[1]))

        mistake = broken_rows(self._summary.after_short, fits)
        if mistake:
            raise ElvisError(f"{self._file.where} is refused: {mistake}.", "bad_request")

    def warn_of_new_fields(self, assets: Iterable[Mapping[str, Any]], path: str) -> None:
        """Warn of columns whose fields none of the assets has a value for.

        :param assets: the fields of each asset below the folder that is uploaded to
        """
        fields = NewFields(self._summary.fields)
        for present in assets:
            fields.look(present)
        if fields.words:
            self._warn(f"{self._file.where}: no asset below {path} has a value in {fields.words}")

    def warn_of_kept_rows(self, number: int) -> None:
        """Warn of rows that differ from their assets, and are not written."""
        if number:
            differ = agreeing(number, "differs from its asset", "differ from their assets")
            rows = f"{counted(number, 'row')} that {differ}"
            self._warn(f"{self._file.where}: {rows} will not be written. metadata_on: always writes such rows.")

    def differs(self, file: LocalFile, present: Mapping[str, Any]) -> bool:
        """Tell whether a file's asset has other metadata than its row."""
        try:
            return bool(differing(present, self.of(file, present)))
        except ElvisError:
            # What can't be written differs too.
            return True

    def _together(self, first: Row | None, row: Row) -> Row:
        """Return two rows on one file, which is spelled differently in them, as one."""
        if first is None:
            return row
        mistake = first.contradiction(row)
        if mistake:
            raise self._refusal(row, mistake)
        return first.together_with(row)

    def of(self, file: LocalFile, present: Mapping[str, Any]) -> dict[str, Any]:
        """Return the metadata of a file.

        :param present: those that its asset has: they tell which fields are lists, dates or numbers
        :raises ElvisError: when a value can't be one of its field
        """
        row = self._rows.get(file.relative)
        if row is None:
            return {}
        values: dict[str, Any] = {}
        for name, raw in row.cells.items():
            try:
                values[name] = self._options.value(name, raw, present.get(name))
            except BadCell as problem:  # noqa: PERF203 - few rows have many cells
                raise ElvisError(f"{self._file.place(row, name)}: {problem}.", "bad_request") from None
        return values

    def with_place(self, error: ElvisError, file: LocalFile, written: Mapping[str, Any]) -> ElvisError:
        """Return the error of an upload, with the line and the column of a value that the server refused.

        :param written: the metadata that were sent
        """
        row = self._rows.get(file.relative)
        values = {name: value for name, value in written.items() if row and name in row.cells}
        if row is None or not values or error.reason != "bad_request":
            return error
        return with_place(error, values, partial(self._file.place, row), is_certain=False)

    def _refusal(self, row: Row, mistake: str) -> ElvisError:
        return ElvisError(f"{self._file.place(row)}: {mistake}.", "bad_request")

    def _warn_of_rows(self, files: int) -> None:
        for words in self._summary.warnings:
            self._warn(words)
        if self._unknown:
            more = f" and {len(self._unknown) - MOST_NAMED} more" if len(self._unknown) > MOST_NAMED else ""
            first = islice(self._unknown.items(), MOST_NAMED)
            named = ", ".join(f"{escaped(key)} (line {line})" for key, line in first)
            self._warn(f"{self._file.where} has rows for files that are not there: {named}{more}.")
        for words in self._summary.remarks:
            self._tell(words)
        left = files - len(self._rows)
        if left and self._rows:
            self._tell(f"{self._file.where} has no row for {left} of {counted(files, 'file')}.")


def _read_key(bases: Sequence[str], _kind: str, text: str) -> Key:
    """Return the path below ``src`` that a row names, as it is or below one of the bases.

    :raises BadCell: when it is none
    """
    path = posixpath.normpath(_composed(text.replace("\\", "/")).strip())
    path = next(filter(None, (_below(path, base) for base in bases)), path)
    if path in (".", "..") or path.startswith(("/", "../")):
        raise BadCell(f"{escaped(text)} is not a path below src")
    return "path", path


def _below(path: str, base: str) -> str | None:
    """Return what comes after a base, however a path spells that; None where it begins otherwise."""
    top, segments = base.rstrip("/").split("/"), path.split("/")
    begin, rest = segments[: len(top)], segments[len(top) :]
    return "/".join(rest) if pairing_key("/".join(begin)) == pairing_key("/".join(top)) else None


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
