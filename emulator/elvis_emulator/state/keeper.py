# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the state of a server in a folder, so that the next process goes on where this one ended."""

from __future__ import annotations

import asyncio
import fcntl
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from elvis_emulator.events.entry import Entry
from elvis_emulator.events.journal import Describe
from elvis_emulator.server import Server
from elvis_emulator.store.asset import Asset, Folder
from elvis_emulator.store.files import StoredFile
from elvis_emulator.store.relations import Relation

from .database import Database, NotAStateError
from .records import (
    Json,
    Record,
    asset_record,
    entry_record,
    everything,
    folder_record,
    relation_record,
    restore,
    small_records,
)

DATABASE = "state.sqlite"
LOCK = "lock"


class Keeper:
    """Writes what changed at the end of each request, in one transaction, before the reply is sent."""

    def __init__(self, server: Server, folder: Path) -> None:
        """Put into the server what the folder has, and follow its changes from now on.

        :raises NotAStateError: when the database in the folder is something else
        """
        self._server = server
        self._lock = _locked(folder)
        self._database = Database(folder / DATABASE)
        self._changed: dict[tuple[str, str], Asset | Folder | Relation | Entry | None] = {}
        # What was written of what is changed in its place.
        self._small: dict[tuple[str, str], str] = {}
        self._scheduled = False
        restore(server, self._database.records(), self._to_file)
        server.store.files.sweep(file for asset in server.store.assets() for file in asset.files())
        server.store.watch(self._store_changed)
        server.relations.watch(self._relation_changed)
        server.journal.listen(self._entry_made)
        self.flush()

    @property
    def is_new(self) -> bool:
        """Whether the folder had nothing yet."""
        return not len(self._server.store) and not self._server.store.folders_in("")

    def put_everything(self) -> None:
        """Write all that the server holds."""
        self._database.begin()
        self._database.put(everything(self._server, self._to_json))
        self._database.commit()

    def flush(self) -> None:
        """Write what changed since the last time."""
        self._scheduled = False
        small = self._small_now()
        gone = [name for name, what in self._changed.items() if what is None]
        gone += [name for name in self._small if name not in small]
        there = [self._record(what) for what in self._changed.values() if what is not None]
        there += [Record(*name, json.loads(text)) for name, text in small.items() if self._small.get(name) != text]
        if gone or there:
            self._database.begin()
            self._database.put(there)
            self._database.remove(gone)
            self._database.commit()
        self._changed.clear()
        self._small = small
        # A file goes after the record that named it.
        self._server.store.files.remove_dropped()

    def close(self) -> None:
        self.flush()
        self._database.close()
        self._lock.close()

    def _store_changed(self, what: Asset | Folder, is_gone: bool) -> None:
        kind = "folder" if isinstance(what, Folder) else "asset"
        self._note((kind, what.id), None if is_gone else what)

    def _relation_changed(self, relation: Relation, is_gone: bool) -> None:
        self._note(("relation", relation.id), None if is_gone else relation)

    def _entry_made(self, entry: Entry, _describe: Describe) -> None:
        self._note(("entry", str(entry.number)), entry)

    def _note(self, name: tuple[str, str], what: Asset | Folder | Relation | Entry | None) -> None:
        self._changed[name] = what
        if not self._scheduled:
            # What changes in the background has no request at whose end it would be written.
            self._scheduled = True
            asyncio.get_running_loop().call_soon(self.flush)

    def _record(self, what: Asset | Folder | Relation | Entry) -> Record:
        if isinstance(what, Asset):
            return asset_record(what, self._to_json)
        if isinstance(what, Folder):
            return folder_record(what)
        return relation_record(what) if isinstance(what, Relation) else entry_record(what)

    def _small_now(self) -> dict[tuple[str, str], str]:
        return {(record.kind, record.key): json.dumps(record.value) for record in small_records(self._server)}

    def _to_json(self, file: StoredFile) -> Json:
        place: Mapping[str, Any] = {"name": file.path.name} if file.path else {"offset": file.offset}
        return {"size": file.size, "checksum": file.checksum, "uploaded": file.uploaded, **place}

    def _to_file(self, value: Json) -> StoredFile:
        return self._server.store.files.at(**value)


def _locked(folder: Path) -> TextIO:
    """Return what keeps other processes out of a folder until it is closed, or this process is gone."""
    lock = (folder / LOCK).open("w", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise NotAStateError(f"{folder} is in use by another server") from None
    return lock
