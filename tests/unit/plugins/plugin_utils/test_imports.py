# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the import of the collection quick leaves Python as it was, also when an import fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import TREE

COUNTING = """
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
finders, prefix = list(sys.meta_path), sys.pycache_prefix
importlib.import_module("ansible_collections.damops.elvis.plugins.{plugin}")
assert {library!r} in sys.modules
assert (sys.meta_path, sys.pycache_prefix) == (finders, prefix)
print(rounds, gc.isenabled(), gc.get_freeze_count())
"""
FAILING = """
import gc, importlib, sys
import ansible.plugins.action, ansible.utils.display
sys.modules["ansible_collections.damops.elvis.plugins.{missing}"] = None
if not {collects}:
    gc.disable()
finders = list(sys.meta_path)
try:
    importlib.import_module("ansible_collections.damops.elvis.plugins.{plugin}")
except ImportError as error:
    print(gc.isenabled(), sys.meta_path == finders)
"""


def output_of(program: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(TREE)}, check=True, capture_output=True, text=True
    )
    return done.stdout.split()


@pytest.mark.parametrize("collects", [True, False])
@pytest.mark.parametrize(
    ("plugin", "library", "most_rounds"),
    [("action.elvis_login", "requests", 20), ("callback.session_guard", "subprocess", 20)],
)
def test_an_import_collects_nothing_and_leaves_it_as_it_was(
    plugin: str, library: str, most_rounds: int, collects: bool
) -> None:
    rounds, is_at_work, left_alone = output_of(COUNTING.format(plugin=plugin, library=library, collects=collects))
    # All that is imported makes more than a hundred.
    assert int(rounds) < most_rounds
    assert is_at_work == str(collects)
    assert int(left_alone) > 10_000


@pytest.mark.parametrize("collects", [True, False])
@pytest.mark.parametrize(
    ("plugin", "missing"),
    [
        ("action.elvis_login", "module_utils._errors"),
        ("action.elvis_login", "module_utils._operations.login"),
        ("action.elvis_upload", "plugin_utils._action"),
        ("callback.session_guard", "plugin_utils._guard.notice"),
    ],
)
def test_an_import_that_fails_leaves_python_as_it_was(plugin: str, missing: str, collects: bool) -> None:
    assert output_of(FAILING.format(plugin=plugin, missing=missing, collects=collects)) == [str(collects), "True"]


def test_each_action_is_imported_quickly() -> None:
    actions = sorted((TREE / "ansible_collections/damops/elvis/plugins/action").glob("*.py"))
    assert actions
    slow = [path.name for path in actions if "\nfrom ..plugin_utils._action" in path.read_text(encoding="utf-8")]
    assert slow == []
