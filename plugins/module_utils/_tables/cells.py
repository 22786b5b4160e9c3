# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes and reads cells: texts that a spreadsheet leaves alone, lists, booleans. Private to damops.elvis."""

from __future__ import annotations

import re
from typing import Any

from .._errors import ElvisError

GUARD = "'"
DELIMITERS = ",;\t|"
"""What programs write between two cells."""
_FORMULA = "=+\\-@＝＋－＠"
_BEGINNINGS = re.compile(rf"[{_FORMULA}\t\r\n{GUARD}]")
"""How a formula begins for a spreadsheet; and the guard itself, so that an apostrophe of a text's own stays."""
_INNER_FORMULA = re.compile(rf"(?<=[{DELIMITERS}\r\n])(?={GUARD}*[{_FORMULA}])")
"""Where a cell with a formula begins for a spreadsheet that takes another character for the delimiter."""
_INNER_GUARD = re.compile(rf"(?<=[{DELIMITERS}\r\n]){GUARD}(?={GUARD}*[{_FORMULA}])")
ESCAPE = "\\"

TRUTH = {
    **dict.fromkeys(("true", "wahr", "vrai", "vero", "verdadero", "verdadeiro", "waar"), True),
    **dict.fromkeys(("false", "falsch", "faux", "falso", "onwaar"), False),
    **dict.fromkeys(("yes", "ja", "oui", "sì", "sí", "si", "sim", "1"), True),
    **dict.fromkeys(("no", "nein", "nee", "non", "não", "0"), False),
}
"""How people and their spreadsheets write a boolean."""

_MONTHS = (
    "jan(?:uary|uar)?|feb(?:ruary|ruar)?|mar(?:ch)?|märz?|apr(?:il)?|may|mai|june?|juni|july?|juli|aug(?:ust)?"
    "|sept?(?:ember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cz](?:ember)?"
    "|janvier|janv|février|févr|mars|avril|avr|juin|juillet|juil|août|septembre|octobre|novembre|décembre|déc"
)
_NUMBER = re.compile(rf"(?=.*\d)(?:[\d\s.,:/()%$€£¥+-]|{_MONTHS}|[ap]m|e(?=[+-]?\d))+", re.IGNORECASE)
"""What a spreadsheet may take for a number, a date or a time, and write in its own way: 007, 5 %, May 2026."""
_KEPT_NUMBER = re.compile(r"0|-?[1-9]\d{0,14}")
"""Numbers that every spreadsheet writes as it read them; of more than 15 digits it forgets some."""
_TRUTH = re.compile("true|false|wahr|falsch|vrai|faux|vero|falso|verdadero|verdadeiro|waar|onwaar", re.IGNORECASE)


def _needs_guard(text: str) -> bool:
    """Tell whether a spreadsheet would make something else of a text."""
    if _BEGINNINGS.match(text) or _TRUTH.fullmatch(text):
        return True
    return bool(_NUMBER.fullmatch(text)) and not _KEPT_NUMBER.fullmatch(text)


def guarded(text: str) -> str:
    """Return a text so that a spreadsheet leaves it as it is, whatever it takes for the delimiter."""
    return (GUARD if _needs_guard(text) else "") + _INNER_FORMULA.sub(GUARD, text)


def guarded_number(number: float) -> str:
    """Return a number so that a spreadsheet doesn't change it: 1.5 is the first of May for a German one."""
    text = str(number)
    return GUARD + text if _NUMBER.fullmatch(text) and not _KEPT_NUMBER.fullmatch(text) else text


def guards_itself(text: str) -> str:
    """Return a text so that :func:`unguarded` does not take off an apostrophe of its own."""
    return GUARD + text if unguarded(text) != text else text


def unguarded(text: str) -> str:
    """Return what :func:`guarded` was given. An apostrophe that guards nothing belongs to the text: ``'tis``."""
    if GUARD not in text:
        return text
    text = _INNER_GUARD.sub("", text)
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
