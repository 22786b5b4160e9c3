# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a name of an asset or folder may hold."""

from __future__ import annotations

import re

from elvis_emulator import unknowns
from elvis_emulator.web.errors import ElvisError

from .paths import clean_path

# No file system takes the zero byte.
_INVALID = re.compile(f"[{re.escape(unknowns.INVALID_IN_NAMES)}\0]")


class Names:
    """Refuses invalid characters in new names, or removes them: the vendor says "removed or refused"."""

    def __init__(self, removes: bool) -> None:
        self._removes = removes

    def clean(self, name: str) -> str:
        """Return a name as it is stored."""
        if self._removes:
            return _INVALID.sub("", name).strip()
        found = _INVALID.search(name)
        if found:
            message = f"Invalid character '{found[0]}' in the name '{name[:200]}'"
            raise ElvisError(unknowns.INVALID_NAME_CODE, unknowns.INVALID_NAME_NAME, message)
        return name.strip()

    def clean_path(self, path: str) -> str:
        """Return a path as it is stored; "" is the root."""
        return clean_path("/".join(self.clean(part) for part in path.split("/")))
