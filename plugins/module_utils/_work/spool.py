# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Holds the rows of a search until all of it was read. Private to damops.elvis."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any

IN_MEMORY = 4 * 1024 * 1024
"""Bytes of rows from which on they lie in a file without a name. The texts of 10,000 documents can take a gigabyte."""


class Spool:
    """Rows that come and go in batches, in their order."""

    def __init__(self) -> None:
        # An object that is closed by the block in which it is used.
        self._file = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115

    def __enter__(self) -> Spool:  # noqa: PYI034 - Python 3.9 has no Self
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, rows: Sequence[dict[str, Any]]) -> None:
        """Hold more rows."""
        self._file.write(f"{json.dumps(rows)}\n".encode())

    def clear(self) -> None:
        """Drop all rows."""
        self._file.seek(0)
        self._file.truncate()

    def take(self) -> Iterator[list[dict[str, Any]]]:
        """Yield all rows, batch by batch, and hold none of them any more."""
        self._file.seek(0)
        for line in self._file:
            yield json.loads(line)
        self.clear()
