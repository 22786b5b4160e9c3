# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lies in a local folder, as it was when it was listed. Private to damops.elvis."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from .._elvis.paths import pairing_key, parents, trimmed_key
from .._errors import ElvisError, Reason, system_words
from .._text import escaped
from .local_paths import shown_path


class LocalFile(NamedTuple):
    """A regular file as it was found; ``relative`` is its path below the folder, with slashes."""

    path: bytes
    relative: str
    size: int
    modified_ns: int
    device: int
    inode: int
    changed_ns: int

    @classmethod
    def of(cls, path: bytes, relative: str, found: os.stat_result) -> LocalFile:
        """Return a file with what is told of it."""
        return cls(path, relative, found.st_size, found.st_mtime_ns, found.st_dev, found.st_ino, found.st_ctime_ns)

    @property
    def modified(self) -> float:
        """When its content was written, as its copy may have kept it; in seconds since 1970."""
        return self.modified_ns / 1e9

    @property
    def changed(self) -> float:
        """When anything about it was changed on this machine."""
        return self.changed_ns / 1e9

    def dated(self, now: float) -> float:
        """Return when it became what it is, in seconds since 1970: a date that is ahead of ``now`` says nothing."""
        return self.modified if self.modified <= now else self.changed

    def is_gone(self) -> bool:
        """Tell whether the file was taken out of its folder since it was listed.

        A disk that is gone takes the folder with it, or leaves one of another disk.
        """
        try:
            if os.stat(os.path.dirname(self.path)).st_dev != self.device:  # noqa: PTH116, PTH120 - bytes
                return False
        except OSError:
            return False
        return not os.path.lexists(self.path)

    def is_untouched(self, found: os.stat_result) -> bool:
        """Tell whether nothing about the file has changed since it was listed: only then may it be removed.

        A program may write another content and put size and date back. When anything was changed is kept by the system.
        """
        return self.is_unchanged(found) and self.changed_ns == found.st_ctime_ns

    def is_unchanged(self, found: os.stat_result) -> bool:
        """Tell whether what is found there now is still the file that was listed, as far as reading it goes."""
        # Not by when it was changed: another link to it, or other rights, leave it what it is.
        return stat.S_ISREG(found.st_mode) and self[2:6] == (
            found.st_size,
            found.st_mtime_ns,
            found.st_dev,
            found.st_ino,
        )


def named_file(path: str) -> LocalFile | None:
    """Return the file that the option ``file`` names, None where there is nothing.

    :raises ElvisError: when it can't be read, or is no regular file
    """
    # A link is followed: the task names it.
    place = os.path.realpath(path.encode("utf-8", "surrogateescape"))
    try:
        found = os.lstat(place)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ElvisError(f"file {path} can't be read: {system_words(error)}.", "storage") from None
    file = LocalFile.of(place, os.path.basename(path), found)  # noqa: PTH119 - bytes beside it
    if not file.is_unchanged(found):
        raise ElvisError(f"file {shown_path(place)} is not a regular file.", "bad_request")
    return file


class LeftOut(NamedTuple):
    """What takes no part; with a reason it is a failure of the task.

    :param rivals: the paths in the DAM of all that it could be for
    """

    relative: str
    why: str
    reason: Reason | None = None
    rivals: Sequence[str] = ()


@dataclass
class LocalTree:
    """What was found.

    :ivar names: the path of everything that is there, whatever takes no part, by its pairing key
    :ivar trimmed: the keys that such paths have for a server that takes blanks off the ends of names
    :ivar unfit: how many files the patterns leave out
    :ivar has_file: whether the folder itself has a file, in it or below, that the default excludes do not hide
    :ivar is_whole: whether everything could be read
    """

    root: bytes
    files: list[LocalFile] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    skipped: list[LeftOut] = field(default_factory=list)
    failed: list[LeftOut] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    trimmed: set[str] = field(default_factory=set)
    ahead: int = 0
    unfit: int = 0
    has_file: bool = False
    is_whole: bool = True
    _read: dict[str, bool] = field(default_factory=dict)

    def note(self, relative: str) -> None:
        """Take note that something of this name is there."""
        key = pairing_key(relative)
        self.names.setdefault(key, relative)
        trimmed = trimmed_key(relative)
        if trimmed != key:
            self.trimmed.add(trimmed)

    def note_folder(self, relative: str) -> None:
        """Take note of a folder whose contents were listed."""
        self.folders.append(relative)
        for key in _keys(relative):
            self._read.setdefault(key, False)

    def note_file(self, folder: str) -> None:
        """Take note that a folder has a file."""
        self.has_file = True
        for key in _keys(folder):
            while key and not self._read.get(key):
                self._read[key] = True
                key = key.rpartition("/")[0]

    def shelter(self, relative: str) -> str | None:
        """Return what protects everything below a local name that is on the way to this one, None where nothing does.

        Such as a mount point without its disk: what lies there otherwise must not be taken for removed.
        """
        for name in parents(relative):
            key = pairing_key(name)
            if key in self._read and not self._read[key]:
                return (
                    f"{escaped(name)} has no file here, like a mount point without its disk: nothing below it is"
                    " removed. If that is meant, remove the local folder"
                )
            if key not in self._read and (key in self.names or key in self.trimmed):
                return f"{escaped(name)} is here, but not as a folder that can be read: nothing below it is removed"
        return None

    def has(self, key: str) -> bool:
        """Tell whether there is something of this name now, though it may have come only after it was listed."""
        if key in self.names or key in self.trimmed:
            return True
        places, above = [self.root], ""
        for segment in key.split("/"):
            if above and places and above not in self._read:
                # Something has this name by now, and nobody has looked into it.
                return True
            try:
                places = [place for folder in places for place in _places_of(folder, segment)]
            except OSError:
                return True
            above = f"{above}/{segment}".lstrip("/")
        return bool(places)


def _keys(relative: str) -> set[str]:
    return {pairing_key(relative), trimmed_key(relative)}


def _places_of(folder: bytes, key: str) -> Iterator[bytes]:
    """Yield the paths in a folder whose names have this pairing key.

    :raises OSError: when the folder is there and can't be listed
    """
    try:
        names = os.listdir(folder)  # noqa: PTH208 - names, no paths
    except FileNotFoundError:
        return
    for name in names:
        text = name.decode(errors="replace")
        if key in (pairing_key(text), trimmed_key(text)):
            yield folder.rstrip(b"/") + b"/" + name
