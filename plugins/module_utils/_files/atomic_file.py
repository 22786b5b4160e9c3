# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A file in the making: written beside its place, and put there only when it is whole. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, NamedTuple

from .._errors import CallFailure, ElvisError, system_words

HEAD = 1024 * 1024
"""Bytes. Elvis' report of an error is shorter, so that it can be recognised."""
CHUNK = 1024 * 1024
PREFIX, SUFFIX = ".elvis-", ".part"
"""Of a draft's name, so that one which a killed process left behind is recognised."""
_PART = re.compile(re.escape(PREFIX) + r"[a-z0-9_]{8}" + re.escape(SUFFIX))


def is_part(name: str) -> bool:
    """Tell whether this is the name of a draft of ours, in exactly its form."""
    return _PART.fullmatch(name) is not None


class SavedFile(NamedTuple):
    """A file that is whole; ``changed`` tells whether there was none, or another content in it."""

    changed: bool
    dest: str
    size: int
    checksum: str


class AtomicFile:
    """What is to become a file.

    :param place: where the file is to be
    :param file: where it is written for the time being; None to write nothing and only compare
    :param mode: the mode of a new file, None for what the umask says
    """

    def __init__(self, place: Path, file: IO[bytes] | None, mode: int | None = None) -> None:
        self.place = place
        self._file = file
        self._mode = mode
        self._begin()

    def fill(self, chunks: Iterable[bytes]) -> bytes:
        """Write what comes, from the start when it is another try, and return its beginning.

        :raises CallFailure: when it can't be written
        """
        self._begin()
        head = bytearray()
        for chunk in chunks:
            head += chunk[: HEAD - len(head)]
            self.write(chunk)
        return bytes(head)

    def write(self, data: bytes) -> None:
        """Write more.

        :raises CallFailure: when it can't be written
        """
        self._hash.update(data)
        self._size += len(data)
        with _storage_failures(self.place):
            if self._file:
                self._file.write(data)

    def keep(self) -> SavedFile:
        """Put the file at its place, unless that has the same content.

        :raises CallFailure: when it can't be put there
        """
        checksum = self._hash.hexdigest()
        with _storage_failures(self.place):
            changed = self._size_there() != self._size or _checksum(self.place) != checksum
            if changed and self._file:
                _inherit_rights(self._file.fileno(), self.place, self._mode)
                self._file.flush()
                os.fsync(self._file.fileno())
                Path(self._file.name).replace(self.place)
        return SavedFile(changed, str(self.place), self._size, checksum)

    def _begin(self) -> None:
        self._hash = hashlib.sha256()
        self._size = 0
        with _storage_failures(self.place):
            if self._file:
                self._file.seek(0)
                self._file.truncate()

    def _size_there(self) -> int | None:
        return self.place.stat().st_size if self.place.exists() else None


@contextlib.contextmanager
def atomic_file(dest: str, only_compare: bool, option: str = "dest", mode: int | None = None) -> Iterator[AtomicFile]:
    """Give the draft of a file; unless it was kept, nothing is left of it.

    :param only_compare: whether to write nothing; then its folder need not be there yet
    :param option: what the file is called among the options of the task
    :param mode: the mode of a new file, None for what the umask says
    :raises ElvisError: when there can't be such a file
    """
    try:
        place = _find_place(dest, may_lack_folder=only_compare)
        file = None if only_compare else _temporary(place.parent)
    except _Unusable as mistake:
        raise _bad(option, dest, str(mistake)) from None
    except (OSError, ValueError) as error:
        raise _bad(option, dest, system_words(error)) from None
    try:
        yield AtomicFile(place, file, mode)
    finally:
        if file:
            # Closing tries once more to write what could not be written.
            with contextlib.suppress(OSError):
                file.close()
            Path(file.name).unlink(missing_ok=True)


def _find_place(dest: str, may_lack_folder: bool) -> Path:
    if not Path(dest).is_absolute():
        raise _Unusable("it is a relative path, which depends on where the task runs")
    # A link is followed, not replaced.
    if _is_planted(Path(dest)):
        raise _Unusable("it is a link that another user has put into a folder that others can write to")
    place = Path(os.path.realpath(dest))
    if place.exists() and not place.is_file():
        raise _Unusable("something that is not a file, such as a folder, has that name")
    if not place.parent.is_dir():
        if may_lack_folder and not place.parent.exists():
            return place
        raise _Unusable("its folder is not there")
    if not os.access(place.parent, os.W_OK | os.X_OK):
        raise _Unusable("its folder is not writable")
    return place


def _is_planted(dest: Path) -> bool:
    """Tell whether a link may lead to a file that its owner could not write: the rule of Linux' protected_symlinks."""
    try:
        link, folder = dest.lstat(), dest.parent.stat()
    except OSError:
        return False
    is_open = folder.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISLNK(link.st_mode) and bool(is_open) and link.st_uid not in (os.geteuid(), folder.st_uid, 0)


def _temporary(folder: Path) -> IO[bytes]:
    return tempfile.NamedTemporaryFile(dir=folder, prefix=PREFIX, suffix=SUFFIX, delete=False)


class _Unusable(Exception):
    pass


def _bad(option: str, dest: str, mistake: str) -> ElvisError:
    return ElvisError(
        f"{option} {dest} can't be written: {mistake}. It is written on the machine that runs this task,"
        f" {os.uname().nodename}. Give the absolute path of a file, in a folder that is there and that the user of this"
        " task may write to.",
        "bad_request",
    )


@contextlib.contextmanager
def _storage_failures(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        left = "What was there before stays as it was" if place.exists() else "Nothing of it is left there"
        summary = f"{place} can't be written: {system_words(error)}. {left}"
        raise CallFailure("storage", summary, "answered") from None


def _inherit_rights(handle: int, place: Path, mode: int | None) -> None:
    """Give a file the owner and the mode of the one that it replaces, or those that a new one would have.

    :param mode: the mode of a new one, None for what the umask says
    """
    if place.exists():
        present = place.stat()
        with contextlib.suppress(PermissionError):
            os.fchown(handle, present.st_uid, present.st_gid)
        os.fchmod(handle, stat.S_IMODE(present.st_mode) & 0o777)
    else:
        os.fchmod(handle, mode_of_new_file() if mode is None else mode)


def mode_of_new_file() -> int:
    """Return the mode that a new file gets, as the umask says. No other thread may make files meanwhile."""
    # There is no other way to ask for it.
    umask = os.umask(0)
    os.umask(umask)
    return 0o666 & ~umask


def _checksum(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found.update(chunk)
    return found.hexdigest()
