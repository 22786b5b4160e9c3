# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rule by which wrong changes of a field are taken back: a chain of changes, and what becomes of the field."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.field_verdict import (
    BETWEEN,
    GAP,
    HALF,
    LATER,
    NO_MOMENT,
    NO_ORDER,
    NO_SAMPLE,
    NO_VALUE,
    OTHER_NOW,
    SAME,
    SEVERAL,
    FieldChange,
    Verdict,
    is_shown,
    judge,
)


def wrong(time: int, before: Any, after: Any, *, is_whole: bool = True) -> FieldChange:
    return FieldChange(time, before, after, is_wrong=True, is_whole=is_whole)


def other(time: int, before: Any, after: Any) -> FieldChange:
    return FieldChange(time, before, after, is_wrong=False)


def back(value: Any) -> Verdict:
    return Verdict("restored", value=value)


def moment(milliseconds: int) -> dict[str, Any]:
    return {"value": milliseconds, "formatted": "1999-01-01 00:00:00 +0000"}


ABSENT = object()


class Case(NamedTuple):
    changes: list[FieldChange]
    present: Any
    expected: Verdict
    sample: Any = ABSENT
    """Of another asset; as the present value where it is left out."""


OLD, NEW = 915148800000, 1388620800000
CASES = {
    "one change": Case([wrong(1, "a", "b")], "b", back("a")),
    "an unbroken chain": Case([wrong(1, "a", "b"), wrong(2, "b", "c"), wrong(3, "c", "d")], "d", back("a")),
    "a chain that comes unsorted": Case([wrong(2, "b", "c"), wrong(1, "a", "b")], "c", back("a")),
    "a chain that ends where it began": Case([wrong(1, "a", "b"), wrong(2, "b", "a")], "a", SAME),
    "somebody has set it back": Case([wrong(1, "a", "b"), other(2, "b", "a")], "a", SAME),
    "set back, as only the search shows": Case([wrong(1, "a", "b")], "a", SAME),
    "a foreign change in between": Case([wrong(1, "a", "b"), other(2, "b", "x"), wrong(3, "x", "b")], "b", BETWEEN),
    "in between, the same result": Case([wrong(1, "a", "b"), other(2, "b", "b"), wrong(3, "b", "c")], "c", BETWEEN),
    "a change that the history lacks": Case([wrong(1, "a", "b"), wrong(2, "x", "c")], "c", GAP),
    "changed later": Case([wrong(1, "a", "b"), other(2, "b", "x")], "x", LATER),
    "changed later, to the wrong value": Case([wrong(1, "a", "b"), other(2, "b", "x"), other(3, "x", "b")], "b", LATER),
    "changed later, without history": Case([wrong(1, "a", "b")], "x", OTHER_NOW),
    "set back, and then changed without history": Case([wrong(1, "a", "b"), other(2, "b", "a")], "x", OTHER_NOW),
    "emptied": Case([wrong(1, "a, b", None)], None, back("a, b"), sample="text"),
    "emptied, and the search shows an empty text": Case([wrong(1, "a", "")], "", back("a"), sample="text"),
    "emptied, and no asset shows the form": Case([wrong(1, "a", None)], None, NO_SAMPLE, sample=None),
    "it was empty": Case([wrong(1, None, "b")], "b", back(None)),
    "a number": Case([wrong(1, 3, 5)], 5, back(3)),
    "a number as text": Case([wrong(1, "3", "5")], 5, back("3")),
    "zero": Case([wrong(1, 0, 5)], 5, back(0)),
    "false": Case([wrong(1, False, True)], True, back(False)),
    "a number with a unit": Case([wrong(1, 10, 20)], {"value": 20, "formatted": "20 mm"}, back(10)),
    "a date": Case([wrong(1, OLD, NEW)], moment(NEW), back("1999-01-01T00:00:00Z")),
    "a date with its milliseconds": Case([wrong(1, OLD + 7, NEW)], moment(NEW), back("1999-01-01T00:00:00.007Z")),
    "a date before 1970": Case([wrong(1, -86_400_000, NEW)], moment(NEW), back("1969-12-31T00:00:00Z")),
    "a date that was set": Case([wrong(1, None, NEW)], moment(NEW), back(None)),
    "a date that was emptied": Case([wrong(1, OLD, None)], None, back("1999-01-01T00:00:00Z"), sample=moment(NEW)),
    "a date with its text": Case([wrong(1, moment(OLD), moment(NEW))], moment(NEW), back("1999-01-01T00:00:00Z")),
    "a date as text": Case([wrong(1, "1999-01-01", NEW)], moment(NEW), NO_MOMENT),
    "line breaks": Case([wrong(1, "a\r\nb\n\nc", "b\nc")], "b\r\nc", back("a\r\nb\n\nc")),
    "only line breaks changed": Case([wrong(1, "a\r\nb", "a\nb")], "a\nb", SAME),
    "a sign is a part of a text": Case([wrong(1, "-5 °C", "+5 °C")], "+5 °C", back("-5 °C")),
    "values with a comma between them": Case([wrong(1, "a, b", "c")], ["c"], SEVERAL),
    "values with a comma between them now": Case([wrong(1, None, "a, b")], ["a", "b"], SEVERAL),
    "values that were emptied": Case([wrong(1, "a, b", None)], None, SEVERAL, sample=["x"]),
    "one value": Case([wrong(1, "a", "c")], ["c"], SEVERAL),
    "one value in an empty field": Case([wrong(1, None, "c")], ["c"], back(None)),
    "a list that is set back": Case([wrong(1, "a, b", "c"), other(2, "c", "a, b")], ["a", "b"], SAME),
    "a list that was changed later": Case([wrong(1, "a, b", "c"), other(2, "c", "d")], ["d"], LATER),
    "a history with whole lists": Case([wrong(1, ["a", "b"], ["c"])], ["c"], back(["a", "b"])),
    "a history with whole lists, changed": Case([wrong(1, ["a", "b"], ["c"])], ["c", "d"], OTHER_NOW),
    "a list in a field of one value": Case([wrong(1, ["a"], "c")], "c", SEVERAL),
    "elements with signs": Case([wrong(1, ["+a", "-b"], ["c"])], ["c"], SEVERAL),
    "an object": Case([wrong(1, {"x": 1}, "c")], "c", NO_VALUE),
    "a change without its old value": Case([wrong(1, None, "b", is_whole=False)], "b", HALF),
    "two in one millisecond": Case([wrong(1, "b", "c"), wrong(1, "a", "b")], "c", back("a")),
    "two in one after another": Case([wrong(1, "x", "a"), wrong(2, "b", "c"), wrong(2, "a", "b")], "c", back("x")),
    "there and back in one millisecond": Case([wrong(1, "a", "b"), wrong(1, "b", "a")], "b", NO_ORDER),
    "two of two users in one millisecond": Case([other(1, "a", "b"), wrong(1, "b", "c")], "c", back("b")),
    "two of two users that don't fit": Case([other(1, "a", "b"), wrong(1, "a", "c")], "c", NO_ORDER),
    "too many in one millisecond": Case([wrong(1, n, n + 1) for n in range(8)], 8, NO_ORDER),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_what_becomes_of_a_field(case: Case) -> None:
    sample = case.present if case.sample is ABSENT else case.sample
    assert judge(case.changes, case.present, sample) == case.expected


@pytest.mark.parametrize(
    ("changes", "present", "expected"),
    [
        ([wrong(1, "a", "b"), other(2, "b", "c")], "c", True),
        ([wrong(1, "a", "b"), other(2, "b", "c")], "b", False),
        ([wrong(1, "a", "b"), other(1, "a", "c")], "b", True),
        ([wrong(1, "a", None)], None, True),
        ([wrong(1, OLD, NEW)], moment(NEW), True),
        ([wrong(1, "a, b", "c, d")], ["a", "b"], True),
        ([wrong(1, "a", None, is_whole=False)], "x", True),
    ],
)
def test_whether_a_search_shows_the_last_change(changes: list[FieldChange], present: Any, *, expected: bool) -> None:
    assert is_shown(changes, present) is expected
