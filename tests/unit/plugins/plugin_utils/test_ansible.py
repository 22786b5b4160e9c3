# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is used of Ansible that is not public: the releases that have it, and what happens without it.

Each name is there from ansible-core 2.16 to 2.22, but for the text that stands for `omit`, which 2.19 left out.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.executor import task_result
from ansible.module_utils import basic
from ansible.playbook.block import Block
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.connection import ConnectionBase, ssh
from ansible.plugins.shell import powershell
from ansible.release import __version__ as core_version
from ansible.utils.display import Display
from ansible.vars import manager

from ansible_collections.damops.elvis.plugins.plugin_utils._ansible import (
    CENSORED,
    OMITTED,
    censor,
    environment_of,
    has_windows_shell,
    options_to_check,
    placeholder_of_omit,
    run_command,
    silent_connection,
    used_interpreter,
    whole_loop,
)
from ansible_collections.damops.elvis.plugins.plugin_utils._byte_code import kept_byte_code
from tools.collection import ROOT

PLUGINS = "ansible_collections.damops.elvis.plugins"
BARE: Any = SimpleNamespace(_connection=SimpleNamespace(), _task=SimpleNamespace(environment=None))
"""An action of a release that has none of the names."""
NAMES = {
    "_low_level_execute_command": lambda: hasattr(ActionBase, "_low_level_execute_command"),
    "_compute_environment_string": lambda: hasattr(ActionBase, "_compute_environment_string"),
    "_used_interpreter": lambda: "self._used_interpreter" in inspect.getsource(ActionBase),
    "_play_context": lambda: "self._play_context" in inspect.getsource(ConnectionBase),
    "censored": lambda: CENSORED in inspect.getsource(ssh),
    "_IS_WINDOWS": lambda: powershell.ShellModule._IS_WINDOWS,
    "_ansible_no_log": lambda: "_ansible_no_log" in inspect.getsource(task_result),
    "__path__": lambda: Path(importlib.import_module(PLUGINS).__path__[0]).samefile(ROOT / "plugins"),
    "_load_params": lambda: hasattr(basic, "_load_params"),
}


@pytest.mark.parametrize("name", NAMES)
def test_this_release_has_the_name(name: str) -> None:
    """When one fails, a release has let it go: the comment on what happens then is to be read."""
    assert NAMES[name]()


def test_the_text_for_omit_is_gone_since_2_19() -> None:
    is_there = OMITTED in inspect.getsource(manager)
    assert is_there is (tuple(map(int, core_version.split(".")[:2])) < (2, 19))


def test_without_its_context_a_connection_is_silent_at_any_verbosity() -> None:
    display = Display()
    before, display.verbosity = display.verbosity, 4
    try:
        with silent_connection(BARE) as was_silent:
            assert (display.verbosity, was_silent) == (0, False)
        assert display.verbosity == 4
    finally:
        display.verbosity = before


def test_a_result_is_censored_by_a_flag_in_it() -> None:
    result = {"token": "t"}
    censor(result)
    assert result == {"token": "t", "_ansible_no_log": True}


def test_without_a_path_of_its_package_a_file_is_loaded_as_ansible_does() -> None:
    with kept_byte_code():
        assert sys.meta_path[0].find_spec(f"{PLUGINS}.module_utils._errors", None) is None


def test_an_action_without_the_names_knows_less() -> None:
    assert run_command(BARE, "exit 0") is None
    assert used_interpreter(BARE) == ""
    assert not has_windows_shell(BARE)


@pytest.mark.parametrize(
    ("said", "environment"),
    [(None, {}), ([{"A": "1"}, {"B": "2", "A": "3"}], {"A": "3", "B": "2"}), ({"A": "1"}, {"A": "1"})],
)
def test_without_its_way_the_environment_is_what_the_keyword_says(said: Any, environment: dict[str, str]) -> None:
    action: Any = SimpleNamespace(_task=SimpleNamespace(environment=said))

    assert environment_of(action) == environment


def test_ansible_lint_is_asked_less_without_the_way_to_the_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(basic, "_load_params")
    assert options_to_check() == {}


@pytest.mark.parametrize(
    ("omit", "found"), [(f"{OMITTED}1", f"{OMITTED}1"), ("text", None), (object(), None), (None, None)]
)
def test_the_text_for_omit_is_known_by_how_it_begins(omit: Any, found: str | None) -> None:
    assert placeholder_of_omit({"omit": omit}) == found


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
