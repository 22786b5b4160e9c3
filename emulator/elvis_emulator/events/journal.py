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

    def listen(self, listener: Listener) -> None:
        """Have something told of each entry, as it is made."""
        self._listeners.append(listener)

    def happened(self, event: Event) -> None:
        """Note an event of the store."""
        action = ACTION_OF_EVENT[event.type]
        if asset := event.asset:
            details = {"source": event.source.path, "sourceId": event.source.id} if event.source else _NOTHING
            entry = Entry(
                action, ACTOR.get(NOBODY), event.time, asset.id, asset.path, event.changed, details, asset.version
            )
            self._note(entry, lambda: asset.document.metadata)
        elif folder := event.folder:
            entry = Entry(action, ACTOR.get(NOBODY), event.time, folder.id, folder.path, _NOTHING, _NOTHING, 0)
            self._note(entry, lambda: folder.metadata)

    def note(self, action: str, id_: str, path: str, details: Mapping[str, object] = _NOTHING) -> None:
        """Note what changes no asset: a download, an auth key, an action that a client logs."""
        self._note(Entry(action, ACTOR.get(NOBODY), now_ms(), id_, path, _NOTHING, details, 0), dict)

    def of(self, asset_id: str) -> list[Entry]:
        """What happened to one asset, the oldest first."""
        return list(self._by_id.get(asset_id, ()))

    def latest(self) -> Iterator[Entry]:
        """What happened, the latest first."""
        return reversed(self._latest)

    def _note(self, entry: Entry, describe: Describe) -> None:
        self._latest.append(entry)
        entries = self._by_id.setdefault(entry.id, [])
        if len(entries) >= MAX_ENTRIES_OF_ASSET:
            del entries[: MAX_ENTRIES_OF_ASSET // 2]
        entries.append(entry)
        for listener in self._listeners:
            listener(entry, describe)
