# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens folders without following links, so that nobody can put another folder in their place. Private to damops.elvis.

What is done with a file by its name and the handle of its folder is done in that folder, whatever the path leads to.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator

NO_LINKS = frozenset({errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})
"""What the system says of a hard link to another device, or on a file system that has none."""
NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
"""Opens what is not there yet, and nothing else, whatever others put in its place."""
DRAFT_MODE = 0o600
"""Of a file that is not whole yet."""
_FLAGS = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
"""O_PATH asks for no right to list a folder; where there is no such flag, that right is needed."""


@contextlib.contextmanager
def folder_handle(path: bytes, below: bytes = b"") -> Iterator[int]:
    """Give the handle of a folder, and close it at the end.

    :param path: an absolute path in which no segment is a link
    :param below: the path of a folder below it; what is missing of it is made
    :raises OSError: when a segment is a link by now, or no folder, or can't be made
    """
    handle = os.open("/", _FLAGS)
    try:
        for segment in filter(None, path.split(b"/")):
            handle = _entered(handle, segment)
        for segment in filter(None, below.split(b"/")):
            with contextlib.suppress(FileExistsError):
                os.mkdir(segment, dir_fd=handle)
            handle = _entered(handle, segment)
        yield handle
    finally:
        os.close(handle)


def _entered(handle: int, segment: bytes) -> int:
    """Return the handle of a folder in another one, in whose place it comes."""
    inner = os.open(segment, _FLAGS, dir_fd=handle)
    os.close(handle)
    return inner


def look(folder: int, name: bytes) -> os.stat_result:
    """Return what a folder has under a name; a link is not followed.

    :raises OSError: when there is nothing
    """
    return os.stat(name, dir_fd=folder, follow_symlinks=False)


def publish(folder: int, draft: bytes, name: bytes) -> bool:
    """Give a draft its name, in place of nothing; tell whether the name was free. The draft may be left as well.

    :raises OSError: when it can't be done
    """
    try:
        os.link(draft, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
    else:
        return True
    # Python has no rename that replaces nothing. This one replaces an empty file that was made for it.
    try:
        os.close(os.open(name, NEW_FILE, DRAFT_MODE, dir_fd=folder))
    except FileExistsError:
        return False
    os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
    return True
