# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What may be removed from a side that is to become a mirror of the other, and how much. Private to damops.elvis."""

from __future__ import annotations

import re

from .._errors import ElvisError
from .._text import agreeing, counted, escaped

_SHARE = re.compile(r"(\d{1,3})\s*%")


class RemovalLimit:
    """The most that a task may remove.

    :param most: a number, or a share of what is there as text, such as ``80%``
    :raises ElvisError: when it is neither
    """

    def __init__(self, most: str | int) -> None:
        text = str(most).strip()
        share = _SHARE.fullmatch(text)
        if not (share or text.isdecimal()) or (share and not 0 <= int(share[1]) <= 100):
            raise ElvisError(f"max_delete is {escaped(text)}. Give a number, or a share such as 80%.", "bad_request")
        self._share = int(share[1]) if share else None
        self._number = None if share else int(text)

    def check(
        self, number: int, of_all: int, whose: str, where: str, other_side: str, *mistakes: tuple[bool, str]
    ) -> None:
        """Make sure that so many may go, if any are to.

        :param whose: what goes, such as ``asset``
        :param where: the folder that it goes from, and ``other_side``, the one that it should be like
        :param mistakes: what may speak against any removal, each with whether it does
        :raises ElvisError: when something does, or they are too many
        """
        if not number:
            return
        mistake = next((mistake for is_made, mistake in mistakes if is_made), None)
        if mistake:
            raise ElvisError(
                f"{counted(number, whose)} in {where} without a counterpart in {other_side}"
                f" {agreeing(number, 'was', 'were')} not removed: {mistake}. Put that right, and run the task again.",
                "conflict",
            )
        most = self._most(of_all)
        if number <= most:
            return
        asked = f"{self._share}%" if self._share is not None else str(self._number)
        is_beyond_number = self._number is None or number > self._number
        rule = f"max_delete is {asked}" if is_beyond_number else "never more than half are removed"
        raise ElvisError(
            f"{number} of {counted(of_all, whose)} in {where} have no counterpart in {other_side}, and {rule}: nothing"
            f" was removed. Check that {other_side} is complete; if it is, give max_delete as a share of what is there,"
            f" such as {min(100, -(-100 * number // max(of_all, 1)))}%.",
            "conflict",
        )

    def _most(self, of_all: int) -> int:
        if self._share is not None:
            return of_all * self._share // 100
        return min(self._number or 0, of_all // 2)
