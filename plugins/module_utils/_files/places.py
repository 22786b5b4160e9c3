# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds where a file of the DAM is, or would be, in a local folder. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from typing import NamedTuple

from .._elvis.paths import pairing_key
from .._errors import ElvisError, system_words
from .._text import escaped
from .atomic_file import is_part
from .folder_handle import folder_handle
from .local_paths import shown_path
from .walk import MOST_BYTES_IN_NAME

A_DAY = 24 * 60 * 60


class Place(NamedTuple):
    """Where a file is to be; ``found`` tells of the one that is there."""

    path: bytes
    found: os.stat_result | None


class LocalPlaces:
    """The folders below one on this machine, each listed once.

    :param dest: the folder, which need not be there yet
    :ivar missing: the folders that are not there
    """

    def __init__(self, dest: str) -> None:
        # What is outside is judged from where a link leads.
        self.root = os.path.realpath(dest.encode("utf-8", "surrogateescape"))
        self._listed: dict[bytes, dict[str, bytes] | None] = {}
        self._folders: dict[str, bytes] = {"": self.root}
        self.missing: dict[bytes, None] = {}
        self._old_parts: list[bytes] = []
        if self._list(self.root) is None:
            if os.path.lexists(self.root):
                raise ElvisError(f"dest {escaped(dest)} is not a folder.", "bad_request")
            self.missing[self.root] = None

    def find(self, relative: str) -> Place:
        """Return where a file is, or would be; a name that is there in another spelling is the one that is there.

        :raises ElvisError: when there can be no such file
        """
        above, _slash, name = relative.rpartition("/")
        folder = self._folder(above)
        path = self._child(folder, name)
        try:
            found = os.lstat(path)
            if stat.S_ISLNK(found.st_mode):
                path = self._inside(os.path.realpath(path), path)
                found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return Place(path, None)
        except OSError as error:
            # Such as a path that is too long as a whole.
            raise _conflict(path, f"it can't be read: {system_words(error)}") from None
        if not stat.S_ISREG(found.st_mode):
            raise _conflict(path, "something that is not a regular file is there")
        return Place(path, found)

    def make(self, folder: bytes) -> None:
        """Make a folder that is missing, without following a link that has come meanwhile.

        :raises OSError: when it can't be made
        """
        os.makedirs(self.root, exist_ok=True)  # noqa: PTH103 - bytes
        with folder_handle(self.root, below=folder[len(self.root) :]):
            pass

    def remove_old_parts(self) -> None:
        """Remove what an interrupted run has left in the folders that were looked at, as far as that goes."""
        for part in self._old_parts:
            folder, name = os.path.split(part)
            with contextlib.suppress(OSError), folder_handle(folder) as handle:
                os.unlink(name, dir_fd=handle)

    def _folder(self, relative: str) -> bytes:
        if relative not in self._folders:
            above, _slash, name = relative.rpartition("/")
            path = self._child(self._folder(above), name)
            if os.path.islink(path):  # noqa: PTH114 - bytes
                path = self._inside(os.path.realpath(path), path)
            if self._list(path) is None:
                if os.path.lexists(path):
                    raise _conflict(path, "a file is there, not a folder")
                self.missing[path] = None
            self._folders[relative] = path
        return self._folders[relative]

    def _child(self, folder: bytes, name: str) -> bytes:
        raw = name.encode("utf-8", "surrogateescape")
        if len(raw) > MOST_BYTES_IN_NAME:
            raise ElvisError(
                f"{escaped(name[:80])}… is {len(raw)} bytes long, and no file here can have a name of more than"
                f" {MOST_BYTES_IN_NAME}.",
                "storage",
            )
        if name in ("", ".", "..") or "\0" in name:
            raise ElvisError(f"{escaped(name)} can't be the name of a file here.", "bad_request")
        names = self._list(folder) or {}
        return folder.rstrip(b"/") + b"/" + names.get(pairing_key(name), raw)

    def _inside(self, place: bytes, link: bytes) -> bytes:
        if not place.startswith(self.root.rstrip(b"/") + b"/"):
            raise _conflict(link, "it is a link that leads out of dest")
        return place

    def _list(self, folder: bytes) -> dict[str, bytes] | None:
        """Return the names in a folder by their pairing keys, None when it is not there."""
        if folder not in self._listed:
            try:
                names = os.listdir(folder)  # noqa: PTH208 - names, no paths
            except (FileNotFoundError, NotADirectoryError):
                self._listed[folder] = None
                return None
            except OSError as error:
                raise _conflict(folder, f"it can't be read: {system_words(error)}") from None
            self._note_parts(folder, names)
            by_key = {pairing_key(name.decode(errors="surrogateescape")): name for name in names}
            self._listed[folder] = by_key
        return self._listed[folder]

    def _note_parts(self, folder: bytes, names: list[bytes]) -> None:
        for name in names:
            if is_part(name.decode(errors="replace")):
                path = folder.rstrip(b"/") + b"/" + name
                found = os.lstat(path)
                if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > A_DAY:
                    self._old_parts.append(path)


def _conflict(path: bytes, why: str) -> ElvisError:
    return ElvisError(
        f"{shown_path(path)} was left unchanged: {why}. Put that right, or choose another dest.", "conflict"
    )
