# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names the columns of a table that may be no fields of the server. Private to damops.elvis.

No call tells which fields there are, and a server may take any name for a new one (guess: the public pages don't say).
Reports of other programs have columns such as Length or File size.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._elvis.field_values import is_empty
from .._text import agreeing, escaped

MOST_NAMED = 20
ADVICE = (
    "The server may make new fields of them. Where a column has the values of another field, name that field with"
    " mapping; leave out a column that is no field."
)


class NewFields:
    """The columns whose fields no asset had a value for.

    :param fields: the fields, with the names of their columns
    """

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._left = dict(fields)
        self._has_looked = False

    def look(self, present: Mapping[str, Any]) -> None:
        """Look at the fields of an asset, as it was before it was written."""
        self._has_looked = True
        for name in [name for name in self._left if not is_empty(present.get(name))]:
            del self._left[name]

    @property
    def words(self) -> str | None:
        """The words for the columns, with what to do; None without such columns, and without any asset."""
        if not self._has_looked or not self._left:
            return None
        columns = [escaped(column) for column in self._left.values()]
        more = f" and {len(columns) - MOST_NAMED} more" if len(columns) > MOST_NAMED else ""
        which = agreeing(len(columns), "the column", "the columns")
        return f"{which} {', '.join(columns[:MOST_NAMED])}{more}. {ADVICE}"
