# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes flat dicts as CSV, JSON Lines or JSON, in a form that comes back whole. Private to damops.elvis."""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from .._errors import ElvisError
from .._text import escaped
from .cells import ListFormat, guarded

FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".json": "json"}
"""The format of a file that is not told, by the suffix of its name."""
REPLACEMENT = "\ufffd"
"""What stands for characters that no file of text should hold: a NUL, half of a character."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def format_of(path: str, told: str | None) -> str:
    """Return the format of a file.

    :raises ElvisError: when neither the task nor its name tells
    """
    found = told or FORMATS.get(PurePath(path).suffix.lower())
    if found is None:
        raise ElvisError(
            f"dest {path} does not say by its name what to write: .csv, .jsonl or .json. Say it with format.",
            "bad_request",
        )
    return found


class ReportFile:
    """A report in the making.

    :param path: what it is called in a message
    :param write: takes its bytes, piece by piece
    :param columns: the names of what each row has, in order
    :param form: ``csv``, ``jsonl`` or ``json``
    """

    def __init__(
        self,
        path: str,
        write: Callable[[bytes], None],
        columns: Sequence[str],
        form: str = "csv",
        lists: ListFormat | None = None,
        delimiter: str = ",",
        encoding: str = "utf-8",
        bom: bool = False,
    ) -> None:
        self._path = path
        self._write = write
        self._columns = columns
        self._form = form
        self._lists = lists or ListFormat("; ")
        self._delimiter = delimiter
        self._encode = codecs.getincrementalencoder(encoding)().encode
        self._encoding = encoding
        self._rows = 0
        self.replaced = 0
        """How many characters stand for others that no file of text should hold."""
        if form == "csv":
            # UTF-16 and the like begin with a mark of their own.
            self._put("\ufeff" if bom and codecs.lookup(encoding).name == "utf-8" else "")
            self._put_csv([[guarded(self._clean(name)) for name in columns]])
        elif form == "json":
            self._put("[")

    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write more rows; what a row lacks is empty.

        :raises ElvisError: when a value would not come back
        """
        if self._form == "csv":
            self._put_csv([[self._cell(row, name) for name in self._columns] for row in rows])
            return
        for row in rows:
            line = json.dumps({name: self._clean(row.get(name)) for name in self._columns})
            before = "" if self._form == "jsonl" else ",\n" if self._rows else "\n"
            self._put(before + line + ("\n" if self._form == "jsonl" else ""))
            self._rows += 1

    def end(self) -> None:
        """Write what comes last."""
        if self._form == "json":
            self._put("\n]\n" if self._rows else "]\n")

    def _put_csv(self, rows: Iterable[Sequence[str]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n").writerows(rows)
        self._put(text.getvalue())

    def _put(self, text: str) -> None:
        try:
            data = self._encode(text)
        except UnicodeEncodeError as error:
            row = escaped(text[text.rfind("\n", 0, error.start) + 1 : error.start][:100])
            missing = escaped(text[error.start])
            raise self._failure(
                f"{self._encoding} has no {missing}, which comes after {row!r}. Use encoding: utf-8, with bom: true for"
                " a spreadsheet"
            ) from None
        self._write(data)

    def _cell(self, row: Mapping[str, Any], name: str) -> str:
        value = row.get(name)
        if value is None:
            return ""
        if isinstance(value, str):
            return guarded(self._clean(value))
        if isinstance(value, (int, float)):
            # Not guarded: it is a number for a spreadsheet, too.
            return _as_text(value)
        if isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value):
            return guarded(self._clean(self._lists.join([_as_text(item) for item in value])))
        asset = row.get("assetPath") or row.get("id")
        raise self._failure(
            f"{name} of {asset} is an object, which no cell can hold. Leave it out of fields, or write JSON Lines"
        )

    def _failure(self, mistake: str) -> ElvisError:
        return ElvisError(f"dest {self._path} is left as it was: {mistake}.", "bad_request")

    def _clean(self, value: Any) -> Any:
        cleaned, replaced = as_valid_text(value)
        self.replaced += replaced
        return cleaned


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        # Not as Python writes it.
        return "true" if value else "false"
    return str(value)


def as_valid_text(value: Any) -> tuple[Any, int]:
    """Return a value whose texts any file and any result can hold, and how many characters were replaced for that."""
    if isinstance(value, str):
        if value.isascii() and "\0" not in value:
            return value, 0
        return _NO_TEXT.subn(REPLACEMENT, value)
    if isinstance(value, list):
        items = [as_valid_text(item) for item in value]
        return [item for item, _number in items], sum(number for _item, number in items)
    if isinstance(value, dict):
        names, values = as_valid_text(list(value)), as_valid_text(list(value.values()))
        return dict(zip(names[0], values[0])), names[1] + values[1]
    return value, 0
