# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes note of the rows that have fewer or more cells than the header. Private to damops.elvis.

Excel leaves off the last cells of a row where these are empty, in some blocks of rows and not in others. Other programs
end each row with a delimiter too much.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._elvis.field_values import is_empty
from .._text import agreeing, counted
from .cell_values import BadCell
from .columns import Columns

MOST_NAMED = 5
"""Lines that a warning names."""


class Ragged:
    """The rows of one file whose number of cells differs from that of its header.

    :ivar after: the line of the row right before the last one that was checked, where cells of it are missing
    """

    def __init__(self) -> None:
        self._short = _Lines()
        self._long = _Lines()
        self._last_short: int | None = None
        self.after: int | None = None

    def check(self, line: int, cells: Sequence[Any], columns: Columns) -> None:
        """Take note of a row.

        :raises BadCell: when it can't be used
        """
        self.after, self._last_short = self._last_short, None
        surplus = len(cells) - columns.width
        if surplus == 1 and is_empty(cells[-1]):
            self._long.add(line)
        elif surplus > 0:
            raise BadCell(
                f"has {len(cells)} cells, and the header has {columns.width}: in a CSV file, a cell that has the"
                " delimiter in it must be in quotes"
            )
        if any(place < len(cells) and not is_empty(cells[place]) for place in columns.nameless):
            raise BadCell("has a cell in a column without a name")
        if len(cells) < columns.named_width:
            self._short.add(line)
            self._last_short = line

    def warnings(self) -> list[str]:
        """Return the ends of the sentences that a person should read."""
        found = []
        if self._short:
            found.append(f"has {self._short.words} whose last cells are missing. Their fields stay as they are.")
        if self._long:
            found.append(f"has {self._long.words} with one delimiter too much at the end. It is ignored.")
        return found


class _Lines:
    """The number of some rows, and the first of their lines."""

    def __init__(self) -> None:
        self._number = 0
        self._first: list[int] = []

    def add(self, line: int) -> None:
        self._number += 1
        if len(self._first) < MOST_NAMED:
            self._first.append(line)

    def __bool__(self) -> bool:
        return self._number > 0

    @property
    def words(self) -> str:
        more = ", …" if self._number > len(self._first) else ""
        lines = agreeing(self._number, "line", "lines")
        return f"{counted(self._number, 'row')} ({lines} {', '.join(map(str, self._first))}{more})"
