# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands in several places says the same in each."""

from __future__ import annotations

import importlib
import re
from dataclasses import fields
from typing import Any, get_args

import yaml

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._errors import Reason
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._task.arguments import (
    CONNECTION_ARGUMENTS,
    SESSION_ARGUMENTS,
)
from ansible_collections.damops.elvis.plugins.module_utils._task.environment import ENVIRONMENT, SECRET_VARIABLES
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from ansible_collections.damops.elvis.plugins.plugin_utils._variables import VARIABLES
from tests.conftest import ROOT

PLUGINS = "ansible_collections.damops.elvis.plugins"
MODULES = {path.stem for path in (ROOT / "plugins/modules").glob("*.py")}


def returned_by(module: str) -> dict[str, Any]:
    documented: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{PLUGINS}.modules.{module}").RETURN)
    return documented


def operation_of(module: str) -> Operation:
    operation: Operation = importlib.import_module(f"{PLUGINS}.modules.{module}").OPERATION
    return operation


def first_column(page: str, heading: str) -> list[str]:
    """Return the first column of the table with this heading: what is written there as code."""
    rows = (ROOT / page).read_text(encoding="utf-8").partition(f"\n| {heading} |")[2].splitlines()[2:]
    cells = [re.match(r"\| `(\w+)`", row) for row in rows[: rows.index("")]]
    return [cell[1] for cell in cells if cell]


def test_the_keys_of_a_session() -> None:
    keys = [option.name for option in fields(Session)]
    fragment = importlib.import_module(f"{PLUGINS}.doc_fragments.session").ModuleDocFragment.DOCUMENTATION
    assert list(SESSION_ARGUMENTS["session"]["options"]) == keys
    assert list(yaml.safe_load(fragment)["options"]["session"]["suboptions"]) == keys
    assert list(returned_by("elvis_login")["session"]["contains"]) == keys
    assert first_column("docs/session.md", "key") == keys


def test_the_options_of_the_connection() -> None:
    assert list(CONNECTION_ARGUMENTS) == [option.name for option in fields(ConnectionOptions)]


def test_the_reasons_of_a_failure() -> None:
    reasons = set(get_args(Reason))
    told = " ".join(returned_by("elvis_login")["reason"]["description"])
    assert set(re.findall(r"V\((\w+)\)", told)) == reasons
    assert set(first_column("docs/errors.md", "`reason`")) == reasons
    for module in MODULES - {"elvis_login"}:
        told = " ".join(returned_by(module)["reason"]["description"])
        assert "RV(damops.elvis.elvis_login#module:reason)" in told, module


def test_what_no_program_gets_from_the_environment() -> None:
    options = {name: option for module in MODULES for name, option in operation_of(module).argument_spec.items()}
    assert {variable for name, variable in ENVIRONMENT.items() if options[name].get("no_log")} == SECRET_VARIABLES


def test_the_members_of_the_action_group() -> None:
    runtime = yaml.safe_load((ROOT / "meta/runtime.yml").read_text(encoding="utf-8"))
    assert set(runtime["action_groups"]["elvis"]) == MODULES
    assert {path.stem for path in (ROOT / "plugins/action").glob("elvis_*.py")} == MODULES


def test_the_role_gives_its_session_to_every_module_that_takes_one() -> None:
    """By the variable that stands in for the option, and nothing rendered: a task below shows its defaults."""
    role = yaml.safe_load((ROOT / "roles/session/tasks/main.yml").read_text(encoding="utf-8"))
    around_the_tasks = role[1]["block"][1]
    assert around_the_tasks["vars"][VARIABLES["session"]] == "{{ session_login.session }}"
    assert "module_defaults" not in str(role)
    takers = {module for module in MODULES if "session" in operation_of(module).argument_spec}
    assert takers == MODULES - {"elvis_login"}
