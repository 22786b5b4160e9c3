# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a value means that a task gives to a field of an asset. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import tzinfo
from typing import Any

from .._elvis.field_values import is_empty, is_time
from .._elvis.times import NoTime, format_time, parse_time

SIGNS = ("+", "-")
"""A server that parses modifications adds or removes a value that begins with one of these (documented)."""


class BadValue(Exception):
    """A field can't have the value that a task gives it; the text is the end of a sentence."""


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


def as_moment(name: str, value: Any, present: Any, date_fields: Container[str] = (), zone: tzinfo | None = None) -> Any:
    """Return the value of a task for a field: as Elvis takes a time where the field holds one, else as it is.

    :param present: the value that is there, which may show that the field holds times
    :param date_fields: fields of which the task says that they do
    :param zone: the zone of a time that has none
    :raises BadValue: when the field holds times, and the value is none
    """
    if not (is_time(present) or name in date_fields) or isinstance(value, (bool, list)) or is_empty(value):
        return value
    moment = parse_time(str(value), zone)
    if isinstance(moment, NoTime):
        mistake = f"{name}: {str(value)[:100]!r} {moment.mistake}"
        raise BadValue(mistake)
    return format_time(moment)


def wanted_values(present: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what fields have once a task wrote metadata to an asset.

    :param present: the fields of the asset
    :raises BadValue: when a field holds times, and its value is none
    """
    return {
        name: resulting(present.get(name), as_moment(name, value, present.get(name)))
        for name, value in metadata.items()
    }


def resulting(present: Any, value: Any) -> Any:
    """Return the value of a field after a task wrote to it."""
    return modified(present, value) if is_modification(value) else value


def as_sent(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return metadata as a request has them."""
    # What empties a field is an empty text: [] does not, and null is not documented.
    return {name: "" if value in (None, []) else value for name, value in metadata.items()}
