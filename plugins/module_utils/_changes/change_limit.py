# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The most that a task may change where it decides itself what changes. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable

from .._dam.query import EVERYTHING
from .._errors import ElvisError
from .._text import counted

DEFAULT = 100
"""Changes that a task may make when it does not say."""


class ChangeLimit:
    """The option ``max_change``.

    :param most: None when the task does not give it
    :raises ElvisError: when it is no number of changes
    """

    def __init__(self, most: int | None) -> None:
        if most is not None and most < 0:
            raise ElvisError("max_change must be 0 or more; 0 permits no change.", "bad_request")
        self._is_given = most is not None
        self._most = DEFAULT if most is None else most

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

    def read_query(self, query: str) -> str:
        """Return the query by which a task finds what it changes; an empty one finds everything.

        :raises ElvisError: when it is empty, and the task does not say how much may change
        """
        if query.strip():
            return query
        if not self._is_given:
            raise ElvisError(
                "query is empty, and would find every asset. Say what to find, such as status:New, or give max_change"
                " if every asset is meant.",
                "bad_request",
            )
        return EVERYTHING

    def check_found(self, found: int, changes: int, what: str, count_all: Callable[[], int]) -> None:
        """Make sure that a task may change what its query finds, before it changes any of it.

        :param found: how many assets the query finds
        :param changes: how many of them would change
        :param what: the words for these, such as ``assets would be moved``
        :param count_all: returns how many assets this user can see
        :raises ElvisError: when they are too many, or the query finds most assets and the task does not say how many
            may change
        """
        if not changes:
            return
        if not self._is_given:
            self._check_share(found, count_all())
        self.check(changes, what)

    def _check_share(self, found: int, total: int) -> None:
        if 2 * found > total:
            raise ElvisError(
                f"query finds {counted(found, 'asset')} of the {total:,} that this user can see, which is more than"
                " half: nothing was changed. Check the query. If it is right, say with max_change how many assets may"
                " change.",
                "conflict",
            )
