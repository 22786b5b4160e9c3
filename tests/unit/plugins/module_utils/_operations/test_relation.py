# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Relations between assets: what check mode says is done then, and a second run does nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.relations import OPPOSITES, related_query
from ansible_collections.damops.elvis.plugins.module_utils._operations.relation import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import start_emulator
from tests.support.gateway import Refusal, gateway_to
from tests.support.operations import fail, run, shown
from tests.support.relations import related
from tests.support.transfers import both_ways, outcome

pytestmark = pytest.mark.usefixtures("no_waiting")

A, B, C, D = (f"/Z/{name}.jpg" for name in "abcd")


@pytest.fixture
def ids(dam: Dam) -> dict[str, str]:
    """Four assets without relations."""
    return {path: dam.create(path) for path in (A, B, C, D)}


def relation(type_: str, start: str, end: str) -> dict[str, str]:
    return {"type": type_, "from": start, "to": end}


def make(dam: Dam, type_: str, start: str, end: str) -> None:
    ids = dam.ids()
    dam.post("createRelation", relationType=type_, target1Id=ids[start], target2Id=ids[end])


@pytest.mark.parametrize("type_", OPPOSITES)
def test_each_type_from_both_sides(dam: Dam, ids: dict[str, str], type_: str) -> None:
    result = both_ways(OPERATION, dam, relations=[relation(type_, A, B)])
    assert (result["changed"], result["counts"]["created"]) == (True, 1)
    assert related(dam, ids[A], type_) == [B]
    assert related(dam, ids[B], OPPOSITES[type_]) == [A]
    for same in (relation(type_, A, ids[B]), relation(OPPOSITES[type_], B, A)):
        again = both_ways(OPERATION, dam, relations=[same])
        assert (again["changed"], again["counts"]["unchanged"]) == (False, 1)
    gone = both_ways(OPERATION, dam, relations=[relation(OPPOSITES[type_], B, A)], state="absent")
    assert (gone["changed"], gone["counts"]["removed"]) == (True, 1)
    assert related(dam, ids[A]) == []
    assert both_ways(OPERATION, dam, relations=[relation(type_, A, B)], state="absent")["changed"] is False


