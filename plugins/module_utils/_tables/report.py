# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the reports of all formats have in common. Private to damops.elvis."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from types import TracebackType
from typing import Any, Literal

from .._elvis.field_values import flat
from .._errors import ElvisError
from .cells import ListFormat

Format = Literal["csv", "jsonl", "json", "xlsx"]

REPLACEMENT = "\ufffd"
"""What stands for characters that no file of text should hold: a NUL, half of a character."""
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class ReportOptions:
    """How a report is written: the options that every module with a report has.

    :param option: the option that names the file
    :param zone: the zone of the times in it, UTC where it is None
    """

    option: str = "dest"
    form: Format = "csv"
    lists: ListFormat = field(default_factory=lambda: ListFormat("; "))
    delimiter: str = ","
    encoding: str = "utf-8"
    bom: bool = False
    sheet: str | None = None
    zone: tzinfo | None = None


class Report(ABC):
    """A report in the making; what it needs for that is given back when its block ends.

    :param path: its name in a message
    :param write: takes its bytes, piece by piece
    :param columns: the names of what each row has, in order
    :ivar replaced: how many characters stand for others that no file of text should hold
    """

    def __init__(
        self, path: str, write: Callable[[bytes], None], columns: Sequence[str], options: ReportOptions
    ) -> None:
        self.path = path
        self.write = write
        self.columns = columns
        self.options = options
        self.replaced = 0

    def __enter__(self) -> Report:  # noqa: PYI034 - Python 3.9 has no Self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:  # noqa: B027 - most need nothing
        """Give back what a report needs while it is made."""

    @abstractmethod
    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write more rows, with the values of a hit; what a row lacks is empty.

        :raises ElvisError: when a value would not come back
        """

    @abstractmethod
    def end(self) -> None:
        """Write what comes last."""

    def flat(self, row: Mapping[str, Any], name: str) -> Any:
        """Return a value without the form that Elvis gives it, and without what no file should hold."""
        return self.clean(flat(row.get(name), self.options.zone))

    def clean(self, value: Any) -> Any:
        """Return a value whose texts any file can hold."""
        cleaned, replaced = as_valid_text(value)
        self.replaced += replaced
        return cleaned

    def joined(self, row: Mapping[str, Any], name: str, value: Any) -> str:
        """Return the text of the cell for a list.

        :raises ElvisError: when it is none, or has objects
        """
        if isinstance(value, list) and all(isinstance(item, (str, int, float)) for item in value):
            return self.options.lists.join([item if isinstance(item, str) else number_text(item) for item in value])
        raise self.failure(
            f"{name} of {place_of(row)} is an object, which no cell can hold. Leave it out of fields, or write JSON"
            " Lines"
        )

    def failure(self, mistake: str) -> ElvisError:
        """Return the error for a report that can't be written."""
        return ElvisError(f"{self.options.option} {self.path} is left as it was: {mistake}.", "bad_request")


def place_of(row: Mapping[str, Any]) -> str:
    """Return the asset of a row, as a message names it."""
    return str(row.get("path") or row.get("assetPath") or row.get("id"))


def number_text(value: float) -> str:
    """Return a number or a boolean as text: not as Python writes ``True``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


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
