# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells by its name what takes part in a transfer, on both sides alike. Private to damops.elvis."""

from __future__ import annotations

import fnmatch
import re
import unicodedata
from collections.abc import Callable, Sequence

from .._elvis.paths import pairing_key
from .atomic_file import is_part

DEFAULT_EXCLUDES = (
    ".*",
    "Thumbs.db",
    "desktop.ini",
    "~$*",
    ".~lock.*#",
    "*.part",
    "*.filepart",
    "*.crdownload",
    "*.tmp",
)
"""Names of what a person sees as nothing of a folder: hidden files, and what programs keep there while they work."""


class NameFilter:
    """What ``patterns`` and ``excludes`` say, as in ansible.builtin.find: of a name, not of a path.

    Excludes ignore letter case, because they protect from removal. Patterns widen what may be removed, and are exact.

    :param patterns: a file takes part when its name fits one of them; none fits all
    :param excludes: what fits one of them takes no part; a folder is not entered
    """

    def __init__(self, patterns: Sequence[str] | None = None, excludes: Sequence[str] | None = None) -> None:
        self._patterns = _compiled(patterns or (), _composed)
        self._excludes = _compiled(DEFAULT_EXCLUDES if excludes is None else excludes, pairing_key)

    @property
    def takes_all(self) -> bool:
        """Whether every file takes part that is not excluded."""
        return self._patterns is None

    def includes(self, name: str) -> bool:
        """Tell whether a file of this name is one of those that are wanted."""
        return self._patterns is None or bool(self._patterns.match(_composed(name)))

    def excludes(self, name: str) -> bool:
        """Tell whether a file or a folder of this name is left out; a draft of ours always is."""
        return is_part(name) or (self._excludes is not None and bool(self._excludes.match(pairing_key(name))))

    def takes(self, relative: str, recursive: bool = True) -> bool:
        """Tell whether the file with this path takes part, whichever side it lies on."""
        *folders, name = relative.split("/")
        if folders and not recursive:
            return False
        return self.includes(name) and not any(map(self.excludes, (*folders, name)))


def _compiled(patterns: Sequence[str], spelled: Callable[[str], str]) -> re.Pattern[str] | None:
    if not patterns:
        return None
    return re.compile("|".join(f"(?:{fnmatch.translate(spelled(pattern))})" for pattern in patterns))


def _composed(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFC", text)


_HIDDEN = _compiled(DEFAULT_EXCLUDES, pairing_key)


def is_hidden(name: str) -> bool:
    """Tell whether the default excludes hide a name, whatever a task excludes."""
    return is_part(name) or (_HIDDEN is not None and bool(_HIDDEN.match(pairing_key(name))))
