# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Begins a report in the format that a task, or the name of its file, says. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from .._errors import ElvisError
from .report import Format, Report, ReportOptions
from .text_reports import CsvReport, JsonReport
from .workbook_report import WorkbookReport

FORMATS: dict[str, Format] = {
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".xlsx": "xlsx",
}
"""The format of a file that is not told, by the suffix of its name."""
_REPORTS: dict[Format, type[Report]] = {
    "csv": CsvReport,
    "jsonl": JsonReport,
    "json": JsonReport,
    "xlsx": WorkbookReport,
}


def format_of(path: str, told: Format | None, default: Format | None = None) -> Format:
    """Return the format of a file.

    :param default: the format of a file whose name does not tell
    :raises ElvisError: when neither the task nor its name tells, and there is no default
    """
    found = told or FORMATS.get(PurePath(path).suffix.lower()) or default
    if found is None:
        raise ElvisError(
            f"dest {path} does not say by its name what to write."
            " End it in .csv, .jsonl, .json or .xlsx, or set format.",
            "bad_request",
        )
    return found


def open_report(path: str, write: Callable[[bytes], None], columns: Sequence[str], options: ReportOptions) -> Report:
    """Return a report in the making.

    :param path: its name in a message
    :param write: takes its bytes, piece by piece
    :param columns: the names of what each row has, in order
    :raises ElvisError: when it can't be written like this
    """
    if options.sheet and options.form != "xlsx":
        raise ElvisError(
            f"sheet {options.sheet} can only be in a workbook, and {options.option} {path} is {options.form}.",
            "bad_request",
        )
    return _REPORTS[options.form](path, write, columns, options)
