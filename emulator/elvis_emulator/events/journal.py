# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened: the one record behind an asset's history, the usage statistics and the events of webhooks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from itertools import islice
from types import MappingProxyType
from typing import Any

from elvis_emulator.store.events import Event
from elvis_emulator.store.store import now_ms

from .archive import Archive
from .entry import Actor, Entry

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
ARCHIVED_AT_ONCE = 10_000
MAX_ENTRIES_OF_ASSET = 1_000

Describe = Callable[[], Mapping[str, Any]]
"""The metadata of the asset or folder that an entry is about, as they are at that moment."""


NOBODY = Actor("")
ACTOR: ContextVar[Actor] = ContextVar("actor")
"""Who made the call that is being answered. What a call starts in the background keeps it."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


Listener = Callable[[Entry, Describe], None]


class Journal:
    """What happened: the latest entries in memory, in all and by asset; the others in an archive."""

    def __init__(self) -> None:
        self._latest: deque[Entry] = deque()
        self._archive = Archive()
        self._by_id: dict[str, list[Entry]] = {}
        self._listeners: list[Listener] = []
        self._number = 0
        self._is_archiving = False

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

    def all(self) -> Iterator[Entry]:
        """What is known, in the order in which it happened."""
        yield from self._archive.all()
        yield from self._latest

    def close(self) -> None:
        self._archive.close()

    def restore(self, entry: Entry) -> None:
        """Take in an entry as it was in another process."""
        self._number = max(self._number, entry.number)
        self._add(entry)

    def of(self, asset_id: str) -> list[Entry]:
        """What happened to one asset, the oldest first."""
        latest = self._by_id.get(asset_id, [])
        return self._archive.of(asset_id, MAX_ENTRIES_OF_ASSET) + latest if self._is_archiving else list(latest)

    def latest(self) -> Iterator[Entry]:
        """What happened, the latest first."""
        return islice(reversed(self._latest), MAX_ENTRIES)

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
        self._by_id.setdefault(entry.id, []).append(entry)
        if len(self._latest) >= MAX_ENTRIES + ARCHIVED_AT_ONCE:
            self._put_away([self._latest.popleft() for _turn in range(ARCHIVED_AT_ONCE)])

    def _put_away(self, entries: list[Entry]) -> None:
        self._is_archiving = True
        self._archive.add(entries)
        for entry in entries:
            of_one = self._by_id[entry.id]
            # They are in order: the first is the oldest.
            of_one.pop(0)
            if not of_one:
                del self._by_id[entry.id]
