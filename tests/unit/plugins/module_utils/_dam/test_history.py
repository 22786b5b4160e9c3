# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which entries of a history are wanted; how they are read is tested with the operation."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.history import Entry, Wanted

ENTRY = Entry(1000, "Alice", "API", "MOVE", "/a", {}, None)


@pytest.mark.parametrize(
    ("wanted", "is_taken"),
    [
        (Wanted(), True),
        (Wanted(actions=("MOVE", "REMOVE")), True),
        (Wanted(actions=("REMOVE",)), False),
        (Wanted(users=("bob", " ALICE ")), True),
        (Wanted(users=("ali",)), False),
        (Wanted(since=1000), True),
        (Wanted(since=1001), False),
        (Wanted(until=1001), True),
        (Wanted(until=1000), False),
        (Wanted(("MOVE",), ("alice",), 1, 1000), False),
    ],
)
def test_which_entries_are_wanted(wanted: Wanted, is_taken: bool) -> None:
    assert wanted.takes(ENTRY) is is_taken


def test_an_entry_of_nobody_is_of_no_user() -> None:
    assert not Wanted(users=("alice",)).takes(ENTRY._replace(user=None))
