# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Shows what was before and after, for diff mode. Private to damops.elvis."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .._text import whole_text

MOST, MOST_CHARACTERS = 1000, 500_000
"""Assets whose change is kept, and characters of their changes. What a result has of them, it bounds with the rest."""

Changes = Mapping[str, tuple[Any, Any]]
"""For each field that changes the value before and the one after."""


class Diffs:
    """What changed about each asset.

    :param is_wanted: whether anybody looks at it
    """

    def __init__(self, is_wanted: bool) -> None:
        self._is_wanted = is_wanted
        self._diffs: list[dict[str, str]] = []
        self._characters = 0

    def add(self, path: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Show what was before and what is after."""
        # One more than fits is kept, so that the result says that some are left out.
        if self._is_wanted and len(self._diffs) <= MOST and self._characters <= MOST_CHARACTERS:
            entry = diff_of(path, before, after)
            self._diffs.append(entry)
            self._characters += sum(map(len, entry.values()))

    def add_changes(self, path: str, changes: Mapping[str, tuple[Any, Any]]) -> None:
        """Show what changes: for each name what was before, None where there was none, and what is after."""
        before = {name: was for name, (was, _wanted) in changes.items()}
        after = {name: wanted for name, (_was, wanted) in changes.items()}
        self.add(path, before, after)

    def as_result(self) -> dict[str, Any]:
        """Return the key of a result, none where nobody looks at it."""
        return {"diff": self._diffs} if self._is_wanted else {}


def diff_of(header: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """Return what Ansible shows as a difference: as text, because it writes all but ASCII of a dict as escapes."""
    sides = (before, after)
    texts = [json.dumps(dict(side), ensure_ascii=False, indent=4, sort_keys=True, default=str) for side in sides]
    texts = [f"{whole_text(text)}\n" for text in texts]
    return {"before_header": header, "after_header": header, "before": texts[0], "after": texts[1]}


def renamed_back(before: str | None, after: str) -> dict[str, str] | None:
    """Return what a result says of an asset that lost a name which somebody had given it meanwhile."""
    return {"from": before, "to": after} if before else None
