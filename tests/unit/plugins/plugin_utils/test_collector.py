# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Garbage is collected again once the collection is imported, and not before."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import TREE

PROGRAM = """
import gc, importlib, sys
import ansible.plugins.action, ansible.utils.display
rounds = 0
def count(phase, _info):
    global rounds
    rounds += phase == "start"
if {collects}:
    gc.callbacks.append(count)
else:
    gc.disable()
importlib.import_module("ansible_collections.damops.elvis.plugins.action.elvis_login")
assert "requests" in sys.modules
print(rounds, gc.isenabled())
"""


@pytest.mark.parametrize("collects", [True, False])
def test_an_import_collects_nothing_and_leaves_it_as_it_was(collects: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(collects=collects)],
        env={"PYTHONPATH": str(TREE)},
        check=True,
        capture_output=True,
        text=True,
    )
    rounds, is_at_work = done.stdout.split()
    # All that is imported makes more than a hundred.
    assert int(rounds) < 20
    assert is_at_work == str(collects)
