# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes one of many files that are fetched: whole, with its date, or not at all. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import stat
from collections.abc import Callable, Iterable, Iterator

from .._errors import CallFailure, system_words
from .atomic_file import HEAD, PREFIX, SUFFIX
from .source import shown_path

DISK_LOST = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
"""What the system says when a disk is full, or its user's share of it, or nothing can be written to it."""
SYNCED = 64 * 1024
"""Bytes from which on a file is on the disk before it gets its name.

To wait for the disk with each file of a large tree takes longer than to fetch it. What the file system has of a small
one after a machine lost its power is all of it or nothing, and an empty file is fetched again whatever its date is.
"""


class LocalDraft:
    """A file in the making beside its place; unless it is kept, nothing is left of it.

    :param path: where it is to be
    :param count: is told how many bytes were written
    :param lose_disk: is told when no other file could be written either
    """

    def __init__(self, path: bytes, count: Callable[[int], None], lose_disk: Callable[[], None]) -> None:
        self._path = path
        self._lose_disk = lose_disk
        self._count = count
        self.size = 0
        self.is_confirmed = False
        """Whether the bytes that came for a comparison are those of the draft."""
        folder = os.path.dirname(path)  # noqa: PTH120 - bytes
        self._draft = folder.rstrip(b"/") + f"/{PREFIX}{random.getrandbits(32):08x}{SUFFIX}".encode()
        self._handle = -1
        self._is_kept = False

    def __enter__(self) -> LocalDraft:  # noqa: PYI034 - Python 3.9 has no Self
        with self._told():
            self._handle = os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        return self

    def __exit__(self, *_error: object) -> None:
        with contextlib.suppress(OSError):
            os.close(self._handle)
        if not self._is_kept:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._draft)  # noqa: PTH108 - bytes

    def fill(self, chunks: Iterable[bytes]) -> bytes:
        """Write what comes, from the start when it is another try, and return its beginning.

        :raises CallFailure: when it can't be written
        """
        head = bytearray()
        if self.size:
            self.size = 0
            with self._told():
                os.lseek(self._handle, 0, os.SEEK_SET)
                os.ftruncate(self._handle, 0)
        for chunk in chunks:
            if len(head) < HEAD:
                head += chunk[: HEAD - len(head)]
            with self._told():
                written = 0
                while written < len(chunk):
                    written += os.write(self._handle, chunk[written:] if written else chunk)
            self.size += len(chunk)
            self._count(len(chunk))
        return bytes(head)

    def compare(self, chunks: Iterable[bytes]) -> bytes:
        """Compare what comes with what was written, and return its beginning."""
        head = bytearray()
        place, self.is_confirmed = 0, True
        for chunk in chunks:
            head += chunk[: HEAD - len(head)]
            self.is_confirmed = self.is_confirmed and os.pread(self._handle, len(chunk), place) == chunk
            place += len(chunk)
        self.is_confirmed = self.is_confirmed and place == self.size
        return bytes(head)

    def keep(self, modified: float | None, before: os.stat_result | None) -> float:
        """Put the file at its place, and return the date that it has there.

        :param modified: the date that it gets
        :param before: the file whose place it takes, with whose owner and mode
        :raises CallFailure: when it can't be put there
        """
        with self._told():
            if before:
                with contextlib.suppress(PermissionError):
                    os.fchown(self._handle, before.st_uid, before.st_gid)
                os.fchmod(self._handle, stat.S_IMODE(before.st_mode) & 0o777)
            if modified is not None:
                os.utime(self._handle, (modified, modified))
            kept = os.fstat(self._handle).st_mtime
            if self.size >= SYNCED:
                # Or a machine that loses its power may have a part of the file with this date, which counts as
                # unchanged.
                os.fsync(self._handle)
            os.rename(self._draft, self._path)  # noqa: PTH104 - bytes
            self._is_kept = True
        return kept

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in DISK_LOST:
                self._lose_disk()
            words = system_words(error)
            raise CallFailure("storage", f"{shown_path(self._path)} can't be written: {words}", "answered") from None
