# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the objects of a JSON file: JSON Lines, an array, or one object. Private to damops.elvis."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, NoReturn

from .text_lines import BadText, read_lines, read_text

LONGEST_OBJECT = 16 * 1024 * 1024
"""Characters. What has a longer one is not the kind of file that is asked for."""
_BLANKS = " \t\r\n"


class JsonRecord(NamedTuple):
    """An object, and the line in which it begins."""

    line: int
    values: dict[str, Any]


def read_json_objects(file: IO[bytes]) -> Iterator[JsonRecord]:
    """Yield the objects of a file.

    :raises BadText: at what is none, and where the file is empty
    """
    begin = _begin(file)
    if not begin:
        raise BadText("is not there: the file is empty", 1)
    if begin == "[":
        yield from _Objects(file).of_array()
    elif _is_one_object(file):
        yield from _Objects(file).of_one()
    else:
        yield from _json_lines(file)


def _begin(file: IO[bytes]) -> str:
    """Return the first character that is no blank, and go back to the beginning."""
    try:
        found = next((text.lstrip(_BLANKS)[0] for text in read_text(file, "utf-8") if text.strip(_BLANKS)), "")
    except BadText as mistake:
        raise mistake.at(1) from None
    file.seek(0)
    return found


def _is_one_object(file: IO[bytes]) -> bool:
    """Tell whether an object goes on in the line below its bracket, as ConvertTo-Json writes one that is alone."""
    first = next(read_lines(file, "utf-8", only_line_feeds=True), "")
    file.seek(0)
    return first.strip(_BLANKS) == "{"


def _json_lines(file: IO[bytes]) -> Iterator[JsonRecord]:
    """Yield an object a line. A line ends at a line feed only; U+2028 may stand in a text as it is."""
    number = 0
    try:
        for line in read_lines(file, "utf-8", only_line_feeds=True):
            number += 1
            if line.strip():
                yield JsonRecord(number, _read_line(line, number))
    except BadText as mistake:
        # What can't be decoded comes after the last line that could be.
        raise mistake.at(number + 1) from None


def _read_line(line: str, number: int) -> dict[str, Any]:
    try:
        values, end = _DECODER.raw_decode(line.lstrip(_BLANKS))
        if line.lstrip(_BLANKS)[end:].strip(_BLANKS):
            raise BadText("is not JSON: there is more behind the object", number)
    except _JsonMistake as mistake:
        raise BadText(str(mistake), number) from None
    except (ValueError, RecursionError):
        raise BadText("is not JSON", number) from None
    return _checked(values, number)


class _Objects:
    """The objects of an array, read one by one: an array may be larger than the memory."""

    def __init__(self, file: IO[bytes]) -> None:
        self._pieces = read_text(file, "utf-8")
        self._text = ""
        self._line = 1

    def of_array(self) -> Iterator[JsonRecord]:
        """Yield the objects of an array."""
        self._next()
        self._take(1)
        if self._next() != "]":
            yield self._object()
            while self._next() == ",":
                self._take(1)
                self._next()
                yield self._object()
            if self._next() != "]":
                raise BadText("is not JSON: a comma or ] was expected", self._line)
        self._take(1)
        self._expect_end()

    def of_one(self) -> Iterator[JsonRecord]:
        """Yield the object that is the whole file."""
        yield self._object()
        self._expect_end()

    def _expect_end(self) -> None:
        if self._next():
            raise BadText("is not JSON: there is more behind the end", self._line)

    def _next(self) -> str:
        """Return the next character that is no blank, and drop the blanks before it; nothing at the end."""
        while True:
            self._take(len(self._text) - len(self._text.lstrip(_BLANKS)))
            if self._text or not self._more():
                return self._text[:1]

    def _take(self, length: int) -> None:
        self._line += self._text.count("\n", 0, length)
        self._text = self._text[length:]

    def _more(self) -> bool:
        """Read more of the file; as much as there is already, so that nothing is tried too often."""
        wanted = max(len(self._text), 1)
        pieces: list[str] = []
        try:
            while wanted > 0 and (piece := next(self._pieces, "")):
                pieces.append(piece)
                wanted -= len(piece)
        except BadText as mistake:
            raise mistake.at(self._line + self._text.count("\n") + sum(piece.count("\n") for piece in pieces)) from None
        self._text += "".join(pieces)
        return bool(pieces)

    def _object(self) -> JsonRecord:
        self._next()
        line = self._line
        while True:
            try:
                values, end = _DECODER.raw_decode(self._text)
                break
            except _JsonMistake as mistake:
                raise BadText(str(mistake), line) from None
            except RecursionError:
                raise BadText("is not JSON", line) from None
            except json.JSONDecodeError as error:
                if len(self._text) > LONGEST_OBJECT:
                    raise BadText(f"has an object of more than {LONGEST_OBJECT:,} characters", line) from None
                if not self._more():
                    raise BadText("is not JSON", line + self._text.count("\n", 0, error.pos)) from None
        self._take(end)
        return JsonRecord(line, _checked(values, line))


class _JsonMistake(Exception):
    pass


def _checked(values: Any, number: int) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise BadText("is not a JSON object. Write one object for each asset", number)
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadText("has half of a character (a lone surrogate)", number) from None
    return values


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _JsonMistake(f"has {twice} twice")
    return values


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


def _refuse_constant(name: str) -> NoReturn:
    raise _JsonMistake(f"has {name}, which is not valid JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
