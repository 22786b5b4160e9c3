# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be set of a store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StoreRules:
    """How a store behaves where real servers differ, or nobody knows."""

    # Seconds until a search finds what was written.
    index_delay: float = 0
    # Whether texts are written into the files of assets.
    embeds: bool = False
    # Whether `firstExtractedChecksum` is that of the latest file.
    checksum_follows: bool = False
