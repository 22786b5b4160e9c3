# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata as they were before wrong changes: what is set back, what is left and listed; nothing is guessed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._changes import restore_run
from ansible_collections.damops.elvis.plugins.module_utils._changes.restore_run import FIELD_COUNTS
from ansible_collections.damops.elvis.plugins.module_utils._dam import history
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata_restore import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.operations import fail, run, shown

pytestmark = pytest.mark.usefixtures("no_waiting")

PATHS = {name: f"/Zone/{name}.txt" for name in ("plain", "edited", "listed", "half", "other")}
OLD_DATE, NEW_DATE = "1999-01-01T00:00:00Z", "2500-01-01T00:00:00Z"
BEFORE: dict[str, dict[str, Any]] = {
    "plain": {"status": "New", "rating": 3, "cf_date": OLD_DATE, "description": "one\ntwo, three", "credit": "-5 °C"},
    "edited": {"status": "New"},
    "listed": {"status": "New", "tags": ["a", "b"]},
    "half": {"status": "New", "headline": "Old"},
    "other": {"status": "New"},
}
WRONG: dict[str, dict[str, Any]] = {
    "plain": {"status": "X", "rating": 5, "cf_date": NEW_DATE, "description": "", "credit": "+1", "headline": "X"},
    "edited": {"status": "X"},
    "listed": {"tags": ["x"]},
    "half": {"status": "X", "headline": "X"},
}
NONE = dict.fromkeys(FIELD_COUNTS, 0)
EXPECTED = {**NONE, "restored": 7, "edited_since": 2, "uncertain": 1}


class Damage:
    """Assets that admin has damaged, and alice has edited since.

    :ivar span: the options for the time in which it was done
    """

    def __init__(self, dam: Dam, elvis: Emulator) -> None:
        self.dam = dam
        self.admin = Dam(elvis, "admin", "changemenow")
        self.ids = {name: dam.create(PATHS[name], **BEFORE[name]) for name in PATHS}
        dam.create("/Zone/sample.txt", description="not empty")
        self.before = self.fields()
        time.sleep(0.002)
        since = now()
        for name, values in WRONG.items():
            self.admin.post("update", id=self.ids[name], metadata=json.dumps(values))
        self.admin.post("move", source=PATHS["other"], target="/Zone/moved.txt")
        time.sleep(0.002)
        self.span = {"users": ["Admin"], "since": str(since), "until": str(now())}
        self.damaged = self.fields()
        for name in ("edited", "half"):
            dam.post("update", id=self.ids[name], metadata=json.dumps({"status": "Mine"}))

    def fields(self) -> dict[str, dict[str, Any]]:
        """Return what counts of each asset, by its id."""
        ids = {asset_id: path for path, asset_id in self.dam.ids().items()}
        metadata = self.dam.metadata("*:*")
        names = ("status", "rating", "cf_date", "description", "credit", "headline", "tags")
        return {
            asset_id: {name: metadata[path][name] for name in names if metadata[path].get(name)}
            for asset_id, path in ids.items()
        }


def now() -> int:
    return int(1000 * time.time())


@pytest.fixture
def damage(dam: Dam, one_elvis: Emulator) -> Iterator[Damage]:
    found = Damage(dam, one_elvis)
    yield found
    found.admin.leave()


def restore(damage: Damage, **options: Any) -> dict[str, Any]:
    given = {"query": "*:*", "max_change": 100, **damage.span, **options}
    return run(OPERATION, session=damage.dam.session, **given)


