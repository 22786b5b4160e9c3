# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs Python as on a machine whose locale is not UTF-8."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.conftest import ROOT, TREE


def run_with_locale(locale: str, program: str) -> None:
    """Run a program, in UTF-8, which must end well."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG"))},
        "LC_ALL": locale,
        "PYTHONPATH": f"{TREE}:{ROOT}",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    done = subprocess.run(
        [sys.executable, "-"], input=program.encode(), env=environment, cwd="/", capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
