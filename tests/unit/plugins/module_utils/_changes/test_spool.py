# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows that wait until a search was read whole come back as they were, in memory or in a file."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._changes import spool
from ansible_collections.damops.elvis.plugins.module_utils._changes.spool import Rows, Spool

BATCHES: list[Rows] = [
    [{"id": "a", "text": "x" * 40}, {"id": "b", "tags": ["1", "2"]}],
    [],
    [{"id": "\ud800\u00fc\n", "number": 1.5, "none": None}],
]


@pytest.mark.parametrize("most", [0, 10, 42, 1000])
def test_rows_come_back_once(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", most)
    with Spool() as held:
        for _round in range(2):
            held.add([{"id": "dropped", "text": "x" * 100}])
            held.clear()
            for rows in BATCHES:
                held.add(rows)
            assert [row for rows in held.take() for row in rows] == [row for rows in BATCHES for row in rows]
            assert list(held.take()) == []
