# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starts a server with what is on the disk: a snapshot, or a tree of files."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from . import unknowns
from .server import Server
from .state.snapshot import load_snapshot
from .store.paths import clean_path
from .store.store import Store
from .web.multipart import SMALL
from .web.parameters import CHUNK, Upload


def load(server: Server, source: Path) -> None:
    """Fill a server that holds nothing yet: with a snapshot, or with a tree of files.

    :raises NotAStateError: when a file is no snapshot
    """
    if source.is_dir():
        seed(server.store, source, server.spool)
    else:
        load_snapshot(server, source)


def seed(store: Store, source: Path, spool: Path) -> None:
    """Take a copy of every file in a folder into the store, at its path below the folder; hidden ones are left out."""
    for file in sorted(source.rglob("*")):
        place = file.relative_to(source)
        if any(part.startswith(".") for part in place.parts):
            continue
        path = clean_path(place.as_posix())
        if file.is_dir():
            store.add_folder(path, unknowns.SEEDED_BY)
        elif file.is_file():
            store.add_asset(path, unknowns.SEEDED_BY, {}, _upload(file, spool / "seed"))


def _upload(file: Path, copy: Path) -> Upload:
    shutil.copyfile(file, copy)
    digest = hashlib.md5(usedforsecurity=False)
    with copy.open("rb") as stream:
        start = stream.read(SMALL)
        digest.update(start)
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    size = copy.stat().st_size
    return Upload("Filedata", file.name, size, digest.hexdigest(), start, copy if size > SMALL else None)