def test_what_is_set_back_and_what_is_left(damage: Damage) -> None:
    present = damage.fields()
    check = restore(damage, check_mode=True, diff=True)
    assert damage.fields() == present
    done = restore(damage, diff=True)
    assert done["field_counts"] == check["field_counts"] == EXPECTED
    assert (done["changed"], done["counts"]["updated"], done["counts"]["skipped"]) == (True, 2, 2)
    ids = damage.ids
    expected = {**damage.before, ids["edited"]: present[ids["edited"]], ids["listed"]: present[ids["listed"]]}
    expected[ids["half"]] = {**damage.before[ids["half"]], "status": "Mine"}
    assert damage.fields() == expected
    assert {(entry["id"], entry["field"]) for entry in done["edited_since"]} == {
        (ids["edited"], "status"),
        (ids["half"], "status"),
    }
    assert [(entry["id"], entry["field"]) for entry in done["uncertain"]] == [(ids["listed"], "tags")]
    assert [entry.get("left") for entry in done["updated"]] in (
        [None, {"status": "edited_since"}],
        [{"status": "edited_since"}, None],
    )
    moved = [entry for entry in done["other_changes"] if entry["field"] is None]
    assert [(entry["id"], entry["action"], entry["user"]) for entry in moved] == [(ids["other"], "RENAME", "admin")]
    diff = next(shown(diff) for diff in done["diff"] if diff["before_header"] == PATHS["plain"])
    assert (diff["before"]["rating"], diff["after"]["rating"]) == (5, 3)
    assert check["diff"] == done["diff"]


def test_a_second_run_changes_nothing_and_a_restoration_is_taken_back(damage: Damage) -> None:
    begin = now()
    restore(damage)
    after = damage.fields()
    again = restore(damage)
    assert (again["changed"], again["field_counts"]["restored"], again["field_counts"]["unchanged"]) == (False, 0, 7)
    time.sleep(0.002)
    back = restore(damage, users=["alice"], since=str(begin), until=str(now()))
    assert back["field_counts"] == {**NONE, "restored": 7}
    for name in ("plain", "half"):
        there, damaged = damage.fields()[damage.ids[name]], damage.damaged[damage.ids[name]]
        assert {**there, "status": 0} == {**damaged, "status": 0}
    assert after != damage.fields()


def test_the_fields_and_the_assets_that_a_task_names(damage: Damage) -> None:
    options = {"query": None, "paths": [PATHS["plain"], "/Zone/none.txt"], "fields": ["rating", "tags"]}
    check = run(OPERATION, session=damage.dam.session, check_mode=True, **damage.span, **without_none(options))
    assert check["field_counts"]["restored"] == 1
    assert [(entry["path"], entry["why"]) for entry in check["left_out"]] == [
        ("/Zone/none.txt", "there is no asset with the path /Zone/none.txt")
    ]
    error = fail(OPERATION, session=damage.dam.session, **damage.span, **without_none(options))
    assert error.reason == "not_found"
    assert damage.fields()[damage.ids["plain"]] == {**damage.damaged[damage.ids["plain"]], "rating": 3}
    by_id = restore_named(damage, ids=[damage.ids["half"]])
    assert by_id["field_counts"] == {**NONE, "restored": 1, "edited_since": 1}


def restore_named(damage: Damage, **options: Any) -> dict[str, Any]:
    return run(OPERATION, session=damage.dam.session, **damage.span, **options)


