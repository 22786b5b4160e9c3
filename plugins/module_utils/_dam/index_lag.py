# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How long what was written may be unknown to a search. Private to damops.elvis."""

from __future__ import annotations

import time
from collections.abc import Iterator

INDEX_LAG = 10.0
"""Seconds within which a search sees what was written (guess: it is not documented, and clients rely on none)."""
FIRST_LOOK, LONGEST_LOOK = 0.25, 2.0
"""Seconds before a search is asked again; doubled for each further time."""


def pauses_until(end: float) -> Iterator[float]:
    """Yield the seconds to wait before each further look, as long as they are over by ``end``, a monotonic time."""
    pause = FIRST_LOOK
    while time.monotonic() + pause <= end:
        yield pause
        pause = min(2 * pause, LONGEST_LOOK)
