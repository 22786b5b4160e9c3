# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools.setup_venv import STAMP, fingerprint, is_current


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "lock.txt"
    path.write_text("requests==2.34.2\n", encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path, lock: Path) -> Path:
    """Looks like an environment that was set up to the end."""
    path = tmp_path / "venv"
    (path / "bin").mkdir(parents=True)
    (path / "bin/python").symlink_to(sys.executable)
    (path / STAMP).write_text(fingerprint(path, [lock]), encoding="utf-8")
    return path


def test_is_left_alone_when_all_is_right(folder: Path, lock: Path) -> None:
    assert is_current(folder, fingerprint(folder, [lock]))


def test_is_made_when_there_is_none(tmp_path: Path, lock: Path) -> None:
    assert not is_current(tmp_path / "none", fingerprint(tmp_path / "none", [lock]))


def test_is_made_anew_when_the_lock_changed(folder: Path, lock: Path) -> None:
    lock.write_text("requests==2.34.3\n", encoding="utf-8")
    assert not is_current(folder, fingerprint(folder, [lock]))


def test_is_made_anew_after_an_interrupted_set_up(folder: Path, lock: Path) -> None:
    (folder / STAMP).unlink()
    assert not is_current(folder, fingerprint(folder, [lock]))


def test_is_made_anew_when_the_interpreter_is_gone(folder: Path, lock: Path) -> None:
    (folder / "bin/python").unlink()
    (folder / "bin/python").symlink_to("/nowhere/python")
    assert not is_current(folder, fingerprint(folder, [lock]))


def test_is_made_anew_when_the_checkout_was_moved(folder: Path, lock: Path) -> None:
    moved = folder.rename(folder.with_name("moved"))
    assert not is_current(moved, fingerprint(moved, [lock]))


def test_is_made_anew_when_a_project_in_it_changed(folder: Path, lock: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    with_project = fingerprint(folder, [lock], [project])
    (project / "pyproject.toml").write_text("[project]\nversion = '2'\n", encoding="utf-8")
    assert len({fingerprint(folder, [lock]), with_project, fingerprint(folder, [lock], [project])}) == 3
