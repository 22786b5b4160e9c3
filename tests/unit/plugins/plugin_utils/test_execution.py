# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a task does its work, and what it says of that."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http import transport
from ansible_collections.damops.elvis.plugins.plugin_utils._execution import Circumstances, choose_execution

PLAIN = Circumstances(
    forced="auto", transport="local", interpreter="", has_async=False, has_become=False, has_environment=False
)
OTHER_PYTHON = f"{sys.executable}-other"


@pytest.mark.parametrize("interpreter", ["", "auto", "auto_legacy_silent", sys.executable])
def test_a_plain_task_stays_here(interpreter: str) -> None:
    execution = choose_execution(PLAIN._replace(interpreter=interpreter))
    assert execution.side == "controller"
    assert "the connection is local" in execution.why


@pytest.mark.parametrize(
    ("task", "why"),
    [
        (PLAIN._replace(transport="ssh"), "the connection is ssh"),
        (PLAIN._replace(transport="ansible.netcommon.local"), "the connection is ansible.netcommon.local"),
        (PLAIN._replace(interpreter=OTHER_PYTHON), f"the Python interpreter is {OTHER_PYTHON}"),
        (PLAIN._replace(interpreter="python3"), "the Python interpreter is python3"),
        (PLAIN._replace(has_async=True), "the task has async"),
        (PLAIN._replace(has_become=True), "the task has become"),
        (PLAIN._replace(has_environment=True), "the task has an environment"),
        (PLAIN._replace(forced="target"), "damops_elvis_execution is target"),
        # What is done on another machine anyway is told by what keeps it from being done here at all.
        (PLAIN._replace(transport="ssh", has_become=True), "the task has become"),
    ],
)
def test_a_task_is_done_on_the_target(task: Circumstances, why: str) -> None:
    assert choose_execution(task) == ("target", why)


def test_a_python_has_many_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """And what is in another folder may be a virtual environment, which has other libraries."""
    ours, other = tmp_path / "ours", tmp_path / "other"
    for folder in (ours, other):
        folder.mkdir()
        (folder / "python").symlink_to(sys.executable)
        (folder / "python3").symlink_to("python")
    (ours / "python3.9").touch()
    monkeypatch.setattr(sys, "executable", str(ours / "python3"))

    sides = {
        str(path.relative_to(tmp_path)): choose_execution(PLAIN._replace(interpreter=str(path))).side
        for path in tmp_path.glob("*/*")
    }
    assert sides == {
        "ours/python": "controller",
        "ours/python3": "controller",
        "ours/python3.9": "target",
        "other/python": "target",
        "other/python3": "target",
    }


def test_a_task_is_done_on_the_target_where_requests_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "IMPORT_ERROR", ImportError())
    assert choose_execution(PLAIN) == ("target", "the Python library requests can't be imported here")
    with pytest.raises(ElvisError, match="requests can't be imported here"):
        choose_execution(PLAIN._replace(forced="controller"))


@pytest.mark.parametrize("task", [PLAIN._replace(transport="ssh"), PLAIN._replace(interpreter=OTHER_PYTHON)])
def test_a_task_can_be_forced_into_the_playbook_process(task: Circumstances) -> None:
    assert choose_execution(task._replace(forced="controller")) == (
        "controller",
        "damops_elvis_execution is controller",
    )


@pytest.mark.parametrize("obstacle", ["has_async", "has_become", "has_environment"])
def test_what_can_not_be_forced_is_refused(obstacle: str) -> None:
    hindered: dict[str, Any] = {obstacle: True}
    task = PLAIN._replace(forced="controller", **hindered)
    with pytest.raises(ElvisError, match="damops_elvis_execution is controller, but the task has ") as caught:
        choose_execution(task)
    assert "Set it to auto, or leave that out." in str(caught.value)


@pytest.mark.parametrize("forced", ["", "Controller", "localhost", "None"])
def test_there_is_no_other_place(forced: str) -> None:
    with pytest.raises(ElvisError, match="must be auto, controller or target"):
        choose_execution(PLAIN._replace(forced=forced))
