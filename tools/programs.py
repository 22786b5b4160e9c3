# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the programs that check this project, and says how a check can end."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tools.collection import BIN, CACHE, ROOT


class Failed(Exception):
    """A check found something; the text says what."""


class Skipped(Exception):
    """A check could not be made here; the text says why."""


def start(*command: str | Path, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one program of the environment that runs this, and keep what it prints: results apart from messages."""
    return subprocess.run(
        command,
        cwd=cwd,
        env={
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            # Copies of the collection lie below, and are not part of this repository: it ignores them.
            "GIT_CEILING_DIRECTORIES": str(CACHE),
            **environment,
        },
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run one program likewise, and return all that it printed; that it succeeds is the check."""
    done = start(*command, cwd=cwd, **environment)
    printed = done.stdout + done.stderr
    if done.returncode:
        raise Failed(printed or f"{command[0]} ended with {done.returncode} and said nothing")
    return printed
