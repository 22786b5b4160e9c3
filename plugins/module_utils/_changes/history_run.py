# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the histories of many assets at a time, and makes lines of them. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .._dam.history import HistoryEntry, WantedHistory, read_history
from .._elvis.client import Client
from .._elvis.field_values import as_moment
from .._work.parallel import Workers
from .._work.progress import Progress

COLUMNS = ("time", "user", "client", "action", "id", "path", "field", "before", "after")
ADDRESS = "address"
NO_FIELD = {"field": None, "before": None, "after": None}
AT_ONCE = 100
"""Assets whose histories are in memory together. Threads wait for the slowest of them."""

Line = dict[str, Any]


class Subject(NamedTuple):
    """An asset whose history is wanted.

    :param path: where it is now, None where nobody asked
    """

    id: str
    path: str | None = None

    @property
    def shown(self) -> str:
        """The asset as a message and the list of missing ones name it."""
        return self.path or self.id


class HistoryRun:
    """One reading of histories.

    :param concurrency: how many are read at a time
    :ivar lines: how many lines came of them
    :ivar assets: how many histories were read
    :ivar missing: the assets that the server does not know
    """

    def __init__(self, client: Client, wanted: WantedHistory, concurrency: int, progress: Progress) -> None:
        self._client = client
        self._wanted = wanted
        self._concurrency = concurrency
        self._progress = progress
        self.lines = self.assets = 0
        self.missing: list[str] = []

    def read(self, subjects: Iterable[list[Subject]]) -> Iterator[list[Line]]:
        """Yield the lines of assets, some at a time: those of one asset together, the oldest first.

        :raises ElvisError: when one history can't be read
        """
        with Workers(self._concurrency, self._client.gate, self._progress.look) as workers:
            for page in subjects:
                for start in range(0, len(page), AT_ONCE):
                    batch = page[start : start + AT_ONCE]
                    yield list(self._lines(batch, workers.run(self._read_one, batch)))

    def _read_one(self, subject: Subject) -> list[HistoryEntry] | None:
        entries = read_history(self._client, subject.id, subject.shown, self._wanted)
        self._progress.count()
        return entries

    def _lines(self, batch: list[Subject], histories: Iterable[list[HistoryEntry] | None]) -> Iterator[Line]:
        for subject, entries in zip(batch, histories):
            if entries is None:
                self.missing.append(subject.shown)
                continue
            self.assets += 1
            for entry in entries:
                for line in _lines_of(subject, entry):
                    self.lines += 1
                    yield line


def _lines_of(subject: Subject, entry: HistoryEntry) -> Iterator[Line]:
    """Yield a line for each field that changed, and one without a field where none did."""
    shared = {
        "time": as_moment(entry.time),
        "user": entry.user,
        "client": entry.client,
        "action": entry.action,
        "id": subject.id,
        "path": entry.path or subject.path,
    }
    changed = sorted(entry.changed.items(), key=lambda pair: pair[0])
    fields = [{"field": name, "before": before, "after": after} for name, (before, after) in changed]
    for of_field in fields or [NO_FIELD]:
        yield {**shared, **of_field, ADDRESS: entry.address}
