# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command `elvis-emulator`: its first argument says what to do; without one that does, it serves."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence

from . import running, snapshotting

COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {"serve": running.main, "snapshot": snapshotting.main}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given and given[0] in COMMANDS:
        return COMMANDS[given[0]](given[1:])
    return COMMANDS["serve"](given)
