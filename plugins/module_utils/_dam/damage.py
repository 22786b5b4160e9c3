# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds in the history of an asset which of its fields were changed by mistake. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from .._elvis.field_values import SYSTEM_FIELDS
from .field_verdict import FieldChange
from .history import HistoryEntry, WantedHistory

METADATA_UPDATE = "METADATA_UPDATE"
"""The action that changes metadata and nothing else (documented)."""
OTHER_CHANGES = frozenset({"CHECKIN", "COPY", "COPY_VERSION", "CREATE", "CREATE_VARIATION", "MOVE", "REMOVE", "RENAME"})
"""The actions that change a file, a place or what is there (documented)."""
OF_SERVER = SYSTEM_FIELDS | {"metadataComplete", "previewState", "textContent"}
"""Fields that the server sets; some of them, it sets long after the upload."""


class OtherChange(NamedTuple):
    """A change that is not taken back.

    :param field: the field of the server's, None where the action is not a change of metadata
    """

    entry: HistoryEntry
    field: str | None = None


class Damage(NamedTuple):
    """What wrong changes did to an asset.

    :param changes: all changes since the first wrong one, by the fields that have a wrong one
    :param others: changes in the same time by the same users that are not taken back
    :param has_events: whether the history has any change since the beginning of the time
    """

    changes: Mapping[str, Sequence[FieldChange]]
    others: Sequence[OtherChange]
    has_events: bool


def find_damage(history: Iterable[HistoryEntry], wrong: WantedHistory, fields: Collection[str]) -> Damage:
    """Return what wrong changes did to an asset.

    :param history: all entries since the beginning of the time
    :param wrong: the users and the time of the wrong changes, with no word on actions
    :param fields: those that count; none for all
    """
    events = [entry for entry in history if entry.action in OTHER_CHANGES or entry.changed]
    suspects = [entry for entry in events if wrong.takes(entry)]
    updates = [entry for entry in suspects if entry.action == METADATA_UPDATE]
    touched = {name for entry in updates for name in entry.changed if not fields or name in fields}
    changes = {name: _changes_of(name, events, updates) for name in sorted(touched - OF_SERVER)}
    others = [
        *(OtherChange(entry) for entry in suspects if entry.action != METADATA_UPDATE),
        *(OtherChange(entry, name) for entry in updates for name in sorted(OF_SERVER & entry.changed.keys())),
    ]
    return Damage(changes, others, bool(events))


def _changes_of(field: str, events: Iterable[HistoryEntry], updates: Collection[HistoryEntry]) -> Sequence[FieldChange]:
    """Return the changes of a field since the first wrong one, with those of the same millisecond."""
    changes = [
        FieldChange(entry.time, *entry.changed[field], entry in updates, field not in entry.half_known)
        for entry in events
        if field in entry.changed
    ]
    first = min(change.time for change in changes if change.is_wrong)
    return [change for change in changes if change.time >= first]
