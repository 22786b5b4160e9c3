# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many assets moved, given back or removed: a check tells the truth, limits hold, what somebody else changed stays."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import asset_finder, present
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_bulk import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import start_emulator
from tests.support.gateway import Refusal, gateway_to
from tests.support.operations import fail, run, shown
from tests.support.transfers import both_ways, outcome

pytestmark = pytest.mark.usefixtures("no_waiting")

A, B, C = ALL = ("/Z/in/a.jpg", "/Z/in/sub/b.jpg", "/Z/in/sub/c.jpg")
OTHERS = tuple(f"/Z/kept/{number}.jpg" for number in range(4))
FOUND = {"query": "status:Old"}
GONE: dict[str, Any] = {"state": "absent"}
FLAT: dict[str, Any] = {"folder": "/Z/out"}
TREE: dict[str, Any] = {"folder": "/Z/out", "layout": "tree", "base": "/Z/in"}
GIVEN_BACK: dict[str, Any] = {"undo_check_out": True, "checked_out_before": "0s"}


@pytest.fixture
def ids(dam: Dam) -> dict[str, str]:
    """Three assets to change, among others that stay; none is checked out."""
    ids = {path: dam.create(path, status="Old") for path in ALL}
    for path in OTHERS:
        dam.create(path, status="New")
    return ids


@pytest.fixture
def admin(dam: Dam) -> Dam:
    return Dam(dam._elvis, "admin", "changemenow")


def paths(dam: Dam) -> list[str]:
    """Return where the assets are, but for those that stay."""
    return sorted(path for path in dam.ids() if path not in OTHERS)


def holders(dam: Dam) -> dict[str, str]:
    found = dam.metadata("checkedOutBy:*")
    return {path: metadata["checkedOutBy"] for path, metadata in found.items()}


def counts(result: dict[str, Any]) -> dict[str, int]:
    return {kind: number for kind, number in result["counts"].items() if number}


WHICH: list[Callable[[dict[str, str]], dict[str, Any]]] = [
    lambda _ids: FOUND,
    lambda ids: {"ids": list(ids.values())},
    lambda ids: {"paths": [*ids, A]},
]


@pytest.mark.parametrize("which", WHICH, ids=["query", "ids", "paths"])
@pytest.mark.parametrize(
    ("aim", "after", "folders"),
    [
        (FLAT, ["/Z/out/a.jpg", "/Z/out/b.jpg", "/Z/out/c.jpg"], ["/Z/out"]),
        (TREE, ["/Z/out/a.jpg", "/Z/out/sub/b.jpg", "/Z/out/sub/c.jpg"], ["/Z/out", "/Z/out/sub"]),
        (GONE, [], []),
    ],
    ids=["flat", "tree", "absent"],
)
def test_a_second_run_changes_nothing(
    dam: Dam,
    ids: dict[str, str],
    which: Callable[[dict[str, str]], dict[str, Any]],
    aim: dict[str, Any],
    after: list[str],
    folders: list[str],
) -> None:
    options = {**which(ids), **aim}
    result = both_ways(OPERATION, dam, **options)
    kind = "removed" if aim is GONE else "updated"
    assert (counts(result), result["folders"], paths(dam)) == ({kind: 3}, folders, after)
    assert [entry["path"] for entry in result[kind]] == list(ALL)
    assert [entry.get("new_path") for entry in result[kind]] == (after or [None] * 3)
    again = both_ways(OPERATION, dam, **options)
    assert (again["changed"], again["failures"], paths(dam)) == (False, [], after)


def test_check_outs_that_are_old_enough(dam: Dam, ids: dict[str, str]) -> None:
    for path in (A, B):
        dam.post(f"checkout/{ids[path]}")
    assert both_ways(OPERATION, dam, **FOUND, **{**GIVEN_BACK, "checked_out_before": "48h"})["changed"] is False
    time.sleep(0.002)
    result = both_ways(OPERATION, dam, **FOUND, **GIVEN_BACK)
    assert (counts(result), holders(dam)) == ({"updated": 2, "unchanged": 1}, {})
    assert result["updated"][0]["checked_out_by"] == "alice"
    assert both_ways(OPERATION, dam, **FOUND, **GIVEN_BACK)["changed"] is False


