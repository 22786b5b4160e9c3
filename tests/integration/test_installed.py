# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's folder stays as it was installed, whatever runs from it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from tests.integration.guarded import GATE, LOGIN, SECONDS_TO_START, eventually, has_slept, play, started
from tests.integration.support import BIN, EXECUTIONS, Ansible, environment_for
from tests.support.emulator import Emulator

BY_ANSIBLE = {"plugins/action/__pycache__", "plugins/callback/__pycache__"}
"""What Ansible's own loader writes beside a plugin."""


def contents(folder: Path) -> set[str]:
    """Return what is in a folder, but for byte code that Ansible itself wrote."""
    paths = {str(path.relative_to(folder)) for path in folder.rglob("*")}
    return {path for path in paths if not any(path.startswith(of_ansible) for of_ansible in BY_ANSIBLE)}


def test_stays_as_it_was_installed(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    collections = tmp_path / "collections"
    shutil.copytree(installed.collections, collections, ignore=shutil.ignore_patterns("__pycache__"))
    collection = collections / "ansible_collections/damops/elvis"
    before = contents(collection)

    for execution in EXECUTIONS:
        ansible = replace(installed, collections=collections, execution=execution)
        with started(ansible, play(LOGIN, GATE), url=server.url, label="") as running:
            running.wait_at_gate()
            guard = running.closer()
            assert guard
            # What it needs to log out is imported in the background.
            assert eventually(lambda guard=guard: has_slept(guard), SECONDS_TO_START)
            assert "session_guard: logged out the session of alice" in running.end().stderr

    assert contents(collection) == before
    verified = subprocess.run(
        [BIN / "ansible-galaxy", "collection", "verify", "--offline", "damops.elvis"],
        env=environment_for(tmp_path, collections),
        check=False,
        capture_output=True,
        text=True,
    )
    reported = {word for word in verified.stdout.split() if "/" in word and word.startswith("plugins")}
    assert reported <= BY_ANSIBLE, verified.stdout + verified.stderr
