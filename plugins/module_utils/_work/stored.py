# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells once of all values that a server keeps otherwise than it was given them. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._elvis.field_values import stored_as

MOST_NAMED = 3
"""Values that the warning names."""


class StoredOtherwise:
    """Values that a server shortened, or wrote in other case, or changed in any other way.

    :param is_state: whether a further run compares them with what it gives
    """

    def __init__(self, is_state: bool) -> None:
        self._is_state = is_state
        self._named: list[str] = []
        self._number = 0

    def add(self, path: str | None, values: Mapping[str, Any]) -> None:
        """Take note of the values of one asset."""
        self._number += len(values)
        for name, value in values.items():
            if len(self._named) < MOST_NAMED:
                self._named.append(f"{path}: {stored_as(name, value)}")

    @property
    def words(self) -> str | None:
        """The sentences on them, None where there are none."""
        if not self._named:
            return None
        more = f"; and {self._number - MOST_NAMED} more" if self._number > MOST_NAMED else ""
        again = " They are written again in each run." if self._is_state else ""
        return f"The server keeps other values than it was given: {'; '.join(self._named)}{more}.{again}"
