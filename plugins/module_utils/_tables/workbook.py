# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a sheet of an Excel workbook (.xlsx, .xlsm) with openpyxl. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from re import Match
from typing import IO, Any, NamedTuple

from .._text import escaped, one_line
from .cell_values import Value
from .cells import unguarded
from .columns import listed_names, nearest
from .openpyxl_library import ESCAPED, LARGEST_NUMBER, MOST_DIGITS, MOST_ROWS, load_openpyxl
from .text_lines import BadText
from .workbook_parts import check_parts, formulas_without_value

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SIGNATURES = (ZIP, OLE)
"""How the files of spreadsheets begin: a workbook, and what is older or has a password."""
_PADDED = re.compile("00+")
"""A format that shows 7 as 00007, as for postcodes."""
_INTEGER_PART = re.compile("[.;E]")
_DIGITS_SHOWN = re.compile(r"0(?![^\[]*\])")
"""The digits that a format always shows before the point, not those of a condition or a language in brackets."""
AT_ONCE = 500
"""Rows that are read while the warnings of openpyxl are held back."""


class SheetRow(NamedTuple):
    """The cells of a row, and its number."""

    line: int
    cells: Sequence[Value]


class Sheet(NamedTuple):
    """What is in a sheet: its name, and its rows."""

    name: str
    rows: Iterator[SheetRow]


def read_workbook(file: IO[bytes], option: str, path: str, wanted: str | None) -> Sheet:
    """Return a sheet of a workbook.

    :param option: the option that names the file
    :param wanted: the name of the sheet; None for the first one that is not hidden
    :raises BadText: when the file is no workbook, or has no such sheet; while the rows are iterated, too
    :raises ElvisError: when openpyxl is not installed
    """
    if file.read(len(OLE)).startswith(OLE):
        raise BadText(
            "is the beginning of an older workbook (.xls), or of one with a password. Save it as .xlsx, without one", 1
        )
    file.seek(0)
    openpyxl = load_openpyxl(option, path)
    archive = check_parts(file)
    with _reading():
        # Links to other files, macros and the like are not looked at.
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        sheet = _find(book.worksheets, wanted)
        # What a file says of its own size may be wrong, and rows would be cut off.
        sheet.reset_dimensions()
        lacking = formulas_without_value(archive, sheet._worksheet_path)  # noqa: SLF001 - nothing public tells it
    return Sheet(sheet.title, _rows(sheet, lacking))


def _find(sheets: Sequence[Any], wanted: str | None) -> Any:
    names = [sheet.title for sheet in sheets]
    if wanted is not None and wanted not in names:
        raise BadText(f"has no sheet {escaped(wanted)}{nearest(wanted, names)}; its sheets are: {listed_names(names)}")
    shown = [sheet for sheet in sheets if sheet.sheet_state == "visible"]
    found = [sheet for sheet in sheets if sheet.title == wanted] or shown or sheets
    if not found:
        raise BadText("has no sheet with cells")
    return found[0]


def _rows(sheet: Any, lacking: frozenset[tuple[int, int]]) -> Iterator[SheetRow]:
    rows = sheet.iter_rows()
    line = 0
    while True:
        with _reading(line + 1):
            block = list(islice(rows, AT_ONCE))
        if not block:
            return
        for cells in block:
            line += 1
            if line > MOST_ROWS:
                raise BadText(f"has more than {MOST_ROWS:,} rows", line)
            values = [_value(cell, line, place, lacking) for place, cell in enumerate(cells, 1)]
            while values and values[-1] in (None, ""):
                values.pop()
            if values:
                yield SheetRow(line, values)


def _value(cell: Any, line: int, place: int, lacking: frozenset[tuple[int, int]]) -> Value:
    """Return what is in a cell.

    :raises BadText: when it is no value
    """
    if (line, place) in lacking:
        raise BadText(
            f"has a formula in column {place} whose value is not stored. Open the file in a spreadsheet and save it",
            line,
        )
    value = cell.value
    if value is None or isinstance(value, bool):
        return value
    if cell.data_type == "e":
        raise BadText(f"has the error {value} in column {place}. Correct the cell", line)
    if isinstance(value, str):
        return unguarded(ESCAPED.sub(_unescaped, value))
    if isinstance(value, (int, float)):
        return _number(value, cell.number_format, line, place)
    return _time_value(value)


def _number(value: float, number_format: str, line: int, place: int) -> Value:
    """Return a number as a person sees it in its cell.

    :raises BadText: when the cell does not hold all that the person typed, or shows something else
    """
    if abs(value) >= LARGEST_NUMBER:
        raise BadText(
            f"has a number of more than {MOST_DIGITS} digits in column {place}, and a workbook keeps only the first"
            f" {MOST_DIGITS}. Format the column as text, and type it again",
            line,
        )
    value = int(value) if isinstance(value, float) and value.is_integer() else value
    if _PADDED.fullmatch(number_format) and isinstance(value, int) and value >= 0:
        return f"{value:0{len(number_format)}d}"
    if len(_DIGITS_SHOWN.findall(_INTEGER_PART.split(number_format)[0])) > 1:
        raise BadText(
            f"has the number {value} in column {place}, which the format {escaped(number_format)} shows otherwise."
            " Format the column as text, and type what is to be stored",
            line,
        )
    return value


def _time_value(value: object) -> Value:
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time())
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return value.isoformat() if isinstance(value, time) else str(value)


def _unescaped(found: Match[str]) -> str:
    return chr(int(found[1], 16))


@contextlib.contextmanager
def _reading(line: int = 1) -> Iterator[None]:
    """Run a block in which openpyxl reads; it warns of what it leaves out, such as the rules for input.

    :raises BadText: whatever keeps it from reading
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except BadText as mistake:
        raise mistake.at(line) from None
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - a broken workbook raises anything
        raise BadText(
            f"can't be read as a workbook: {one_line(str(error))[:200] or type(error).__name__}", line
        ) from None
