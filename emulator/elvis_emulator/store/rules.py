# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be set of a store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoreRules:
    """How a store behaves where real servers differ, or nobody knows."""

    # Seconds until a search finds what was written: the least, and the most.
    index_delay: tuple[float, float] = (0, 0)
    # Into which files texts are written: none, those of assets with texts, or all.
    embeds: str = "none"
    # Whose `firstExtractedChecksum` is: that of the first file, the latest, or mixed, by chance.
    checksum: str = "first"
