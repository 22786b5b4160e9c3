# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tells where the time of a login goes, inside of its worker."""

from __future__ import annotations

import pstats
import re
from collections import Counter
from pathlib import Path
from typing import Any

ITSELF = "the collection itself"
_PLACES = (
    # The adapter is a part of requests that we wrote.
    ("requests, urllib3 and what they call", re.compile(r"/(requests|urllib3)/|/_http/adapter\.py:")),
    # A context manager leads back to its own body.
    (ITSELF, re.compile(r"/ansible_collections/damops/elvis/|/contextlib\.py:|<built-in method builtins\.next>")),
    ("ansible-core", re.compile(r"/ansible/")),
)
_OTHER = "the rest of Python"


def shares(folder: Path) -> dict[str, float]:
    """Return where the time inside the action went, by the profiles in a folder, as parts of 1, the largest first.

    What the collection calls counts with all that it calls in turn.
    """
    stats: Any = pstats.Stats(*map(str, folder.iterdir()))
    spent: Counter[str] = Counter()
    for function, (_primitive, _calls, own, _cumulative, callers) in stats.stats.items():
        place = _place(function)
        if place == ITSELF:
            spent[ITSELF] += own
        else:
            spent[place] += sum(edge[3] for caller, edge in callers.items() if _place(caller) == ITSELF)
    return {place: time / spent.total() for place, time in spent.most_common()}


def _place(function: tuple[str, int, str]) -> str:
    file, _line, name = function
    return next((place for place, pattern in _PLACES if pattern.search(f"{file}:{name}")), _OTHER)
