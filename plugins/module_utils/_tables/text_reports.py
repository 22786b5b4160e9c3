# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes reports as CSV, JSON Lines or JSON, in a form that comes back whole. Private to damops.elvis."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .._text import escaped
from .cells import DELIMITERS, guarded, guarded_number
from .report import Report, ReportOptions, number_text

_QUOTED = re.compile(rf'[{DELIMITERS}"\r\n]')
"""A cell that has any delimiter is quoted, whichever the file has: a spreadsheet may take another one for it."""


class TextReport(Report):
    """A report that is text, in one encoding."""

    def __init__(
        self, path: str, write: Callable[[bytes], None], columns: Sequence[str], options: ReportOptions
    ) -> None:
        super().__init__(path, write, columns, options)
        self._encode = codecs.getincrementalencoder(options.encoding)().encode

    def put(self, text: str) -> None:
        """Write text.

        :raises ElvisError: when the encoding lacks a character
        """
        try:
            data = self._encode(text)
        except UnicodeEncodeError as error:
            row = escaped(text[text.rfind("\n", 0, error.start) + 1 : error.start][:100])
            missing = escaped(text[error.start])
            raise self.failure(
                f"{self.options.encoding} has no {missing}, which comes after {row!r}. Use encoding: utf-8, with bom:"
                " true for a spreadsheet"
            ) from None
        self.write(data)


class CsvReport(TextReport):
    """Rows of cells, the names of the columns first."""

    def __init__(
        self, path: str, write: Callable[[bytes], None], columns: Sequence[str], options: ReportOptions
    ) -> None:
        super().__init__(path, write, columns, options)
        # UTF-16 and the like begin with a mark of their own.
        self.put("\ufeff" if options.bom and codecs.lookup(options.encoding).name == "utf-8" else "")
        self.put(self._line([guarded(self.clean(name)) for name in columns]))

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self.put("".join(self._line([self._cell(row, name) for name in self.columns]) for row in rows))

    def end(self) -> None:
        """A CSV file has nothing that comes last."""

    def _line(self, cells: Sequence[str]) -> str:
        quoted = [self._quoted(cell) for cell in cells]
        # An empty line is no row.
        return f"{self.options.delimiter.join(quoted) or chr(34) * 2}\r\n"

    def _quoted(self, cell: str) -> str:
        if _QUOTED.search(cell) or self.options.delimiter in cell:
            return '"' + cell.replace('"', '""') + '"'
        return cell

    def _cell(self, row: Mapping[str, Any], name: str) -> str:
        value = self.flat(row, name)
        if value is None:
            return ""
        if isinstance(value, str):
            return guarded(value)
        if isinstance(value, bool):
            return number_text(value)
        if isinstance(value, (int, float)):
            return guarded_number(value)
        return guarded(self.joined(row, name, value))


class JsonReport(TextReport):
    """An object for each row: one a line, or all in one array."""

    def __init__(
        self, path: str, write: Callable[[bytes], None], columns: Sequence[str], options: ReportOptions
    ) -> None:
        super().__init__(path, write, columns, options)
        self._is_array = options.form == "json"
        self._rows = 0
        self.put("[" if self._is_array else "")

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in rows:
            line = json.dumps({name: self.flat(row, name) for name in self.columns})
            before = "" if not self._is_array else ",\n" if self._rows else "\n"
            self.put(before + line + ("" if self._is_array else "\n"))
            self._rows += 1

    def end(self) -> None:
        if self._is_array:
            self.put("\n]\n" if self._rows else "]\n")
