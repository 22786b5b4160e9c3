# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the real ansible-lint finds in tasks with our modules."""

from __future__ import annotations

import importlib
import json
import os
from typing import Any

import pytest
import yaml

from tests.support.lint_venv import needs, start
from tools.collection import CACHE, ROOT

MODULES = sorted(path.stem for path in (ROOT / "plugins/action").glob("elvis_*.py"))
SESSION = "{{ login.session }}"


def required(module: str) -> list[str]:
    """Name the options that the module insists on."""
    action = importlib.import_module(f"ansible_collections.damops.elvis.plugins.action.{module}")
    return [name for name, option in action.OPERATION.argument_spec.items() if option.get("required")]


# Tasks with a mistake, and what is to be told of it
# ansible-lint takes this option for the keyword of a task, which is no template.
PLAIN = {"elvis_metadata_restore": {"until": "0s"}}
MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    # Each module, and each one to come; the session is a template, as it always is.
    **{
        f"A mistyped option of {name}": (
            {name: {**dict.fromkeys(required(name), "{{ value }}"), **PLAIN.get(name, {}), "sessions": SESSION}},
            "Unsupported parameters",
        )
        for name in MODULES
    },
    "A mistyped option beside a template": (
        {"elvis_request": {"session": SESSION, "path": "/services/ping", "retires": 3, "timeout": "{{ patience }}"}},
        "Did you mean retries?",
    ),
    "A mistyped part of the session": (
        {"elvis_logout": {"session": {"auth_tokn": SESSION}}},
        "Did you mean session.auth_token?",
    ),
    "Not one of the choices": ({"elvis_logout": {"session": SESSION, "mode": "services"}}, "must be one of"),
    "An argument is missing": ({"elvis_request": {"session": SESSION}}, "missing required arguments: path"),
    "Not a number": ({"elvis_login": {"timeout": "soon"}}, "unable to convert to float"),
}
RIGHT: dict[str, dict[str, Any]] = {
    "The server comes from the environment": {"elvis_login": {"username": "alice"}},
    "Nothing is known before it runs": {
        "elvis_logout": {
            "session": SESSION,
            "mode": "{{ mode }}",
            "verify": "{{ verify }}",
            "timeout": "{% if patient %}90{% else %}9{% endif %}",
        },
    },
    "A session that is put together": {
        "elvis_session_info": {"session": {"auth_token": "{{ token }}", "simulated": "{{ simulated }}"}, "retries": 1}
    },
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What ansible-lint finds, by the name of the task."""
    folder = tmp_path_factory.mktemp("lint")
    tasks = {**{name: task for name, (task, _found) in MISTAKES.items()}, **RIGHT}
    lines = ["---", "- name: Tasks", "  hosts: localhost", "  gather_facts: false", "  tasks:"]
    starts = {}
    for name, task in tasks.items():
        starts[len(lines) + 1] = name
        full = {f"damops.elvis.{module}": options for module, options in task.items()}
        lines += ["    " + line for line in yaml.safe_dump([{"name": name, **full}], sort_keys=False).splitlines()]
    (folder / "playbook.yml").write_text("\n".join([*lines, ""]), encoding="utf-8")
    done = start(
        *("-m", "ansiblelint", "--offline", "--format", "json", "-q", "playbook.yml"),
        cwd=folder,
        # A login is never made, or this would wait for it.
        ELVIS_SERVER_URL="http://192.0.2.1",
        ANSIBLE_COLLECTIONS_PATH=str(CACHE / "dev"),
        ANSIBLE_HOME=str(folder / "home"),
        HOME=str(folder),
        PATH=f"{CACHE / 'venv/lint/bin'}:{os.environ['PATH']}",
    )
    told: dict[str, list[str]] = {name: [] for name in tasks}
    for issue in json.loads(next(line for line in done.stdout.splitlines() if line.startswith("["))):
        begin = issue["location"].get("lines", issue["location"].get("positions"))["begin"]
        line = begin["line"] if isinstance(begin, dict) else begin
        told[starts[max(number for number in starts if number <= line)]].append(issue["description"])
    return told


pytestmark = needs("ansible-lint")


@pytest.mark.parametrize(("name", "expected"), [(name, expected) for name, (_task, expected) in MISTAKES.items()])
def test_finds_a_mistake(found: dict[str, list[str]], name: str, expected: str) -> None:
    (message,) = found[name]
    assert expected in message


@pytest.mark.parametrize("name", RIGHT)
def test_finds_nothing_where_all_is_right(found: dict[str, list[str]], name: str) -> None:
    assert found[name] == []
