# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable


def table(rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows as a table in Markdown; the first one has the headings."""
    headings, *others = rows
    ruler = ("---",) * len(headings)
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, ruler, *others))