def test_what_is_told(dam: Dam, ids: dict[str, str], tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    options = {"session": dam.session, "relations": [relation("references", A, ids[B])]}
    result = run(OPERATION, diff=True, report=str(report), **options)
    entry = {
        "id": ids[A],
        "path": A,
        "type": "references",
        "from": {"id": ids[A], "path": A},
        "to": {"id": ids[B], "path": B},
    }
    assert result["created"] == [entry]
    assert json.loads(report.read_text(encoding="utf-8")) == {"outcome": "created", **entry}
    (diff,) = map(shown, result["diff"])
    assert diff == {
        "before_header": f"{A} references {B}",
        "after_header": f"{A} references {B}",
        "before": {"state": "absent"},
        "after": {"state": "present"},
    }
    assert result["msg"].endswith(": 1 relation was created, 0 were as they should be.")


@pytest.mark.parametrize(
    ("there", "named"),
    [
        (("related", A, B), "the relation related"),
        (("references", B, A), "the relation referenced-by"),
        (("contains", B, A), "the relation contained-by"),
        (("variation", A, B), "the relation variation"),
    ],
)
def test_another_relation_is_in_the_way(dam: Dam, ids: dict[str, str], there: tuple[str, str, str], named: str) -> None:
    make(dam, *there)
    result = both_ways(OPERATION, dam, relations=[relation("contains", A, B), relation("contains", A, C)])
    (failure,) = result["failures"]
    assert (result["reason"], failure["to"]["path"]) == ("conflict", B)
    assert f"they have {named} already" in failure["message"]
    assert related(dam, ids[A], "contains") == [C]
    assert related(dam, there[1] if there[1] == "x" else ids[there[1]], there[0]) == [there[2]]
    assert both_ways(OPERATION, dam, relations=[relation("contains", A, B)], state="absent")["changed"] is False


@pytest.mark.parametrize(
    ("relations", "said"),
    [
        ([("related", A, A)], "entry 1: /Z/a.jpg can't be related to itself"),
        ([("related", A, B), ("contains", B, A)], "entry 2: /Z/b.jpg and /Z/a.jpg have another relation in relations"),
        ([("contains", A, B), ("contains", B, A)], "have another relation in relations, entry 1"),
        ([("related", "", B)], "relations, entry 1: from is empty"),
        ([("related", A, "/Z//b.jpg")], "relations, entry 1: to: /Z//b.jpg"),
    ],
)
@pytest.mark.usefixtures("ids")
def test_what_a_task_can_not_mean(dam: Dam, relations: list[tuple[str, str, str]], said: str) -> None:
    dam._elvis.forget_requests()
    error = fail(OPERATION, session=dam.session, relations=[relation(*one) for one in relations])
    assert (
        error.reason,
        said in error.message,
        error.message.endswith(("Nothing was changed.", "Nothing was sent.")),
    ) == (
        "bad_request",
        True,
        True,
    ), error.message
    assert dam.writes() == []


def test_one_relation_that_is_named_twice(dam: Dam, ids: dict[str, str]) -> None:
    twice = [relation("contains", A, B), relation("contained-by", ids[B], ids[A])]
    assert both_ways(OPERATION, dam, relations=twice)["counts"]["created"] == 1
    assert both_ways(OPERATION, dam, relations=twice, state="absent")["counts"]["removed"] == 1


@pytest.mark.usefixtures("ids")
def test_an_end_that_is_not_there(dam: Dam) -> None:
    relations = [relation("related", A, "/Z/none.jpg"), relation("related", "nobody", A), relation("related", A, B)]
    check = outcome(OPERATION, dam, check_mode=True, relations=relations)
    assert [entry["why"] for entry in check["left_out"]] == [
        "there is no asset /Z/none.jpg",
        "there is no asset nobody",
    ]
    result = outcome(OPERATION, dam, relations=relations)
    assert (result["reason"], result["counts"]["created"], result["counts"]["failed"]) == ("not_found", 1, 2)
    assert result["msg"].startswith("relations, entry 1: there is no asset /Z/none.jpg at http")
    gone = both_ways(OPERATION, dam, relations=relations, state="absent")
    assert (gone["counts"]["removed"], gone["counts"]["unchanged"]) == (1, 2)


@pytest.mark.parametrize("concurrency", [1, 4])
def test_many(dam: Dam, concurrency: int) -> None:
    paths = [f"/Z/{number:03}.jpg" for number in range(150)]
    for path in (A, *paths):
        dam.create(path)
    relations = [
        relation("contained-by" if number % 2 else "variation-of", path, A) for number, path in enumerate(paths)
    ]
    result = both_ways(OPERATION, dam, relations=relations, concurrency=concurrency)
    assert result["counts"]["created"] == 150
    assert len(related(dam, dam.ids()[A], "contains")) == 75
    dam._elvis.forget_requests()
    again = outcome(OPERATION, dam, relations=relations, concurrency=concurrency)
    assert again["counts"]["unchanged"] == 150
    # All ends, a hundred at once, and what is around their common end.
    assert len(dam._elvis.requests()) == 4
    assert both_ways(OPERATION, dam, relations=relations, state="absent")["counts"]["removed"] == 150


@pytest.mark.usefixtures("ids")
def test_the_first_failure_stops_it(dam: Dam) -> None:
    make(dam, "related", A, B)
    relations = [relation("contains", A, other) for other in (B, C, D)]
    result = outcome(OPERATION, dam, relations=relations, on_failure="stop", concurrency=1)
    assert (result["reason"], result["counts"]["failed"], result["counts"]["created"]) == ("conflict", 1, 0)
    assert result["left"] == 2


# --- Answers that get lost, others who are faster, servers that say little


@pytest.mark.parametrize("service", ["createRelation", "removeRelation"])
@pytest.mark.parametrize("fate", ["lose answer", "hang up"])
def test_a_lost_answer(dam: Dam, ids: dict[str, str], service: str, fate: Any) -> None:
    state = "present" if service == "createRelation" else "absent"
    if state == "absent":
        make(dam, "contains", A, B)
    with gateway_to(dam._elvis.url, lambda number, name: fate if (number, name) == (1, service) else "pass") as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, relations=[relation("contains", A, B)], state=state)
    assert (result.get("reason"), result["changed"]) == (None, True)
    assert gateway.calls[service] == (1 if fate == "lose answer" else 2)
    assert related(dam, ids[A], "contains") == ([B] if state == "present" else [])


