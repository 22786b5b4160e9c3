# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gets ansible-rulebook, in an environment of its own that is made when it is asked for, once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.collection import CACHE, ROOT
from tools.programs import Skipped

LOCK = ROOT / "requirements/eda.txt"
FOLDER = CACHE / "venv/eda"
OLDEST_JAVA = 17
# Whoever has no index must not wait long for hearing that.
PATIENCE = {"PIP_RETRIES": "1", "PIP_TIMEOUT": "15"}


def program() -> Path:
    """Return ansible-rulebook, installed when it is not there yet.

    :raises Skipped: when it can't be had here, or its engine can't run
    """
    _check_java()
    command = [sys.executable, "-m", "tools.setup_venv", str(FOLDER), str(LOCK)]
    done = subprocess.run(
        command, cwd=ROOT, env={**PATIENCE, **os.environ}, check=False, capture_output=True, text=True
    )
    if done.returncode:
        lines = f"{done.stdout}\n{done.stderr}".strip().splitlines()
        told = next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else "pip said nothing")
        raise Skipped(f"ansible-rulebook can't be had here: {told}")
    return FOLDER / "bin/ansible-rulebook"


def _check_java() -> None:
    java = shutil.which("java")
    if java is None:
        raise Skipped(f"ansible-rulebook needs Java {OLDEST_JAVA}, and there is none (Debian: openjdk-17-jre-headless)")
    told = subprocess.run([java, "-version"], check=False, capture_output=True, text=True).stderr
    found = re.search(r'version "(\d+)', told)
    if found is None or int(found[1]) < OLDEST_JAVA:
        first = (told.strip() or "it says nothing").splitlines()[0]
        raise Skipped(f"ansible-rulebook needs Java {OLDEST_JAVA} or newer, and this one is: {first}")
