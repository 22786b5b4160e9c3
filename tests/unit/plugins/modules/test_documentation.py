# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ansible-doc shows of a module's options is what its operation takes."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.damops.elvis.plugins.module_utils._task.arguments import CONNECTION_ARGUMENTS
from ansible_collections.damops.elvis.plugins.module_utils._task.environment import ENVIRONMENT
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation

COLLECTION = "ansible_collections.damops.elvis"
ROOT = Path(__file__).parents[4]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))

Options = Mapping[str, Mapping[str, Any]]

each_module = pytest.mark.parametrize("module", MODULES)


def operation_of(module: str) -> Operation:
    operation: Operation = importlib.import_module(f"{COLLECTION}.plugins.modules.{module}").OPERATION
    return operation


def documentation_of(module: str) -> dict[str, Any]:
    """Return a module's documentation, its fragments merged as Ansible does."""
    text = importlib.import_module(f"{COLLECTION}.plugins.modules.{module}").DOCUMENTATION
    documentation: dict[str, Any] = yaml.safe_load(text)
    options = documentation.setdefault("options", {})
    for name in documentation["extends_documentation_fragment"]:
        fragment_name = name.removeprefix("damops.elvis.")
        fragment = importlib.import_module(f"{COLLECTION}.plugins.doc_fragments.{fragment_name}").ModuleDocFragment
        for option, description in yaml.safe_load(fragment.DOCUMENTATION).get("options", {}).items():
            options.setdefault(option, description)
    return documentation


def told(options: Options) -> dict[str, Any]:
    """Return what a documentation or an argument spec tells of each option."""
    return {
        name: {
            "type": option.get("type", "str"),
            "default": option.get("default"),
            "choices": option.get("choices"),
            "required": option.get("required", False),
            "elements": option.get("elements"),
            "suboptions": told(option.get("suboptions") or option.get("options") or {}),
        }
        for name, option in options.items()
    }


def all_options(options: Options) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, option in options.items():
        yield name, option
        yield from all_options(option.get("options", {}))


@each_module
def test_every_option_is_documented_as_it_is(module: str) -> None:
    assert told(documentation_of(module)["options"]) == told(operation_of(module).argument_spec)


@each_module
def test_what_stands_in_for_an_option_is_named_with_it(module: str) -> None:
    options = documentation_of(module)["options"]
    for name in options.keys() & ENVIRONMENT.keys():
        assert f"E({ENVIRONMENT[name]})" in " ".join(options[name]["description"]), name


@each_module
def test_only_one_mechanism_reads_the_environment(module: str) -> None:
    assert not any("fallback" in option for _dummy, option in all_options(operation_of(module).argument_spec))


@each_module
def test_every_module_takes_the_connection_options(module: str) -> None:
    assert operation_of(module).argument_spec.items() >= CONNECTION_ARGUMENTS.items()


@each_module
def test_what_is_secret_says_so(module: str) -> None:
    secret = {"password", "cred", "auth_token", "csrf_token", "cookie", "proxy", "extra_headers"}
    for name, option in all_options(operation_of(module).argument_spec):
        assert bool(option.get("no_log")) == (name in secret), name


@each_module
def test_the_documentation_names_its_module(module: str) -> None:
    assert documentation_of(module)["module"] == module


@each_module
def test_a_page_begins_with_the_options_of_a_first_task(module: str) -> None:
    documentation = documentation_of(module)
    first = documentation["description"][0]
    named = re.findall(r"O\((\w+)[^)]*\)", first)
    assert first.startswith("A first task needs O(")
    assert 1 <= len(named) <= 5
    assert documentation["options"].keys() >= set(named)
    assert set(named) >= {name for name, option in documentation["options"].items() if option.get("required")}


def test_every_environment_variable_belongs_to_an_option() -> None:
    options = {name for module in MODULES for name in operation_of(module).argument_spec}
    assert ENVIRONMENT.keys() <= options
