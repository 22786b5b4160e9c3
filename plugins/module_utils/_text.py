# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Text and times as a message and a result show them. Private to damops.elvis."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
MOST_NAMED = 3
"""Texts that a message has of many."""


def one_line(text: str) -> str:
    """Return `text` on one line, without control, format and other invisible characters."""
    if text.isprintable():
        # That leaves only blanks to do, and most texts are so.
        return " ".join(text.split())
    # Control characters go before secrets are looked for: removing them later could put a split secret together again.
    spaced = re.sub(r"\s+", " ", text)
    return "".join(char for char in spaced if unicodedata.category(char)[0] != "C").strip()


def counted(number: int, thing: str) -> str:
    """Return a number with what it counts: ``1 asset``, ``2 assets``."""
    return f"{number:,} {agreeing(number, thing, f'{thing}s')}"


def agreeing(number: int, one: str, many: str) -> str:
    """Return the word that agrees with a number, such as ``was`` or ``were``."""
    return one if number == 1 else many


def nearest_name(name: str, names: Iterable[str]) -> str | None:
    """Return the name that is most like a wrong one, whatever their case; None where none is."""
    # Only a mistake needs it, and importing it takes time.
    from difflib import get_close_matches  # noqa: PLC0415

    by_key = {other.strip().casefold(): other.strip() for other in names}
    found = get_close_matches(name.strip().casefold(), by_key, 1)
    return by_key[found[0]] if found else None


def as_they_should_be(number: int) -> str:
    """Return the words for how many needed no change."""
    return f"{number:,} {agreeing(number, 'was as it', 'were as they')} should be"


def named(texts: Sequence[str]) -> str:
    """Return the first of some texts, and how many more there are."""
    shown = "; ".join(texts[:MOST_NAMED])
    return f"{shown}; and {len(texts) - MOST_NAMED:,} more" if len(texts) > MOST_NAMED else shown


def read_time(text: str) -> datetime | None:
    """Return the moment that is written in TIME_FORMAT, or None when the text is none."""
    if not text.endswith("Z"):
        return None
    try:
        # Not strptime: each worker would have to import what that needs.
        return datetime.fromisoformat(f"{text[:-1]}+00:00")
    except ValueError:
        return None


def escaped(text: str) -> str:
    """Return a name as a message shows it: what can't be seen, or is not text, as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def quoted(name: str) -> str:
    """Return a name or a path as a message shows it: escaped, and in quotes when blanks at its ends hide."""
    shown = escaped(name)
    return f"'{shown}'" if any(segment != segment.strip() for segment in shown.split("/")) else shown


def whole_text(text: str) -> str:
    """Return `text` with U+FFFD for each half of a character, which nothing can write; two that fit become one."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", errors="surrogatepass").decode("utf-16", errors="replace")
    return text
