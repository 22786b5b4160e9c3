# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a call changes of the metadata of an asset."""

from __future__ import annotations

import sys

from .asset import Asset
from .fields import SERVER_FIELDS, as_stored

MAX_SHARED = 32

# By field: before, and after; None where there is nothing.
Changes = dict[str, tuple[object, object]]


def changes_of(asset: Asset, metadata: dict[str, object]) -> Changes:
    """Return what would be other than it is: before, and after."""
    changes: Changes = {}
    for name, given in metadata.items():
        # Found by users: an empty list does not empty a field.
        if name in SERVER_FIELDS or given == []:
            continue
        before, after = asset.metadata.get(name), as_stored(name, given)
        if before != after:
            changes[name] = before, after
    return changes


def shared(value: object) -> object:
    """Return a value whose short texts are one object in all assets that have them, so that they take room once."""
    if isinstance(value, str):
        return sys.intern(value) if len(value) <= MAX_SHARED else value
    return [shared(item) for item in value] if isinstance(value, list) else value


def merge(asset: Asset, changes: Changes) -> None:
    """Give an asset metadata with these changes, in the place of those that its document shares."""
    metadata = dict(asset.metadata)
    for name, (_before, after) in changes.items():
        if after is None:
            metadata.pop(name, None)
        else:
            metadata[sys.intern(name)] = shared(after)
    asset.metadata = metadata
