# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte code is kept in the user's cache, belongs to its source, and leaves the collection's folder as it was."""

from __future__ import annotations

import compileall
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from py_compile import PycInvalidationMode

import pytest

from tools.collection import ROOT

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
# Python loads these before it knows where to look for byte code.
FIRST = {f"plugin_utils/_{name}.py" for name in ("imports", "byte_code", "private_folder")}
ERRORS = "module_utils/_errors.py"


@pytest.fixture
def plugins(tmp_path: Path) -> Path:
    """The plugins of a collection whose byte code nobody else has."""
    plugins = tmp_path / "ansible_collections/damops/elvis/plugins"
    shutil.copytree(ROOT / "plugins", plugins, ignore=shutil.ignore_patterns("__pycache__"))
    return plugins


def compiled(plugins: Path, **environment: str | Path) -> set[str]:
    """Return the files below module_utils and plugin_utils that a playbook compiles for a login."""
    collections = str(plugins.parents[3])
    done = subprocess.run(
        [sys.executable, "-c", SAYING_WHAT_IT_COMPILES],
        env={"PATH": os.environ["PATH"], "ANSIBLE_COLLECTIONS_PATH": collections}
        | {name: str(value) for name, value in environment.items()},
        check=True,
        capture_output=True,
        text=True,
    )
    return {str(Path(line).relative_to(plugins)) for line in done.stdout.split()}


def byte_code_of(cache: Path, file: str = ERRORS) -> Path:
    (found,) = (cache / "damops.elvis").glob(f"{file.removesuffix('.py').replace('/', '.')}.*.pyc")
    return found


def folders_of_byte_code(plugins: Path) -> set[str]:
    return {str(path.relative_to(plugins)) for path in plugins.rglob("__pycache__")}


def test_is_kept_for_the_next_playbook(plugins: Path, private_tmp: Path) -> None:
    first, second = compiled(plugins, XDG_CACHE_HOME=private_tmp), compiled(plugins, XDG_CACHE_HOME=private_tmp)
    assert len(first) > 40
    assert second == FIRST
    # What Ansible's own loader writes.
    assert folders_of_byte_code(plugins) == {"action/__pycache__"}


def test_a_file_with_its_old_size_and_date_is_compiled_again(plugins: Path, private_tmp: Path) -> None:
    compiled(plugins, XDG_CACHE_HOME=private_tmp)
    file = plugins / ERRORS
    before = file.stat()
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("unreachable", "UNREACHABLE"), encoding="utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert file.stat().st_size == before.st_size
    assert compiled(plugins, XDG_CACHE_HOME=private_tmp) == {*FIRST, ERRORS}
    assert compiled(plugins, XDG_CACHE_HOME=private_tmp) == FIRST


def test_that_of_another_installation_is_not_used(plugins: Path, private_tmp: Path, tmp_path: Path) -> None:
    compiled(plugins, XDG_CACHE_HOME=private_tmp)
    other = tmp_path / "other" / plugins.relative_to(tmp_path)
    shutil.copytree(plugins, other)
    assert len(compiled(other, XDG_CACHE_HOME=private_tmp)) > 40


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def torn(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def no_code(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:16] + b"N")


def of_another_python(file: Path) -> None:
    file.write_bytes(b"\0" + file.read_bytes()[1:])


def writable_by_others(file: Path) -> None:
    file.chmod(0o666)


@pytest.mark.parametrize("damage", [emptied, torn, no_code, of_another_python, writable_by_others])
def test_a_file_that_is_no_byte_code_is_replaced(
    plugins: Path, private_tmp: Path, damage: Callable[[Path], None]
) -> None:
    compiled(plugins, XDG_CACHE_HOME=private_tmp)
    damage(byte_code_of(private_tmp))
    assert compiled(plugins, XDG_CACHE_HOME=private_tmp) == {*FIRST, ERRORS}
    assert compiled(plugins, XDG_CACHE_HOME=private_tmp) == FIRST


def test_nothing_is_kept_where_python_is_told_not_to(plugins: Path, private_tmp: Path) -> None:
    first = compiled(plugins, XDG_CACHE_HOME=private_tmp, PYTHONDONTWRITEBYTECODE="1")
    assert compiled(plugins, XDG_CACHE_HOME=private_tmp, PYTHONDONTWRITEBYTECODE="1") == first
    assert (list(private_tmp.iterdir()), folders_of_byte_code(plugins)) == ([], set())


def test_nothing_is_kept_where_others_can_write(plugins: Path, private_tmp: Path) -> None:
    private_tmp.chmod(0o777)
    first = compiled(plugins, XDG_CACHE_HOME=private_tmp)
    assert compiled(plugins, XDG_CACHE_HOME=private_tmp) == first
    assert (list(private_tmp.iterdir()), folders_of_byte_code(plugins)) == ([], {"action/__pycache__"})


def test_nothing_is_kept_without_a_home(plugins: Path) -> None:
    assert compiled(plugins) == compiled(plugins)


@pytest.mark.parametrize(
    ("mode", "is_used"),
    [
        (PycInvalidationMode.CHECKED_HASH, True),
        # These don't say whether the source is still the same.
        (PycInvalidationMode.UNCHECKED_HASH, False),
        (PycInvalidationMode.TIMESTAMP, False),
    ],
)
def test_what_was_installed_is_used_if_it_names_the_hash(
    plugins: Path, mode: PycInvalidationMode, is_used: bool
) -> None:
    compileall.compile_dir(plugins, quiet=1, invalidation_mode=mode)
    assert (compiled(plugins) == FIRST) == is_used


def test_what_was_installed_of_another_source_is_not_used(plugins: Path) -> None:
    compileall.compile_dir(plugins, quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    with (plugins / ERRORS).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert compiled(plugins) == {*FIRST, ERRORS}


def test_what_others_can_write_is_not_used(plugins: Path) -> None:
    compileall.compile_dir(plugins, quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    (plugins / "module_utils/__pycache__").chmod(0o777)
    assert compiled(plugins) == {*FIRST, *(f"module_utils/_{name}.py" for name in ("errors", "signals", "text"))}


def test_the_execution_environment_compiles_what_is_used(plugins: Path) -> None:
    lines = (ROOT / "execution-environment.yml").read_text(encoding="utf-8").splitlines()
    (command,) = (line.split("RUN python3 ")[1].split() for line in lines if "compileall" in line)
    assert command[-1] == "/usr/share/ansible/collections/ansible_collections/damops/elvis/plugins"
    subprocess.run([sys.executable, *command[:-1], plugins], check=True)
    assert compiled(plugins) == FIRST
