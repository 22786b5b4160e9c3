# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records in a file of SQLite, and the contents of files where they are to be in it too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from .records import Record

FORMAT = 1
CHUNK = 1 << 20

_TABLES = """
CREATE TABLE IF NOT EXISTS records (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, key)
);
CREATE TABLE IF NOT EXISTS contents (name TEXT, chunk INTEGER, data BLOB, PRIMARY KEY (name, chunk)) WITHOUT ROWID;
"""


class NotAStateError(Exception):
    """A file that is no state of this emulator."""


class Database:
    """One file. What is written is safe from the end of this process after `commit`."""

    def __init__(self, path: Path) -> None:
        """
        :raises NotAStateError: when the file is something else
        """
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
            # A commit must outlive the process, not a power failure.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, FORMAT):
                raise NotAStateError(f"{path} has format {version}, this emulator knows {FORMAT}")
            self._connection.executescript(_TABLES)
            self._connection.execute(f"PRAGMA user_version = {FORMAT}")
        except sqlite3.Error as problem:
            raise NotAStateError(f"{path} is no state of this emulator: {problem}") from None

    def begin(self) -> None:
        self._connection.execute("BEGIN")

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def put(self, records: Iterable[Record]) -> None:
        """Write records; one that is there keeps its place in the order."""
        self._connection.executemany(
            "INSERT INTO records (kind, key, value) VALUES (?, ?, ?)"
            " ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value",
            ((record.kind, record.key, json.dumps(record.value)) for record in records),
        )

    def remove(self, names: Iterable[tuple[str, str]]) -> None:
        """Remove records by kind and key."""
        self._connection.executemany("DELETE FROM records WHERE kind = ? AND key = ?", names)

    def records(self) -> Iterator[Record]:
        """Yield every record in the order in which they were made."""
        for kind, key, value in self._connection.execute("SELECT kind, key, value FROM records ORDER BY number"):
            yield Record(kind, key, json.loads(value))

    def put_content(self, name: str, stream: BinaryIO) -> None:
        for number, data in enumerate(iter(lambda: stream.read(CHUNK), b"")):
            self._connection.execute("INSERT INTO contents VALUES (?, ?, ?)", (name, number, data))

    def content(self, name: str) -> Iterator[bytes]:
        for (data,) in self._connection.execute("SELECT data FROM contents WHERE name = ? ORDER BY chunk", (name,)):
            yield data

    def close(self) -> None:
        """Leave one file behind."""
        self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()
