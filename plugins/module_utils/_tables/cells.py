# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a cell of a CSV file holds: text that a spreadsheet leaves alone, lists. Private to damops.elvis."""

from __future__ import annotations

import re
from typing import Any

from .._errors import ElvisError

GUARD = "'"
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", GUARD)
"""How a formula begins for a spreadsheet; and the guard itself, so that an apostrophe of a text's own stays."""
ESCAPE = "\\"


_MONTHS = (
    "jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz?|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?"
    "|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?"
)
_NUMBER = re.compile(rf"(?=.*\d)(?:[\d\s.,:/()%$€£¥+-]|{_MONTHS}|[ap]m|e(?=[+-]?\d))+", re.IGNORECASE)
"""What a spreadsheet may take for a number, a date or a time, and write in its own way: 007, 5 %, May 2026."""
_KEPT_NUMBER = re.compile(r"0|[1-9]\d{0,14}")
"""Numbers that every spreadsheet writes as it read them; of more than 15 digits it forgets some."""
_TRUTH = re.compile("true|false|wahr|falsch", re.IGNORECASE)


def _needs_guard(text: str) -> bool:
    """Tell whether a spreadsheet would make something else of a text."""
    if text.startswith(_BEGINNINGS) or _TRUTH.fullmatch(text):
        return True
    return bool(_NUMBER.fullmatch(text)) and not _KEPT_NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """Return a text so that a spreadsheet leaves it as it is."""
    return GUARD + text if _needs_guard(text) else text


def unguarded(text: str) -> str:
    """Return what :func:`guarded` was given. An apostrophe that guards nothing belongs to the text: ``'tis``."""
    return text[1:] if text.startswith(GUARD) and _needs_guard(text[1:]) else text


class ListFormat:
    """How a cell holds a list.

    :param separator: what is written between two elements; when reading, blanks around it don't count
    :raises ElvisError: when it can't be one
    """

    def __init__(self, separator: str) -> None:
        core = separator.strip() or separator
        if not core or {ESCAPE, "\n", "\r"} & set(separator):
            raise ElvisError(
                "list_separator must be text without a backslash or a line break, such as '; '.", "bad_request"
            )
        self._separator = separator
        self._core = core
        quoted = re.escape(core)
        # A backslash counts before another one, before the separator and at the end only: C:\new stays as it is.
        self._to_escape = re.compile(rf"\\(?=\\|{quoted}|$)|{quoted}", re.DOTALL)
        self._parts = re.compile(rf"\\(\\|{quoted})|({quoted})", re.DOTALL)

    def join(self, items: list[Any]) -> str:
        """Return the text of a cell."""
        return self._separator.join(self._to_escape.sub(r"\\\g<0>", str(item)) for item in items)

    def split(self, text: str) -> list[str]:
        """Return the elements that are in a cell, without the empty ones."""
        if ESCAPE not in text:
            return [item for item in map(str.strip, text.split(self._core)) if item]
        items = [""]
        at = 0
        for found in self._parts.finditer(text):
            items[-1] += text[at : found.start()] + (found[1] or "")
            if found[2]:
                items.append("")
            at = found.end()
        items[-1] += text[at:]
        return [item for item in map(str.strip, items) if item]
