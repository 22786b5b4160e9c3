# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README shows works as it stands there, where the language is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from emulator.tests.client import Start
from emulator.tests.running import FOLDER

README = (FOLDER / "README.md").read_text(encoding="utf-8")


def shown(language: str) -> str:
    """Return the one example in a language."""
    (code,) = re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    return str(code)


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node.js")
def test_javascript(tmp_path: Path) -> None:
    program = tmp_path / "elvis.test.mjs"
    program.write_text(shown("javascript"), encoding="utf-8")
    # The command as an installation has it.
    command = tmp_path / "elvis-emulator"
    command.write_text(f'#!/bin/sh\ncd {FOLDER} && exec {sys.executable} -m elvis_emulator "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["node", "--test", program], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, "pass 1" in done.stdout) == (0, True), done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("pwsh"), reason="needs PowerShell")
def test_powershell(tmp_path: Path, start: Start) -> None:
    client = start()
    program = tmp_path / "elvis.ps1"
    # What it asks of Pester, so that this one need not be installed.
    pester = (
        "function Describe($Name, $Block) { & $Block }\nfunction It($Name, $Block) { & $Block }\n"
        "function Should { param([Parameter(ValueFromPipeline)]$Actual, $Be)\n"
        "  if ($Actual -ne $Be) { throw \"$Actual is not $Be\" } else { 'passed' } }\n"
    )
    program.write_text(pester + shown("powershell"), encoding="utf-8")
    environment = os.environ | {"ELVIS_SERVER_URL": client.server.url}
    done = subprocess.run(
        ["pwsh", "-NoProfile", "-File", program],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "passed"), done.stdout + done.stderr


def test_every_option_is_in_the_table() -> None:
    said = subprocess.run(
        [sys.executable, "-m", "elvis_emulator", "serve", "--help"],
        cwd=FOLDER,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    options = {name for name in re.findall(r"--[a-z-]+", said.stdout) if not name.startswith(("--help", "--no-"))}
    assert sorted(option for option in options if option not in README) == []
