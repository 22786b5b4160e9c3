# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a run writes down what it does. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .diffs import Diffs
from .outcome import Outcome
from .progress import Progress


@dataclass(frozen=True)
class Journal:
    """What the result, the report, and a person who watches learn of a task over many assets.

    :param outcome: what became of each asset
    :param diffs: what was before and after, for diff mode
    :param warn: takes what a person should know
    """

    outcome: Outcome
    progress: Progress
    diffs: Diffs
    warn: Callable[[str], None]
