# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A text from anywhere is one term of a query, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.damops.elvis.plugins.filter.query_term import FilterModule, query_term
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_info import OPERATION
from tests.support.assets import Dam
from tests.support.operations import run

NAMES = [
    "plain",
    "two words",
    "x OR *",
    '" OR status:New OR "',
    "a+b-c&&d||e!f",
    "(g)[h]{i}^j~k",
    "what?*:/",
    "back\\slash\\",
    "C:\\temp",
    "M\u00fcller & Söhne",
    "NOT",
    "*",
]


@pytest.mark.parametrize("name", NAMES)
def test_finds_just_what_has_the_text(dam: Dam, name: str) -> None:
    dam.create("/Zone/it.jpg", headline=name)
    dam.create("/Zone/other.jpg", headline="something else", status="New")
    found = run(OPERATION, session=dam.session, query=f"headline:{query_term(name)}", fields=["assetPath", "headline"])
    paths = {asset["assetPath"] for asset in found["assets"]}
    assert paths == {"/Zone/it.jpg"}


@pytest.mark.parametrize(
    ("value", "term"),
    [
        (7, '"7"'),
        (1.5, '"1.5"'),
        ("a b", '"a b"'),
        ('a"b', '"a\\"b"'),
        ("-a", '"\\-a"'),
        ("/Demo Zone", '"\\/Demo Zone"'),
    ],
)
def test_the_term(value: Any, term: str) -> None:
    assert FilterModule().filters()["query_term"](value) == term


@pytest.mark.parametrize("value", ["", "  ", None, True, ["a"], {"a": 1}, "a<b", "a > b"])
def test_what_is_no_term(value: Any) -> None:
    with pytest.raises(AnsibleFilterError, match=r"damops\.elvis\.query_term"):
        query_term(value)
