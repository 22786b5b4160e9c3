# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What variables say in place of a task, and when they don't."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations import login, logout
from ansible_collections.damops.elvis.plugins.plugin_utils._ansible import OMITTED
from ansible_collections.damops.elvis.plugins.plugin_utils._variables import VARIABLES, Said, said_by_variables
from tests.conftest import ROOT

SESSION = {"server_url": "https://dam.example.com", "auth_method": "bearer", "auth_token": "token-of-alice"}
OMIT = f"{OMITTED}1"
UNREAD = "damops_elvis_password is set, but is not read, because the task gives username."
LOGIN = login.OPERATION.argument_spec
LOGOUT = logout.OPERATION.argument_spec


def render(value: Any) -> Any:
    """Stand for the template engine: what begins with a dollar sign is the name of a value."""
    if isinstance(value, dict):
        return {name: render(item) for name, item in value.items()}
    return {"$session": SESSION, "$omit": OMIT, "$none": None}.get(value, value)


ROWS: dict[str, tuple[dict[str, Any], Any, dict[str, Any], Said]] = {
    "nothing_said": ({}, LOGIN, {"damops_elvis_execution": "auto"}, Said({}, "")),
    "session": ({}, LOGOUT, {"damops_elvis_session": "$session"}, Said({"session": SESSION}, "")),
    "a_login_takes_no_session": ({}, LOGIN, {"damops_elvis_session": "$session"}, Said({}, "")),
    "task_wins": ({"session": {}}, LOGOUT, {"damops_elvis_session": "$session"}, Said({}, "")),
    "null_is_not_given": (
        {"session": None},
        LOGOUT,
        {"damops_elvis_session": "$session"},
        Said({"session": SESSION}, ""),
    ),
    "user_and_password": (
        {},
        LOGIN,
        {"damops_elvis_username": "alice", "damops_elvis_password": "humpty"},
        Said({"username": "alice", "password": "humpty"}, ""),
    ),
    "password_of_somebody_else": ({"username": "bob"}, LOGIN, {"damops_elvis_password": "humpty"}, Said({}, UNREAD)),
    "beside_a_token": (
        {"auth_token": "token-of-bob"},
        LOGOUT,
        {"damops_elvis_session": "$session"},
        Said({}, "damops_elvis_session is set, but is not read, because the task gives auth_token."),
    ),
    "headers": (
        {},
        LOGOUT,
        {"damops_elvis_extra_headers": {"X-Api-Key": "dumpty"}},
        Said({"extra_headers": {"X-Api-Key": "dumpty"}}, ""),
    ),
    "empty": ({}, LOGIN, {"damops_elvis_password": "", "damops_elvis_proxy": "$none"}, Said({}, "")),
    "omitted": ({}, LOGIN, {"damops_elvis_cred": "$omit", "omit": OMIT}, Said({}, "")),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_variables_say(name: str) -> None:
    given, spec, variables, said = ROWS[name]

    assert said_by_variables(given, spec, variables, render) == said


def test_what_no_module_asks_for_is_not_rendered() -> None:
    """Where a login failed, the session's variable has no value."""

    def fail(value: Any) -> Any:
        raise AssertionError(value)

    variables = {"damops_elvis_session": "$session", "damops_elvis_password": "humpty"}
    assert said_by_variables({"password": "dumpty"}, LOGIN, variables, fail).options == {}


def test_all_secret_options_have_a_variable_and_a_page_that_names_it() -> None:
    """But for the token, which is part of a session as well."""
    specs = {**LOGIN, **LOGOUT}
    secret = {name for name, option in specs.items() if option.get("no_log") or "options" in option}
    page = (ROOT / "docs/execution.md").read_text(encoding="utf-8")

    assert set(VARIABLES) == secret - {"auth_token"} | {"username"}
    for option, variable in VARIABLES.items():
        assert f"| `{variable}` | `{option}` |" in page