@pytest.mark.parametrize("aim", [FLAT, GONE, GIVEN_BACK], ids=["flat", "absent", "given back"])
def test_one_that_somebody_else_has_fails_alone(dam: Dam, ids: dict[str, str], admin: Dam, aim: dict[str, Any]) -> None:
    Dam(dam._elvis, "api", "api").post(f"checkout/{ids[B]}")
    for path in (A, C):
        admin.post(f"checkout/{ids[path]}") if aim is GIVEN_BACK else None
    time.sleep(0.002)
    result = both_ways(OPERATION, admin, **FOUND, **aim)
    (failure,) = result["failures"]
    assert (result["reason"], failure["path"]) == ("conflict", B)
    assert "api has it checked out since" in failure["message"]
    assert counts(result) == {"removed" if aim is GONE else "updated": 2, "failed": 1}
    assert holders(dam) == {B: "api"}
    forced = both_ways(OPERATION, admin, **FOUND, **aim, force=True)
    assert (forced.get("reason"), forced["changed"], holders(dam)) == (None, True, {})


def test_who_may_not_end_a_check_out_changes_nothing(dam: Dam, ids: dict[str, str]) -> None:
    Dam(dam._elvis, "api", "api").post(f"checkout/{ids[B]}")
    result = outcome(OPERATION, dam, **FOUND, **GONE, force=True)
    assert (result["reason"], counts(result), paths(dam)) == ("forbidden", {"removed": 2, "failed": 1}, [B])


@pytest.mark.parametrize("aim", [FLAT, GONE], ids=["flat", "absent"])
def test_what_a_query_excepts(dam: Dam, ids: dict[str, str], aim: dict[str, Any]) -> None:
    box = dam.create("/Z/kept/box.collection", None)
    dam.post("createRelation", relationType="contains", target1Id=box, target2Id=ids[B])
    members = f"relatedTo:{box} relationTarget:child relationType:contains"
    result = both_ways(OPERATION, dam, **FOUND, except_query=members, **aim)
    assert sum(counts(result).values()) == 2
    assert B in paths(dam)


def test_exceptions_that_can_not_be_read_whole(dam: Dam, ids: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asset_finder, "MOST_READINGS", 1)

    def decide(number: int, service: str) -> Any:
        shortened = b'{"totalHits": 9, "hits": []}'
        return (lambda _body: shortened) if (number, service) == (2, "search") else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, **FOUND, except_query="status:Kept", **GONE)
    assert (result["reason"], paths(dam)) == ("conflict", sorted(ids))


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_query_that_fails_changes_nothing(dam: Dam, ids: dict[str, str], call: int) -> None:
    """The second and the third are those that ask again right before."""

    def decide(number: int, service: str) -> Any:
        is_refused = service == "search" and number > call
        return Refusal(400, {"Content-Type": "application/json"}, b'{"errorcode": 400}') if is_refused else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        options = {**FOUND, **GONE, "except_query": "status:Kept", "max_change": 3, "concurrency": 1}
        result = outcome(OPERATION, dam, url=gateway.url, **options)
    assert (result["reason"], counts(result).get("removed"), paths(dam)) == ("bad_request", None, sorted(ids))
    # Once it can't be asked, no further one is begun.
    assert (counts(result), result["left"]) == (({}, 0) if call == 1 else ({"failed": 1}, 2))


