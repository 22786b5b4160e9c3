# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan of a hundred thousand steps: what it takes to make it, and to compare each step with it."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.hits import Hit
from ansible_collections.damops.elvis.plugins.module_utils._files.atomic_file import atomic_file
from ansible_collections.damops.elvis.plugins.module_utils._work.plan import ApprovedPlan, PlanDraft, Step, step_of
from ansible_collections.damops.elvis.plugins.module_utils._work.plan_file import read_plan
from ansible_collections.damops.elvis.plugins.module_utils._work.sorted_lines import IN_MEMORY, SortedLines
from tests.load.measured import MIB

STEPS = 100_000
MOST_SECONDS = 20
"""Of processor time, for all of it. The server alone takes minutes for as many assets."""
MOST_MADE = 5 * IN_MEMORY
MOST_KEPT = 200
"""Bytes for each step of a plan that is applied."""


def steps() -> Iterator[Step]:
    """Yield steps in an order that is not the one of their paths."""
    for number in range(STEPS):
        path = f"/Zone/{number * 7919 % STEPS:06}.txt"
        yield step_of("update", path, Hit(f"id-{number:020}", path, {"versionNumber": 3}), {"status": ("Old", "New")})


def make(path: str) -> str:
    with atomic_file(path, only_compare=False, mode=0o600) as file, SortedLines() as lines:
        draft = PlanDraft(file, {"module": "elvis_metadata"}, lines)
        for step in steps():
            draft.foresee(step)
        return str(draft.end()["plan"]["digest"])


def compare(path: str, digest: str) -> None:
    plan = ApprovedPlan(path, digest, read_plan(path, digest).steps, skips=False)
    assert not any(map(plan.refusal, steps()))


def test_the_time(tmp_path: Path, tell: Callable[[str], None]) -> None:
    path = str(tmp_path / "plan.jsonl")
    taken = [time.process_time()]
    digest = make(path)
    taken.append(time.process_time())
    compare(path, digest)
    taken.append(time.process_time())
    made, compared = taken[1] - taken[0], taken[2] - taken[1]
    tell(f"A plan of {STEPS:,} steps: {made:.1f} s to make it, {compared:.1f} s to compare each step with it.")
    assert made + compared <= MOST_SECONDS


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
def test_the_memory(tmp_path: Path, tell: Callable[[str], None]) -> None:
    path = str(tmp_path / "plan.jsonl")
    digest = make(path)
    made = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    compare(path, digest)
    compared = tracemalloc.get_traced_memory()[1]
    tell(f"A plan of {STEPS:,} steps: {made / MIB:.0f} MiB to make it, {compared / MIB:.0f} MiB to apply it.")
    assert made <= MOST_MADE
    assert compared <= STEPS * MOST_KEPT
