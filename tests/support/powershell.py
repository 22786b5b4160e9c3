# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs scripts with PowerShell itself, where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.emulator import ROOT

SECONDS_TO_RUN = 120


def find_powershell() -> Path:
    """Return PowerShell's program, or skip the test that asks: all who do are one line of pytest's summary."""
    found = shutil.which("pwsh")
    if not found:
        pytest.skip("there is no PowerShell (pwsh) on the path")
    return Path(found)


def run_script(script: Path, *arguments: str, home: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a script as an administrator does, with nothing of this machine's or this user's own settings.

    :param home: an empty folder
    :param env: variables of the script's process
    """
    return subprocess.run(
        [find_powershell(), "-NoProfile", "-NonInteractive", "-File", script, *arguments],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_CACHE_HOME": str(ROOT / ".cache"),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "POWERSHELL_TELEMETRY_OPTOUT": "1",
            "POWERSHELL_UPDATECHECK": "Off",
            **env,
        },
        check=False,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS_TO_RUN,
    )
