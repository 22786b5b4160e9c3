# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads JSON Lines: a JSON object a line. Private to damops.elvis."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import IO, Any, NamedTuple, NoReturn

from .text_lines import BadText, read_lines


class JsonRecord(NamedTuple):
    """What is in a line, and the line's number."""

    line: int
    values: dict[str, Any]


def read_json_lines(file: IO[bytes]) -> Iterator[JsonRecord]:
    """Yield the objects of a file. A line ends at a line feed only; U+2028 may stand in a text as it is.

    :raises BadText: at a line that is none
    """
    number = 0
    try:
        for line in read_lines(file, "utf-8", only_line_feeds=True):
            number += 1
            if line.strip():
                yield JsonRecord(number, _read(line, number))
    except BadText as mistake:
        # What can't be decoded comes after the last line that could be.
        raise mistake.at(number + 1) from None


def _read(line: str, number: int) -> dict[str, Any]:
    try:
        values = json.loads(line, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadText("has half of a character (a lone surrogate)", number) from None
    except _Mistake as mistake:
        raise BadText(str(mistake), number) from None
    except (ValueError, RecursionError):
        raise BadText("is not JSON", number) from None
    if not isinstance(values, dict):
        raise BadText("is not a JSON object. Write one object a line", number)
    return values


class _Mistake(ValueError):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Mistake(f"has {twice} twice")
    return values


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse_constant(text)


def _refuse_constant(name: str) -> NoReturn:
    raise _Mistake(f"has {name}, which is not valid JSON")
