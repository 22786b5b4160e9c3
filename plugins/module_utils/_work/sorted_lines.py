# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sorts more lines than fit into memory. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import heapq
import tempfile
from collections.abc import Iterator
from typing import IO

IN_MEMORY = 4_000_000
"""Characters that are held in memory. What is more lies sorted in files without a name."""


class SortedLines(contextlib.ExitStack):
    """Lines that come in any order, and go in the order of their characters."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[str] = []
        self._characters = 0
        self._files: list[IO[str]] = []

    def add(self, line: str) -> None:
        """Take a line, which has no line break in it."""
        self._held.append(f"{line}\n")
        self._characters += len(line)
        if self._characters > IN_MEMORY:
            self._write()

    def take(self) -> Iterator[str]:
        """Yield all lines."""
        for file in self._files:
            file.seek(0)
        for line in heapq.merge(*self._files, sorted(self._held)):
            yield line[:-1]

    def _write(self) -> None:
        file = self.enter_context(tempfile.TemporaryFile("w+", encoding="ascii", newline="\n"))  # noqa: SIM115 - this object closes it
        file.writelines(sorted(self._held))
        self._files.append(file)
        self._held.clear()
        self._characters = 0
