# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""The environment with the tools that check and release, which is not the one that the tests run in."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools.collection import CACHE

PYTHON = CACHE / "venv/lint/bin/python"


def needs(program: str) -> pytest.MarkDecorator:
    missing = not PYTHON.with_name(program).exists()
    return pytest.mark.skipif(missing, reason=f"{program} is not installed here: `make lint-venv` does that")


def start(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run that environment's Python, and keep all that is printed."""
    return subprocess.run(
        [PYTHON, *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
