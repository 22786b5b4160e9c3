# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened long ago: on the disk, as a million assets have millions of entries."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator

from .entry import Entry


class Archive:
    """Entries in a file of SQLite that has no name, and is gone when it is closed."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE entries (number INTEGER PRIMARY KEY, id TEXT NOT NULL, value TEXT NOT NULL);"
            "CREATE INDEX by_id ON entries (id);"
        )

    def add(self, entries: Iterable[Entry]) -> None:
        self._connection.execute("BEGIN")
        rows = ((entry.number, entry.id, json.dumps(entry.as_json())) for entry in entries)
        self._connection.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
        self._connection.execute("COMMIT")

    def of(self, asset_id: str, most: int) -> list[Entry]:
        """What happened to one asset, the oldest first, but no more than so many of the latest."""
        rows = self._connection.execute(
            "SELECT number, value FROM entries WHERE id = ? ORDER BY number DESC LIMIT ?", (asset_id, most)
        )
        return [Entry.from_json(number, json.loads(value)) for number, value in rows][::-1]

    def all(self) -> Iterator[Entry]:
        for number, value in self._connection.execute("SELECT number, value FROM entries ORDER BY number"):
            yield Entry.from_json(number, json.loads(value))

    def close(self) -> None:
        self._connection.close()
