# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads a local file as it was listed, or not at all. Private to damops.elvis."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator

from .._errors import CallFailure, system_words
from .atomic_file import CHUNK
from .local_paths import shown_path
from .tree import LocalFile


def _count_nothing(_size: int) -> None:
    pass


class LocalSource:
    """The content of a file, which must stay what it was when it was listed.

    :param count: is told how many bytes were read
    :param is_checked: whether the checksum is wanted once it is sent
    :param sha256: what the content must have; None for any
    """

    def __init__(
        self,
        file: LocalFile,
        count: Callable[[int], None] = _count_nothing,
        is_checked: bool = False,
        sha256: str | None = None,
    ) -> None:
        self._sha256 = sha256
        self._file = file
        self._count = count
        self._is_checked = is_checked
        self._checksum: str | None = None
        self.is_gone = False
        """Whether the file was found to be gone, for good."""

    @property
    def size(self) -> int:
        """The size in bytes, as it was listed."""
        return self._file.size

    def chunks(self) -> Iterator[bytes]:
        """Yield the content.

        :raises CallFailure: when it can't be read, or is not the same any more; then it never yields the end
        """
        found = hashlib.md5(usedforsecurity=False) if self._is_checked else None
        for chunk in self._approved(self._read()):
            if found:
                found.update(chunk)
            yield chunk
            self._count(len(chunk))
        if found:
            self._checksum = found.hexdigest()

    @property
    def known_checksum(self) -> str | None:
        """The MD5, None where the file was never read whole."""
        return self._checksum

    def checksum(self) -> str:
        """Return the MD5, by which Elvis knows a file.

        :raises CallFailure: when it can't be read, or is not the same any more
        """
        if self._checksum is None:
            found = hashlib.md5(usedforsecurity=False)
            for chunk in self._read():
                found.update(chunk)
            self._checksum = found.hexdigest()
        return self._checksum

    def _approved(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield chunks, the last of them only where all have the checksum that they must have."""
        found, left = hashlib.sha256(), self._file.size
        for chunk in chunks:
            if self._sha256:
                found.update(chunk)
                left -= len(chunk)
                if not left and found.hexdigest() != self._sha256:
                    raise self._changed("changed")
            yield chunk

    def _read(self) -> Iterator[bytes]:
        left = self._file.size
        try:
            # A pipe that has taken the file's place blocks nobody.
            handle = os.open(self._file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                self._check(os.fstat(handle))
                while left > 0 and (chunk := os.read(handle, min(CHUNK, left))):
                    left -= len(chunk)
                    if not left:
                        # Before the last of it goes out, so that nobody ever gets a whole form with half a file.
                        self._check(os.fstat(handle))
                    yield chunk
            finally:
                os.close(handle)
        except FileNotFoundError:
            self.is_gone = self._file.is_gone()
            raise self._changed("is gone") from None
        except OSError as error:
            raise CallFailure("storage", f"{self._shown} can't be read: {system_words(error)}", "unsent") from None
        if left:
            raise self._changed("changed")

    def _check(self, found: os.stat_result) -> None:
        if not self._file.is_unchanged(found):
            raise self._changed("changed")

    def _changed(self, how: str) -> CallFailure:
        return CallFailure("file_changed", f"{self._shown} {how} meanwhile, so it was not sent", "unsent")

    @property
    def _shown(self) -> str:
        return shown_path(self._file.path)
