# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is used of Ansible that is not public: which release has it, and what happens without it."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.playbook.block import Block
from ansible.playbook.task import Task

from ansible_collections.damops.elvis.plugins.plugin_utils._ansible import whole_loop


@pytest.mark.parametrize("keywords", [{"loop": [1, 2]}, {"loop": [1, 2], "loop_with": "items"}], ids=str)
def test_a_task_in_a_loop_is_found_from_its_copy_for_an_item(keywords: dict[str, Any]) -> None:
    """On each ansible-core from 2.16 to 2.22."""
    block = Block()
    block.block = [Task(block=block), Task(block=block)]
    whole = block.block[1]
    for name, value in keywords.items():
        setattr(whole, name, value)
    for_item = whole.copy(exclude_parent=True, exclude_tasks=True)
    for_item._parent = whole._parent

    assert whole_loop(for_item) is whole


def test_a_task_without_a_loop_is_no_part_of_one() -> None:
    block = Block()
    block.block = [Task(block=block)]

    assert whole_loop(block.block[0].copy()) is None


def test_without_the_way_to_the_loop_there_is_none() -> None:
    task = Task()
    task.loop = [1]

    assert whole_loop(task) is None
