# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a value means that a task gives to a field of an asset. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SIGNS = ("+", "-")
"""A server that parses modifications adds or removes a value that begins with one of these (documented)."""


def begins_with_sign(value: Any) -> bool:
    """Tell whether a value, or an element of it, begins with a sign: a server may take it for a modification."""
    if isinstance(value, list):
        return any(map(begins_with_sign, value))
    return isinstance(value, str) and value.startswith(SIGNS)


def is_modification(value: Any) -> bool:
    """Tell whether a value of a task modifies the present one: a list whose every element has a sign."""
    return isinstance(value, list) and bool(value) and all(map(begins_with_sign, value))


def modified(present: Any, changes: list[str]) -> list[Any]:
    """Return what becomes of a present value when ``+x`` adds to it and ``-x`` takes away from it."""
    items = [item for item in (present if isinstance(present, list) else [present]) if item not in (None, "")]
    for change in changes:
        item = change[1:]
        if change.startswith("-"):
            items = [there for there in items if there != item]
        elif item not in items:
            items.append(item)
    return items


def resulting(present: Any, value: Any) -> Any:
    """Return the value of a field after a task wrote to it."""
    return modified(present, value) if is_modification(value) else value


def as_sent(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata as a request has them."""
    # What empties a field is an empty text: [] does not, and null is not documented.
    return {name: "" if value in (None, []) else value for name, value in metadata.items()}
