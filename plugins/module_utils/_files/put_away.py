# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes local files that are stored, or moves them. Private to damops.elvis."""

from __future__ import annotations

from .._errors import ElvisError
from .._text import escaped
from .local_paths import is_inside
from .removal import move_file, remove_file
from .tree import LocalFile


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
        self._away: list[str] = []

    @property
    def number(self) -> int:
        """How many files were put away."""
        return len(self._away)

    def __call__(self, file: LocalFile) -> None:
        """Put a file away, unless somebody else has done so.

        :raises ElvisError: when it can't be put away
        """
        is_ours = remove_file(file) if self._move_to is None else move_file(file, self._move_to)
        if is_ours:
            self._away.append(file.relative)
