# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When session_guard starts its process, and what becomes of the notices at the end."""

from __future__ import annotations

import atexit
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.utils.display import Display

from ansible_collections.damops.elvis.plugins.callback.session_guard import CallbackModule
from ansible_collections.damops.elvis.plugins.plugin_utils._guard import client
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.client import NoGuard
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.notice import Notice

LOGIN = "damops.elvis.elvis_login"


class Run:
    """A run of Ansible, as far as the callback sees it."""

    def __init__(self) -> None:
        self.guards: list[NoGuard] = []
        self.at_exit: list[tuple[Callable[..., None], Any]] = []
        self._callback = CallbackModule()

    def start(self) -> NoGuard:
        self.guards.append(NoGuard("not in a test"))
        return self.guards[-1]

    def register(self, function: Callable[..., None], argument: Any) -> None:
        self.at_exit.append((function, argument))

    def task(self, action: str, resolved_action: str | None = None, *, handler: bool = False) -> None:
        task: Any = SimpleNamespace(action=action, resolved_action=resolved_action)
        if handler:
            self._callback.v2_playbook_on_handler_task_start(task)
        else:
            self._callback.v2_playbook_on_task_start(task, is_conditional=False)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    run = Run()
    monkeypatch.setattr(client, "active", None)
    monkeypatch.setattr(client, "start", run.start)
    monkeypatch.setattr(atexit, "register", run.register)
    return run


@pytest.mark.parametrize(
    ("action", "resolved_action", "starts"),
    [
        (LOGIN, LOGIN, True),
        ("elvis_login", LOGIN, True),
        ("my.own.log_in", LOGIN, True),
        ("{{ module }}", None, True),
        ("{% if really %}damops.elvis.elvis_{{ what }}{% endif %}", None, True),
        ("damops.elvis.elvis_logout", "damops.elvis.elvis_logout", False),
        ("ansible.builtin.debug", "ansible.builtin.debug", False),
        ("meta", None, False),
    ],
)
@pytest.mark.parametrize("handler", [False, True])
def test_starts_before_a_task_that_may_log_in(
    run: Run, action: str, resolved_action: str | None, starts: bool, handler: bool
) -> None:
    run.task(action, resolved_action, handler=handler)

    assert len(run.guards) == starts
    assert (client.active is not None) is starts


def test_starts_once_and_finishes_with_the_process(run: Run) -> None:
    run.task(LOGIN)
    run.task(LOGIN)

    assert len(run.guards) == 1
    assert [guard for _function, guard in run.at_exit] == run.guards


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    shown: list[tuple[str, Any]] = []
    monkeypatch.setattr(Display, "display", lambda _self, text, **options: shown.append((text, options)))
    monkeypatch.setattr(Display, "warning", lambda _self, text: shown.append((text, "a warning")))
    return shown


def finish(monkeypatch: pytest.MonkeyPatch, run: Run, notices: Callable[[], Iterator[Notice]]) -> None:
    run.task(LOGIN)
    monkeypatch.setattr(run.guards[0], "finish", notices)
    ((function, guard),) = run.at_exit
    function(guard)


def test_shows_notices(monkeypatch: pytest.MonkeyPatch, run: Run, shown: list[tuple[str, Any]]) -> None:
    finish(monkeypatch, run, lambda: iter([Notice("closed", False), Notice("not closed", True)]))

    assert shown == [("closed", {"stderr": True}), ("not closed", "a warning")]


def test_an_interrupt_at_the_end(monkeypatch: pytest.MonkeyPatch, run: Run, shown: list[tuple[str, Any]]) -> None:
    def interrupted() -> Iterator[Notice]:
        raise KeyboardInterrupt

    finish(monkeypatch, run, interrupted)

    assert shown == [("session_guard goes on closing sessions after this process has ended.", "a warning")]


def test_loads_no_library_before_it_is_needed(tmp_path: Path) -> None:
    """Every run that has it switched on would pay for that."""
    root = Path(client.__file__).parents[6]
    program = (
        "import sys; import ansible.cli.playbook; before = set(sys.modules);"
        " import ansible_collections.damops.elvis.plugins.callback.session_guard;"
        " sys.exit(bool({'requests', 'urllib3', 'concurrent.futures'} & (sys.modules.keys() - before)))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PYTHONPATH": str(root), "HOME": str(tmp_path)})
