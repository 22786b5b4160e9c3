# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds the rows of a search until all of it was read. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import pickle
import tempfile
from collections.abc import Iterator
from typing import Any

IN_MEMORY = 4_000_000
"""Characters of text that are held in memory. What is more lies in a file without a name: the texts of 10,000 documents
can take a gigabyte."""

Rows = list[dict[str, Any]]


class Spool(contextlib.ExitStack):
    """Rows that come and go in batches, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[Rows] = []
        self._characters = 0
        self._file: Any = None
        self._in_file = 0

    def add(self, rows: Rows) -> None:
        """Hold more rows."""
        self._held.append(rows)
        self._characters += sum(len(value) for row in rows for value in row.values() if isinstance(value, str))
        if self._characters > IN_MEMORY:
            self._write()

    def clear(self) -> None:
        """Drop all rows."""
        self._held.clear()
        self._characters = self._in_file = 0

    def take(self) -> Iterator[Rows]:
        """Yield all rows, batch by batch, and hold none of them any more."""
        if self._in_file:
            self._file.seek(0)
        for _batch in range(self._in_file):
            yield pickle.load(self._file)  # noqa: S301 - this process wrote it, and nobody else can open it
        yield from self._held
        self.clear()

    def _write(self) -> None:
        if self._file is None:
            self._file = self.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - this object closes it
        if not self._in_file:
            self._file.seek(0)
        for rows in self._held:
            pickle.dump(rows, self._file)
        self._in_file += len(self._held)
        self._held.clear()
        self._characters = 0
