# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The workflow that configure.yml set up: a plan is made, shown, approved and applied, and nothing else is done."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.awx.configuring import TEMPLATES, WORKFLOWS
from tests.awx.controller import Controller
from tests.awx.jobs import Job, Order, run
from tests.awx.workflows import Workflow, in_order
from tests.integration.support import Ansible
from tests.support.assets import Dam, logged_in
from tests.support.emulator import ROOT, Emulator, start_emulator

NAME = "Elvis: change with approval"
ANSWERS = {"elvis_query": " status:Published ", "elvis_metadata": "status: Archived\ncredit: 012"}
HANDED_ON = {"elvis_change_digest", "elvis_change_plan"}
COUNT = 20


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture
def dam(server: Emulator) -> Iterator[Dam]:
    with logged_in(server) as dam:
        for number in range(COUNT):
            dam.create(f"/Demo Zone/{number:02}.txt", status="Published")
        dam.create("/Demo Zone/other.txt", status="New")
        server.forget_requests()
        yield dam


@pytest.fixture
def awx(set_up: Controller) -> Controller:
    return copy.deepcopy(set_up)


@pytest.fixture
def order(server: Emulator) -> dict[str, Any]:
    return {"inputs": {"server_url": server.url, "username": "alice", "password": "wonderland"}}


def statuses(dam: Dam) -> list[str]:
    return sorted(metadata["status"] for metadata in dam.metadata("*:*").values())


def shown(job: Job) -> str:
    """Return the end of the output, as AWX shows it to the person who approves."""
    return job.last_lines.replace('\\"', '"')


def test_a_plan_is_approved_and_applied(
    awx: Controller, installed: Ansible, dam: Dam, server: Emulator, order: dict[str, Any]
) -> None:
    workflow = Workflow(awx, NAME, {**ANSWERS, "elvis_change_digest": "0" * 64}, installed)
    # Nobody brings a digest along.
    assert workflow.ignored == {"extra_vars": {"elvis_change_digest": "0" * 64}}
    checked = workflow.run(**order)

    assert checked.status == "successful", checked.output
    assert set(checked.artifacts) == HANDED_ON
    output = checked.output.replace('\\"', '"')
    for words in (checked.artifacts["elvis_change_digest"], 'user "alice"', f"Steps: {COUNT}", f"update: {COUNT}"):
        assert words in output
    assert '"status": "Published" becomes "Archived"' in shown(checked)
    assert f"and {COUNT - 10} more" in shown(checked)
    assert max(len(event["stdout"]) for event in checked.events if "becomes" in event["stdout"]) <= 1024
    assert statuses(dam) == ["New", *["Published"] * COUNT]
    assert not {path.rpartition("/")[2] for path in dam.writes()} - {"apilogin", "logout"}

    workflow.approve()
    applied = workflow.run(**order)

    assert applied.status == "successful", applied.output
    assert f"{COUNT} assets were updated" in applied.last_lines
    found = dam.metadata("status:Archived")
    assert {metadata["credit"] for metadata in found.values()} == {"012"}
    assert statuses(dam) == [*["Archived"] * COUNT, "New"]
    assert len(server.sessions()) == 1


def test_what_changed_since_the_approval(awx: Controller, installed: Ansible, dam: Dam, order: dict[str, Any]) -> None:
    before = copy.deepcopy(awx)
    for answer, expected in (("fail", "Published"), ("skip", "Archived")):
        workflow = Workflow(before, NAME, {**ANSWERS, "elvis_plan_mismatch": answer}, installed)
        assert workflow.run(**order).status == "successful"
        workflow.approve()
        edited = f"/Demo Zone/{3 if answer == 'fail' else 4:02}.txt"
        dam.post("update", id=dam.ids()[edited], metadata=json.dumps({"credit": "somebody"}))
        job = workflow.run(**order)

        assert job.status == ("failed" if answer == "fail" else "successful"), job.output
        assert ("does not fit any more" in job.last_lines) is (answer == "fail")
        assert ("1 is left out" in job.last_lines) is (answer == "skip")
        found = dam.metadata("*:*")
        assert (found[edited]["status"], found[edited]["credit"]) == ("Published", "somebody")
        assert found["/Demo Zone/05.txt"]["status"] == expected
        assert found["/Demo Zone/other.txt"]["status"] == "New"


def test_a_plan_that_is_too_large_to_be_handed_on(
    awx: Controller, installed: Ansible, dam: Dam, order: dict[str, Any], tmp_path: Path
) -> None:
    answers = {**ANSWERS, "elvis_metadata": f"description: {'x' * 60_000}"}
    job = Workflow(awx, NAME, answers, installed).run(**order)
    assert job.status == "failed"
    assert job.artifacts == {}
    assert "bytes, and a workflow hands on at most 1000000" in job.last_lines
    assert "elvis_plan_file" in job.last_lines

    kept = {**answers, "elvis_plan_file": f" {tmp_path}/plan.jsonl "}
    vanishing = Workflow(awx, NAME, {**kept, "elvis_plan_file": "/usr/plan.jsonl"}, installed)
    job = vanishing.run(**order, variables={"elvis_in_container": True})
    assert job.status == "failed"
    assert "/usr is in a container, and would vanish with it" in job.last_lines

    workflow = Workflow(awx, NAME, kept, installed)
    job = workflow.run(**order, variables={"elvis_in_container": False})
    assert job.status == "successful", job.output
    assert job.artifacts["elvis_change_plan"] == ""
    assert max(len(json.dumps(event)) for event in job.events) < 700_000
    workflow.approve()
    job = workflow.run(**order, variables={"elvis_in_container": False})
    assert job.status == "successful", job.output
    assert len(dam.metadata("description:*")) == COUNT


@pytest.mark.parametrize("artifacts", [{}, {"elvis_change_digest": "ab" * 32, "elvis_change_plan": "e30K"}])
def test_a_run_without_an_approved_plan(
    artifacts: dict[str, str], installed: Ansible, dam: Dam, order: dict[str, Any]
) -> None:
    job = run(installed, Order("examples/awx/change.yml", answers={**ANSWERS, **artifacts}, **order))

    assert job.status == "failed"
    assert ("is not the file that was approved" if artifacts else "Launch the workflow") in job.last_lines
    assert not {path.rpartition("/")[2] for path in dam.writes()} - {"apilogin", "logout"}


def test_what_is_handed_on_has_names_of_its_own() -> None:
    """A variable of the launch would win over it."""
    questions = [
        question["variable"] for one in (*TEMPLATES, *WORKFLOWS) for question in one.get("survey", {}).get("spec", ())
    ]
    assert not HANDED_ON & set(questions)
    others = [
        path
        for folder in ("playbooks", "examples", "roles")
        for path in (ROOT / folder).rglob("*.yml")
        if path.name != "change.yml"
    ]
    assert not [path for path in others if re.search("|".join(HANDED_ON), path.read_text(encoding="utf-8"))]


def test_each_workflow_is_a_check_an_approval_and_a_run(set_up: Controller) -> None:
    templates = [one["name"] for one in set_up.objects["workflow_job_templates"].values()]
    assert templates == [workflow["name"] for workflow in WORKFLOWS]
    for workflow in WORKFLOWS:
        template = set_up.named("workflow_job_templates", workflow["name"])
        assert not template["ask_variables_on_launch"]
        assert [node["identifier"] for node in in_order(set_up, template)] == ["check", "approval", "run"]
