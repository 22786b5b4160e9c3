# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells what a module on the target imports, and how long that takes."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

_LINE = re.compile(r"import time: +(\d+) \| +\d+ \| +(\S+)")
_PLACES = (
    ("the collection itself", re.compile(r"ansible_collections\b")),
    ("ansible-core's part of a module", re.compile(r"ansible\b")),
    ("requests and what belongs to it", re.compile(r"(requests|urllib3|charset_normalizer|chardet|idna|certifi)\b")),
    ("Python's own modules", re.compile("")),
)


def write_interpreter(folder: Path) -> Path:
    """Write a program that is this Python, and adds what each of its runs imports to a file; return the program."""
    program = folder / "python"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -X importtime "$@" 2>> {folder}/imports\n', encoding="utf-8")
    program.chmod(0o755)
    return program


def seconds_of_imports(folder: Path) -> dict[str, float]:
    """Return the seconds that the imports of all runs took together, by what was imported."""
    spent: Counter[str] = Counter()
    for microseconds, module in _LINE.findall((folder / "imports").read_text(encoding="utf-8")):
        place = next(place for place, pattern in _PLACES if pattern.match(module))
        spent[place] += int(microseconds)
    return {place: spent[place] / 1e6 for place, _pattern in _PLACES}
