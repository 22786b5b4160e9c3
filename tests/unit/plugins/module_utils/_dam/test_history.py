# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries of a history are wanted; how they are read is tested with the operation."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.history import HistoryEntry, WantedHistory

ENTRY = HistoryEntry(1000, "Alice", "API", "MOVE", "/a", {}, None)


@pytest.mark.parametrize(
    ("wanted", "is_taken"),
    [
        (WantedHistory(), True),
        (WantedHistory(actions=("MOVE", "REMOVE")), True),
        (WantedHistory(actions=("REMOVE",)), False),
        (WantedHistory(users=("bob", " ALICE ")), True),
        (WantedHistory(users=("ali",)), False),
        (WantedHistory(since=1000), True),
        (WantedHistory(since=1001), False),
        (WantedHistory(until=1001), True),
        (WantedHistory(until=1000), False),
        (WantedHistory(("MOVE",), ("alice",), 1, 1000), False),
    ],
)
def test_which_entries_are_wanted(wanted: WantedHistory, is_taken: bool) -> None:
    assert wanted.takes(ENTRY) is is_taken


def test_an_entry_of_nobody_is_of_no_user() -> None:
    assert not WantedHistory(users=("alice",)).takes(ENTRY._replace(user=None))