def without_none(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


def test_more_than_max_change_changes_nothing(damage: Damage) -> None:
    present = damage.fields()
    error = fail(OPERATION, session=damage.dam.session, query="*:*", max_change=1, **damage.span)
    assert "2 assets would be restored, and max_change is 1: nothing was changed." in error.message
    assert damage.fields() == present


def test_an_edit_while_the_histories_are_read(damage: Damage, monkeypatch: pytest.MonkeyPatch) -> None:
    judge = restore_run.RestoreRun._judge

    def edit(self: Any, suspects: Any) -> Any:
        damage.dam.post("update", id=damage.ids["plain"], metadata=json.dumps({"rating": 1}))
        return judge(self, suspects)

    monkeypatch.setattr(restore_run.RestoreRun, "_judge", edit)
    error = fail(OPERATION, session=damage.dam.session, query="*:*", max_change=9, **damage.span)
    assert (error.reason, error.done["field_counts"]["failed"]) == ("conflict", 6)
    assert f"{PATHS['plain']} at" in error.message
    assert "rating was changed meanwhile" in error.message
    assert damage.fields()[damage.ids["plain"]]["rating"] == 1


def test_no_value_is_guessed_where_the_history_lacks_it(damage: Damage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the old value is a guess."""
    monkeypatch.setattr(history, "OLD_VALUE", "valueBefore")
    done = restore(damage)
    assert (done["changed"], done["field_counts"]) == (False, {**NONE, "uncertain": 10})


def test_an_asset_without_history(damage: Damage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restore_run, "read_history", lambda *_arguments: [])
    done = restore_named(damage, ids=[damage.ids["plain"]])
    assert (done["changed"], done["field_counts"]) == (False, {**NONE, "without_history": 1})
    assert [entry["path"] for entry in done["without_history"]] == [PATHS["plain"]]


def test_the_report_has_every_asset(damage: Damage, tmp_path: Any) -> None:
    report = tmp_path / "report.jsonl"
    restore(damage, report=str(report))
    lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    outcomes = {line["path"]: line["outcome"] for line in lines}
    assert len(lines) == 6
    assert outcomes[PATHS["listed"]] == "skipped"
    assert outcomes[PATHS["plain"]] == "updated"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"users": []}, "users must name the users"),
        ({"users": ["admin", " "]}, "users must name the users"),
        ({"until": "2026-11-30T13:00:00Z"}, "is not later than since"),
        ({"since": "yesterday"}, "since 'yesterday' is not a time"),
        ({"since": "2026-11-30T14:00:00"}, "a time without a zone"),
        ({"fields": ["status", "assetPath"]}, "the server itself sets assetPath"),
        ({"fields": ["a:b"]}, "'a:b' is not the name of a field"),
        ({"query": " "}, "query is empty"),
        ({"max_change": -1}, "max_change must be 0 or more"),
    ],
)
def test_options_that_can_not_be_meant(dam: Dam, options: dict[str, Any], words: str) -> None:
    span = {"users": ["admin"], "since": "2026-11-30T14:00:00Z", "until": "2026-11-30T15:00:00Z"}
    error = fail(OPERATION, session=dam.session, **{"query": "status:X", **span, **options})
    assert (error.reason, words in error.message) == ("bad_request", True), error.message


def test_a_plan_lists_what_is_left(damage: Damage, tmp_path: Any) -> None:
    plan = str(tmp_path / "plan")
    made = restore(damage, check_mode=True, plan_dest=plan)
    assert made["plan"]["counts"] == {"leave": 3, "update": 2}
    steps = [json.loads(line) for line in (tmp_path / "plan").read_text(encoding="ascii").splitlines()[1:]]
    assert {step["path"]: step["left"] for step in steps if step["action"] == "leave"} == {
        PATHS["edited"]: {"status": "edited_since"},
        PATHS["half"]: {"status": "edited_since"},
        PATHS["listed"]: {"tags": "uncertain"},
    }
    # One of two fields of an asset, or of six.
    damage.dam.post("update", id=damage.ids["half"], metadata=json.dumps({"headline": "Mine"}))
    damage.dam.post("update", id=damage.ids["plain"], metadata=json.dumps({"rating": 1}))
    options = {"plan": plan, "plan_digest": made["plan"]["digest"]}
    error = fail(OPERATION, session=damage.dam.session, query="*:*", max_change=100, **damage.span, **options)
    assert (error.reason, error.done["changed"], error.done["plan"]["not_approved"]) == ("conflict", False, 2)
    left = restore(damage, plan_mismatch="skip", **options)
    assert {entry["path"] for entry in left["left_out"] if entry["why"] == "not_approved"} == {
        PATHS["half"],
        PATHS["plain"],
    }
    assert left["field_counts"] == {**NONE, "not_approved": 5, "edited_since": 4, "uncertain": 1}
    assert "5 not approved" in left["msg"]


def test_a_plan_is_applied_and_applied_again(damage: Damage, tmp_path: Any) -> None:
    """An asset of which one field is restored, and one left, is one of which a field is left from then on."""
    plan = str(tmp_path / "plan")
    digest = restore(damage, check_mode=True, plan_dest=plan)["plan"]["digest"]
    applied = [restore(damage, plan=plan, plan_digest=digest) for _time in range(2)]
    assert [(done["changed"], done["plan"]["not_approved"]) for done in applied] == [(True, 0), (False, 0)]
