# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes what a module reads to the file that its option ``dest`` names. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .._errors import ElvisError
from .._files.atomic_file import SavedFile, atomic_file
from .._tables.report import Format, ReportOptions
from .._tables.report_file import format_of, open_report
from .call import Call
from .many import read_report_options, storage_failures


class DestTable:
    """The table in ``dest``; without that option, nothing is written.

    :param columns: their names, in order
    :param mode: the mode of a new file, None for what the umask says; one that is replaced keeps its own
    :raises ElvisError: when an option can't work, also where nothing is written
    """

    def __init__(self, call: Call, columns: Sequence[str], mode: int | None = None) -> None:
        self._call = call
        self._columns = columns
        self._mode = mode
        self.path: str | None = call.options["dest"] or None
        self._options = self._read_options()
        if self.path:
            open_report(self.path, lambda _data: None, columns, self._options)

    def _read_options(self) -> ReportOptions:
        default: Format | None = None if self.path else "csv"
        form = format_of(self.path or "", self._call.options["format"], default)
        return read_report_options(self._call.options, "dest", form)

    def write(self, batches: Iterable[Iterable[Mapping[str, Any]]]) -> SavedFile:
        """Write rows; until the file is whole, what is there stays. Check mode only compares.

        :raises ElvisError: when it can't be written
        """
        path = str(self.path)
        draft = atomic_file(path, only_compare=self._call.check_mode, mode=self._mode)
        with draft as file, storage_failures():
            with open_report(path, file.write, self._columns, self._options) as report:
                for rows in batches:
                    report.add(rows)
                report.end()
            saved = file.keep()
        if report.replaced:
            self._call.warn(
                f"{path}: U+FFFD stands for a NUL or half of a character, which no file of text should hold,"
                f" {report.replaced} times."
            )
        return saved

    def place(self, *, changed: bool) -> str:
        """Return the sentence on the file, with a blank before it; empty where none is written."""
        if not self.path:
            return ""
        if not self._call.check_mode:
            return f" The list is in {self.path}."
        return f" Check mode: {self.path} {'would be written' if changed else 'has this list already'}."


def check_query(query: str | None) -> None:
    """Make sure that the query of a task, where it has one, says what to find.

    :raises ElvisError: when it is empty
    """
    if query is not None and not query.strip():
        raise ElvisError("query is empty. Say what to find, such as assetType:jpg.", "bad_request")
