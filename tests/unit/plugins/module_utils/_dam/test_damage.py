# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes in a history are to be taken back, and which are only listed."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.damage import find_damage
from ansible_collections.damops.elvis.plugins.module_utils._dam.history import HistoryEntry, WantedHistory

WRONG = WantedHistory(users=("API",), since=10, until=20)


def entry(time: int, user: str, action: str = "METADATA_UPDATE", **changed: Any) -> HistoryEntry:
    return HistoryEntry(time, user, None, action, "/Zone/a.jpg", changed, None)


CHANGE = ("a", "b")
HISTORIES: dict[str, tuple[HistoryEntry, list[str], list[tuple[str, str | None]]]] = {
    "a change": (entry(10, "api", status=CHANGE), ["status"], []),
    "of two fields": (entry(19, "api", status=CHANGE, tags=CHANGE), ["status", "tags"], []),
    "after the time": (entry(20, "api", status=CHANGE), [], []),
    "of somebody else": (entry(10, "alice", status=CHANGE), [], []),
    "of the server's fields": (
        entry(10, "api", previewState=CHANGE, assetPath=CHANGE, status=CHANGE),
        ["status"],
        [("METADATA_UPDATE", "assetPath"), ("METADATA_UPDATE", "previewState")],
    ),
    "an upload": (entry(10, "api", "CREATE", status=(None, "b")), [], [("CREATE", None)]),
    "a new file": (entry(10, "api", "CHECKIN", status=CHANGE), [], [("CHECKIN", None)]),
    "a move": (entry(10, "api", "MOVE"), [], [("MOVE", None)]),
    "a move of somebody else": (entry(10, "alice", "MOVE"), [], []),
    "a download": (entry(10, "api", "DOWNLOAD"), [], []),
}


@pytest.mark.parametrize("name", HISTORIES)
def test_what_is_taken_back(name: str) -> None:
    event, fields, others = HISTORIES[name]
    damage = find_damage([event], WRONG, ())
    assert list(damage.changes) == fields
    assert [(other.entry.action, other.field) for other in damage.others] == others
    assert damage.has_events is (event.action != "DOWNLOAD")


def test_the_changes_of_a_field_begin_with_the_first_wrong_one() -> None:
    history = [
        entry(9, "api", status=("x", "a")),
        entry(11, "alice", status=("a", "c")),
        entry(12, "api", status=("c", "d"), tags=CHANGE),
        entry(13, "alice", "CHECKIN", status=("d", "e")),
        entry(30, "api", status=("e", "f")),
    ]
    found = find_damage(history, WRONG, ["status"]).changes
    assert [(change.time, change.is_wrong) for change in found["status"]] == [(12, True), (13, False), (30, False)]
    assert list(found) == ["status"]
