# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan of each module: made in check mode, and applied after somebody changed some of what it names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.assets import Dam
from tests.support.operations import fail, run

pytestmark = pytest.mark.usefixtures("no_waiting")

PATHS = [f"/Z/in/{number:02}.jpg" for number in range(20)]


class Planned(NamedTuple):
    """A task, as it is planned and applied.

    :param change: does as somebody else who changes an asset, or file, of the plan
    :param is_done: tells from the metadata of all assets which were changed
    :param others: options of another task of the module
    """

    operation: Operation
    options: Mapping[str, Any]
    change: Callable[[Dam, str], None]
    is_done: Callable[[Mapping[str, Any]], bool]
    others: Mapping[str, Any]


def edit(dam: Dam, path: str) -> None:
    dam.post("update", id=dam.ids()[path], metadata=json.dumps({"status": "Odd"}))


def rows(folder: Path) -> str:
    src = folder / "rows.csv"
    src.write_text("path,status\n" + "".join(f"{path},Done\n" for path in PATHS))
    return str(src)


TASKS: dict[str, Callable[[Path], Planned]] = {
    "metadata of a query": lambda _folder: Planned(
        METADATA,
        {"query": "ancestorPaths:/Z", "metadata": {"status": "Done"}, "max_change": 50},
        edit,
        lambda metadata: metadata["status"] == "Done",
        {"max_change": 51},
    ),
    "metadata of rows": lambda folder: Planned(
        METADATA,
        {"src": rows(folder)},
        edit,
        lambda metadata: metadata["status"] == "Done",
        {"empty_cells": "clear"},
    ),
}


@pytest.fixture(params=TASKS)
def task(request: pytest.FixtureRequest, tmp_path: Path) -> Planned:
    return TASKS[request.param](tmp_path)


@pytest.fixture(autouse=True)
def assets(dam: Dam) -> None:
    for path in PATHS:
        dam.create(path, status="Old")
    dam._elvis.forget_requests()


def plan_of(dam: Dam, task: Planned, folder: Path) -> dict[str, Any]:
    """Make a plan, and return the options that apply it."""
    path = str(folder / "plan.jsonl")
    dam._elvis.forget_requests()
    made = run(task.operation, session=dam.session, check_mode=True, plan_dest=path, **task.options)
    assert dam.writes() == []
    lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    assert sum(made["plan"]["counts"].values()) == len(lines) - 1
    paths = [line["path"] for line in lines[1:]]
    assert paths == sorted(paths)
    return {**task.options, "plan": path, "plan_digest": made["plan"]["digest"]}


def done(dam: Dam, task: Planned) -> list[str]:
    return [path for path in PATHS if task.is_done(dam.metadata("*:*").get(path, {}))]


def test_nothing_else_than_the_plan_is_done(dam: Dam, task: Planned, tmp_path: Path) -> None:
    options = plan_of(dam, task, tmp_path)
    task.change(dam, PATHS[7])
    dam._elvis.forget_requests()

    error = fail(task.operation, session=dam.session, **options)
    assert error.reason == "conflict"
    assert [entry["path"] for entry in error.done["failures"]] == [PATHS[7]]
    assert error.done["plan"]["not_approved"] == 1
    assert dam.writes() == []
    assert done(dam, task) == []

    result = run(task.operation, session=dam.session, plan_mismatch="skip", **options)
    assert [(entry["path"], entry["why"]) for entry in result["left_out"]] == [(PATHS[7], "not_approved")]
    assert done(dam, task) == [path for path in PATHS if path != PATHS[7]]

    # What an interrupted task left to do is done with the same plan; here nothing is left.
    again = run(task.operation, session=dam.session, plan_mismatch="skip", **options)
    assert not again["changed"]


def test_a_plan_is_applied_whole(dam: Dam, task: Planned, tmp_path: Path) -> None:
    options = plan_of(dam, task, tmp_path)
    checked = run(task.operation, session=dam.session, check_mode=True, **options)
    result = run(task.operation, session=dam.session, **options)
    assert checked["counts"] == result["counts"]
    assert result["plan"]["not_approved"] == 0
    assert done(dam, task) == PATHS
    assert not run(task.operation, session=dam.session, **options)["changed"]


def test_another_plan_is_refused_before_anything_is_sent(dam: Dam, task: Planned, tmp_path: Path) -> None:
    options = plan_of(dam, task, tmp_path)
    plan = Path(options["plan"])
    whole = plan.read_bytes()
    refused: list[dict[str, Any]] = [{"plan_digest": "0" * 64}, {"plan_digest": "0"}, {"plan": f"{plan}.not"}]
    refused.extend([{"session": {**dam.session, "username": "bob"}}, {"plan": plan.name}, task.others])
    dam._elvis.forget_requests()
    for other in refused:
        fail(task.operation, **{"session": dam.session, **options, **other})
    for content in (whole[:-2], whole.replace(b"Old", b"New")):
        plan.write_bytes(content)
        assert "not the file" in fail(task.operation, session=dam.session, **options).message
    assert dam._elvis.requests() == []
    plan.write_bytes(whole)
    run(task.operation, session=dam.session, **options)


def test_no_plan_is_made_outside_of_check_mode_or_of_a_simulated_session(
    dam: Dam, task: Planned, tmp_path: Path
) -> None:
    options = {**task.options, "plan_dest": str(tmp_path / "plan")}
    assert "check mode" in fail(task.operation, session=dam.session, **options).message
    simulated = {**dam.session, "simulated": True}
    assert "simulated" in fail(task.operation, session=simulated, check_mode=True, **options).message
    assert not (tmp_path / "plan").exists()
    assert dam._elvis.requests() == []


def test_no_plan_is_made_of_what_fails(dam: Dam, task: Planned, tmp_path: Path) -> None:
    Dam(dam._elvis, "admin", "changemenow").post(f"checkout/{dam.ids()[PATHS[3]]}")
    error = fail(task.operation, session=dam.session, check_mode=True, plan_dest=str(tmp_path / "p"), **task.options)
    assert "No plan was written" in error.message
    assert not (tmp_path / "p").exists()


def test_what_changes_right_before_it_is_written_is_left(
    dam: Dam, task: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changes an asset after all were compared with the plan."""
    if task.operation is not METADATA:
        pytest.skip("what it reads again is tested with it")
    from ansible_collections.damops.elvis.plugins.module_utils._work.metadata_run import MetadataRun

    review = MetadataRun._review

    def reviewed(run: MetadataRun, *arguments: Any) -> None:
        review(run, *arguments)
        task.change(dam, PATHS[0])

    options = plan_of(dam, task, tmp_path)
    monkeypatch.setattr(MetadataRun, "_review", reviewed)
    error = fail(task.operation, session=dam.session, **options)
    assert [entry["path"] for entry in error.done["failures"]] == PATHS[:1]
    assert done(dam, task) == PATHS[1:]
