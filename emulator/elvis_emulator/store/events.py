# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens to assets and folders, told to whoever listens: the history, the webhooks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from .asset import Asset, Folder


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; the types have the names that the vendor gives to the events of webhooks."""

    type: str
    user: str
    # In ms since 1970.
    time: int
    asset: Asset | None = None
    folder: Folder | None = None
    # What a copy was made of.
    source: Asset | None = None
    # The fields that changed: before, and after.
    changed: Mapping[str, tuple[object, object]] = field(default_factory=dict)


Listener = Callable[[Event], None]
