# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""Lets the tests import the collection under its real name, ``ansible_collections.damops.elvis``."""

from __future__ import annotations

import contextlib
import importlib
import signal
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TREE = ROOT / ".cache/dev"


def link_collection() -> None:
    """Put a link to this checkout where Ansible and Python look for collections (`make` does the same)."""
    link = TREE / "ansible_collections/damops/elvis"
    link.parent.mkdir(parents=True, exist_ok=True)
    if not (link.is_symlink() and link.resolve() == ROOT):
        link.unlink(missing_ok=True)
        # Relative, so that it survives a move of the checkout; another worker may be first.
        with contextlib.suppress(FileExistsError):
            link.symlink_to("../../../..", target_is_directory=True)


link_collection()
for folder in (str(ROOT), str(TREE), str(ROOT / "emulator")):
    if folder not in sys.path:
        sys.path.insert(0, folder)
# The folder may not have been there when Python looked first.
importlib.invalidate_caches()

# A shell lets what it runs in the background ignore Ctrl-C, and all that is started from there inherits that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Say which tests still run, in the process that shows the outcome of all workers."""
    reporter = config.pluginmanager.getplugin("terminalreporter")
    if reporter and config.getoption("tx", None):
        from tests.support.still_running import StillRunning

        config.pluginmanager.register(StillRunning(reporter))
