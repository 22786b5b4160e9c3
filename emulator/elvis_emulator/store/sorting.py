# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The order of hits."""

from __future__ import annotations

from functools import partial

from elvis_emulator import unknowns

from .document import Document
from .fields import DATES_AND_NUMBERS, kind_of, plain

MAX_SORT_FIELDS = 20


def in_order(documents: list[Document], sort: str) -> list[Document]:
    """Sort in place by a list such as `name-asc,assetCreated-desc`, and return it.

    Documented by the vendor: without a direction dates and numbers go downwards, the rest upwards.
    """
    # The last field first: sorting is stable, so that earlier fields win.
    for entry in reversed((sort or unknowns.DEFAULT_SORT).split(",")[:MAX_SORT_FIELDS]):
        name, downwards = _direction(entry.strip())
        documents.sort(key=partial(_key, name), reverse=downwards)
    return documents


def _direction(entry: str) -> tuple[str, bool]:
    name, dash, direction = entry.rpartition("-")
    if dash and direction.lower() in ("asc", "desc"):
        return name, direction.lower() == "desc"
    return entry, kind_of(entry) in DATES_AND_NUMBERS


def _key(name: str, document: Document) -> tuple[int, float, str]:
    value = plain(document.value(name))
    # Unlike kinds can't be compared: nothing, then numbers, then text.
    if value is None:
        return 0, 0, ""
    if isinstance(value, (int, float)):
        return 1, min(max(value, -1e300), 1e300), ""
    return 2, 0, str(value).lower()
