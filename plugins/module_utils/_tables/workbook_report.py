# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes a report as an Excel workbook (.xlsx) with openpyxl. Private to damops.elvis."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from .._elvis.field_values import is_time
from .._elvis.times import to_datetime, to_milliseconds
from .._errors import ElvisError, system_words
from .cells import guards_itself
from .openpyxl_library import ESCAPED, LARGEST_NUMBER, LONGEST_TEXT, LONGEST_TITLE, MOST_ROWS, load_openpyxl
from .report import Report, ReportOptions, place_of

TITLE = "Assets"
"""The name of the sheet, unless the task gives another."""
CHUNK = 64 * 1024
FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001 - a cell has no zone
"""Before it, the days of Excel are not those of the calendar."""
_BAD_TITLE = re.compile(r"[\[\]:*?/\\]|^'|'$")
_NOT_IN_XML = re.compile("[\0-\x08\x0b-\x1f\ufffe\uffff]")
"""What XML can't hold, or would change: a carriage return becomes a line feed."""


class WorkbookReport(Report):
    """A sheet with a row for each asset. Texts, numbers and booleans are typed, and so are times in a zone."""

    def __init__(
        self, path: str, write: Callable[[bytes], None], columns: Sequence[str], options: ReportOptions
    ) -> None:
        super().__init__(path, write, columns, options)
        self._library = load_openpyxl(options.option, path)
        self._title = options.sheet or TITLE
        if len(self._title) > LONGEST_TITLE or _BAD_TITLE.search(self._title) or not self._title.strip():
            raise ElvisError(
                f"sheet {self._title!r} can't be the name of a sheet: it has at most {LONGEST_TITLE} characters, and"
                " none of [ ] : * ? / \\.",
                "bad_request",
            )
        self._book: Any = None
        self._sheet: Any = None
        self._rows = 0
        self._is_saved = False

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        sheet = self._begun()
        for row in rows:
            self._rows += 1
            if self._rows >= MOST_ROWS:
                raise self.failure(f"a sheet has room for {MOST_ROWS:,} rows. Write CSV or JSON Lines")
            sheet.append([self._cell(row, name) for name in self.columns])

    def end(self) -> None:
        self._begun()
        try:
            # Not in memory as long as they are small: until Python 3.11, zipfile can't read such a file.
            with tempfile.TemporaryFile() as plain, tempfile.TemporaryFile() as packed:
                # Not save(), which writes the time of day into the file: then each run would change it.
                writer = self._library.writer.excel.ExcelWriter
                writer(self._book, zipfile.ZipFile(plain, "w", zipfile.ZIP_STORED)).save()
                self._is_saved = True
                _pack(plain, packed)
                packed.seek(0)
                while chunk := packed.read(CHUNK):
                    self.write(chunk)
        except OSError as error:
            raise ElvisError(
                f"{self.options.option} {self.path} is left as it was: it was put together in {tempfile.gettempdir()},"
                f" {system_words(error)}. Make room there, or set TMPDIR.",
                "storage",
            ) from None

    def close(self) -> None:
        if self._sheet is not None and not self._is_saved:
            self._sheet.close()
            # It would be removed when Python ends, and a worker of Ansible ends otherwise.
            Path(self._sheet._writer.out).unlink()  # noqa: SLF001 - nothing public tells it

    def _begun(self) -> Any:
        """Return the sheet; openpyxl keeps its rows in a file, which is made as late as possible."""
        if self._sheet is None:
            self._book = self._library.Workbook(write_only=True)
            self._book.properties.created = self._book.properties.modified = FIRST_DAY
            self._sheet = self._book.create_sheet(self._title)
            self._sheet.freeze_panes = "A2"
            self._sheet.append([self._text(self.clean(name), "the name of a column") for name in self.columns])
        return self._sheet

    def _cell(self, row: Mapping[str, Any], name: str) -> Any:
        moment = self._moment(row.get(name))
        if moment is not None:
            cell = self._library.cell.WriteOnlyCell(self._sheet, moment)
            cell.number_format = "yyyy-mm-dd hh:mm:ss" + (".000" if moment.microsecond else "")
            return cell
        value = self.flat(row, name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)) and abs(value) < LARGEST_NUMBER:
            return value
        if isinstance(value, (str, int, float)):
            return self._text(str(value), f"{name} of {place_of(row)}")
        return self._text(self.joined(row, name, value), f"{name} of {place_of(row)}")

    def _moment(self, value: Any) -> datetime | None:
        """Return the time that a cell can hold, which has no zone; None where it would not come back."""
        zone = self.options.zone
        if zone is None or not is_time(value):
            return None
        moment = to_datetime(value["value"], zone)
        local = moment.replace(tzinfo=None, fold=0) if moment else FIRST_DAY
        # At the end of summer time, an hour comes twice.
        comes_back = to_milliseconds(local.replace(tzinfo=zone)) == value["value"]
        return local if comes_back and local > FIRST_DAY else None

    def _text(self, text: str, what: str) -> Any:
        stored = _NOT_IN_XML.sub(_escape, ESCAPED.sub(r"_x005F_x\1_", guards_itself(text)))
        if len(stored) > LONGEST_TEXT:
            raise self.failure(
                f"{what} has more than {LONGEST_TEXT:,} characters, and no cell of a workbook can hold them. Write CSV"
                " or JSON Lines"
            )
        cell = self._library.cell.WriteOnlyCell(self._sheet, stored)
        # Not a formula, whatever it begins with; and what is typed over it stays text as well.
        cell.data_type, cell.number_format = "s", "@"
        return cell


def _escape(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def _pack(source: IO[bytes], target: IO[bytes]) -> None:
    """Copy a zip, each part without the time at which it was written: equal rows make equal files."""
    with zipfile.ZipFile(source) as parts, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts.infolist():
            same = zipfile.ZipInfo(part.filename)
            same.compress_type = zipfile.ZIP_DEFLATED
            with parts.open(part) as old, packed.open(same, "w", force_zip64=part.file_size > 2**31) as new:
                while chunk := old.read(CHUNK):
                    new.write(chunk)
