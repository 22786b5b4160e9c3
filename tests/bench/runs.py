# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a program, and tells how long it took and how much memory it had."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

SECONDS_BETWEEN_LOOKS = 0.02


def seconds(command: Sequence[str | Path], environment: Mapping[str, str]) -> float:
    """Run a program and return how long it took; leave with what it said when it fails."""
    start = time.perf_counter()
    done = subprocess.run(
        command, env=environment, check=False, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    taken = time.perf_counter() - start
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return taken


class Watched(NamedTuple):
    """What a run took.

    :param peak_memory: the most bytes that the program and all that it started had together; None where /proc is none.
        Memory that several of them share counts once: it is the sum of their proportional set sizes.
    """

    seconds: float
    peak_memory: int | None


def watched(command: Sequence[str | Path], environment: Mapping[str, str]) -> Watched:
    """Run a program and look at its memory all the while; leave when it fails."""
    peak = 0
    nowhere = subprocess.DEVNULL
    start = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdin=nowhere, stdout=nowhere, stderr=nowhere) as process:
        while process.returncode is None:
            peak = max(peak, sum(map(_proportional_set_size, _with_descendants(process.pid))))
            with suppress(subprocess.TimeoutExpired):
                process.wait(SECONDS_BETWEEN_LOOKS)
    if process.returncode:
        sys.exit(f"{' '.join(map(str, command))} failed with {process.returncode}")
    return Watched(time.perf_counter() - start, peak or None)


def _with_descendants(process: int) -> list[int]:
    children = defaultdict(list)
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # It may be gone by now.
        with suppress(OSError):
            # The name before the last bracket may have spaces and brackets of its own.
            parent = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            children[int(parent)].append(int(stat.parent.name))
    found = [process]
    for each in found:
        found += children[each]
    return found


def _proportional_set_size(process: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
