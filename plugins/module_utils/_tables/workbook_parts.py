# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at the parts of a workbook, which is a zip of XML files, before openpyxl does. Private to damops.elvis."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO
from xml.parsers import expat

from .text_lines import BadText

MOST_UNPACKED = 256 * 1024 * 1024
"""Bytes of all parts together. A million cells take less."""
MOST_PARTS = 10_000
CHUNK = 64 * 1024
LONGEST_PROLOG = 4 * CHUNK
"""Bytes before the first element of a part: it is a line."""
LONGEST_TAG = 32
_REFERENCE = re.compile(r"([A-Z]{1,3})\d+")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")


def check_parts(file: IO[bytes]) -> zipfile.ZipFile:
    """Return the parts of a workbook.

    No part may declare a document type: with one, a few bytes can stand for gigabytes, or for another file.

    :raises BadText: when it is none, or too large, or declares a document type
    """
    try:
        archive = zipfile.ZipFile(file)
        parts = archive.infolist()
        if "[Content_Types].xml" not in archive.namelist():
            raise BadText("is not the beginning of a workbook (.xlsx). Save it as one, or as CSV", 1)
        # zipfile reads no more of a part than it declares here.
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise BadText(
                f"is the beginning of a workbook that is too large: unpacked it may have {MOST_UNPACKED // 1024**2}"
                " MiB. Split it, or save it as CSV",
                1,
            )
        for part in parts:
            if part.filename.lower().endswith((".xml", ".rels", ".vml")):
                _check_prolog(archive, part)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, zlib.error) as error:
        raise BadText(f"is the beginning of a broken workbook: {error}", 1) from None
    return archive


class _HasBegun(Exception):
    """The first element of a part was met."""


def _check_prolog(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    parser = expat.ParserCreate()

    def refuse(*_dummy: object) -> None:
        raise BadText(f"is the beginning of a workbook whose part {part.filename[:100]!r} declares a document type", 1)

    def begin(*_dummy: object) -> None:
        raise _HasBegun

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = begin
    try:
        with archive.open(part) as stream:
            parser.Parse(stream.read(LONGEST_PROLOG), True)
    except _HasBegun:
        return
    except expat.ExpatError:
        pass
    raise BadText(f"is the beginning of a workbook whose part {part.filename[:100]!r} is not XML", 1)


def formulas_without_value(archive: zipfile.ZipFile, name: str) -> frozenset[tuple[int, int]]:
    """Return row and column of each cell of a sheet that has a formula and no stored value.

    openpyxl shows such a cell as it shows an empty one.

    :param name: the part with the sheet
    """
    if not _has_formula(archive, name):
        return frozenset()
    cells = _Cells()
    with archive.open(name) as stream:
        cells.parser.ParseFile(stream)
    return frozenset(cells.lacking)


def _has_formula(archive: zipfile.ZipFile, name: str) -> bool:
    with archive.open(name) as stream:
        rest = b""
        while chunk := stream.read(CHUNK):
            if _FORMULA.search(rest + chunk):
                return True
            rest = chunk[-LONGEST_TAG:]
    return False


class _Cells:
    """Reads the cells of a sheet; one without a reference comes after the one before it."""

    def __init__(self) -> None:
        self.lacking: set[tuple[int, int]] = set()
        self._row = self._column = 0
        self._has: set[str] = set()
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "row":
            self._row = int(float(attributes.get("r", self._row + 1)))
            self._column = 0
        elif name == "c":
            found = _REFERENCE.fullmatch(attributes.get("r", ""))
            self._column = _number(found[1]) if found else self._column + 1
            self._has = set()
        else:
            self._has.add(name)

    def _end(self, tag: str) -> None:
        if tag.rpartition(":")[2] == "c" and "f" in self._has and "v" not in self._has:
            self.lacking.add((self._row, self._column))


def _number(letters: str) -> int:
    """Return the number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
