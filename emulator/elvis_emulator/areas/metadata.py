# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call says about the metadata of an asset, and what becomes of a `+` or `-` in it."""

from __future__ import annotations

from elvis_emulator import unknowns
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.fields import DATES_AND_NUMBERS, Kind, kind_of
from elvis_emulator.web.errors import bad_request
from elvis_emulator.web.parameters import Parameters, json_object, refuse_unknown

Metadata = dict[str, object]

# The parameters of create, update and updatebulk that are not metadata.
CONTROL_PARAMETERS = frozenset(
    [
        "Filedata",
        "metadata",
        "metadataToReturn",
        "id",
        "q",
        "async",
        "nextUrl",
        "autoRename",
        "parseMetadataModifications",
        "clearCheckoutState",
        "keepMetadata",
        "createVersion",
        "clientId",
        "csrfToken",
        "requestSecret",
        "*",
    ]
)


def given_metadata(parameters: Parameters) -> Metadata:
    """Return the bare fields of a call, and over them the JSON of `metadata`; a name that repeats makes a list."""
    bare: Metadata = {}
    for name, value in parameters.query + parameters.form:
        if not name or name in CONTROL_PARAMETERS:
            continue
        before = bare.get(name)
        if before is None:
            bare[name] = value
        else:
            bare[name] = [*before, value] if isinstance(before, list) else [before, value]
    text = parameters.text("metadata")
    return bare | (json_object(text) if text.strip() else {})


def metadata_of_row(row: object) -> tuple[str, Metadata]:
    """Return the id and the metadata of a row of an array."""
    if not isinstance(row, dict) or not isinstance(row.get("id"), str):
        raise bad_request("A row is not an object with an 'id'")
    refuse_unknown(row, ("id", "metadata"), "a row")
    metadata = row.get("metadata", {})
    if not isinstance(metadata, dict):
        raise bad_request("The 'metadata' of a row is not an object")
    return row["id"], metadata


def with_modifications(asset: Asset | None, metadata: Metadata) -> Metadata:
    """Carry out what `+` and `-` before a value ask for; what that means for a list is documented by the vendor."""
    return {
        name: _modified(name, value, asset.metadata.get(name) if asset else None) for name, value in metadata.items()
    }


def _modified(name: str, value: object, current: object) -> object:
    kind = kind_of(name)
    is_list = kind is Kind.LIST or isinstance(current, list)
    if kind in DATES_AND_NUMBERS or not _has_sign(value, is_list):
        return value
    if not is_list:
        return _modified_text(str(value), current)
    items = [part.strip() for part in value.split(",")] if isinstance(value, str) else list(_as_list(value))
    kept = _as_list(current)
    sign = "+"
    for item in items:
        text = item
        if isinstance(item, str) and item[:1] in ("+", "-"):
            # The sign counts for what follows it without one, too.
            sign, text = item[0], item[1:].strip()
        kept = [other for other in kept if other != text]
        if sign == "+":
            kept.append(text)
    if unknowns.MODIFIED_LISTS_ARE_SORTED:
        kept.sort(key=lambda item: str(item).lower())
    # An empty list would change nothing.
    return kept or None


def _modified_text(value: str, current: object) -> object:
    if not unknowns.MODIFIES_TEXT:
        return value
    if value[0] == "+":
        return value[1:]
    return None if current == value[1:] else current


def _has_sign(value: object, is_list: bool) -> bool:
    if isinstance(value, list):
        return is_list and any(_has_sign(item, is_list=False) for item in value)
    return isinstance(value, str) and len(value) > 1 and value[0] in "+-"


def _as_list(value: object) -> list[object]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
