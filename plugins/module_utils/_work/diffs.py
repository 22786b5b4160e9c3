# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows what was before and after, for diff mode. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MOST = 1000
"""Assets whose change is shown."""

Show = Callable[[str, Mapping[str, tuple[Any, Any]]], None]
"""Is told of an asset that changes, or would: its path, and what was before and is after."""


class Diffs:
    """What changed about each asset.

    :param is_wanted: whether anybody looks at it
    """

    def __init__(self, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._diffs: list[dict[str, Any]] = []

    def add(self, path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Show what was before and what is after."""
        if self._is_wanted and len(self._diffs) < MOST:
            self._diffs.append(
                {"before_header": path, "after_header": path, "before": dict(before), "after": dict(after)}
            )

    def add_changes(self, path: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        """Show what changes: for each name what was before, None where there was none, and what is after."""
        before = {name: was for name, (was, _wanted) in changes.items()}
        after = {name: wanted for name, (_was, wanted) in changes.items()}
        self.add(path, before, after)

    def as_result(self) -> dict[str, Any]:
        """Return the key of a result, none where nobody looks at it."""
        return {"diff": self._diffs} if self._is_wanted else {}


def renamed_back(before: str | None, after: str) -> dict[str, str] | None:
    """Return what a result says of an asset that lost a name which somebody had given it meanwhile."""
    return {"from": before, "to": after} if before else None
