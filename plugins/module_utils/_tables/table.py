# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens a file with rows, whatever its format: CSV, JSON Lines, a JSON array or a workbook. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import IO, NamedTuple

from .cell_values import RowOptions, Value
from .csv_file import CsvFile
from .json_objects import read_json_objects
from .text_lines import BadText
from .workbook import SIGNATURES, read_workbook

JSON_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json"})
"""Of files that are read as JSON. A workbook is recognized by its content; all others are read as CSV."""

_BEGINS_OF_JSON = (b"[{", b'{"')
"""Without blanks. No header of a CSV file is like these."""


class Record(NamedTuple):
    """A row, or the header.

    :param line: where it begins; in a workbook, the number of the row
    :param names: the names of the columns
    :param cells: the values in the order of the names; None for the header itself
    """

    line: int
    names: tuple[str, ...]
    cells: Sequence[Value] | None


class Table(NamedTuple):
    """What is in a file.

    :param records: the header, where there is one, and the rows; each object of a JSON file has names of its own
    :param sheet: the name of the sheet that is read, in a workbook
    """

    records: Iterator[Record]
    sheet: str | None = None


def open_table(file: IO[bytes], option: str, path: str, options: RowOptions) -> Table:
    """Return what is in a file.

    :param option: the option that names it
    :raises BadText: when it can't be read; while the records are iterated, too
    :raises ElvisError: when it is a workbook, and the library that reads one is not installed
    """
    begin = file.read(len(max(SIGNATURES, key=len)))
    file.seek(0)
    if begin.startswith(tuple(SIGNATURES)):
        sheet = read_workbook(file, option, path, options.sheet)
        return Table(_with_header(sheet.rows, is_sheet=True), sheet.name)
    if options.sheet is not None:
        raise BadText(f"is not the beginning of a workbook, and sheet {options.sheet!r} can only be in one", 1)
    if PurePath(path).suffix.lower() in JSON_SUFFIXES:
        return Table(Record(line, tuple(values), list(values.values())) for line, values in read_json_objects(file))
    if b"".join(begin.split()).startswith(_BEGINS_OF_JSON):
        raise BadText(f"is JSON. Give the file a name that ends in {', '.join(sorted(JSON_SUFFIXES))}", 1)
    return Table(_with_header(iter(CsvFile(file, options.encoding, options.delimiter)), is_sheet=False))


def _with_header(rows: Iterator[tuple[int, Sequence[Value]]], *, is_sheet: bool) -> Iterator[Record]:
    """Yield the rows of a table whose first row names the columns.

    :param is_sheet: whether a row without its last cells has empty ones there
    """
    header = next(rows, None)
    if header is None:
        raise BadText("is not there: the file is empty, and a header was expected", 1)
    names = tuple(str("" if name is None else name) for name in header[1])
    yield Record(header[0], names, None)
    for line, cells in rows:
        missing = (None,) * (len(names) - len(cells)) if is_sheet else ()
        yield Record(line, names, (*cells, *missing) if missing else cells)