@pytest.mark.parametrize(
    ("options", "most"), [({"max_change": 2}, 2), ({"max_change": 0}, 0), ({"max_change": 3}, 3)], ids=str
)
def test_the_most_that_changes(dam: Dam, ids: dict[str, str], options: dict[str, Any], most: int) -> None:
    result = both_ways(OPERATION, dam, **FOUND, **FLAT, **options)
    if most < len(ids):
        assert result["reason"] == "conflict"
        assert f"3 assets would be moved, and max_change is {most}: nothing was changed." in result["msg"]
        assert paths(dam) == sorted(ids)
    else:
        assert counts(result) == {"updated": 3}


def test_one_that_somebody_else_has_does_not_count(dam: Dam, ids: dict[str, str]) -> None:
    Dam(dam._elvis, "api", "api").post(f"checkout/{ids[B]}")
    result = both_ways(OPERATION, dam, **FOUND, **FLAT, max_change=2)
    assert (result["reason"], counts(result)) == ("conflict", {"updated": 2, "failed": 1})


def test_named_assets_do_not_count(dam: Dam, ids: dict[str, str]) -> None:
    assert counts(both_ways(OPERATION, dam, ids=list(ids.values()), max_change=0, **GONE)) == {"removed": 3}


@pytest.mark.parametrize("query", ["", " ", "*:*", 'ancestorPaths:"/Z"'])
def test_a_query_that_finds_most_assets(dam: Dam, ids: dict[str, str], query: str) -> None:
    for check in (True, False):
        result = outcome(OPERATION, dam, query=query, check_mode=check, **GONE)
        said = "7 assets of the 7 that this user can see" if query.strip() else "query is empty"
        assert (result["reason"], said in result["msg"]) == ("conflict" if query.strip() else "bad_request", True)
    assert paths(dam) == sorted(ids)
    assert counts(both_ways(OPERATION, dam, query=query, max_change=7, **GONE)) == {"removed": 7}


def test_the_limit_when_none_is_given(dam: Dam) -> None:
    for number in range(101):
        dam.create(f"/Z/in/{number:03}.jpg", status="Old")
    for number in range(102):
        dam.create(f"/Z/kept/{number}.jpg")
    result = both_ways(OPERATION, dam, **FOUND, **FLAT)
    assert "101 assets would be moved, and max_change is 100" in result["msg"]


def test_two_that_would_get_one_path(dam: Dam, ids: dict[str, str]) -> None:
    dam.create("/Z/in/sub/A.JPG", status="Old")
    before = paths(dam)
    result = both_ways(OPERATION, dam, **FOUND, **FLAT, max_change=9)
    assert (result["reason"], paths(dam)) == ("conflict", before)
    assert f"{A} and /Z/in/sub/A.JPG to /Z/out/a.jpg" in result["msg"]
    assert counts(both_ways(OPERATION, dam, **FOUND, **TREE, max_change=9)) == {"updated": len(ids) + 1}


@pytest.mark.parametrize("taken_by", ["an asset", "a folder"])
@pytest.mark.usefixtures("ids")
def test_a_path_that_is_taken(dam: Dam, taken_by: str) -> None:
    dam.create("/Z/out/b.jpg" if taken_by == "an asset" else "/Z/out/b.jpg/x.jpg", status="New")
    result = both_ways(OPERATION, dam, **FOUND, **FLAT)
    (failure,) = result["failures"]
    assert (result["reason"], failure["path"], counts(result)) == ("conflict", B, {"updated": 2, "failed": 1})
    assert "it can't be moved to /Z/out/b.jpg, wh" in failure["message"]


def test_a_folder_whose_path_an_asset_has(dam: Dam, ids: dict[str, str]) -> None:
    dam.create("/Z/out", status="New")
    result = both_ways(OPERATION, dam, **FOUND, **FLAT)
    assert (result["reason"], "an asset has that path" in result["msg"]) == ("conflict", True)
    assert A in paths(dam), ids


def test_a_folder_that_is_spelled_otherwise(dam: Dam, ids: dict[str, str]) -> None:
    dam.folder("/Z/Out")
    result = both_ways(OPERATION, dam, ids=[ids[A]], **FLAT)
    assert (result["folders"], result["updated"][0]["new_path"]) == ([], "/Z/Out/a.jpg")
    assert both_ways(OPERATION, dam, ids=[ids[A]], **FLAT)["changed"] is False


