# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes or moves a local file, if it is still the one that was listed. Private to damops.elvis.

Each file is looked at once more right before it goes. Nothing is ever overwritten.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
from collections.abc import Iterator

from .._errors import ElvisError, Reason, system_words
from .._text import escaped
from .atomic_file import CHUNK, PREFIX, SUFFIX
from .folder_handle import DRAFT_MODE, NEW_FILE, NO_LINKS, folder_handle, look, publish
from .local_paths import shown_path
from .tree import LocalFile

STORED = "is stored in the DAM"
SAME_MOMENT_NS = 2_000_000_000
"""Nanoseconds by which the date of a copy may differ: FAT counts no finer."""


class _Changed(Exception):
    pass


def remove_file(file: LocalFile, state: str = STORED) -> bool:
    """Remove a file that is stored, or should not be there; tell whether it still was there.

    :param state: what is known of it, for a message
    :raises ElvisError: when it is not the same any more, or can't be removed
    """
    folder, name = os.path.split(file.path)
    with _explaining(file, state, "removed"), folder_handle(folder) as here:
        _check_again(file, here, name)
        os.unlink(name, dir_fd=here)
        return True
    return False


def move_file(file: LocalFile, move_to: str) -> bool:
    """Move a file that is stored into a folder, below its path there; tell whether it still was there.

    A name that is taken gets a number.

    :raises ElvisError: when it is not the same any more, or can't be moved
    """
    folder, name = os.path.split(file.path)
    below, wanted = os.path.split(file.relative.encode())
    root = os.path.realpath(move_to.encode("utf-8", "surrogateescape"))
    with _explaining(file, STORED, f"moved to {escaped(move_to)}"):
        os.makedirs(root, exist_ok=True)  # noqa: PTH103 - bytes
        with folder_handle(folder) as here, folder_handle(root, below) as there:
            if os.path.samestat(os.fstat(here), os.fstat(there)):
                raise _same_folder(file, move_to)
            if _is_on_its_way(file, here, name, there, wanted):
                return False
            _check_again(file, here, name)
            for free in _candidates(wanted):
                if _put(file, here, name, there, free):
                    break
            # A new file that has come under this name is left to the next run.
            if file.is_unchanged(look(here, name)):
                os.unlink(name, dir_fd=here)
        return True
    return False


def _is_on_its_way(file: LocalFile, here: int, name: bytes, there: int, wanted: bytes) -> bool:
    """Tell whether another run is moving a file: it has its new name already, and still the old one.

    That name came after the file was listed. One that came before is left of a run that was killed.
    """
    found = look(here, name)
    if file.is_untouched(found) or not file.is_unchanged(found):
        return False
    taken = itertools.takewhile(lambda free: _is_there(there, free), _candidates(wanted))
    return any(file.is_unchanged(look(there, free)) for free in taken)


def _candidates(name: bytes) -> Iterator[bytes]:
    yield name
    stem, extension = os.path.splitext(name)  # noqa: PTH122 - bytes
    number = 1
    while True:
        yield stem + f"-{number}".encode() + extension
        number += 1


def _put(file: LocalFile, here: int, name: bytes, there: int, free: bytes) -> bool:
    """Give a file its new name; tell whether it has it."""
    try:
        # Unlike a rename it fails where something has that name by now.
        os.link(name, free, src_dir_fd=here, dst_dir_fd=there, follow_symlinks=False)
    except FileExistsError:
        # A run that was killed may have given the name, and not have taken the old one away.
        return _is_same(file, here, name, there, free)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if _is_there(there, free):
            return _is_same(file, here, name, there, free)
        # Another run may have been faster.
        return _copy(file, here, name, there, free) or _is_same(file, here, name, there, free)
    if not file.is_unchanged(look(there, free)):
        # Another file had come under the old name.
        os.unlink(free, dir_fd=there)
        raise _Changed
    return True


def _is_there(folder: int, name: bytes) -> bool:
    try:
        look(folder, name)
    except FileNotFoundError:
        return False
    return True


def _is_same(file: LocalFile, here: int, name: bytes, there: int, other: bytes) -> bool:
    """Tell whether another name has this very file, or a whole copy of it with its date."""
    found = look(there, other)
    if file.is_unchanged(found):
        return True
    if found.st_ino == file.inode:
        # A share that is mounted twice shows one file on two devices.
        return False
    if found.st_size != file.size or abs(found.st_mtime_ns - file.modified_ns) > SAME_MOMENT_NS:
        return False
    with _reading(there, other) as copy, _reading(here, name) as original:
        while chunk := os.read(original, CHUNK):
            if os.read(copy, len(chunk)) != chunk:
                return False
        return not os.read(copy, 1)


def _copy(file: LocalFile, here: int, name: bytes, there: int, free: bytes) -> bool:
    """Copy a file to another device: it is whole under its name, or not there. Tell whether the name was free."""
    draft = f"{PREFIX}{os.urandom(4).hex()}{SUFFIX}".encode()
    handle = os.open(draft, NEW_FILE, DRAFT_MODE, dir_fd=there)
    try:
        with _reading(here, name) as source, os.fdopen(handle, "wb") as copy:
            while chunk := os.read(source, CHUNK):
                copy.write(chunk)
            copy.flush()
            os.fsync(handle)
            # The stubs know of paths alone; what these call takes handles as well.
            shutil.copystat(source, handle)  # type: ignore[arg-type]
        _check_again(file, here, name)
        return publish(there, draft, free)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(draft, dir_fd=there)


@contextlib.contextmanager
def _reading(folder: int, name: bytes) -> Iterator[int]:
    handle = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield handle
    finally:
        os.close(handle)


def _check_again(file: LocalFile, folder: int, name: bytes) -> None:
    if not file.is_untouched(look(folder, name)):
        raise _Changed


def _same_folder(file: LocalFile, move_to: str) -> ElvisError:
    """Return the error for a file that has one name on two paths, as a folder has that is mounted twice."""
    return ElvisError(
        f"{shown_path(file.path)} {STORED}, but was not moved to {escaped(move_to)}: that is the folder that it lies"
        " in. Give another move_to.",
        "bad_request",
    )


@contextlib.contextmanager
def _explaining(file: LocalFile, state: str, what: str) -> Iterator[None]:
    reason: Reason = "storage"
    try:
        yield
    except (_Changed, FileNotFoundError):
        # Another run may have been faster.
        if file.is_gone():
            return
        reason, mistake = "conflict", "somebody changed it meanwhile"
    except OSError as error:
        mistake = system_words(error)
    else:
        return
    raise ElvisError(f"{shown_path(file.path)} {state}, but was not {what}: {mistake}.", reason)
