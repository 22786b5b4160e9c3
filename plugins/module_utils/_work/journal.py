# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a run writes down what it does. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .._errors import ElvisError
from .diffs import Diffs
from .outcome import Outcome
from .plan import NO_PLAN, Plan, why_left_out
from .progress import Progress


@dataclass(frozen=True)
class Journal:
    """What the result, the report, and a person who watches learn of a task over many assets.

    :param outcome: what became of each asset
    :param diffs: what was before and after, for diff mode
    :param warn: takes what a person should know
    :param plan: takes the steps in check mode, or says which may be done
    """

    outcome: Outcome
    progress: Progress
    diffs: Diffs
    warn: Callable[[str], None]
    plan: Plan = NO_PLAN

    def not_done(self, error: ElvisError, *, path: str | None, id: str | None = None, **more: Any) -> None:  # noqa: A002
        """Tell of one asset with which nothing was done: it failed, or the task goes on without a step."""
        why = why_left_out(error)
        if why:
            self.outcome.add("skipped", path=path, id=id, **more, why=why)
        else:
            self.outcome.fail(error, path=path, id=id, **more)
