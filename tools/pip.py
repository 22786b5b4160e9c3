# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs pip with the user's settings for reaching an index (a mirror, a certificate, a proxy), and with no others.

Any other setting could change what is installed, or where: ``user``, ``target``, ``prefix``, ``constraint``. Only the
standard library is needed, as this makes the environments for everything else.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

HOW_TO_REACH_AN_INDEX = {
    "cache-dir",
    "cert",
    "client-cert",
    "default-timeout",
    "extra-index-url",
    "find-links",
    "index-url",
    "keyring-provider",
    "no-cache-dir",
    "no-index",
    "proxy",
    "retries",
    "timeout",
    "trusted-host",
    "use-feature",
}
# The later one wins.
SECTIONS = ("global", "install", ":env:")
# What would change how pip tells its settings: from which files, how much of it, and with which interpreter.
TELL_ALL = {"PIP_GLOBAL": "0", "PIP_USER": "0", "PIP_SITE": "0", "PIP_QUIET": "0", "PIP_VERBOSE": "0", "PIP_PYTHON": ""}


def start(python: Path, *arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run an environment's pip, and keep all that it prints together."""
    return subprocess.run(
        # -I: neither PYTHONPATH nor the user's own packages count.
        [python, "-I", "-m", "pip", *arguments, "--disable-pip-version-check", "--no-input"],
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )


def index_settings(python: Path) -> dict[str, str]:
    """Return how the user's files and variables tell pip to reach an index."""
    done = start(python, "config", "list", environment={**os.environ, **TELL_ALL})
    if done.returncode:
        sys.exit(f"{done.stdout}\npip can't read its configuration, see above.")
    found: dict[str, dict[str, str]] = {section: {} for section in SECTIONS}
    for line in done.stdout.splitlines():
        # global.index-url='https://mirror.example.com/simple'
        key, _equals, value = line.partition("=")
        section, _dot, name = key.rpartition(".")
        if section in found and name in HOW_TO_REACH_AN_INDEX:
            found[section][name] = ast.literal_eval(value)
    return {name: value for section in SECTIONS for name, value in found[section].items()}


def environment(python: Path) -> dict[str, str]:
    """Return the environment that lets pip reach an index as the user set it up, and is deaf to all else."""
    kept = {f"PIP_{name.upper().replace('-', '_')}": value for name, value in index_settings(python).items()}
    others = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return {**others, **kept, "PIP_CONFIG_FILE": os.devnull}


def install(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Install into the environment of this interpreter."""
    return start(python, "install", *arguments, environment=environment(python))
