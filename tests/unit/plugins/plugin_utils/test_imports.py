# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the import of the collection quick: no garbage is collected meanwhile, and byte code is kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import TREE
from tools.collection import ROOT

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
importlib.import_module("ansible_collections.damops.elvis.plugins.action.elvis_login")
assert "requests" in sys.modules
print(rounds, gc.isenabled(), gc.get_freeze_count())
"""
SAYING_WHAT_IT_COMPILES = """
import builtins
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader([])
compiled, really_compile = [], compile
def compile_and_say(source, filename, *args, **kwargs):
    compiled.append(str(filename))
    return really_compile(source, filename, *args, **kwargs)
builtins.compile = compile_and_say
assert action_loader.get("damops.elvis.elvis_login", class_only=True)
print(*(file for file in compiled if "_utils/_" in file and file.endswith(".py")), sep="\\n")
"""


@pytest.mark.parametrize("collects", [True, False])
def test_an_import_collects_nothing_and_leaves_it_as_it_was(collects: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COUNTING.format(collects=collects)],
        env={"PYTHONPATH": str(TREE)},
        check=True,
        capture_output=True,
        text=True,
    )
    rounds, is_at_work, left_alone = done.stdout.split()
    # All that is imported makes more than a hundred.
    assert int(rounds) < 20
    assert is_at_work == str(collects)
    assert int(left_alone) > 10_000


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """The plugins of a collection whose byte code nobody else has."""
    plugins = tmp_path / "ansible_collections/damops/elvis/plugins"
    shutil.copytree(ROOT / "plugins", plugins, ignore=shutil.ignore_patterns("__pycache__"))
    return plugins


def compiled(plugins: Path, **environment: str) -> set[str]:
    """Return the files below module_utils and plugin_utils that a playbook compiles for a login."""
    done = subprocess.run(
        [sys.executable, "-c", SAYING_WHAT_IT_COMPILES],
        env={"PATH": os.environ["PATH"], "ANSIBLE_COLLECTIONS_PATH": str(plugins.parents[3]), **environment},
        check=True,
        capture_output=True,
        text=True,
    )
    return {str(Path(line).relative_to(plugins)) for line in done.stdout.split()}


# Python loads these before it knows where to look for byte code.
FIRST = {"plugin_utils/_action.py", "plugin_utils/_imports.py"}


def test_byte_code_is_kept_for_the_next_playbook(plugins: Path) -> None:
    first, second = compiled(plugins), compiled(plugins)
    assert len(first) > 40
    assert second == FIRST


def test_a_file_that_changed_is_compiled_again(plugins: Path) -> None:
    compiled(plugins)
    changed = plugins / "module_utils/_errors.py"
    changed.write_text(changed.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    assert compiled(plugins) == {*FIRST, "module_utils/_errors.py"}


def test_nothing_is_kept_where_python_is_told_not_to(plugins: Path) -> None:
    first = compiled(plugins, PYTHONDONTWRITEBYTECODE="1")
    assert compiled(plugins, PYTHONDONTWRITEBYTECODE="1") == first
    assert not list(plugins.rglob("__pycache__"))
