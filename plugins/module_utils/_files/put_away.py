# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Empties a drop folder: removes or moves a local file once the DAM shows that it has it. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable

from .._errors import ElvisError
from .._text import escaped
from .source import is_inside, move_source, remove_source
from .tree import LocalFile

MOST_NAMED = 5
"""Files that the warning names."""


class PutAway:
    """What becomes of a local file that is stored; several threads may ask.

    :param move_to: the folder that it is moved to; None to remove it
    :param src: the folder that it comes from, which that folder must not lie in
    :raises ElvisError: when it does
    """

    def __init__(self, move_to: str | None, src: str | None = None) -> None:
        if move_to and not move_to.startswith("/"):
            raise ElvisError(
                f"move_to {escaped(move_to)} is a relative path, which depends on where the task runs. Give an"
                " absolute path.",
                "bad_request",
            )
        if move_to and src and is_inside(move_to, src):
            raise ElvisError(
                f"move_to {escaped(move_to)} lies in src, so the next run would send the files again. Give a folder"
                " outside.",
                "bad_request",
            )
        self._move_to = move_to
        self._kept: list[str] = []
        self._away: list[str] = []

    @property
    def number(self) -> int:
        """How many files were put away."""
        return len(self._away)

    def __call__(self, file: LocalFile, *, is_stored: bool) -> None:
        """Put a file away if it is stored.

        :param is_stored: whether the asset has its size and checksum
        :raises ElvisError: when it can't be put away
        """
        if not is_stored:
            self._kept.append(file.relative)
            return
        if self._move_to is None:
            remove_source(file)
        else:
            move_source(file, self._move_to)
        self._away.append(file.relative)

    def tell(self, warn: Callable[[str], None]) -> None:
        """Tell of the files that stay where they are."""
        if self._kept:
            more = f" and {len(self._kept) - MOST_NAMED} more" if len(self._kept) > MOST_NAMED else ""
            warn(
                "The DAM does not show the size and the checksum of these files, so they stay where they are:"
                f" {', '.join(map(escaped, self._kept[:MOST_NAMED]))}{more}."
            )
