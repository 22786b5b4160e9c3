# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table as a page shows it. `python -m tests.support.faults.page` writes it there."""

from __future__ import annotations

from pathlib import Path

from tests.support.faults.calls import CALLS
from tests.support.faults.table import GROUPS, Fault

PAGE = Path(__file__).parents[3] / "docs/reliability.md"
BEGIN, END = "<!-- faults: begin -->", "<!-- faults: end -->"


def table() -> str:
    """Return the table as the page has it."""
    calls = [call.replace("_", " ") for call in CALLS]
    lines = [f"| the server | {' | '.join(calls)} |", f"| --- |{' --- |' * len(calls)}"]
    for group, faults in GROUPS.items():
        lines.append(f"| **{group}** |{' |' * len(calls)}")
        lines += [f"| {does} | {' | '.join(_cell(fault, call) for call in CALLS)} |" for does, fault in faults.items()]
    return "\n".join([BEGIN, *lines, END])


def _cell(fault: Fault, call: str) -> str:
    outcome = fault.expected.of(call)
    reason = f"`{outcome.reason}`" if outcome.reason else "ok"
    return f"{reason} {outcome.requests}{' ?' if outcome.lost else ''}"


if __name__ == "__main__":
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    PAGE.write_text(before + table() + after, encoding="utf-8")
