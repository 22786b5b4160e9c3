# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What older cores leave of ``default(omit)``."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.playbook.task import Task

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.plugin_utils._omitted import delegated_to, without_omitted

OMIT = "__omit_place_holder__0123456789abcdef"


@pytest.mark.parametrize(
    ("arguments", "kept"),
    [
        ({"path": "a", "form": {"q": ["a", OMIT]}}, {"path": "a", "form": {"q": ["a"]}}),
        ({"form": {"q": OMIT, "r": [[OMIT], {"s": OMIT}]}}, {"form": {"r": [[], {}]}}),
        ({"paths": [OMIT]}, {"paths": []}),
        ({"path": f"a {OMIT}", "retries": 0, "json": None}, {"path": f"a {OMIT}", "retries": 0, "json": None}),
    ],
)
def test_what_is_omitted_is_left_out(arguments: dict[str, Any], kept: dict[str, Any]) -> None:
    assert without_omitted(arguments, {"omit": OMIT}) == kept


@pytest.mark.parametrize("omit", [object(), None, "", "a text of a user"])
def test_newer_cores_leave_nothing_to_do(omit: object) -> None:
    arguments = {"a": ["a text of a user", OMIT]}
    assert without_omitted(arguments, {"omit": omit}) is arguments


@pytest.mark.parametrize(
    ("delegate", "variables", "host"),
    [(None, {}, None), ("", {}, ""), ("other", {"ansible_delegated_vars": {"other": {}}}, "other")],
)
def test_where_a_task_is_delegated_to(delegate: str | None, variables: dict[str, Any], host: str | None) -> None:
    task = Task()
    task.delegate_to = delegate
    assert delegated_to(task, variables) == host


@pytest.mark.parametrize("variables", [{}, {"ansible_delegated_vars": {}}])
def test_a_delegation_that_leads_nowhere_is_told(variables: dict[str, Any]) -> None:
    task = Task()
    task.delegate_to = "{{ nowhere | default(omit) }}"
    with pytest.raises(ElvisError, match=r"can't run such a task.* Write default\(inventory_hostname\)"):
        delegated_to(task, variables)
