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

from .._errors import CallFailure, ElvisError, system_words
from .atomic_file import HEAD, PREFIX, SUFFIX
from .folder_handle import DRAFT_MODE, NEW_FILE, folder_handle, look, publish
from .local_paths import shown_path

DISK_LOST = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO, errno.EFBIG})
"""What the system says when a disk is full, or its user's share of it, or nothing can be written to it."""
SYNCED = 64 * 1024
"""Bytes from which on a file is on the disk before it gets its name.

To wait for the disk with each file of a large tree takes longer than to fetch it. What the file system has of a small
one after a machine lost its power is all of it or nothing, and an empty file is fetched again whatever its date is.
"""


class LocalDraft:
    """A file in the making beside its place; unless it is kept, nothing is left of it.

    All of it happens below the handle of the folder, also when another folder has that path by now.

    :param path: where it is to be; no segment of it is a link
    :param mode: that of a file that is new
    :param count: is told how many bytes were written
    :param lose_disk: is told when no other file could be written either
    """

    def __init__(self, path: bytes, mode: int, count: Callable[[int], None], lose_disk: Callable[[], None]) -> None:
        self._path = path
        self._mode = mode
        self._lose_disk = lose_disk
        self._count = count
        self.size = 0
        self.is_confirmed = False
        """Whether the bytes that came for a comparison are those of the draft."""
        self._folder_path, self._name = os.path.split(path)
        self._draft = f"{PREFIX}{random.getrandbits(32):08x}{SUFFIX}".encode()
        self._opened = contextlib.ExitStack()
        self._folder = -1
        self._handle = -1
        self._is_kept = False

    def __enter__(self) -> LocalDraft:  # noqa: PYI034 - Python 3.9 has no Self
        with self._storage_failures():
            self._folder = self._opened.enter_context(folder_handle(self._folder_path))
            try:
                self._handle = os.open(self._draft, NEW_FILE, DRAFT_MODE, dir_fd=self._folder)
            except OSError:
                self._opened.close()
                raise
        return self

    def __exit__(self, *_error: object) -> None:
        with self._opened:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            if not self._is_kept:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(self._draft, dir_fd=self._folder)

    def fill(self, chunks: Iterable[bytes]) -> bytes:
        """Write what comes, from the start when it is another try, and return its beginning.

        :raises CallFailure: when it can't be written
        """
        head = bytearray()
        if self.size:
            self.size = 0
            with self._storage_failures():
                os.lseek(self._handle, 0, os.SEEK_SET)
                os.ftruncate(self._handle, 0)
        for chunk in chunks:
            if len(head) < HEAD:
                head += chunk[: HEAD - len(head)]
            with self._storage_failures():
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
        :param before: the file whose place it takes, with whose owner and mode; None where there was none
        :raises ElvisError: when somebody has written a file there meanwhile
        :raises CallFailure: when it can't be put there
        """
        with self._storage_failures():
            if before:
                with contextlib.suppress(PermissionError):
                    os.fchown(self._handle, before.st_uid, before.st_gid)
            os.fchmod(self._handle, stat.S_IMODE(before.st_mode) & 0o777 if before else self._mode)
            if modified is not None:
                os.utime(self._handle, (modified, modified))
            kept = os.fstat(self._handle).st_mtime
            if self.size >= SYNCED:
                # Or a machine that loses its power may have a part of the file with this date, which counts as
                # unchanged.
                os.fsync(self._handle)
            self._is_kept = self._replace(before) if before else self._take_free_name()
        if not self._is_kept:
            raise ElvisError(f"{shown_path(self._path)} was left unchanged: somebody wrote it meanwhile.", "conflict")
        return kept

    def _replace(self, before: os.stat_result) -> bool:
        """Take the place of a file, if it is still the one that was found; tell whether it was."""
        try:
            now = look(self._folder, self._name)
        except FileNotFoundError:
            return self._take_free_name()
        if _identity(now) != _identity(before):
            return False
        os.rename(self._draft, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
        return True

    def _take_free_name(self) -> bool:
        if not publish(self._folder, self._draft, self._name):
            return False
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._draft, dir_fd=self._folder)
        return True

    @contextlib.contextmanager
    def _storage_failures(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in DISK_LOST:
                self._lose_disk()
            words = system_words(error)
            raise CallFailure("storage", f"{shown_path(self._path)} can't be written: {words}", "answered") from None


def _identity(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