@pytest.mark.parametrize(("other", "reason"), [("contains", None), ("related", "conflict")])
def test_somebody_who_is_faster(dam: Dam, ids: dict[str, str], other: str, reason: str | None) -> None:
    def decide(_number: int, service: str) -> Any:
        if service == "createRelation":
            make(dam, other, A, B)
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, relations=[relation("contains", A, B)])
    assert (result.get("reason"), result["changed"]) == (reason, False)
    assert related(dam, ids[A], other) == [B]


def test_somebody_who_removes_it_first(dam: Dam, ids: dict[str, str]) -> None:
    make(dam, "contains", A, B)

    def decide(_number: int, service: str) -> Any:
        if service == "removeRelation":
            (hit,) = dam.post("search", q=f"relatedTo:{ids[A]}")["hits"]
            dam.post("removeRelation", relationIds=hit["relation"]["relationId"])
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        relations = [relation("contains", A, B)]
        result = outcome(OPERATION, dam, url=gateway.url, relations=relations, state="absent")
    assert (result.get("reason"), result["changed"]) == (None, False)


def lean(body: bytes) -> bytes:
    """Return an answer of which a relation shows nothing but what a client has seen: its id."""
    answer = json.loads(body)
    for hit in answer.get("hits", ()):
        if "relation" in hit:
            hit["relation"] = {"relationId": hit["relation"]["relationId"]}
    return json.dumps(answer).encode()


EMPTY = {"createRelation": lambda _body: b"", "removeRelation": lambda _body: b"", "search": lean}


def test_a_server_that_says_little(dam: Dam, ids: dict[str, str]) -> None:
    make(dam, "references", B, A)
    with gateway_to(dam._elvis.url, lambda _number, service: EMPTY.get(service, "pass")) as gateway:
        relations = [relation("contains", A, other) for other in (B, C)]
        made = outcome(OPERATION, dam, url=gateway.url, relations=relations)
        gone = outcome(OPERATION, dam, url=gateway.url, relations=relations, state="absent")
    assert (made["counts"]["created"], made["counts"]["failed"]) == (1, 1)
    assert "they have the relation referenced-by already" in made["msg"]
    assert (gone.get("reason"), gone["counts"]["removed"]) == (None, 1)
    assert related(dam, ids[A]) == [B]


@pytest.mark.usefixtures("ids")
def test_an_error_that_is_counted(dam: Dam) -> None:
    make(dam, "contains", A, B)
    counted = Refusal(200, {"Content-Type": "application/json"}, b'{"processedCount": 0, "errorCount": 1}')
    with gateway_to(dam._elvis.url, lambda _n, name: counted if name == "removeRelation" else "pass") as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, relations=[relation("contains", A, B)], state="absent")
    assert (result["reason"], result["changed"]) == ("server", False)


def test_an_id_as_a_query_has_it() -> None:
    cases: Mapping[str, str] = {
        "9mUVYBJ5qjRB_OnmAIdUaW": "relatedTo:9mUVYBJ5qjRB_OnmAIdUaW",
        "a-b": "relatedTo:a-b",
        "-ab": r'relatedTo:"\-ab"',
        "a OR b": 'relatedTo:"a OR b"',
    }
    assert {asset_id: related_query(asset_id, None) for asset_id in cases} == cases


def test_a_search_that_lags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with start_emulator("--index-delay", "1500") as server:
        dam = Dam(server)
        ids = [dam.create(path) for path in (A, B)]
        made = run(OPERATION, session=dam.session, relations=[relation("contains", A, B)])
        assert (made["changed"], made.get("warnings")) == (True, None)
        assert related(dam, ids[0], "contains") == [B]
        again = run(OPERATION, session=dam.session, relations=[relation("contained-by", B, A)])
        assert again["changed"] is False
        gone = run(OPERATION, session=dam.session, relations=[relation("contains", A, B)], state="absent")
        assert gone["changed"] is True
        assert related(dam, ids[0]) == []
        dam.leave()