@pytest.mark.parametrize(
    ("folder", "base", "after"),
    [
        ("/Z/in/deep", "/Z/in", ["/Z/in/deep/a.jpg", "/Z/in/deep/sub/b.jpg", "/Z/in/deep/sub/c.jpg"]),
        ("/Z", "/Z/in", ["/Z/a.jpg", "/Z/sub/b.jpg", "/Z/sub/c.jpg"]),
        ("/Z/in", "/Z/in", list(ALL)),
        ("/Z/out", "/z/IN", ["/Z/out/a.jpg", "/Z/out/sub/b.jpg", "/Z/out/sub/c.jpg"]),
    ],
)
@pytest.mark.usefixtures("ids")
def test_trees_in_one_another(dam: Dam, folder: str, base: str, after: list[str]) -> None:
    for _run in range(2):
        both_ways(OPERATION, dam, **FOUND, folder=folder, base=base, layout="tree")
        assert paths(dam) == after


@pytest.mark.usefixtures("ids")
def test_one_outside_of_the_base_fails_alone(dam: Dam) -> None:
    result = both_ways(OPERATION, dam, **FOUND, **{**TREE, "base": "/Z/in/sub"})
    (failure,) = result["failures"]
    assert (failure["path"], failure["reason"], counts(result)) == (A, "bad_request", {"updated": 2, "failed": 1})
    assert "does not lie in base, /Z/in/sub" in failure["message"]


@pytest.mark.parametrize("aim", [FLAT, GIVEN_BACK, GONE], ids=["flat", "given back", "absent"])
def test_one_that_is_not_there(dam: Dam, ids: dict[str, str], aim: dict[str, Any]) -> None:
    names = {"paths": ["/Z/none.jpg"]}
    check, real = (outcome(OPERATION, dam, check_mode=check, index_wait=0, **names, **aim) for check in (True, False))
    if aim is GONE:
        assert counts(check) == counts(real) == {"unchanged": 1}
    else:
        assert (counts(check), counts(real), real["reason"]) == ({"skipped": 1}, {"failed": 1}, "not_found")
        assert "Check the path or the id" in real["msg"]
    assert paths(dam) == sorted(ids)


def test_a_diff_and_a_report(dam: Dam, ids: dict[str, str], tmp_path: Any) -> None:
    report = tmp_path / "report.jsonl"
    result = run(OPERATION, session=dam.session, diff=True, paths=[A, B], report=str(report), **FLAT)
    assert [(diff["before_header"], diff["after"]) for diff in map(shown, result["diff"])] == [
        (A, {"path": "/Z/out/a.jpg"}),
        (B, {"path": "/Z/out/b.jpg"}),
    ]
    lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert lines[0] == {"outcome": "updated", "id": ids[A], "path": A, "new_path": "/Z/out/a.jpg"}
    assert result["msg"].endswith(": 2 updated.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (FOUND, "needs exactly one of folder"),
        ({**FOUND, **FLAT, **GONE}, "This one has several of them"),
        ({**FOUND, "undo_check_out": True}, "undo_check_out: true and checked_out_before belong together"),
        ({**FOUND, **GONE, "checked_out_before": "48h"}, "belong together"),
        ({**FOUND, **GIVEN_BACK, "checked_out_before": "soon"}, "checked_out_before 'soon' is not a time"),
        ({**FOUND, **FLAT, "layout": "tree"}, "layout: tree and base belong together"),
        ({**FOUND, **FLAT, "base": "/Z"}, "layout: tree and base belong together"),
        ({**FOUND, **GONE, "layout": "tree", "base": "/Z"}, "layout: tree and base need folder"),
        ({**FOUND, "folder": "Z"}, "does not begin with a slash"),
        ({**FOUND, **FLAT, "max_change": -1}, "max_change must be 0 or more"),
        ({**FOUND, **FLAT, "except_query": " "}, "except_query is empty"),
        ({"paths": ["a.jpg"], **GONE}, "paths, entry 1"),
    ],
)
def test_what_a_task_can_not_mean(dam: Dam, options: dict[str, Any], said: str) -> None:
    error = fail(OPERATION, session=dam.session, **options)
    assert (error.reason, said in error.message) == ("bad_request", True), error.message


