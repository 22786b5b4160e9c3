# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Imports openpyxl, which reads and writes workbooks, where a task needs it. Private to damops.elvis."""

from __future__ import annotations

import platform
import re
import sys
from types import ModuleType

from .._errors import ElvisError

OLDEST = "3.1.3"
"""Before it, a cell with a duration is read as a date."""
MOST_DIGITS = 15
"""Of a number that a spreadsheet keeps."""
LARGEST_NUMBER = 10**MOST_DIGITS
MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
"""Characters. Excel has no room for more in a cell, and openpyxl cuts it off without a word."""
LONGEST_TITLE = 31
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
"""How a workbook writes a character that XML can't hold, and its own underscore before such a text."""


def load_openpyxl(option: str, path: str) -> ModuleType:
    """Return the library.

    :param option: the option that names the workbook
    :raises ElvisError: when it is not installed
    """
    try:
        import openpyxl  # noqa: PLC0415 - optional, and importing it takes time

        found = f"there is only version {openpyxl.__version__} of the Python library openpyxl"
        if _numbers(openpyxl.__version__) >= _numbers(OLDEST):
            return openpyxl
    except ImportError:
        found = "the Python library openpyxl is not installed"
    raise ElvisError(
        f"{option} {path} is a workbook, and {found} in {sys.executable} on {platform.node()}. Install it there (pip"
        f" install 'openpyxl>={OLDEST}', or the package python3-openpyxl), or use CSV.",
        "missing_library",
    )


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)[:3]]
