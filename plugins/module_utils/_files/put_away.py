# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes local files that are stored, or moves them. Private to damops.elvis."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .._errors import ElvisError
from .._text import escaped
from .local_paths import is_inside
from .removal import move_file, remove_file
from .tree import LocalFile


class PutAway:
    """What becomes of a local file that is stored; several threads may ask.

    :param move_to: the folder that it is moved to; None to remove it
    :param src: the folder that it comes from, which that folder must not lie in, or the files, which must not lie there
    :raises ElvisError: when it does, or they do
    """

    def __init__(self, move_to: str | None, src: str | Sequence[str] = ()) -> None:
        if move_to and not move_to.startswith("/"):
            raise ElvisError(
                f"move_to {escaped(move_to)} is a relative path, which depends on where the task runs. Give an"
                " absolute path.",
                "bad_request",
            )
        if move_to and isinstance(src, str) and is_inside(move_to, src):
            raise ElvisError(
                f"move_to {escaped(move_to)} lies in src, so the next run would send the files again. Give a folder"
                " outside.",
                "bad_request",
            )
        if move_to and not isinstance(src, str):
            _refuse_own_folder(move_to, src)
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


def _refuse_own_folder(move_to: str, files: Sequence[str]) -> None:
    """Make sure that none of the files lies in the folder already.

    :raises ElvisError: when one does
    """
    there = os.path.realpath(move_to)
    for file in files:
        if os.path.realpath(os.path.dirname(file)) == there:  # noqa: PTH120 - as the walk reads it
            raise ElvisError(
                f"move_to {escaped(move_to)} is the folder that src {escaped(file)} lies in. Give another folder.",
                "bad_request",
            )