def test_nothing_to_do_is_one_search_for_500(dam: Dam) -> None:
    for number in range(520):
        dam.create(f"/Z/out/{number}.jpg")
    dam._elvis.forget_requests()
    result = outcome(OPERATION, dam, query='ancestorPaths:"/Z"', **FLAT)
    assert (result["changed"], result["counts"]["unchanged"]) == (False, 520)
    assert [request["path"].rpartition("/")[2] for request in dam._elvis.requests()] == ["search"] * 2


def edit(dam: Dam, asset_id: str) -> object:
    return dam.post("update", id=asset_id, files={"Filedata": ("c.jpg", b"other bytes")})


def keep(dam: Dam, asset_id: str) -> object:
    return dam.post("update", id=asset_id, metadata='{"status": "New"}')


MEANWHILE: list[tuple[str, Callable[[Dam, str], object], str]] = [
    ("moved", lambda dam, _id: dam.post("move", source=C, target="/Z/in/other.jpg"), "has changed meanwhile: path"),
    ("checked out", lambda dam, asset_id: dam.post(f"checkout/{asset_id}"), "has changed meanwhile: checkedOut"),
    ("other version", edit, "has changed meanwhile: versionNumber"),
    ("no longer found", keep, "no longer among the wanted assets"),
    (
        "excepted by now",
        lambda dam, asset_id: dam.post("update", id=asset_id, metadata='{"tags": "keep"}'),
        "no longer among the wanted assets",
    ),
]


def check_out_again(dam: Dam, asset_id: str) -> None:
    dam.post(f"undocheckout/{asset_id}")
    time.sleep(0.002)
    dam.post(f"checkout/{asset_id}")


@pytest.mark.parametrize(("change", "said"), [row[1:] for row in MEANWHILE], ids=[row[0] for row in MEANWHILE])
@pytest.mark.parametrize("aim", [FLAT, GONE], ids=["flat", "absent"])
def test_what_somebody_changed_meanwhile_stays(
    dam: Dam, ids: dict[str, str], aim: dict[str, Any], change: Callable[[Dam, str], object], said: str
) -> None:
    """The search after those that find and count the assets reads them again; a move also looks for its folder."""
    planned = 4 if aim is FLAT else 3

    def decide(number: int, service: str) -> Any:
        if (number, service) == (planned + 1, "search"):
            change(dam, ids[C])
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, **FOUND, except_query="tags:keep", **aim)
    (failure,) = result["failures"]
    assert (failure["path"], result["reason"], said in failure["message"]) == (C, "conflict", True), failure
    assert counts(result) == {"removed" if aim is GONE else "updated": 2, "failed": 1}


def test_a_check_out_that_is_another_one_by_now_stays(dam: Dam, ids: dict[str, str]) -> None:
    for path in ALL:
        dam.post(f"checkout/{ids[path]}")
    time.sleep(0.002)

    def decide(number: int, service: str) -> Any:
        if (number, service) == (2, "search"):
            check_out_again(dam, ids[C])
            dam.post(f"undocheckout/{ids[B]}")
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, ids=list(ids.values()), concurrency=1, **GIVEN_BACK)
    (failure,) = result["failures"]
    assert (failure["path"], "has changed meanwhile: checkedOut" in failure["message"]) == (C, True)
    assert (counts(result), list(holders(dam))) == ({"updated": 1, "unchanged": 1, "failed": 1}, [C])


