# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What diff mode shows: text that a person reads, and no more than a result may have."""

from __future__ import annotations

import json

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._work import outcome
from ansible_collections.damops.elvis.plugins.module_utils._work.diffs import MOST, Diffs
from ansible_collections.damops.elvis.plugins.module_utils._work.outcome import Outcome


def test_text_is_text() -> None:
    diffs = Diffs(True)
    diffs.add_changes(
        "/Z/\u00fc.jpg", {"headline": (None, "M\u00fcller \u65e5\u672c \ud83d\ude00\ud800\n\x1b"), "tags": (["a"], [])}
    )
    (diff,) = diffs.as_result()["diff"]
    assert (diff["before_header"], diff["after_header"]) == ("/Z/\u00fc.jpg", "/Z/\u00fc.jpg")
    assert diff["before"] == '{\n    "headline": null,\n    "tags": [\n        "a"\n    ]\n}\n'
    assert (
        diff["after"]
        == '{\n    "headline": "M\u00fcller \u65e5\u672c \U0001f600\ufffd\\n\\u001b",\n    "tags": []\n}\n'
    )


def test_nobody_looks() -> None:
    diffs = Diffs(False)
    diffs.add("/Z/a", {}, {"state": "present"})
    assert diffs.as_result() == {}


@pytest.mark.parametrize(("number", "length", "is_cut"), [(1000, 10, False), (1001, 10, True), (1000, 5000, True)])
@pytest.mark.parametrize("fails", [False, True])
def test_a_diff_counts_in_the_size_of_a_result(number: int, length: int, is_cut: bool, fails: bool) -> None:
    diffs = Diffs(True)
    told = Outcome(more=diffs.as_result)
    for count in range(number):
        diffs.add_changes(f"/Z/{count}", {"description": ("", "\u00fc" * length)})
        told.add("updated", path=f"/Z/{count}")
    result = told.as_result(20 if fails else MOST)
    assert ("diff" in result["truncated"]) == (is_cut or fails)
    assert len(json.dumps(result)) < outcome.MOST_BYTES + 10_000
    least = 15 if length > 100 else 20 if fails else 1000
    assert least <= len(result["diff"]) <= (20 if fails else 1000)


def test_many_changes_take_little_memory() -> None:
    diffs = Diffs(True)
    for count in range(100_000):
        diffs.add_changes(f"/Z/{count}", {"description": ("", "x" * 1000)})
    assert len(diffs.as_result()["diff"]) < 1000
