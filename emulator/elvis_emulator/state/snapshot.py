# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that a server holds, in one file, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from elvis_emulator.server import Server
from elvis_emulator.store.files import StoredFile
from elvis_emulator.web.multipart import SMALL
from elvis_emulator.web.parameters import CHUNK

from .database import Database
from .records import Json, everything, restore


def write_snapshot(server: Server, path: Path) -> None:
    """Write the state of a server, with its files, into a new file."""
    with closing(Database(path)) as database:
        written: set[str] = set()

        def to_json(file: StoredFile) -> Json:
            name = _digest(file)
            if name not in written:
                written.add(name)
                with file.open() as stream:
                    database.put_content(name, stream)
            return {"size": file.size, "checksum": file.checksum, "uploaded": file.uploaded, "content": name}

        database.begin()
        database.put(everything(server, to_json))
        database.commit()


def load_snapshot(server: Server, path: Path) -> None:
    """Put what a snapshot has into a server that holds nothing yet.

    :raises NotAStateError: when the file is something else
    """
    with closing(Database(path)) as database:
        spool = server.spool / "loading"

        def to_file(value: Json) -> StoredFile:
            if value["size"] <= SMALL:
                data = b"".join(database.content(value["content"]))
                return server.store.files.restore(value["checksum"], value["uploaded"], data=data)
            _write(spool, database.content(value["content"]))
            return server.store.files.restore(value["checksum"], value["uploaded"], path=spool)

        restore(server, database.records(), to_file)


def _digest(file: StoredFile) -> str:
    digest = hashlib.sha256()
    with file.open() as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write(path: Path, chunks: Iterator[bytes]) -> None:
    with path.open("wb") as file:
        for chunk in chunks:
            file.write(chunk)
