# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened: the one record behind an asset's history, the usage statistics and the events of webhooks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from elvis_emulator.store.events import Event
from elvis_emulator.store.paths import name_of
from elvis_emulator.store.store import now_ms

# The vendor's names of what happens: in a history, and as the event of a webhook.
ACTION_OF_EVENT = {
    "asset_checkin": "CHECKIN",
    "asset_checkout": "CHECKOUT",
    "asset_create": "CREATE",
    "asset_create_by_copy": "COPY",
    "asset_create_from_version": "CREATE_VARIATION",
    "asset_move": "MOVE",
    "asset_promote": "COPY_VERSION",
    "asset_remove": "REMOVE",
    "asset_rename": "RENAME",
    "asset_undo_checkout": "UNDO_CHECKOUT",
    "asset_update_metadata": "METADATA_UPDATE",
    **{f"authkey_{what}": f"AUTHKEY_{what.upper()}" for what in ("create", "remove")},
    "folder_create": "FOLDER_CREATE",
    "folder_remove": "FOLDER_REMOVE",
}
EVENT_OF_ACTION = {action: event for event, action in ACTION_OF_EVENT.items()}

CUSTOM_ACTION = "CUSTOM_ACTION_"
"""What the names of the actions begin with that clients log themselves."""

MAX_ENTRIES = 100_000
MAX_ENTRIES_OF_ASSET = 1_000

Describe = Callable[[], Mapping[str, Any]]
"""The metadata of the asset or folder that an entry is about, as they are at that moment."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something, and from where."""

    user: str
    client_type: str = ""
    address: str = ""


NOBODY = Actor("")
ACTOR: ContextVar[Actor] = ContextVar("actor")
"""Who made the call that is being answered. What a call starts in the background keeps it."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `changed` maps a field to its old and its new value."""

    action: str
    actor: Actor
    time: int
    id: str
    path: str
    changed: Mapping[str, tuple[object, object]]
    details: Mapping[str, object]
    version: int
    # The order in which things happened.
    number: int

    @property
    def asset_type(self) -> str:
        """The extension."""
        _stem, dot, extension = name_of(self.path).rpartition(".")
        return extension.lower() if dot else ""


Listener = Callable[[Entry, Describe], None]


class Journal:
    """The latest entries: those of each asset, and all together."""

    def __init__(self) -> None:
        self._latest: deque[Entry] = deque(maxlen=MAX_ENTRIES)
        self._by_id: dict[str, list[Entry]] = {}
        self._listeners: list[Listener] = []
        self._number = 0

    def listen(self, listener: Listener) -> None:
        """Have something told of each entry, as it is made."""
        self._listeners.append(listener)

    def happened(self, event: Event) -> None:
        """Note an event of the store."""
        action = ACTION_OF_EVENT[event.type]
        if asset := event.asset:
            details = {"source": event.source.path, "sourceId": event.source.id} if event.source else _NOTHING
            entry = self._entry(action, event.time, asset.id, asset.path, event.changed, details, asset.version)
            self._note(entry, lambda: asset.document.metadata)
        elif folder := event.folder:
            entry = self._entry(action, event.time, folder.id, folder.path)
            self._note(entry, lambda: folder.metadata)

    def note(self, action: str, id_: str, path: str, details: Mapping[str, object] = _NOTHING) -> None:
        """Note what changes no asset: a download, an auth key, an action that a client logs."""
        self._note(self._entry(action, now_ms(), id_, path, details=details), dict)

    def all(self) -> list[Entry]:
        """What is known of all assets, and of what was done last, in the order in which it happened."""
        entries = {entry.number: entry for entry in self._latest}
        entries |= {entry.number: entry for of_one in self._by_id.values() for entry in of_one}
        return [entries[number] for number in sorted(entries)]

    def restore(self, entry: Entry) -> None:
        """Take in an entry as it was in another process."""
        self._number = max(self._number, entry.number)
        self._add(entry)

    def of(self, asset_id: str) -> list[Entry]:
        """What happened to one asset, the oldest first."""
        return list(self._by_id.get(asset_id, ()))

    def latest(self) -> Iterator[Entry]:
        """What happened, the latest first."""
        return reversed(self._latest)

    def _entry(
        self,
        action: str,
        time: int,
        id_: str,
        path: str,
        changed: Mapping[str, tuple[object, object]] = _NOTHING,
        details: Mapping[str, object] = _NOTHING,
        version: int = 0,
    ) -> Entry:
        self._number += 1
        return Entry(action, ACTOR.get(NOBODY), time, id_, path, changed, details, version, self._number)

    def _note(self, entry: Entry, describe: Describe) -> None:
        self._add(entry)
        for listener in self._listeners:
            listener(entry, describe)

    def _add(self, entry: Entry) -> None:
        self._latest.append(entry)
        entries = self._by_id.setdefault(entry.id, [])
        if len(entries) >= MAX_ENTRIES_OF_ASSET:
            del entries[: MAX_ENTRIES_OF_ASSET // 2]
        entries.append(entry)