@pytest.mark.parametrize(
    ("aim", "service"), [(GONE, "remove"), (FLAT, "move"), (GIVEN_BACK, None)], ids=["absent", "flat", "given back"]
)
@pytest.mark.parametrize("concurrency", [1, 3])
def test_a_pause_that_the_server_asks_for_makes_a_reading_old(
    dam: Dam,
    ids: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    aim: dict[str, Any],
    service: str | None,
    concurrency: int,
) -> None:
    """Somebody changes all of them in that pause, those that other threads were about to send as well."""
    monkeypatch.setattr(present, "READING_FRESH_FOR", 0.2)
    for path in ALL:
        dam.post(f"checkout/{ids[path]}") if aim is GIVEN_BACK else None
    time.sleep(0.002)
    is_changed = threading.Event()

    def change() -> None:
        for path in ALL:
            check_out_again(dam, ids[path]) if aim is GIVEN_BACK else keep(dam, ids[path])
        is_changed.set()

    timer, lock = threading.Timer(0.2, change), threading.Lock()

    def decide(_number: int, called: str) -> Any:
        if called in (service, *ids.values()) and not is_changed.is_set():
            with lock:
                timer.start() if not timer.ident else None
            return Refusal(429, {"Retry-After": "1"})
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, **FOUND, concurrency=concurrency, **aim)
    assert (result["reason"], counts(result), paths(dam)) == ("conflict", {"failed": 3}, sorted(ids))
    assert len(holders(dam)) == (3 if aim is GIVEN_BACK else 0)


@pytest.mark.parametrize(("aim", "service"), [(GONE, "remove"), (FLAT, "move")], ids=["absent", "flat"])
@pytest.mark.parametrize("lag", [0, 300])
def test_a_second_run_at_the_same_moment(
    monkeypatch: pytest.MonkeyPatch, lag: int, aim: dict[str, Any], service: str
) -> None:
    """The one that comes too late finds the assets as they are to be."""
    monkeypatch.undo()
    with start_emulator("--index-delay", str(lag)) as server:
        dam = Dam(server)
        ids = {path: dam.create(path) for path in ALL}
        time.sleep(lag / 500)
        options = {"ids": list(ids.values()), "concurrency": 1, **aim}
        others: list[dict[str, Any]] = []

        def decide(_number: int, called: str) -> Any:
            if called == service and not others:
                others.append(outcome(OPERATION, dam, index_wait=0, **options))
            return "pass"

        with gateway_to(server.url, decide) as gateway:
            result = outcome(OPERATION, dam, url=gateway.url, **options)
        kind = "removed" if aim is GONE else "updated"
        assert counts(others[0]) == {kind: 3}
        assert (result.get("reason"), counts(result)) == (None, {"unchanged": 3})
        dam.leave()


def test_two_runs_that_end_the_same_check_outs_at_the_same_moment(dam: Dam, ids: dict[str, str]) -> None:
    """The reply shows the state after the call, so that nobody can tell which of them did it. Nothing is done twice."""
    for path in ALL:
        dam.post(f"checkout/{ids[path]}")
    time.sleep(0.002)
    options = {"ids": list(ids.values()), "concurrency": 1, **GIVEN_BACK}
    others: list[dict[str, Any]] = []

    def decide(_number: int, called: str) -> Any:
        if called in ids.values() and not others:
            others.append({})
            others.append(outcome(OPERATION, dam, **options))
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, **options)
    assert (counts(others[1]), counts(result), holders(dam)) == ({"updated": 3}, {"updated": 3}, {})
    for asset_id in ids.values():
        assert dam.post("asset/history", id=asset_id, actions="UNDO_CHECKOUT", detailLevel=0)["totalHits"] == 1


