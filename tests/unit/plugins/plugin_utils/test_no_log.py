# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a result is hidden on each ansible-core, and on which one it can't be."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from types import ModuleType
from typing import Any

import pytest
from ansible import release
from ansible.playbook.task import Task

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.plugin_utils import _no_log

SECRETS_MODULE = "ansible.module_utils.secrets"
LONG = "a-token-that-is-long-enough"
SHORT = "fifteen-letters"


@pytest.fixture(autouse=True)
def restore() -> Iterator[None]:
    """Leave the module as the real ansible-core makes it."""
    yield
    importlib.reload(_no_log)


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ansible-core before 2.22."""
    monkeypatch.setitem(sys.modules, SECRETS_MODULE, None)
    importlib.reload(_no_log)


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What ansible-core 2.22 is told to mask."""
    told: list[str] = []
    module = ModuleType(SECRETS_MODULE)
    module.register_secrets = told.extend  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, SECRETS_MODULE, module)
    importlib.reload(_no_log)
    return told


def on_core(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "__version__", version)
    importlib.reload(_no_log)


def task(**keywords: Any) -> Task:
    made = Task()
    for name, value in keywords.items():
        setattr(made, name, value)
    return made


PLAIN = task()
LOOP = task(loop=[1])
OLD_LOOP = task(loop_with="items", loop=[])
NO_LOG = task(no_log=True)
NO_LOG_LOOP = task(no_log=True, loop=[1])


@pytest.mark.usefixtures("no_registry")
@pytest.mark.parametrize(
    ("version", "shown"),
    [
        ("2.16.12", [PLAIN, LOOP, OLD_LOOP]),
        ("2.16.13rc1", [LOOP, OLD_LOOP]),
        ("2.16.13", [LOOP, OLD_LOOP]),
        ("2.16.19", [LOOP, OLD_LOOP]),
        ("2.17.0", [PLAIN, LOOP, OLD_LOOP]),
        ("2.17.5", [PLAIN, LOOP, OLD_LOOP]),
        ("2.17.6", [LOOP, OLD_LOOP]),
        ("2.18.0", [LOOP, OLD_LOOP]),
        ("2.18.19", [LOOP, OLD_LOOP]),
        ("2.19.0", []),
        ("2.21.5", []),
    ],
)
def test_what_would_be_shown_is_refused(version: str, shown: list[Task], monkeypatch: pytest.MonkeyPatch) -> None:
    on_core(version, monkeypatch)
    for one in (PLAIN, LOOP, OLD_LOOP, NO_LOG, NO_LOG_LOOP):
        refuses = pytest.raises(ElvisError, match=f"ansible-core {version} would show .* Set no_log: true")
        with refuses if one in shown else nullcontext():
            _no_log.refuse_to_show(one)


@pytest.mark.usefixtures("registered")
def test_where_secrets_are_registered_nothing_is_refused() -> None:
    for one in (PLAIN, LOOP):
        _no_log.refuse_to_show(one)


def session(**secrets: Any) -> Session:
    method = "cookie" if "cookie" in secrets else "bearer"
    return Session("https://dam.example.com", method, **secrets)


@pytest.mark.usefixtures("no_registry")
def test_a_result_is_hidden_as_a_whole() -> None:
    result: dict[str, Any] = {"msg": "Logged in."}
    _no_log.hide_session(result, session(auth_token=LONG))
    assert result == {"msg": "Logged in.", "_ansible_no_log": True}


def test_secrets_are_registered_and_the_rest_stays_readable(registered: list[str]) -> None:
    result: dict[str, Any] = {"msg": "Logged in."}
    cookie = f"authToken={LONG}; AWSELB=node-7"
    _no_log.hide_session(result, session(auth_token=LONG, csrf_token=f"csrf-{LONG}", cookie=cookie))
    assert result == {"msg": "Logged in."}
    assert registered == [LONG, f"csrf-{LONG}", cookie]


@pytest.mark.parametrize("name", ["auth_token", "csrf_token"])
def test_a_short_secret_is_not_registered_but_hidden_with_all_the_rest(name: str, registered: list[str]) -> None:
    """Registered, it would shred every output that it occurs in by chance."""
    result: dict[str, Any] = {"msg": "Logged in."}
    secrets: dict[str, str] = {"auth_token": LONG, "csrf_token": LONG, "cookie": f"authToken={LONG}", name: SHORT}
    _no_log.hide_session(result, session(**secrets))
    assert result["_ansible_no_log"] is True
    assert registered == []


def test_values_under_names_are_found_wherever_they_are() -> None:
    data = {
        "body": [
            {"id": "1", "secretToken": "humpty"},
            {"SECRETTOKEN": ["second", None, {"a": "third"}], "url": "http://x"},
            {"nested": {"authKey": 4}},
        ],
        "other": "value",
    }

    assert sorted(_no_log.values_of({"secretToken", "authKey"}, data)) == ["4", "humpty", "second", "third"]
    assert list(_no_log.values_of((), data)) == []


def test_a_result_without_secrets_is_not_hidden() -> None:
    result = {"msg": "Read.", "body": {}}
    _no_log.hide(result, [])
    assert result == {"msg": "Read.", "body": {}}


def test_the_result_of_an_async_task_is_shown_on_each_core() -> None:
    with pytest.raises(ElvisError, match="async"):
        _no_log.refuse_to_show(task(async_val=10))
    _no_log.refuse_to_show(task(async_val=10, no_log=True))
