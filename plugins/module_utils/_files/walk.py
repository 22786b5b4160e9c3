# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lists what lies in a local folder, before anything is done with it. Private to damops.elvis.

Names are read as UTF-8, whatever the locale says. Nothing outside of the folder is ever looked at, and nothing that is
no regular file is opened. What can't take part is skipped or refused here as far as the local folder alone decides it:
links, kinds of files, ages, names. What the DAM has to say of a name comes later, in ``_transfers/upload_survey``.
"""

from __future__ import annotations

import os
import stat
import time
import unicodedata
from collections.abc import Collection
from pathlib import Path

from .._elvis.paths import name_mistake, trimmed_key
from .._errors import ElvisError, Reason, system_words
from .._text import escaped, quoted
from .atomic_file import is_part
from .name_filter import NameFilter, is_hidden
from .tree import LeftOut, LocalFile, LocalTree

MOST_BYTES_IN_NAME = 255
"""What file systems take; 255 characters may be more bytes than that."""
AHEAD = 60.0
"""Seconds that a file's date may be ahead before it counts as being in the future."""

GONE = "it was taken away while its folder was listed"
LOOP = "a link that leads back to a folder above it"
PUT_AWAY = "a link, and only files are removed or moved once they are stored"


def list_folder(
    src: str,
    names: NameFilter,
    *,
    recursive: bool = True,
    min_age: float = 0,
    own: Collection[str] = (),
    follows_links: bool = True,
) -> LocalTree:
    """Return what lies in a folder.

    :param own: paths of files that belong to the task itself, as its report does, and never to the tree
    :param follows_links: whether links take part, as long as they stay inside the folder
    :raises ElvisError: when there is no such folder
    """
    # A link to the folder is followed; what is outside is judged from where it leads.
    root = os.path.realpath(src.encode("utf-8", "surrogateescape"))
    if not Path(os.fsdecode(root)).is_dir():
        raise _no_source(src, "is not a folder" if os.path.lexists(root) else "is not there")
    walk = _Walk(root, names, recursive, min_age, own, follows_links)
    walk.enter(root, "", ())
    while walk.pending:
        walk.enter(*walk.pending.pop())
    return walk.finish()


def list_files(
    paths: Collection[str],
    names: NameFilter,
    *,
    min_age: float = 0,
    own: Collection[str] = (),
    follows_links: bool = True,
) -> LocalTree:
    """Return the files of a list, each by its name alone; see :func:`list_folder`.

    :raises ElvisError: when one of them is a folder, or a relative path
    """
    walk = _Walk(b"/", names, False, min_age, own, follows_links)
    named: dict[bytes, str] = {}
    for path in paths:
        # One file may be named in several ways.
        named.setdefault(_place(path), path)
    for place, path in named.items():
        if not path.startswith("/"):
            raise _no_source(path, "is a relative path, which depends on where the task runs")
        if Path(os.fsdecode(place)).is_dir():
            raise _no_source(path, "is a folder, and src is a list of files. Give one folder, or files alone")
        walk.look_at(place, "", ())
    return walk.finish()


def _place(path: str) -> bytes:
    """Return the path of a file by way of no link; the file itself may be one."""
    folder, name = os.path.split(path.encode("utf-8", "surrogateescape"))
    return os.path.realpath(folder).rstrip(b"/") + b"/" + name


def _no_source(path: str, mistake: str) -> ElvisError:
    return ElvisError(
        f"src {escaped(path)} {mistake}. It is looked for on the machine that runs this task, {os.uname().nodename}."
        " Check src, and whether the share is mounted there.",
        "bad_request",
    )


class _TakesNoPart(Exception):
    pass