def test_a_reading_is_fresh(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(present, "READING_FRESH_FOR", -1)
    assets = [dam.create(f"/Z/in/{number}.jpg") for number in range(5)]
    dam._elvis.forget_requests()
    assert counts(outcome(OPERATION, dam, ids=assets, concurrency=1, **FLAT)) == {"updated": 5}
    # The assets, the path of their folder, each asset again, and all of them at their end.
    asked = [request["path"].rpartition("/")[2] for request in dam._elvis.requests()]
    assert asked.count("search") == 2 + 5 + 1


def test_the_first_failure_may_end_it(dam: Dam, ids: dict[str, str]) -> None:
    Dam(dam._elvis, "api", "api").post(f"checkout/{ids[A]}")
    result = outcome(OPERATION, dam, **FOUND, **GONE, on_failure="stop")
    assert (result["reason"], result["left"], paths(dam)) == ("conflict", 2, sorted(ids))


@pytest.mark.parametrize("aim", [FLAT, GONE, GIVEN_BACK], ids=["flat", "absent", "given back"])
def test_an_answer_that_is_lost(dam: Dam, ids: dict[str, str], aim: dict[str, Any]) -> None:
    for path in ALL:
        dam.post(f"checkout/{ids[path]}") if aim is GIVEN_BACK else None
    time.sleep(0.002)

    def decide(number: int, service: str) -> Any:
        is_lost = service in ("move", "remove", ids[B]) and number == 1
        return "lose answer" if is_lost else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, **FOUND, **aim)
    assert (result.get("reason"), counts(result)) == (None, {"removed" if aim is GONE else "updated": 3})


def test_one_that_does_not_arrive(dam: Dam, ids: dict[str, str]) -> None:
    success = Refusal(200, {"Content-Type": "application/json"}, b'{"processedCount": 1, "errorCount": 0}')

    def decide(number: int, service: str) -> Any:
        return success if (number, service) == (1, "move") else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, ids=list(ids.values()), concurrency=1, index_wait=0, **FLAT)
    assert (result["reason"], counts(result)) == ("conflict", {"updated": 2, "failed": 1})
    assert f"it is at {A}" in result["msg"]


def test_a_search_that_lags(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    with start_emulator("--index-delay", "400") as server:
        dam = Dam(server)
        assets = [dam.create(path) for path in ALL]
        moved = run(OPERATION, session=dam.session, ids=assets, **FLAT)
        assert (moved["counts"]["updated"], moved.get("warnings")) == (3, None)
        assert run(OPERATION, session=dam.session, ids=assets, **FLAT)["changed"] is False
        for asset_id in assets:
            dam.post(f"checkout/{asset_id}")
        time.sleep(0.5)
        given_back = {"query": "checkedOutBy:alice", "max_change": 3, **GIVEN_BACK}
        assert run(OPERATION, session=dam.session, **given_back)["counts"]["updated"] == 3
        assert run(OPERATION, session=dam.session, **given_back)["changed"] is False
        assert run(OPERATION, session=dam.session, ids=assets, **GONE)["counts"]["removed"] == 3
        assert paths(dam) == []
        dam.leave()


@pytest.mark.parametrize(("aim", "number"), [(FLAT, 520), (GONE, 130)], ids=["flat", "absent"])
def test_one_of_many_that_somebody_has(dam: Dam, aim: dict[str, Any], number: int) -> None:
    """They are more than one search returns, or than are read again at a time."""
    assets = [dam.create(f"/Z/in/{place:03}.jpg") for place in range(number)]
    api = Dam(dam._elvis, "api", "api")
    api.post(f"checkout/{assets[100]}")
    kind = "removed" if aim is GONE else "updated"

    result = outcome(OPERATION, dam, ids=assets, **aim)

    (failure,) = result["failures"]
    assert counts(result) == {kind: number - 1, "failed": 1}
    assert (failure["path"], result["reason"]) == ("/Z/in/100.jpg", "conflict")
    assert "api has it checked out since" in failure["message"]
    assert failure["message"].endswith("and a changed file that is not checked in yet is lost.")
    api.post(f"undocheckout/{assets[100]}")
    api.leave()
    assert counts(outcome(OPERATION, dam, ids=assets, **aim)) == {kind: 1, "unchanged": number - 1}
