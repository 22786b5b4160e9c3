# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What kind of value a metadata field holds: how it is read, shown and compared."""

from __future__ import annotations

import time
from enum import Enum
from functools import lru_cache
from typing import Any

from elvis_emulator import unknowns
from elvis_emulator.web.errors import bad_request

from .dates import parse_date


class Kind(Enum):
    """The kinds of fields that a search tells apart."""

    TEXT = "found as a whole, and word by word"
    WHOLE = "found as a whole only, as ids are"
    PATH = "found as a whole only, letter case does not count"
    LIST = "several texts"
    NUMBER = "a number"
    SIZE = "a number of bytes, shown with a text for people"
    DATE = "milliseconds since 1970, shown with a text for people"


_NAMES = {
    Kind.WHOLE: "id firstExtractedChecksum",
    Kind.PATH: "path assetPath folderPath ancestorPaths",
    Kind.LIST: "tags creatorName collections assigned subjectPerson subjectEvent",
    Kind.NUMBER: "rating width height versionNumber numberOfPages wordCount characterCount resolutionX resolutionY",
    Kind.SIZE: "fileSize",
    Kind.DATE: "assetCreated assetModified assetFileModified checkedOut created modified",
}
_KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split()}
# What a client can't set.
SERVER_FIELDS = frozenset(
    [
        "id",
        "name",
        "filename",
        "baseName",
        "extension",
        "assetType",
        "assetDomain",
        "assetPath",
        "folderPath",
        "ancestorPaths",
        "assetCreator",
        "assetCreated",
        "assetModifier",
        "assetModified",
        "assetFileModified",
        "fileSize",
        "versionNumber",
        "metadataComplete",
        "previewState",
        "firstExtractedChecksum",
        "textContent",
        "checkedOut",
        "checkedOutBy",
        "checkedOutOnClient",
    ]
)

DATES_AND_NUMBERS = frozenset({Kind.NUMBER, Kind.SIZE, Kind.DATE})


def kind_of(name: str) -> Kind:
    """Return the kind of a field; one that nobody knows holds text, or a date if its name says so."""
    known = _KINDS.get(name)
    if known:
        return known
    return Kind.DATE if name.endswith(unknowns.DATE_FIELDS_END) else Kind.TEXT


def known_fields() -> list[tuple[str, bool]]:
    """Return the fields that have a kind, by name, and whether a client may set them."""
    return sorted((name, name not in SERVER_FIELDS) for name in {*_KINDS, *SERVER_FIELDS})


def as_stored(name: str, value: object) -> object:
    """Turn what a client sent for a field into what is kept; None means that the field is to be empty."""
    if isinstance(value, dict) and "value" in value:
        # A client may send back what it got.
        value = value["value"]
    kind = kind_of(name)
    if value is None or value == "":
        return None
    if kind is Kind.LIST and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if kind in DATES_AND_NUMBERS and isinstance(value, str):
        number = parse_date(value) if kind is Kind.DATE else _number(value)
        if number is None:
            raise bad_request(f"Not a valid value for the field '{name[:100]}'")
        return number
    return _as_text(value) if kind in (Kind.TEXT, Kind.LIST) else value


def shown(name: str, value: object) -> object:
    """Return a value as a hit shows it: dates and sizes come with a text for people; documented by the vendor."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        kind = kind_of(name)
        if kind is Kind.DATE:
            return shown_date(value)
        if kind is Kind.SIZE:
            return shown_size(value)
    return value


def shown_date(milliseconds: float) -> dict[str, object]:
    return {"value": milliseconds, "formatted": _formatted(milliseconds)}


def shown_size(size: float) -> dict[str, object]:
    return {"value": size, "formatted": f"{size / 1024:.1f} KB"}


def plain(value: object) -> Any:
    """Return the value alone of what `shown` returned."""
    return value["value"] if isinstance(value, dict) and "formatted" in value else value


def _as_text(value: object) -> object:
    """Seen in a client: a number that is written to a text field comes back as a text."""
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return str(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value


def _number(text: str) -> int | float | None:
    text = text.strip()
    try:
        return int(text) if text.lstrip("+-").isdecimal() and len(text) < 18 else _finite(float(text))
    except ValueError:
        return None


def _finite(number: float) -> float | None:
    return number if abs(number) < 1e300 else None


@lru_cache(maxsize=1000)
def _formatted(milliseconds: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S +0000", time.gmtime(milliseconds / 1000))
    except (ValueError, OverflowError, OSError):
        return str(milliseconds)
