# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens folders and files that nobody but this user and root can write to. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator

NAME = "damops.elvis"
"""Of the collection's folder below the user's cache folder."""
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
READS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW
WRITES_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
# With O_PATH, a folder that this user may only pass through can be opened as well.
OPENS_FOLDER = os.O_DIRECTORY | os.O_CLOEXEC | os.O_NOFOLLOW | getattr(os, "O_PATH", os.O_RDONLY)


def cache_folder() -> str:
    """Return the path of the collection's cache folder, by the XDG base directory specification.

    :raises FileNotFoundError: when the environment names neither a cache folder nor a home
    """
    home, base = os.environ.get("HOME", ""), os.environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        if not home.startswith("/"):
            raise FileNotFoundError(home)
        base = f"{home}/.cache"
    # Where two slashes begin a path, normpath keeps them.
    return f"/{os.path.normpath(base).lstrip('/')}/{NAME}"


@contextlib.contextmanager
def private_folder(path: str) -> Iterator[int]:
    """Open a folder of this user's own for a block; it and the one above it are made where they are missing.

    :raises OSError: when it can't be had, when others can write to it or to a folder above it, or when a link is among
        them
    """
    names = path.split("/")[1:]
    folder = os.open("/", OPENS_FOLDER)
    try:
        for depth, name in enumerate(names, 1):
            refuse_unsafe(folder)
            if depth > len(names) - 2 and not sys.dont_write_bytecode:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, 0o700, dir_fd=folder)
            inner = os.open(name, OPENS_FOLDER, dir_fd=folder)
            os.close(folder)
            folder = inner
        refuse_unsafe(folder, owners=(os.geteuid(),))
        yield folder
    finally:
        os.close(folder)


def refuse_unsafe(descriptor: int, owners: tuple[int, ...] | None = None) -> None:
    """Make sure that nobody but this user and root can write to a folder or a file.

    :param owners: whose it may be; root's and this user's by default
    :raises PermissionError: when somebody else can
    """
    found = os.fstat(descriptor)
    if found.st_uid not in (owners or (0, os.geteuid())) or found.st_mode & WRITABLE_BY_OTHERS:
        raise PermissionError("others can write to it")


def read(folder: int, name: str) -> bytes:
    """Return what is in a file of a folder.

    :raises OSError: when it can't be read, or others can write to it
    """
    with os.fdopen(os.open(name, READS, dir_fd=folder), "rb", buffering=0) as file:
        refuse_unsafe(file.fileno())
        return file.read()


def write(folder: int, name: str, content: bytes) -> None:
    """Write a file of a folder, or replace it, in one step.

    :raises OSError: when that is not possible; nothing is left of it
    """
    draft = f"{name}.{os.urandom(8).hex()}"
    opened = os.open(draft, WRITES_NEW, 0o600, dir_fd=folder)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(content)
        os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    except OSError:
        os.unlink(draft, dir_fd=folder)
        raise
