# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a hit tells of an asset, and whether that is what is wanted."""

from __future__ import annotations

from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.hits import Hit, read_hit
from ansible_collections.damops.elvis.plugins.module_utils._elvis.field_values import (
    differing,
    flat,
    is_same,
    is_shortened,
    stored_as,
    stored_otherwise,
)

BERLIN = ZoneInfo("Europe/Berlin")
TIME = {"value": 1521956554000, "formatted": "2018-03-25 07:42:34 +0200"}
SIZE = {"value": 12345, "formatted": "12.1 KB"}


@pytest.mark.parametrize(
    ("present", "wanted", "zone", "expected"),
    [
        # absent and empty
        (None, None, None, True),
        (None, "", None, True),
        ("", None, None, True),
        ([], "", None, True),
        ("  ", None, None, True),
        ({"value": None, "formatted": ""}, "", None, True),
        (None, "x", None, False),
        ("x", None, None, False),
        ([], ["x"], None, False),
        # text
        ("a", "a", None, True),
        ("a", "A", None, False),
        (" a\r\nb\r", "a\nb", None, True),
        ("M\u00fcller", "Mu\u0308ller", None, True),
        ("a b", "a  b", None, False),
        ("-5", "-5", None, True),
        ("007", "7", None, False),
        ("+49 30 1234", "+49 30 1234", None, True),
        ("1", 1, None, True),
        # numbers
        (5, "5", None, True),
        (5, "5.0", None, True),
        (5, 6, None, False),
        (5, "five", None, False),
        (5.5, "5.5", None, True),
        (SIZE, 12345, None, True),
        (SIZE, "12.1 KB", None, False),
        (0, "", None, False),
        (0, "0", None, True),
        # truth
        (True, "true", None, True),
        (True, "TRUE", None, True),
        (False, True, None, False),
        ("true", True, None, True),
        (True, 1, None, False),
        # times
        (TIME, "2018-03-25T05:42:34Z", None, True),
        (TIME, "2018-03-25T07:42:34+02:00", None, True),
        (TIME, 1521956554000, None, True),
        (TIME, "2018-03-25 07:42:34", BERLIN, True),
        (TIME, "2018-03-25 07:42:34", None, False),
        (TIME, "2018-03-25T05:42:35Z", None, False),
        (TIME, "soon", None, False),
        # lists
        (["a", "b"], ["b", "a"], None, True),
        (["a", "b"], ["b", "a", "a", ""], None, True),
        (["a"], "a", None, True),
        ("a", ["a"], None, True),
        (["a", "b"], "a", None, False),
        (["a"], ["A"], None, False),
        ([1, 2], ["2", "1"], None, True),
        ([TIME], ["2018-03-25T07:42:34+02:00"], None, True),
        (5, ["5.0"], None, True),
    ],
)
def test_what_is_the_same(present: Any, wanted: Any, zone: tzinfo | None, expected: bool) -> None:
    assert is_same(present, wanted, zone) is expected


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (TIME, "2018-03-25T05:42:34Z"),
        ([TIME], ["2018-03-25T05:42:34Z"]),
        (SIZE, 12345),
        ({"value": -62135596800000, "formatted": "1-01-01 00:00:00 +0000"}, "0001-01-01T00:00:00Z"),
        ({"value": 1521956554000, "formatted": "a large number"}, 1521956554000),
        ({"value": 1.5, "formatted": "2018-03-25 07:42:34"}, 1.5),
        ({"value": True, "formatted": "2018-03-25 07:42:34"}, True),
        ({"other": 1}, {"other": 1}),
        ("a", "a"),
        (None, None),
    ],
)
def test_a_value_without_what_is_for_people(value: Any, shown: Any) -> None:
    assert flat(value) == shown


def test_a_hit() -> None:
    fields = {"assetPath": "/Z/a.jpg", "checkedOutBy": "bob", "versionNumber": SIZE, "empty": ""}
    hit = read_hit({"id": "x", "metadata": fields, "originalUrl": "http://dam/file/x"})
    assert hit == Hit("x", "/Z/a.jpg", fields, "http://dam/file/x")
    assert (hit.checked_out_by, hit.number("versionNumber"), hit.number("nothing")) == ("bob", 12345, None)
    assert (hit.text("empty"), hit.text("versionNumber")) == (None, None)


@pytest.mark.parametrize(
    "hit",
    [
        None,
        [],
        {},
        {"id": "x"},
        {"id": 1, "metadata": {"assetPath": "/a"}},
        {"id": "x", "metadata": []},
        {"id": "x", "metadata": {"assetPath": 5}},
    ],
)
def test_what_is_no_hit(hit: Any) -> None:
    assert read_hit(hit) is None


def test_what_differs() -> None:
    present = {"status": "New", "tags": ["a"], "created": TIME, "credit": "Bob"}
    wanted = {"status": "Done", "tags": "a", "created": "2018-03-25T05:42:34Z", "credit": None, "other": ""}
    assert differing(present, wanted) == {"status": ("New", "Done"), "credit": ("Bob", None)}


@pytest.mark.parametrize(
    ("present", "wanted", "is_it"),
    [
        ("A long", "A long headline", True),
        ("a LONG headline", "A long headline", True),
        ("A  longheadline", "A long headline", True),
        (["villa"], ["Villa Rosa"], True),
        ("A long headline", "A long headline ", False),
        ("A long headline", "A long", False),
        ("Other", "A long headline", False),
        (None, "A long headline", False),
        ("", "A long headline", False),
        ("A long", None, False),
        (["a", "b"], ["a", "b", "c"], False),
        (1, 10, False),
    ],
)
def test_what_a_server_may_have_made_of_a_text(present: Any, wanted: Any, is_it: bool) -> None:
    assert is_shortened(present, wanted) is is_it


def test_what_was_stored_otherwise() -> None:
    reply = {"status": "NEW", "headline": "Too lo", "credit": " Bob\r\n", "created": TIME}
    sent = {"status": "New", "headline": "Too long", "credit": "Bob", "created": "2018-03-25T05:42:35Z", "x": "y"}
    assert stored_otherwise(reply, sent, sent) == {
        "status": "NEW",
        "headline": "Too lo",
        "created": "2018-03-25T05:42:34Z",
        "x": None,
    }
    assert stored_as("status", "NEW\n") == "status stored as NEW"
    assert len(stored_as("headline", "x" * 1000)) < 150
