# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relations, collections, and the search for what is related."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from emulator.tests.client import Client, Start
from emulator.tests.conftest import using
from emulator.tests.receiver import wait_until
from emulator.tests.running import start_emulator


class Library:
    """A collection, two assets in it, a third that refers to the first."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.header = client.bearer()
        self.ids = {
            name: self.post("create", assetPath=f"/Related/{name}").json()["id"]
            for name in ("box.collection", "a.jpg", "b.jpg", "c.jpg")
        }
        self.relate("contains", "box.collection", "a.jpg")
        # The same the other way round.
        self.relate("contained-by", "b.jpg", "box.collection")
        self.relate("references", "c.jpg", "a.jpg")
        self.relate("related", "b.jpg", "c.jpg")

    def post(self, service: str, **data: str) -> Any:
        return self.client.post(f"/services/{service}", data=data, headers=self.header)

    def relate(self, type_: str, one: str, other: str) -> Any:
        return self.post("createRelation", relationType=type_, target1Id=self.ids[one], target2Id=self.ids[other])

    def hits(self, query: str) -> list[dict[str, Any]]:
        text = query.format(**{name.partition(".")[0]: asset_id for name, asset_id in self.ids.items()})
        reply = self.post("search", q=text, metadataToReturn="filename", sort="filename").json()
        return reply["hits"] if "hits" in reply else [{"metadata": {"filename": reply["errorcode"]}}]

    def names(self, query: str) -> list[Any]:
        return [hit["metadata"]["filename"] for hit in self.hits(query)]


@pytest.fixture
def library() -> Iterator[Library]:
    with using(start_emulator()) as client:
        yield Library(client)


def test_search_for_what_is_related(library: Library) -> None:
    for query, names in (
        ("relatedTo:{box} relationTarget:child relationType:contains", ["a.jpg", "b.jpg"]),
        ("relatedTo:{box} relationTarget:child relationType:contains id:{a}", ["a.jpg"]),
        ("relatedTo:{box} relationTarget:child relationType:contains filename:b*", ["b.jpg"]),
        ("relatedTo:{box} filename:b* OR filename:c*", ["b.jpg"]),
        ("relatedTo:{box} (id:{a} OR id:{c}) AND extension:jpg", ["a.jpg"]),
        ("relatedTo:{box} -id:{a}", ["b.jpg"]),
        ('relatedTo:"{box}"', ["a.jpg", "b.jpg"]),
        ("relatedTo:{a} relationTarget:parent", ["box.collection", "c.jpg"]),
        ("relatedTo:{a} relationTarget:parent relationType:references", ["c.jpg"]),
        ("relatedTo:{a} relationTarget:child", []),
        ("relatedTo:{a} relationTarget:any relationType:any", ["box.collection", "c.jpg"]),
        # What has no direction is found from either side.
        ("relatedTo:{b} relationTarget:child relationType:related", ["c.jpg"]),
        ("relatedTo:{c} relationTarget:child relationType:related", ["b.jpg"]),
        ("relatedTo:nothing", []),
        ('filename:"relatedTo:{box}"', []),
        # Refused, never answered with too much.
        ("relationType:contains", [400]),
        ("relatedTo:{box} relationType:unknown", [400]),
        ("relatedTo:{box} relationTarget:aunt", [400]),
        # Documented: at the very start, in this order, without an operator.
        ("relatedTo:{box} AND filename:b*", [400]),
        ("relatedTo:{box} AND relationTarget:child AND relationType:contains", [400]),
        ("relatedTo:{box} NOT id:{a}", [400]),
        ("filename:b* relatedTo:{box}", [400]),
        ("(relatedTo:{box}) AND id:{a}", [400]),
        ("relatedTo:{box} relationType:contains relationTarget:child", [400]),
        ("relationTarget:child relatedTo:{box}", [400]),
        ("NOT relatedTo:{box}", [400]),
        ("-relatedTo:{box}", [400]),
        ("id:{c} OR relatedTo:{box}", [400]),
        ("relatedTo:{box} OR id:{c}", [400]),
        ("relatedTo:{box} relatedTo:{a}", [400]),
    ):
        assert library.names(query) == names, query


def test_a_quoted_id_may_have_escaped_signs(library: Library) -> None:
    # Some three of ten ids have a sign of the query language.
    boxes = (library.post("create", assetPath=f"/Related/{number}.collection").json()["id"] for number in range(100))
    box = next(asset_id for asset_id in boxes if "-" in asset_id)
    library.post("createRelation", relationType="contains", target1Id=box, target2Id=library.ids["c.jpg"])
    escaped = box.replace("-", r"\-").replace("_", r"\_")
    for shown in (box, f'"{box}"', f'"{escaped}"'):
        assert library.names(f"relatedTo:{shown} relationTarget:child") == ["c.jpg"], shown


def test_a_hit_tells_its_relation_which_can_be_removed(library: Library) -> None:
    (hit,) = library.hits("relatedTo:{box} id:{a}")
    relation = hit["relation"]
    assert relation["relationType"] == "contains"
    assert (relation["target1Id"], relation["target2Id"]) == (library.ids["box.collection"], library.ids["a.jpg"])
    reply = library.post("removeRelation", relationIds=f"{relation['relationId']}, nothing").json()
    assert reply == {"processedCount": 1, "errorCount": 1}
    assert library.names("relatedTo:{box}") == ["b.jpg"]
    assert "relation" not in library.hits("id:{a}")[0]


def test_collections(library: Library) -> None:
    box, c = library.ids["box.collection"], library.ids["c.jpg"]
    counts = library.post("collection/add", collectionId=box, childIds=f"{c},{library.ids['a.jpg']},nothing").json()
    # One is in there already, one does not exist.
    assert counts == {"processedCount": 1, "errorCount": 2}
    assert library.names("relatedTo:{box}") == ["a.jpg", "b.jpg", "c.jpg"]
    counts = library.post("collection/remove", collectionId=box, childIds=f"{c},{box}").json()
    assert counts == {"processedCount": 1, "errorCount": 1}
    assert library.names("relatedTo:{box}") == ["a.jpg", "b.jpg"]


def test_what_makes_no_relation(library: Library) -> None:
    assert library.relate("contains", "c.jpg", "b.jpg").json()["errorcode"] == 409
    assert library.relate("contains", "a.jpg", "a.jpg").json()["errorcode"] == 400
    assert library.relate("married", "a.jpg", "b.jpg").json()["errorcode"] == 400
    gone = {"target1Id": "nothing", "target2Id": library.ids["a.jpg"]}
    assert library.post("createRelation", relationType="related", **gone).json()["errorcode"] == 404
    made = library.relate("variation", "a.jpg", "b.jpg")
    assert (made.status_code, made.json()) == (200, {})


def test_bulk_calls_know_relations_as_well(library: Library) -> None:
    box = library.ids["box.collection"]
    counts = library.post("updatebulk", q=f"relatedTo:{box}", metadata='{"status": "boxed"}').json()
    assert counts == {"processedCount": 2, "errorCount": 0}
    assert library.names("status:boxed") == ["a.jpg", "b.jpg"]
    (hit,) = library.hits("relatedTo:{box} filename:a*")
    library.post("remove", q=f"relatedTo:{box} relationType:contains filename:a*")
    # Removed assets leave their relations.
    assert library.names("relatedTo:{box}") == ["b.jpg"]
    assert library.names("relatedTo:{c} relationTarget:child relationType:references") == []
    counts = library.post("removeRelation", relationIds=hit["relation"]["relationId"]).json()
    assert counts == {"processedCount": 0, "errorCount": 1}


def test_a_search_that_lags_knows_of_relations_later(start: Start) -> None:
    library = Library(start("--index-delay", "500"))
    asked = "relatedTo:{box} relationType:contains"
    wait_until(lambda: library.names(asked) == ["a.jpg", "b.jpg"])
    (relation,) = [hit["relation"]["relationId"] for hit in library.hits(f"{asked} id:{{a}}")]

    library.post("removeRelation", relationIds=relation)
    library.relate("contains", "box.collection", "c.jpg")
    # The server itself knows at once, its search still what was before.
    assert library.relate("contains", "box.collection", "c.jpg").json()["errorname"] == "RelationExistsException"
    assert library.names(asked) == ["a.jpg", "b.jpg"]
    wait_until(lambda: library.names(asked) == ["b.jpg", "c.jpg"])