class _Walk:
    """Goes through a folder and collects what it finds."""

    def __init__(
        self,
        root: bytes,
        names: NameFilter,
        recursive: bool,
        min_age: float,
        own: Collection[str],
        follows_links: bool,
    ) -> None:
        self._tree = LocalTree(root)
        self._names = names
        self._recursive = recursive
        self._min_age = min_age
        self._follows_links = follows_links
        self._own = {os.path.realpath(path.encode("utf-8", "surrogateescape")) for path in own}
        self._twins: dict[str, list[LocalFile]] = {}
        self.pending: list[tuple[bytes, str, tuple[tuple[int, int], ...]]] = []

    def enter(self, folder: bytes, relative: str, above: tuple[tuple[int, int], ...]) -> None:
        """Look at everything in a folder; ``above`` are the folders that lead to it."""
        try:
            found = os.stat(folder)  # noqa: PTH116 - bytes
            names = sorted(os.listdir(folder))  # noqa: PTH208 - names, no paths
        except OSError as error:
            self._fail(relative or "/", f"it can't be read: {system_words(error)}", "storage")
            self._tree.is_whole = False
            return
        place = (found.st_dev, found.st_ino)
        if place in above:
            self._skip(relative, LOOP)
            return
        if relative:
            self._tree.note_folder(relative)
        for name in names:
            self.look_at(folder.rstrip(b"/") + b"/" + name, relative, (*above, place))

    def look_at(self, path: bytes, folder: str, above: tuple[tuple[int, int], ...]) -> None:
        """Find out what one name stands for."""
        raw = path.rpartition(b"/")[2]
        name = raw.decode(errors="surrogateescape")
        relative = f"{folder}/{name}" if folder else name
        if is_part(name) or (self._own and os.path.realpath(path) in self._own):
            return
        self._tree.note(relative)
        is_excluded = self._names.excludes(relative)
        if is_excluded and is_hidden(name):
            return
        try:
            found = os.lstat(path)
            if is_excluded:
                self._note_file(name, folder, found)
                return
            if stat.S_ISLNK(found.st_mode):
                path, found = self._follow(path)
        except _TakesNoPart as problem:
            self._skip(relative, str(problem))
        except FileNotFoundError:
            self._miss(path, relative, above)
        except OSError as error:
            self._fail(relative, f"it can't be read: {system_words(error)}", "storage")
            self._tree.is_whole = False
        else:
            self._note_file(name, folder, found)
            self._take(path, relative, name, found, above)

    def _miss(self, path: bytes, relative: str, above: tuple[tuple[int, int], ...]) -> None:
        """Record what is not there, though a list names it: the task's, or that of a folder a moment ago."""
        if above and _place_of(path.rpartition(b"/")[0]) == above[-1]:
            self._skip(relative, GONE)
        else:
            self._fail(relative, "it is not there", "storage")

    def _note_file(self, name: str, folder: str, found: os.stat_result) -> None:
        """Take note of a file that shows that its folder is no empty mount point."""
        if stat.S_ISREG(found.st_mode) and not is_hidden(name):
            self._tree.note_file(folder)

    def _follow(self, link: bytes) -> tuple[bytes, os.stat_result]:
        """Return where a link leads, and what is there."""
        if not self._follows_links:
            raise _TakesNoPart(PUT_AWAY)
        root, place = self._tree.root.rstrip(b"/"), os.path.realpath(link)
        if f"{os.fsdecode(root)}/".startswith(f"{os.fsdecode(place).rstrip('/')}/"):
            raise _TakesNoPart(LOOP)
        if not place.startswith(root + b"/"):
            raise _TakesNoPart("a link that leads outside")
        try:
            return place, os.stat(place)  # noqa: PTH116 - bytes
        except OSError:
            raise _TakesNoPart("a link that leads nowhere") from None

    def _take(
        self, path: bytes, relative: str, name: str, found: os.stat_result, above: tuple[tuple[int, int], ...]
    ) -> None:
        is_folder = stat.S_ISDIR(found.st_mode)
        if is_folder and (not self._recursive or self._names.excludes(relative, is_folder=True)):
            return
        if not is_folder:
            if not self._names.includes(relative):
                self._tree.unfit += 1
                return
            if not stat.S_ISREG(found.st_mode):
                self._skip(relative, f"it is not a regular file but a {_kind(found.st_mode)}")
                return
        mistake = _name_mistake(name)
        if mistake:
            self._fail(relative, f"its name {mistake}. Rename it", "bad_request")
            return
        if is_folder:
            self.pending.append((path, relative, above))
        elif self._is_settled(relative, found):
            file = LocalFile.of(path, relative, found)
            self._tree.files.append(file)
            self._twins.setdefault(trimmed_key(relative), []).append(file)

    def _is_settled(self, relative: str, found: os.stat_result) -> bool:
        """Tell whether a file is old enough: what is younger may still be arriving.

        A copy may keep an old date of its content while it grows, so the younger of the two dates counts. A date of the
        content that is ahead says nothing; then the system's own date of the last change decides alone.
        """
        # Others arrive while the tree is listed, so the age of each is that at its own look.
        now = time.time()
        if found.st_mtime > now + AHEAD:
            self._tree.ahead += 1
        youngest = found.st_ctime if found.st_mtime > now else max(found.st_mtime, found.st_ctime)
        if self._min_age and now - youngest < self._min_age:
            self._skip(relative, f"younger than {self._min_age:g} s, it may still be arriving")
            return False
        return True

    def finish(self) -> LocalTree:
        """Return the tree without twins: files, or a file and a folder, that are one name in the DAM."""
        tree = self._tree
        folders = {trimmed_key(folder): folder for folder in tree.folders}
        refused: set[int] = set()
        for key, twins in self._twins.items():
            if len(twins) == 1 and key not in folders:
                continue
            others = [self._shown(twin) for twin in twins]
            if key in folders:
                others.append(f"the folder {quoted(folders[key])}")
            for twin in twins:
                rest = ", ".join(other for other in others if other != self._shown(twin))
                self._fail(twin.relative, f"in the DAM it has the same name as {rest}. Rename one of them", "conflict")
            refused.update(map(id, twins))
        tree.files = sorted((file for file in tree.files if id(file) not in refused), key=lambda file: file.relative)
        return tree

    def _shown(self, file: LocalFile) -> str:
        # In a list of files, those of one name lie in different folders.
        return quoted(file.relative if self._tree.root != b"/" else file.path.decode(errors="surrogateescape"))

    def _skip(self, relative: str, why: str) -> None:
        self._tree.skipped.append(LeftOut(escaped(relative), why))

    def _fail(self, relative: str, why: str, reason: Reason) -> None:
        shown = relative.encode(errors="surrogateescape").decode(errors="backslashreplace")
        self._tree.failed.append(LeftOut(escaped(shown), why, reason))


def _place_of(folder: bytes) -> tuple[int, int] | None:
    """Return which folder has a path now, None where none has."""
    try:
        found = os.stat(folder)  # noqa: PTH116 - bytes
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _name_mistake(name: str) -> str | None:
    try:
        length = len(unicodedata.normalize("NFC", name).encode())
    except UnicodeEncodeError:
        return "is not UTF-8"
    if length > MOST_BYTES_IN_NAME:
        return f"is {length} bytes long, more than {MOST_BYTES_IN_NAME}"
    return name_mistake(name)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"), (stat.S_ISDIR, "folder"))
    return next((kind for is_one, kind in kinds if is_one(mode)), "device")
