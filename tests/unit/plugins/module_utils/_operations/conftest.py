# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several operations need."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._elvis import response


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for that never comes."""
    monkeypatch.setattr(index_lag, "INDEX_LAG", 0)
    monkeypatch.setattr(index_lag, "FIRST_LOOK", 0.01)
    monkeypatch.setattr(response, "SHORTEST_HOLD", 0)
