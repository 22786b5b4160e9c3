# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The members of a collection: what check mode says is done then, limits hold, a second run does nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.collection import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import start_emulator
from tests.support.gateway import Refusal, gateway_to
from tests.support.operations import fail, run, shown
from tests.support.relations import related
from tests.support.transfers import both_ways, outcome

pytestmark = pytest.mark.usefixtures("no_waiting")

BOX = "/Z/box.collection"
A, B, C, D = ALL = tuple(f"/Z/{name}.jpg" for name in "abcd")


@pytest.fixture
def ids(dam: Dam) -> dict[str, str]:
    """Four assets."""
    return {path: dam.create(path, status="New") for path in ALL}


@pytest.fixture
def box(dam: Dam, ids: dict[str, str]) -> str:
    """A collection of the first two; returns its id."""
    box = dam.create(BOX, None)
    for path in (A, B):
        dam.post("createRelation", relationType="contains", target1Id=box, target2Id=ids[path])
    return box


def members(dam: Dam) -> list[str]:
    return related(dam, dam.ids()[BOX], "contains")


def unchanged(dam: Dam, **options: Any) -> bool:
    return both_ways(OPERATION, dam, **options)["changed"] is False


@pytest.mark.parametrize(
    "which", [{"query": "status:New"}, {"ids": list(ALL)}, {"paths": [*ALL, A]}], ids=["query", "ids", "paths"]
)
@pytest.mark.parametrize("members_state", ["present", "pure"])
def test_a_new_collection(dam: Dam, ids: dict[str, str], which: dict[str, Any], members_state: str) -> None:
    which = {"ids": [ids[path] for path in which["ids"]]} if "ids" in which else which
    options = {"path": BOX, "members_state": members_state, "metadata": {"description": "a box"}, **which}
    result = both_ways(OPERATION, dam, **options)
    assert (result["changed"], result["counts"]["created"]) == (True, 4)
    assert result["changes"]["state"] == {"before": "absent", "after": "present"}
    assert result["collection"] == {"id": dam.ids()[BOX], "path": BOX}
    assert members(dam) == list(ALL)
    assert dam.metadata("*:*")[BOX]["description"] == "a box"
    assert unchanged(dam, **options)


@pytest.mark.parametrize(
    ("state", "paths", "counts", "left"),
    [
        ("present", [A, C], {"created": 1, "unchanged": 1}, [A, B, C]),
        ("absent", [A, C], {"removed": 1, "unchanged": 1}, [B]),
        ("pure", [A, C], {"created": 1, "removed": 1, "unchanged": 1}, [A, C]),
        ("present", [], {}, [A, B]),
        ("absent", [], {}, [A, B]),
    ],
)
@pytest.mark.usefixtures("box")
def test_members(dam: Dam, state: str, paths: list[str], counts: dict[str, int], left: list[str]) -> None:
    options = {"path": BOX, "paths": paths, "members_state": state}
    result = both_ways(OPERATION, dam, **options)
    assert {name: number for name, number in result["counts"].items() if number} == counts
    assert members(dam) == left
    assert unchanged(dam, **options)
    assert set(ALL) < set(dam.ids())


def test_a_diff(dam: Dam, box: str) -> None:
    result = run(OPERATION, session=dam.session, diff=True, id=box, paths=[C], members_state="pure")
    assert [(diff["before_header"], diff["after"]) for diff in map(shown, result["diff"])] == [
        (f"{C} in {BOX}", {"member": "present"}),
        (f"{A} in {BOX}", {"member": "absent"}),
        (f"{B} in {BOX}", {"member": "absent"}),
    ]
    assert result["msg"].endswith(": unchanged itself; 1 member added, 2 removed.")


@pytest.mark.parametrize("which", [{"ids": []}, {"paths": []}, {"query": "status:Nothing"}], ids=str)
@pytest.mark.usefixtures("box")
def test_an_empty_list_removes_nothing(dam: Dam, which: dict[str, Any]) -> None:
    result = both_ways(OPERATION, dam, path=BOX, members_state="pure", metadata={"description": "x"}, **which)
    assert (result["reason"], "The list of members is empty" in result["msg"]) == ("conflict", True)
    assert members(dam) == [A, B]


@pytest.mark.usefixtures("box")
def test_an_incomplete_list_removes_nothing(dam: Dam) -> None:
    result = outcome(OPERATION, dam, path=BOX, paths=[C, "/Z/none.jpg"], members_state="pure")
    assert (result["reason"], result["counts"]["created"], result["left"]) == ("not_found", 1, 2)
    assert "The collection keeps 2 members that the list does not name: something failed before" in result["msg"]
    assert members(dam) == [A, B, C]


@pytest.mark.parametrize(
    ("options", "is_limited"),
    [
        ({"paths": [C], "members_state": "pure"}, True),
        ({"query": "filename:c.jpg", "members_state": "pure"}, True),
        ({"query": "status:New", "members_state": "absent"}, True),
        ({"paths": [A, B], "members_state": "absent"}, False),
        ({"query": "status:New"}, False),
    ],
)
@pytest.mark.usefixtures("box")
def test_the_most_that_is_removed(dam: Dam, options: dict[str, Any], is_limited: bool) -> None:
    result = both_ways(OPERATION, dam, path=BOX, max_change=1, **options)
    assert (result.get("reason") == "conflict") is is_limited
    if is_limited:
        assert "2 members would be removed, and max_change is 1: nothing was changed." in result["msg"]
        assert members(dam) == [A, B]
        assert both_ways(OPERATION, dam, path=BOX, max_change=2, **options).get("reason") is None


