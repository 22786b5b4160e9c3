# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Remembers what a task wrote, until a search shows it. Private to damops.elvis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class Write(NamedTuple):
    """An asset as a task left it.

    :param is_there: False where the task removed it
    :param version: its ``versionNumber``, None where that is not known
    :param modified: its ``assetModified``; None where that is not known, or says nothing of this write
    :param fields: the fields that were written, with the values that the server stored
    :param is_doubtful: whether an earlier task may have written the same, and a search shows it shortened
    """

    is_there: bool = True
    version: int | None = None
    modified: int | None = None
    fields: Mapping[str, Any] = {}
    is_doubtful: bool = False

    def after(self, earlier: Write | None) -> Write:
        """Return what is left of two writes of one asset."""
        if earlier is None or not (earlier.is_there and self.is_there):
            return self
        return self._replace(
            version=self.version or earlier.version,
            fields={**earlier.fields, **self.fields},
            is_doubtful=self.is_doubtful or earlier.is_doubtful,
        )


class OwnWrites:
    """What one task has written; several threads may add to it.

    :ivar others: what else the server is to show, such as a folder: each tells whether it does
    """

    def __init__(self) -> None:
        self._by_id: dict[str, Write] = {}
        self._last_of_thread: dict[int, str] = {}
        self._doubtful: set[str] = set()
        self.others: list[Callable[[], bool]] = []

    def __bool__(self) -> bool:
        return bool(self._by_id or self.others)

    def __len__(self) -> int:
        return len(self._by_id) + len(self.others)

    def add(self, asset_id: str, write: Write) -> None:
        """Take note of a write; each thread has a connection of its own."""
        self._by_id[asset_id] = write.after(self._by_id.get(asset_id))
        self._last_of_thread[threading.get_ident()] = asset_id
        if write.is_doubtful:
            self._doubtful.add(asset_id)

    @property
    def by_id(self) -> dict[str, Write]:
        """All assets that were written."""
        return dict(self._by_id)

    @property
    def asked_first(self) -> dict[str, Write]:
        """The assets that the connections wrote last, which were shown after all others, and the doubtful ones."""
        return {asset_id: self._by_id[asset_id] for asset_id in (*self._last_of_thread.values(), *self._doubtful)}
