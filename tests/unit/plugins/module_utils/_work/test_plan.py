# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan is the same from the same steps, and another file is refused."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.hits import Hit
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.atomic_file import atomic_file
from ansible_collections.damops.elvis.plugins.module_utils._work import sorted_lines
from ansible_collections.damops.elvis.plugins.module_utils._work.plan import (
    ApprovedPlan,
    PlanDraft,
    Step,
    shown_options,
    step_of,
    why_left_out,
)
from ansible_collections.damops.elvis.plugins.module_utils._work.plan_file import check_head, read_plan
from ansible_collections.damops.elvis.plugins.module_utils._work.sorted_lines import SortedLines

HEAD = {"server": "https://dam.example", "user": "alice", "module": "elvis_metadata", "options": {"query": "a"}}
HIT = Hit("id-1", "/Z/a\x1b[2J", {"versionNumber": 3, "checkedOutBy": "bob"})


def step(path: str, asset: Hit = HIT, after: Any = "New", action: str = "update", **more: Any) -> Step:
    return step_of(action, path, asset, {"status": ("Old", after)}, **more)


def draft(path: Path, *steps: Step) -> str:
    with atomic_file(str(path), only_compare=False, mode=0o600) as file, SortedLines() as lines:
        plan = PlanDraft(file, HEAD, lines)
        for one in steps:
            plan.foresee(one)
        made = plan.end()["plan"]
    assert made["counts"] == {"update": len(steps)}
    return str(made["digest"])


def test_a_plan_is_sorted_private_and_the_same_from_the_same_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sorted_lines, "IN_MEMORY", 300)
    steps = [step(f"/Z/{number:02}") for number in range(20)]
    digests = {draft(tmp_path / name, *order) for name, order in (("a", steps), ("b", steps[::-1]))}
    assert digests == {hashlib.sha256((tmp_path / "a").read_bytes()).hexdigest()}
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600
    head, *lines = map(json.loads, (tmp_path / "a").read_text("ascii").splitlines())
    assert head == {"plan": 1, **HEAD}
    assert [line["path"] for line in lines] == [one["path"] for one in steps]
    assert lines[0] == {
        "action": "update",
        "path": "/Z/00",
        "id": "id-1",
        "version": 3,
        "checked_out_by": "bob",
        "before": {"status": "Old"},
        "after": {"status": "New"},
    }


def test_only_a_step_that_is_in_the_plan_may_be_done(tmp_path: Path) -> None:
    digest = draft(tmp_path / "plan", step(HIT.path))
    assert b"\x1b" not in (tmp_path / "plan").read_bytes()
    found = read_plan(str(tmp_path / "plan"), digest)
    plan = ApprovedPlan("/plan", digest, found.steps, skips=False)
    assert plan.refusal(step(HIT.path)) is None
    assert plan.withheld("/Z/a") is None
    others = (
        step("/Z/b"),
        step(HIT.path, HIT._replace(id="id-2")),
        step(HIT.path, HIT._replace(fields={"versionNumber": 4, "checkedOutBy": "bob"})),
        step(HIT.path, HIT._replace(fields={"versionNumber": 3})),
        step(HIT.path, after="Newer"),
        step(HIT.path, action="remove"),
        step(HIT.path, checksum="another"),
    )
    assert all(map(plan.refusal, others))
    assert plan.as_result()["plan"] == {"digest": digest, "steps": 1, "not_approved": len(others)}
    assert plan.withheld("/Z/a") is None
    assert f"{len(others)} steps" in plan.mismatch().message


def test_what_can_not_be_undone_is_withheld_beside_a_step_that_is_left_out() -> None:
    plan = ApprovedPlan("/plan", "", frozenset(), skips=True)
    assert plan.withheld("/Z/a") is None
    refusal = plan.refusal(step("/Z/b"))
    assert why_left_out(refusal) == "not_approved"
    assert why_left_out(plan.withheld("/Z/a"))


def test_a_file_that_is_another_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    digest = draft(path, step("/Z/a"), step("/Z/b"))
    whole = path.read_bytes()
    for content in (b"", whole[:-1], whole[: whole.rindex(b"{")], whole.replace(b"New", b"Bad"), whole + b"\n"):
        path.write_bytes(content)
        with pytest.raises(ElvisError, match="not the file that was approved") as caught:
            read_plan(str(path), digest)
        assert caught.value.reason == "conflict"


def test_what_is_no_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    for content in (b"", b"[]\n", b"\xff\n", b'{"plan": 2}\n'):
        path.write_bytes(content)
        with pytest.raises(ElvisError, match="is no plan"):
            read_plan(str(path), hashlib.sha256(content).hexdigest())


def test_what_can_not_be_read_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("missing", "pipe", ".", "a\0b"):
        with pytest.raises(ElvisError, match="can't be read") as caught:
            read_plan(f"{tmp_path}/{name}", "")
        assert caught.value.reason == "storage"


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ({"user": "bob"}, "its user is alice, and not bob"),
        ({"server": "https://other"}, "its server is https://dam.example, and not https://other"),
        ({"options": {"query": "b", "force": True}}, "it has another value for force, query"),
    ],
)
def test_a_plan_of_another_task_is_refused(expected: dict[str, Any], words: str) -> None:
    check_head("/plan", HEAD, {name: HEAD[name] for name in HEAD})
    with pytest.raises(ElvisError) as caught:
        check_head("/plan", HEAD, expected)
    assert words in caught.value.message


def test_a_long_option_stands_as_its_checksum() -> None:
    shown = shown_options({"a": "x" * 2000, "b": 1, "c": None})
    assert shown["a"].startswith("sha256:")
    assert shown == {"a": shown["a"], "b": 1}


def test_nothing_is_left_of_what_was_sorted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_lines, "IN_MEMORY", 5)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with SortedLines() as lines:
        for word in ("pear", "fig", "apple", "date"):
            lines.add(word)
        assert list(lines.take()) == ["apple", "date", "fig", "pear"]
    assert list(tmp_path.iterdir()) == []