@pytest.mark.parametrize("options", [{}, {"metadata": {"description": "x"}}, {"state": "absent"}], ids=str)
@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("blind", [0, 1])
def test_an_id_of_another_asset_is_refused(
    dam: Dam, ids: dict[str, str], options: dict[str, Any], check: bool, blind: int
) -> None:
    """Also where the first search does not know of the asset yet."""

    def decide(number: int, service: str) -> Any:
        return (lambda _body: b'{"totalHits": 0, "hits": []}') if number <= blind and service == "search" else "pass"

    dam._elvis.forget_requests()
    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, id=ids[A], check_mode=check, **options)
    if not (blind and "state" in options):
        said = f"is {A}, whose name does not end in .collection"
        assert (result["reason"], said in result["msg"]) == ("bad_request", True)
    assert (result.get("changed", False), dam.writes(), A in dam.ids()) == (False, [], True)


@pytest.mark.parametrize("by", ["path", "id"])
def test_the_collection_goes_and_its_members_stay(dam: Dam, box: str, by: str) -> None:
    options = {by: BOX if by == "path" else box, "state": "absent"}
    result = both_ways(OPERATION, dam, **options)
    assert result["changes"] == {"state": {"before": "present", "after": "absent"}}
    assert set(dam.ids()) == set(ALL)
    assert unchanged(dam, **options)


def test_an_id_that_nothing_has(dam: Dam) -> None:
    assert fail(OPERATION, session=dam.session, id="nobody").reason == "not_found"
    assert unchanged(dam, id="nobody", state="absent")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"path": "/Z/box"}, "does not end in .collection"),
        ({"path": BOX, "query": " "}, "query is empty"),
        ({"path": BOX, "state": "absent", "ids": []}, "state: absent can't be used with"),
        ({"path": BOX, "members_state": "pure"}, "needs a list of members"),
        ({"path": BOX, "ids": [], "max_change": -1}, "max_change must be 0 or more"),
    ],
)
def test_what_a_task_can_not_mean(dam: Dam, options: dict[str, Any], said: str) -> None:
    error = fail(OPERATION, session=dam.session, **options)
    assert (error.reason, said in error.message) == ("bad_request", True), error.message


@pytest.mark.usefixtures("box")
def test_another_relation_is_in_the_way(dam: Dam, ids: dict[str, str]) -> None:
    dam.post("createRelation", relationType="references", target1Id=ids[C], target2Id=dam.ids()[BOX])
    result = both_ways(OPERATION, dam, path=BOX, paths=[A, C, D], members_state="pure")
    (failure,) = result["failures"]
    assert (result["reason"], failure["path"]) == ("conflict", C)
    assert "they have the relation referenced-by already" in failure["message"]
    assert members(dam) == [A, B, D]


@pytest.mark.usefixtures("box")
def test_the_collection_is_no_member_of_itself(dam: Dam) -> None:
    result = both_ways(OPERATION, dam, path=BOX, query='folderPath:"/Z"')
    assert [entry["path"] for entry in result["left_out"]] == [BOX]
    assert members(dam) == list(ALL)


def test_members_are_read_in_few_searches(dam: Dam) -> None:
    paths = [f"/Z/{number:03}.jpg" for number in range(130)]
    for path in paths:
        dam.create(path)
    assert both_ways(OPERATION, dam, path=BOX, paths=paths)["counts"]["created"] == 130
    dam._elvis.forget_requests()
    assert outcome(OPERATION, dam, path=BOX, paths=paths)["changed"] is False
    # The collection, its members, and the collection with its metadata.
    assert len(dam._elvis.requests()) == 3


def test_a_second_user_with_the_same_list(dam: Dam, ids: dict[str, str]) -> None:
    def decide(number: int, service: str) -> Any:
        if (number, service) == (1, "createRelation"):
            other = run(OPERATION, session=dam.session, path=BOX, paths=list(ALL))
            assert other["counts"]["created"] == len(ids)
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, path=BOX, paths=list(ALL), concurrency=1)
    assert (result.get("reason"), result["counts"]["unchanged"]) == (None, 4)
    assert members(dam) == list(ALL)


def test_one_of_many_that_the_server_refuses(dam: Dam) -> None:
    """As it may while somebody has that one checked out."""
    paths = [f"/Z/{number:03}.jpg" for number in range(130)]
    for path in paths:
        dam.create(path)
    error = {"errorcode": 409, "errorname": "AlreadyCheckedOutException", "message": "Checked out by api"}
    refusal = Refusal(200, {"Content-Type": "application/json"}, json.dumps(error).encode())

    def decide(number: int, service: str) -> Any:
        return refusal if (number, service) == (50, "createRelation") else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, path=BOX, paths=paths)
    (failure,) = result["failures"]
    assert (result["reason"], result["counts"]["created"], result["counts"]["failed"]) == ("conflict", 129, 1)
    assert "Checked out by api" in failure["message"]
    again = outcome(OPERATION, dam, path=BOX, paths=paths)
    assert (again.get("reason"), again["counts"]["created"], again["counts"]["unchanged"]) == (None, 1, 129)
    assert again["created"][0]["path"] == failure["path"]


def test_a_search_that_lags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with start_emulator("--index-delay", "1000") as server:
        dam = Dam(server)
        ids = [dam.create(path) for path in (A, B)]
        made = run(OPERATION, session=dam.session, path=BOX, ids=ids)
        assert (made["counts"]["created"], made.get("warnings")) == (2, None)
        assert run(OPERATION, session=dam.session, path=BOX, ids=ids, members_state="pure")["changed"] is False
        assert members(dam) == [A, B]
        dam.leave()
