# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens folders without following links, so that nobody can put another folder in their place. Private to damops.elvis.

What is done with a file by its name and the handle of its folder is done in that folder, whatever the path leads to.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

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
