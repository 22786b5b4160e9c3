# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the collection, and shows the figures of every test when all are done."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.conftest import collections
from tests.load.measured import Machine
from tests.support.emulator import Emulator, start_emulator

__all__ = ["collections"]

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Takes a sentence with figures."""
    return pytestconfig.stash.setdefault(FIGURES, []).append


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for sentence in config.stash.get(FIGURES, []):
        terminalreporter.write_line(f"- {sentence}")


@pytest.fixture
def machine(collections: Path, tmp_path: Path) -> Machine:
    return Machine(collections, tmp_path)


@pytest.fixture
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator
