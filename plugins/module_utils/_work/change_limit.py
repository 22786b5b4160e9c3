# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The most that a task may change where it decides itself what changes. Private to damops.elvis."""

from __future__ import annotations

from .._errors import ElvisError


class ChangeLimit:
    """The option ``max_change``.

    :raises ElvisError: when it is no number of changes
    """

    def __init__(self, most: int) -> None:
        if most < 0:
            raise ElvisError("max_change must be 0 or more; 0 permits no change.", "bad_request")
        self._most = most

    def check(self, number: int, what: str) -> None:
        """Make sure that so many may change, before any does.

        :param what: the words for that, such as ``members would be removed``
        :raises ElvisError: when they are too many
        """
        if number > self._most:
            raise ElvisError(
                f"{number} {what}, and max_change is {self._most}: nothing was changed. Look at them with --check and"
                f" a max_change of {number}, and keep that if they are right.",
                "conflict",
            )
