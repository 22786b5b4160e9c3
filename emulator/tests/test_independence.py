# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator and the collection share no code: each is a check on the other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.tests.running import FOLDER

ROOT = FOLDER.parent


def imports(file: Path) -> Iterator[str]:
    """Yield the top-level package of each absolute import."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]
        elif isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)


@pytest.mark.parametrize(
    ("folders", "foreign"),
    [
        (["emulator"], {"ansible", "ansible_collections", "tests", "tools"}),
        (["plugins", "tests", "tools"], {"emulator", "elvis_emulator"}),
    ],
    ids=["the emulator", "the collection"],
)
def test_imports_nothing_of_the_other(folders: list[str], foreign: set[str]) -> None:
    files = [file for folder in folders for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 50
    assert [(str(file), name) for file in files for name in imports(file) if name in foreign] == []


def test_the_licence_is_that_of_the_project() -> None:
    assert (FOLDER / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
