# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit tests need when ansible-test runs them."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from tests.support.emulator import SERVERS, keep_for_forks


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the servers that tests share before ansible-test forks for each test, which would start its own."""
    if session.config.pluginmanager.hasplugin("ansible_forked"):
        kept = ExitStack()
        session.config.add_cleanup(kept.close)
        kept.enter_context(keep_for_forks(*SERVERS.values()))
