# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search language."""

from __future__ import annotations

import pytest

from tests.emulator.errors import ElvisError
from tests.emulator.query import parse_query

ASSET = {
    "id": "abc-DEF_123",
    "name": "Sunset at sea.jpg",
    "assetPath": "/Demo/2026/Sunset at sea.jpg",
    "folderPath": "/Demo/2026",
    "ancestorPaths": ["/Demo", "/Demo/2026"],
    "status": "In progress",
    "tags": ["beach", "blue sky"],
    "rating": 5,
    "approved": True,
}


@pytest.mark.parametrize(
    "query",
    [
        *["", "  ", "*", "*:*", "sunset", "SUNSET", "sun*", "*set", "s?nset", "sunset sea", "sunset AND sea"],
        *["nothing OR sunset", "NOT nothing", "-nothing", "+sunset -nothing", "sunset NOT nothing"],
        *["(nothing OR sunset) AND (beach OR nothing)", "nothing AND nothing OR sunset"],
        *["name:sunset", 'name:"Sunset at sea.jpg"', 'name:"at sea.jpg"', "name:sun*", "name:Sunset\\ at*"],
        *["rating:5", "approved:true", "tags:beach", 'tags:"blue sky"', "tags:blue", 'status:"in progress"'],
        *["id:abc-DEF_123", 'ancestorPaths:"/Demo"', "ancestorPaths:/Demo/2026", 'ancestorPaths:"/Demo/"'],
        *['assetPath:"/Demo/2026/Sunset at sea.jpg"', "assetPath:/Demo/*", "name:*", "not sunset OR sunset"],
    ],
)
def test_matches(query: str) -> None:
    assert parse_query(query)(ASSET)


@pytest.mark.parametrize(
    "query",
    [
        *["nothing", "sunset nothing", "sunset AND nothing", "NOT sunset", "-sunset", "NOT (sunset OR nothing)"],
        *["name:beach", "tags:sunset", "id:abc", "unknown:*", 'name:"sun*"', "rating:6", "approved:false"],
        *['ancestorPaths:"/Demo/20"', 'ancestorPaths:"/De"', 'folderPath:"/Demo"', "sunset AND NOT name:sun*"],
        *['"sea sunset"', "[a-z]unset", "abc-DEF_123"],
    ],
)
def test_does_not_match(query: str) -> None:
    assert not parse_query(query)(ASSET)


@pytest.mark.parametrize(
    "query", ["(", ")", "a )", '"open', "a AND", "OR a", "NOT", "name:(a b)", "n:[1 TO 2]", "a \\"]
)
def test_can_not_be_parsed(query: str) -> None:
    with pytest.raises(ElvisError):
        parse_query(query)
