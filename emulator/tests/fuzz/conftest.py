# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How much is tried: the same examples each time, or with --hypothesis-profile=long many more and ever new ones."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings

# Far more than any example takes, even on a busy machine: what exceeds it has lost its bounds.
DEADLINE = timedelta(seconds=10)
BUSY = [HealthCheck.too_slow]

settings.register_profile(
    "quick",
    max_examples=80,
    derandomize=True,
    database=None,
    deadline=DEADLINE,
    suppress_health_check=BUSY,
    # Looking for the smallest example takes minutes, and is for the one who mends it.
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("long", max_examples=5000, deadline=DEADLINE, suppress_health_check=BUSY, print_blob=True)
settings.load_profile("quick")
