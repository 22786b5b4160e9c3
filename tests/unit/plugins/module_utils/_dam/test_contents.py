# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Dates that tell whether a file is younger than an asset, whatever keeps them and whoever's clock is right."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.contents import Comparison, LocalContent
from ansible_collections.damops.elvis.plugins.module_utils._dam.hits import Hit
from ansible_collections.damops.elvis.plugins.module_utils._dam.originals import Originals
from ansible_collections.damops.elvis.plugins.module_utils._files.tree import LocalFile
from tests.support.assets import Dam

STORED = 1_711_846_800
"""The moment, in seconds, at which clocks in Berlin went from 2 to 3."""
NOW = STORED + 10_000_000
HOUR = 3600

ROWS: list[tuple[str, float, float, bool]] = [
    ("the same moment", 0, 0, False),
    ("a file system that keeps nanoseconds, a server milliseconds", 0.000_999_999, 0, False),
    ("a FAT that keeps every other second", 2, 0, False),
    ("just beyond that", 2.001, 0, True),
    ("older", -HOUR, 0, False),
    ("an hour later, which is no change to summer time", HOUR, 0, True),
    ("before 1970", -STORED - 1, 0, False),
    ("the server's clock an hour ahead, as old", -HOUR, HOUR, False),
    ("the server's clock an hour ahead, younger", -HOUR + 3, HOUR, True),
    ("the server's clock an hour behind, as old", HOUR, -HOUR, False),
    ("the server's clock an hour behind, younger", HOUR + 3, -HOUR, True),
    ("clocks that differ by what nobody's clock is right to", -1, 3.9, False),
    ("ahead of this machine's clock, put here long ago", NOW, 0, False),
]


@pytest.mark.parametrize(
    ("later", "clock_ahead", "is_younger"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_dates(dam: Dam, later: float, clock_ahead: float, is_younger: bool) -> None:
    nanoseconds = int((STORED + later) * 1000) * 1_000_000 + int(later * 1e9) % 1_000_000
    file = LocalFile(b"/src/a.jpg", "a.jpg", 5, nanoseconds, 1, 1, (STORED - HOUR) * 10**9)
    asset = Hit("a1", "/Z/a.jpg", {"assetFileModified": {"value": STORED * 1000}, "fileSize": 7})
    content = LocalContent(file.size, file.dated(NOW), lambda: "unread")
    comparison = Comparison(Originals(dam.client), checksum=False, existing="newer", clock_ahead=clock_ahead)
    assert comparison.differs(content, asset) == ("date" if is_younger else None)
