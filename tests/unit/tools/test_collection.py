# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest

from tools.collection import is_shipped, project_files


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
