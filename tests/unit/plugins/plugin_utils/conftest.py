# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives tests a folder that nobody but this user can write to."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.plugin_utils._private_folder import private_folder
from tests.support.private import new_private_folder


@pytest.fixture
def private_tmp() -> Iterator[Path]:
    """An empty folder that is private, as are all above it."""
    folder = new_private_folder()
    try:
        tried = folder / "tried"
        tried.mkdir(mode=0o700)
        try:
            with private_folder(str(tried)):
                tried.rmdir()
        except OSError:
            pytest.skip(f"others can write to {folder.parent}, or to a folder above it")
        yield folder
    finally:
        shutil.rmtree(folder)
