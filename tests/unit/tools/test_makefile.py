# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""make finds a Python that is new enough, whatever it is called, and a locale in which Ansible starts."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.collection import ROOT

MAKE = shutil.which("make")
pytestmark = pytest.mark.skipif(MAKE is None, reason="make is not installed")


def make_python(path: Path) -> subprocess.CompletedProcess[str]:
    """Have make check the Python, with nothing but that folder on the PATH."""
    command = [str(MAKE), "--no-print-directory", "--makefile", str(ROOT / "Makefile"), "python"]
    return subprocess.run(command, check=False, capture_output=True, text=True, env={"PATH": str(path)})


def too_old(path: Path) -> None:
    path.write_text('#!/bin/sh\n[ "$1" != --version ] || echo Python 3.6.15\nexit 1\n', encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "eigene programme"
    folder.mkdir()
    # What make itself calls to say what is wrong
    (folder / "head").symlink_to(shutil.which("head") or "")
    return folder


@pytest.mark.parametrize("name", ["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python"])
@pytest.mark.parametrize("beside_an_old_one", [False, True])
def test_finds_the_python_that_is_there(path: Path, name: str, beside_an_old_one: bool) -> None:
    if beside_an_old_one:
        too_old(path / "python3")
    (path / name).unlink(missing_ok=True)
    (path / name).symlink_to(sys.executable)
    done = make_python(path)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("has_an_old_one", [False, True])
def test_says_that_there_is_none(path: Path, has_an_old_one: bool) -> None:
    if has_an_old_one:
        too_old(path / "python3")
    done = make_python(path)
    assert done.returncode != 0
    assert "Python 3.11 or newer is needed; 'python3' is: " in done.stderr
    assert ("Python 3.6.15" in done.stderr) == has_an_old_one


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LC_ALL": "C"}, "C.UTF-8"),
        ({"LC_ALL": "POSIX", "LANG": "C.UTF-8"}, "C.UTF-8"),
        # Of these none is generated where the tests run.
        ({"LANG": "xx_XX.UTF-8"}, "C.UTF-8"),
        ({"LC_ALL": "xx_XX.UTF-8"}, "C.UTF-8"),
        ({"LC_MESSAGES": "xx_XX.UTF-8", "LANG": "C.UTF-8"}, "C.UTF-8"),
        # With these nothing is wrong: Python, and so Ansible, takes C.UTF-8 for a C that LC_ALL does not ask for.
        ({"LANG": "C.UTF-8"}, ""),
        ({"LANG": "C"}, ""),
        ({"LC_CTYPE": "xx_XX", "LANG": "C.UTF-8"}, ""),
        ({}, ""),
        ({"LC_ALL": "C.UTF-8", "LANG": "xx_XX"}, "C.UTF-8"),
    ],
    ids=str,
)
def test_finds_a_locale_in_which_ansible_starts(tmp_path: Path, environment: dict[str, str], expected: str) -> None:
    show = tmp_path / "show.mk"
    show.write_text(f'include {ROOT}/Makefile\nshow:\n\t@echo "locale: $$LC_ALL"\n', encoding="utf-8")
    given = {"PATH": os.environ["PATH"], "PYTHON": sys.executable, **environment}
    done = subprocess.run(
        [str(MAKE), "--no-print-directory", "--makefile", str(show), "show"],
        check=False,
        capture_output=True,
        text=True,
        env=given,
    )
    assert (done.returncode, done.stdout) == (0, f"locale: {expected}\n"), done.stderr
