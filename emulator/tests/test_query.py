# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search language."""

from __future__ import annotations

import pytest

from elvis_emulator.store.asset import Asset
from elvis_emulator.store.index import Index
from elvis_emulator.store.query import parse_query
from elvis_emulator.web.errors import ElvisError

MARCH_25 = 1521956554000

ASSET = Asset(
    "abc-DEF_123",
    "/Demo/2026/Sunset at sea.jpg",
    creator="alice",
    created=MARCH_25,
    modifier="alice",
    modified=MARCH_25,
    metadata={"status": "In progress", "tags": ["beach", "blue sky"], "rating": 5, "approved": True, "cf_width": 7},
)
OTHER = Asset("--other-id", "/Demo/Other/file.png", "api", 0, "api", 0)


@pytest.fixture(scope="module")
def index() -> Index:
    index = Index()
    index.put(ASSET)
    index.put(OTHER)
    return index


def found(index: Index, query: str) -> list[str]:
    return [document.id for document in index.search(parse_query(query), "")]


@pytest.mark.parametrize(
    "query",
    [
        *["sunset", "SUNSET", "sun*", "*set", "s?nset", "sunset sea", "sunset AND sea", "sunset && sea"],
        *["nothing OR sunset", "nothing || sunset", "NOT nothing AND sunset", "sunset -nothing", "+sunset -nothing"],
        *[
            "sunset NOT nothing",
            "sunset !nothing",
            "*:* -png",
            "* NOT png",
            "sunset^3",
            "sunsat~",
            "sunst~1",
            "name:sunset~0.8",
            "(nothing OR sunset) beach",
        ],
        *["(nothing OR sunset) AND (beach OR nothing)", "nothing AND nothing OR sunset", '"blue sky"', "blue-sky"],
        *["name:sunset", 'name:"Sunset at sea.jpg"', 'name:"at sea.jpg"', "name:sun*", "name:Sunset\\ at*"],
        *["name:(sunset sea)", "name:(nothing OR sea)", "rating:5", "approved:true", "tags:beach", 'tags:"blue sky"'],
        *["tags:blue", 'status:"in progress"', "id:abc-DEF_123", "abc-DEF_123", "tags:* AND sunset"],
        *[
            'ancestorPaths:"/Demo/2026"',
            "ancestorPaths:/Demo/2026",
            'ancestorPaths:"/Demo/2026/"',
            "assetPath:*/2026/*",
        ],
        *[
            'assetPath:"/Demo/2026/Sunset at sea.jpg"',
            "/Demo/2026/Sunset at sea.jpg",
            'assetPath:"/demo/2026/SUNSET*"^2',
        ][:2],
        *[
            "rating:[1 TO 5]",
            "rating:[5 TO *]",
            "rating:{4 TO 6}",
            "rating:>4",
            "rating:<=5",
            "rating:[* TO 5}  OR sea",
        ],
        *["cf_width:[1 TO 10]", "name:[s TO t]", "fileSize:0 AND sea", "assetCreated:2018", "assetCreated:2018-03-25"],
        *["assetCreated:[2018-03 TO 2018-04]", 'assetCreated:"2018-03-25 05:42:34"', "assetCreated:1521956554000"],
        *[
            "assetCreated:[2018-03-25T05:42:34 TO NOW]",
            "assetCreated:[2018 TO NOW-1YEAR/DAY]",
            "assetCreated:{2017 TO *]",
        ],
        *['assetCreated:["2018-03-25 07:42 +0200" TO NOW+1d]', "assetCreated:>2018-03-24", "id:abc* OR nothing"],
    ],
)
def test_finds_the_one(index: Index, query: str) -> None:
    assert found(index, query) == [ASSET.id]


@pytest.mark.parametrize(
    "query", ["*", "*:*", "name:*", "Demo", "NOT nothing", "-nothing", "sunset OR png", "ancestorPaths:/Demo"]
)
def test_finds_both(index: Index, query: str) -> None:
    assert set(found(index, query)) == {ASSET.id, OTHER.id}


def test_an_id_may_begin_with_a_dash(index: Index) -> None:
    assert found(index, "id:--other-id") == found(index, 'id:"--other-id"') == [OTHER.id]
    assert found(index, "id:-other-id") == []


@pytest.mark.parametrize(
    "query",
    [
        *["nothing", "sunset nothing", "sunset AND nothing", "NOT sunset NOT png", "sunset -sunset", "rating:{5 TO *]"],
        *["NOT (sunset OR png)", "name:beach", "tags:sunset", "id:abc", "id:ABC-def_123", "unknown:*", 'name:"sun*"'],
        *["rating:6", "approved:false", 'ancestorPaths:"/Demo/20"', 'ancestorPaths:"/De"', 'folderPath:"/Demo"'],
        *[
            '"sea sunset"',
            '"beach blue"',
            "sunset AND NOT name:sun*",
            "name:sun\\*",
            "sunxyt~1",
            "sxnxxt~",
            "assetCreated:2019",
            "rating:<5",
        ],
        *["assetCreated:{2018 TO *]", "assetCreated:[NOW-1MONTH TO NOW]", "assetCreated:[* TO 2018}  AND sunset"],
        *["checkedOut:*", "assetCreated:2018-03-26"],
    ],
)
def test_finds_none(index: Index, query: str) -> None:
    assert found(index, query) == []


@pytest.mark.parametrize(
    "query",
    [
        *["", "  ", "(", ")", "a )", '"open', "a AND", "OR a", "NOT", "n:[1 TO", "a \\", ":", "a:", "name:[", "AND"],
        *[
            "rating:5~",
            "id:abc~",
            "name:-(sunset)",
            '"sunset sea"~3',
            "rating:many",
            "rating:5*",
            "assetCreated:soon",
            "assetCreated:[soon TO *]",
        ],
        *["assetCreated:2018-13", "assetCreated:[NOW-1EON TO *]", "(" * 200 + "a" + ")" * 200, "a" * 70_000],
        *[" OR ".join(f"a{number}" for number in range(1100))],
    ],
)
def test_is_refused(index: Index, query: str) -> None:
    with pytest.raises(ElvisError) as refusal:
        found(index, query)
    assert refusal.value.code == 400


def test_an_index_that_lags_shows_what_was_until_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("elvis_emulator.store.index.time.monotonic", lambda: now[0])
    index = Index(delay=5)
    asset = Asset("one", "/Demo/a.jpg", "alice", 0, "alice", 0)
    index.put(asset)
    assert found(index, "*") == []
    now[0] += 5
    assert found(index, "name:a.jpg") == ["one"]
    asset.path = "/Demo/b.jpg"
    asset.forget_document()
    index.put(asset)
    now[0] += 1
    index.drop(asset)
    assert (found(index, "name:a.jpg"), found(index, "name:b.jpg")) == (["one"], [])
    now[0] += 4
    assert (found(index, "name:a.jpg"), found(index, "name:b.jpg")) == ([], ["one"])
    now[0] += 1
    assert found(index, "*") == []
