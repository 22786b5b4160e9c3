# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the metadata that a file has on the files of a tree. Private to damops.elvis."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from .._elvis.paths import pairing_key, trimmed_key
from .._errors import ElvisError
from .._files.tree import LocalFile
from .._tables.columns import BadCell, RowOptions
from .._tables.rows import Key, Row, RowFile
from .._text import counted, escaped

MOST_NAMED = 5
"""Rows that one warning names."""
MOST_EXAMPLES = 3
"""Rows, and files, that a failure names."""


class Captions:
    """The rows of a file, by the files that they are about.

    :param path: the file
    :param bases: folders, by whose paths a row may name a file as well: that in the DAM, that here
    :param warn: takes what a person should know of it
    :param tell: takes what may be of interest
    :raises ElvisError: when any part of the file can't be used
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
        self._warn = warn
        self._tell = tell
        self._file = RowFile(path, options, partial(read_key, bases), "metadata_src", kinds=("path",))
        self._summary = self._file.check()
        self._rows: dict[str, Row] = {}
        self._fits_any = False
        self._without_file: list[tuple[str, int]] = []

    @property
    def fields(self) -> set[str]:
        """The fields that any of the rows has."""
        return {name for row in self._rows.values() for name in row.cells}

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
                raise ElvisError(self._file.refusal(row.line, f"{escaped(key)} fits {names}"), "bad_request")
            if found:
                self._rows[found[0]] = self._together(self._rows.get(found[0]), row)
            elif pairing_key(key) not in known:
                self._without_file.append((key, row.line))
                continue
            self._fits_any = True
        self._tell_of(len(files))

    def check_fit(self, is_in_dam: Callable[[str], bool], new: Sequence[LocalFile]) -> None:
        """Make sure that the rows are about these files, and not about others or spelled in another way.

        :param is_in_dam: tells whether an asset has the name with this pairing key
        :param new: the files that become assets; without a row they would be without metadata for good
        :raises ElvisError: when no row fits any name, here or in the DAM
        """
        if not new or self._fits_any or not self._without_file:
            return
        if any(is_in_dam(pairing_key(key)) for key, _line in self._without_file):
            return
        rows = ", ".join(f"{escaped(key)} (line {line})" for key, line in self._without_file[:MOST_EXAMPLES])
        files = ", ".join(escaped(file.relative) for file in new[:MOST_EXAMPLES])
        raise ElvisError(
            f"metadata_src {escaped(self._file.path)}: none of its {self._summary.rows} rows is about a file in src or"
            f" an asset below path. Nothing was sent. The rows name {rows}; the files are {files}. A row names a file"
            " by its path below src, with its extension. key says which column has it.",
            "bad_request",
        )

    def _together(self, first: Row | None, row: Row) -> Row:
        """Return two rows on one file, which is spelled differently in them, as one."""
        if first is None:
            return row
        for name, value in row.cells.items():
            if first.cells.get(name, value) != value:
                mistake = f"has another value of {name} than line {first.line}, which names the same file"
                raise ElvisError(self._file.refusal(row.line, mistake), "bad_request")
        return first._replace(cells={**first.cells, **row.cells})

    def of(self, file: LocalFile, present: Mapping[str, Any]) -> dict[str, Any]:
        """Return the metadata of a file.

        :param present: those that its asset has: they tell which fields are lists or dates
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
                raise ElvisError(self._file.refusal(row.line, f"column {name}: {problem}"), "bad_request") from None
        return values

    def _tell_of(self, files: int) -> None:
        path = escaped(self._file.path)
        if not self._summary.rows:
            self._warn(f"metadata_src {path} has a header and no row.")
        left = len(self._without_file) - MOST_NAMED
        if self._without_file:
            more = f" and {left} more" if left > 0 else ""
            named = ", ".join(f"{escaped(key)} (line {line})" for key, line in self._without_file[:MOST_NAMED])
            self._warn(f"metadata_src {path} has rows for files that are not there: {named}{more}.")
        if self._summary.empty:
            what = "empty their fields" if self._options.clears else "leave their fields as they are"
            self._tell(f"metadata_src {path} has {counted(self._summary.empty, 'empty cell')}: empty cells {what}.")
        left = files - len(self._rows)
        if left and self._rows:
            self._tell(f"metadata_src {path} has no row for {left} of {counted(files, 'file')}.")
        if self._summary.ignored:
            ignored = ", ".join(self._summary.ignored)
            self._tell(
                f"metadata_src {path} has columns that the server itself keeps: {ignored}. They are not written."
            )


def read_key(bases: Sequence[str], _kind: str, text: str) -> Key:
    """Return the path below ``src`` that a row names, as it is or below one of the bases.

    :raises BadCell: when it is none
    """
    path = posixpath.normpath(_composed(text.replace("\\", "/")).strip())
    path = next(filter(None, (_below(path, base) for base in bases)), path)
    if path.startswith(("/", "..")) or path == ".":
        raise BadCell(f"{escaped(text)} is not a path below src")
    return "path", path


def _below(path: str, base: str) -> str | None:
    """Return what comes after a base, however a path spells that; None where it begins otherwise."""
    top, segments = base.rstrip("/").split("/"), path.split("/")
    begin, rest = segments[: len(top)], segments[len(top) :]
    return "/".join(rest) if pairing_key("/".join(begin)) == pairing_key("/".join(top)) else None


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)
