# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each query of docs/query_language.md runs, and finds what its line says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.assets import Dam, logged_in
from tests.support.emulator import ROOT, start_emulator

PAGE = ROOT / "docs/query_language.md"
QUERIES = re.findall(r"^\| `([^`]+)` \| .+ \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

COVER, BOAT, DRAFT, LAYOUT, SIGNS = ASSETS = (
    "/Demo Zone/Inbox/cover.jpg",
    "/Demo Zone/Inbox/old/boat.jpg",
    "/Demo Zone/Inbox/draft.txt",
    "/Demo Zone/Pages/layout.indd",
    "/Demo Zone/Pages/a+b.jpg",
)
ALL = set(ASSETS)
RELATIONS = (("contains", SIGNS, COVER), ("related", BOAT, SIGNS), ("contained-by", SIGNS, LAYOUT))
"""Of the asset whose id takes the place of ID in a query."""
# As it stands in a command
IN_COMMANDS = sorted(
    {
        json.loads(found)["elvis_query"]
        for page in (ROOT / "docs").rglob("*.md")
        for found in re.findall(r"-e '(\{\"elvis_query\".*\})'", page.read_text(encoding="utf-8"))
    }
)
FOUND = {
    "sunset": {COVER},
    "sunset harbour": {COVER},
    '"red car"': {BOAT},
    "sun*": {COVER, DRAFT},
    "gr?y": {DRAFT},
    "harbor~": {COVER},
    "*:*": ALL,
    "status:New": {COVER, BOAT},
    "status:(New OR Draft)": {COVER, BOAT, DRAFT},
    'headline:"old harbour"': {COVER},
    "tags:(sea AND boat)": {BOAT},
    "credit:*": {BOAT},
    "-credit:*": ALL - {BOAT},
    "name:cover*": {COVER},
    'assetPath:"/Demo Zone/Inbox/cover.jpg"': {COVER},
    'folderPath:"/Demo Zone/Inbox"': {COVER, DRAFT},
    'ancestorPaths:"/Demo Zone"': ALL,
    "assetDomain:image": {COVER, BOAT, SIGNS},
    "extension:(jpg OR jpeg)": {COVER, BOAT, SIGNS},
    "fileSize:[1000000 TO *]": {BOAT},
    "rating:[4 TO 5]": {COVER, DRAFT},
    "rating:{3 TO 5}": {DRAFT},
    "checkedOutBy:*": {LAYOUT},
    "checkedOutBy:alice": {LAYOUT},
    "-checkedOutBy:*": ALL - {LAYOUT},
    "assetDomain:image AND status:New": {COVER, BOAT},
    "status:New OR status:Draft": {COVER, BOAT, DRAFT},
    "status:New NOT tags:private": {BOAT},
    "+status:New -tags:private": {BOAT},
    'ancestorPaths:"/Demo Zone" AND (status:New OR -status:*)': ALL - {DRAFT},
    r"name:a\+b.jpg": {SIGNS},
    r'headline:"what\?"': {SIGNS},
    "relatedTo:ID": {COVER, BOAT, LAYOUT},
    "relatedTo:ID relationType:related": {BOAT},
    "relatedTo:ID relationTarget:child relationType:contains": {COVER},
    "relatedTo:ID relationTarget:parent relationType:contains": {LAYOUT},
    "relatedTo:ID relationTarget:child relationType:references": set(),
    "relatedTo:ID status:New": {COVER, BOAT},
    "relatedTo:ID status:New OR status:Draft": {COVER, BOAT},
    # All are of today.
    "assetCreated:2026": None,
    "assetCreated:[2026-01-01 TO 2026-06-30]": None,
    "assetCreated:[NOW-1DAY TO NOW]": ALL,
    "assetFileModified:[* TO NOW-1YEAR]": set(),
    "checkedOut:[* TO NOW-12HOUR]": set(),
}
"""What each query finds; None where that is a matter of the date."""


@pytest.fixture(scope="module")
def dam() -> Iterator[Dam]:
    with start_emulator() as server, logged_in(server) as dam:
        dam.create(COVER, headline="Sunset at the old harbour", status="New", tags=["private"], rating=5)
        dam.create(
            BOAT, b" " * 1_000_000, headline="A red car on a boat", status="New", tags=["sea", "boat"], credit="A"
        )
        dam.create(DRAFT, headline="The grey color of sunlight", status="Draft", rating=4)
        dam.post(f"checkout/{dam.create(LAYOUT)}")
        dam.create(SIGNS, headline="So what?")
        ids = dam.ids()
        for type_, start, end in RELATIONS:
            dam.post("createRelation", relationType=type_, target1Id=ids[start], target2Id=ids[end])
        yield dam


def test_each_query_of_the_page_has_its_row_here() -> None:
    assert set(QUERIES) == set(FOUND)
    assert len(QUERIES) == len(set(QUERIES))


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_what_the_page_says(dam: Dam, query: str) -> None:
    found = set(dam.metadata(query.replace("ID", dam.ids()[SIGNS])))
    assert FOUND[query] is None or found == FOUND[query]


def test_the_queries_in_commands_of_the_pages_run(dam: Dam) -> None:
    assert len(IN_COMMANDS) > 2
    for query in IN_COMMANDS:
        dam.metadata(query)
