# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.collection import ROOT, git, is_shipped, project_files


@pytest.mark.parametrize(
    "name", ["plugins/modules/elvis_login.py", "README.md", "tests/config.yml", "meta/runtime.yml"]
)
def test_ships_what_a_user_needs(name: str) -> None:
    assert is_shipped(name)


@pytest.mark.parametrize(
    "name", [".ci/run", "Makefile", "tests/unit/x.py", "changelogs/fragments/1.yml", "tools/lint.py"]
)
def test_keeps_the_rest_out(name: str) -> None:
    assert not is_shipped(name)


def test_finds_the_files_of_the_project() -> None:
    names = project_files()
    assert "galaxy.yml" in names
    assert not [name for name in names if name.startswith((".cache/", ".venv/", ".git/"))]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The sources without their history, after some work in them, inside somebody's own repository."""
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("*\n", encoding="utf-8")
    root = tmp_path / "elvis"
    root.mkdir()
    shutil.copy(ROOT / ".gitignore", root)
    left_by_tools = (
        ".venv/bin/python",
        ".cache/x",
        "dist/x",
        "tools/__pycache__/x.pyc",
        "tests/x.pyc",
        ".coverage.1",
        "docs/a~",
    )
    for name in ("galaxy.yml", "docs/dist/a.md", "plugins/.cache/a.py", "Ü b.md", *left_by_tools):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


EXPECTED = [".gitignore", "docs/dist/a.md", "galaxy.yml", "plugins/.cache/a.py", "Ü b.md"]


def test_finds_the_files_of_a_source_archive(archive: Path) -> None:
    assert project_files(archive) == EXPECTED


def test_finds_what_git_finds(archive: Path) -> None:
    subprocess.run(["git", "init", "--quiet"], cwd=archive, check=True)
    assert project_files(archive) == EXPECTED


def test_says_why_git_was_no_help(
    archive: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    # As git treats a checkout that belongs to another user
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    subprocess.run(["git", "init", "--quiet"], cwd=archive, check=True)
    assert project_files(archive) == EXPECTED
    assert git("log", root=archive) is None
    printed = capfd.readouterr().err
    assert printed.count("dubious ownership") == 1
