# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of assets: the small ones side by side in one file, each large one in a file of its own.

Making and removing a file costs more than all the rest of a small upload. What a removed small file held is not used
again before the server ends.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from elvis_emulator.users.tokens import new_id
from elvis_emulator.web.parameters import CHUNK, Upload

from .kinds import is_picture


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of an asset. It is never changed, so that versions and copies may share it."""

    size: int
    # Of what was uploaded: its MD5, and how many bytes it was. The server may have embedded metadata since.
    checksum: str
    uploaded: int
    # A file of its own, which can be sent as it is; None for a small one.
    path: Path | None
    _small: BinaryIO
    # Of a small one: where it begins.
    offset: int

    def open(self) -> BinaryIO:
        """Open it for reading, whatever it is stored in."""
        return self.path.open("rb") if self.path else BytesIO(self.read())

    def read(self, most: int = -1) -> bytes:
        """Return what it holds, or so many bytes of its start."""
        size = self.size if most < 0 else min(most, self.size)
        if self.path is None:
            return os.pread(self._small.fileno(), size, self.offset)
        with self.path.open("rb") as stream:
            return stream.read(size)

    @property
    def is_picture(self) -> bool:
        """Tell whether previews can be made of it."""
        try:
            return is_picture(self.read(16))
        except OSError:
            # Of an asset that is just being removed.
            return False


SMALL_FILES = "small"


class Files:
    """Keeps files in a folder; what is there already stays."""

    def __init__(self, folder: Path, keeps_dropped: bool = False) -> None:
        """
        :param keeps_dropped: whether a dropped file stays until `remove_dropped`
        """
        self._folder = folder
        descriptor = os.open(folder / SMALL_FILES, os.O_RDWR | os.O_CREAT, 0o600)
        self._small = os.fdopen(descriptor, "r+b", buffering=0)
        self._end = os.fstat(descriptor).st_size
        self._keeps_dropped = keeps_dropped
        self._dropped: list[Path] = []

    def close(self) -> None:
        self._small.close()

    def keep(self, upload: Upload) -> StoredFile:
        """Take over an upload."""
        if upload.path:
            path = upload.path.rename(self._folder / new_id())
            return StoredFile(upload.size, upload.checksum, upload.size, path, self._small, 0)
        return self._append(upload.data, upload.checksum, upload.size)

    def share(self, file: StoredFile) -> StoredFile:
        """Return the same bytes as a file of its own, which stays when the other one is dropped."""
        if not file.path:
            return file
        path = self._folder / new_id()
        path.hardlink_to(file.path)
        return StoredFile(file.size, file.checksum, file.uploaded, path, self._small, 0)

    def with_tail(self, file: StoredFile, tail: bytes) -> StoredFile:
        """Return a file with what was uploaded, and something behind it; the old one is dropped."""
        if not file.path:
            return self._append(file.read(file.uploaded) + tail, file.checksum, file.uploaded)
        path, left = self._folder / new_id(), file.uploaded
        with file.path.open("rb") as source, path.open("wb") as copy:
            while left and (chunk := source.read(min(CHUNK, left))):
                left -= copy.write(chunk)
            copy.write(tail)
        self.drop(file)
        return StoredFile(file.uploaded + len(tail), file.checksum, file.uploaded, path, self._small, 0)

    def drop(self, file: StoredFile | None) -> None:
        if file and file.path:
            self._dropped.append(file.path)
            if not self._keeps_dropped:
                self.remove_dropped()

    def remove_dropped(self) -> None:
        """Remove the files that were dropped."""
        while self._dropped:
            self._dropped.pop().unlink(missing_ok=True)

    def at(self, size: int, checksum: str, uploaded: int, name: str = "", offset: int = 0) -> StoredFile:
        """Return a file that is here already: a large one by its name, a small one by where it begins."""
        return StoredFile(size, checksum, uploaded, self._folder / name if name else None, self._small, offset)

    def restore(self, checksum: str, uploaded: int, data: bytes = b"", path: Path | None = None) -> StoredFile:
        """Take over a file that was in another server, as bytes or as a file of its own."""
        if path is None:
            return self._append(data, checksum, uploaded)
        size = path.stat().st_size
        return StoredFile(size, checksum, uploaded, path.rename(self._folder / new_id()), self._small, 0)

    def sweep(self, known: Iterable[StoredFile]) -> None:
        """Remove what a process left that was ended amid a request."""
        names = {file.path.name for file in known if file.path} | {SMALL_FILES}
        for path in self._folder.iterdir():
            if path.name not in names:
                path.unlink()

    def _append(self, data: bytes, checksum: str, uploaded: int) -> StoredFile:
        offset = self._end
        self._end += os.pwrite(self._small.fileno(), data, offset)
        return StoredFile(len(data), checksum, uploaded, None, self._small, offset)
