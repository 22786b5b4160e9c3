# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads CSV files as people and programs write them. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import csv
import itertools
import re
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from .cells import unguarded
from .text_lines import BadText, read_lines

DELIMITERS = ",;\t|"
LONGEST_CELL = 4 * 1024 * 1024
"""Characters. The csv module's own limit is 131,072."""
AT_ONCE, CHARACTERS_AT_ONCE = 1000, 1024 * 1024
"""What is read before the limit of the csv module, which is one of the whole process, is put back."""
LONGEST_HEADER = 1000
"""Lines; a header with an open quote would otherwise be the whole file."""

_MISTAKES = (
    ("unexpected end of data", "has a quote that is never closed"),
    ("expected after", "has text after a closing quote"),
    ("field larger", f"has a cell of more than {LONGEST_CELL:,} characters"),
)
_SEPARATOR = re.compile(r'("?)sep=(.)\1([,;\t|]*)', re.IGNORECASE)
"""A spreadsheet that takes it for a row fills that up with delimiters, which may be others."""
_QUOTED = re.compile('"[^"]*"')


class CsvRecord(NamedTuple):
    """The cells of a record, and the number of the line in which it begins."""

    line: int
    cells: list[str]


class CsvFile:
    """The records of a CSV file, the header first.

    The apostrophe that guards a cell from a spreadsheet is taken off. Before the header, Excel writes ``sep=;`` and
    PowerShell ``#TYPE …``. Empty lines, and records whose cells are all empty, are none.

    :param encoding: what it is in unless a byte order mark says else
    :param delimiter: None to find it from the header
    :raises BadText: when it can't be read, with the line where the record begins; while it is iterated, too
    """

    def __init__(self, file: IO[bytes], encoding: str, delimiter: str | None) -> None:
        lines = _without_nul(read_lines(file, encoding))
        self._skipped = 0
        begin: list[str] = []
        try:
            for line in lines:
                told = _SEPARATOR.fullmatch(line.strip(" \r\n"))
                if not begin and (told or line.startswith("#TYPE ") or not line.strip()):
                    delimiter = delimiter or ((told[3] or told[2])[0] if told else None)
                    self._skipped += 1
                    continue
                begin.append(line)
                if "".join(begin).count('"') % 2 == 0 or len(begin) == LONGEST_HEADER:
                    break
        except BadText as mistake:
            raise mistake.at(self._skipped + 1) from None
        self.delimiter = delimiter or _find_delimiter("".join(begin))
        self._reader = csv.reader(itertools.chain(begin, lines), delimiter=self.delimiter, strict=True)
        self._is_over = False

    def __iter__(self) -> Iterator[CsvRecord]:
        while not self._is_over:
            yield from self._read()

    def _read(self) -> list[CsvRecord]:
        records: list[CsvRecord] = []
        characters = 0
        line = 0
        try:
            with _long_cells():
                while len(records) < AT_ONCE and characters < CHARACTERS_AT_ONCE:
                    line = self._skipped + self._reader.line_num + 1
                    cells = next(self._reader)
                    if any(map(str.strip, cells)):
                        records.append(CsvRecord(line, [unguarded(cell) for cell in cells]))
                        characters += sum(map(len, cells))
        except StopIteration:
            self._is_over = True
        except csv.Error as error:
            known = (ours for theirs, ours in _MISTAKES if theirs in str(error))
            raise BadText(next(known, "is not CSV"), line) from None
        except BadText as mistake:
            raise mistake.at(line) from None
        return records


def _find_delimiter(header: str) -> str:
    bare = _QUOTED.sub("", header)
    return max(DELIMITERS, key=bare.count)


def _without_nul(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise BadText("has a NUL character. If the file is in UTF-16, say so with encoding")
        yield line


@contextlib.contextmanager
def _long_cells() -> Iterator[None]:
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
