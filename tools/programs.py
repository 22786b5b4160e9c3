# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the programs of the environment that runs this."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tools.collection import BIN, CACHE, ROOT


class Failed(Exception):
    """A check found something; the text says what."""


def run(*command: str | Path, cwd: Path = ROOT, **environment: str) -> str:
    """Run one program of the environment that runs this, and return what it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={
            **os.environ,
            "PATH": f"{BIN}:{os.environ['PATH']}",
            # Copies of the collection lie below, and are no part of this repository: it ignores them.
            "GIT_CEILING_DIRECTORIES": str(CACHE),
            **environment,
        },
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise Failed(done.stdout or f"{command[0]} ended with {done.returncode} and said nothing")
    return done.stdout
