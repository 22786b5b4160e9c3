# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a connection that fails; tests/integration has real ones."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible.errors import AnsibleAuthenticationFailure, AnsibleConnectionFailure

from ansible_collections.damops.elvis.plugins.plugin_utils._ansible import CENSORED
from ansible_collections.damops.elvis.plugins.plugin_utils._target import BROKE_OFF, unseen_output

WITHHELD = AnsibleConnectionFailure(f"Failed to connect to the host via ssh: {CENSORED}")
IN_THE_OPEN = AnsibleConnectionFailure("Failed to connect to the host via ssh: connection refused")


class Action:
    """An action whose host is asked in the open, and what was seen of its context then."""

    def __init__(self, asked: Callable[[], Any] = lambda: None, no_log: bool = False) -> None:
        self.context = SimpleNamespace(no_log=no_log)
        self._connection = SimpleNamespace(_play_context=self.context)
        self._asked = asked
        self.hidden_when_asked: list[bool] = []

    def _low_level_execute_command(self, _command: str, sudoable: bool) -> Any:
        assert not sudoable
        self.hidden_when_asked.append(self.context.no_log)
        return self._asked() or {}


def fail_in_the_open() -> None:
    raise IN_THE_OPEN


def outcome(action: Action, failure: Exception) -> str:
    with pytest.raises(AnsibleConnectionFailure) as caught, unseen_output(action):  # type: ignore[arg-type]
        raise failure
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_what_a_module_prints_is_not_seen() -> None:
    action = Action()
    with unseen_output(action):  # type: ignore[arg-type]
        assert action.context.no_log
    assert (action.context.no_log, action.hidden_when_asked) == (False, [])


def test_the_reason_is_asked_for_in_the_open() -> None:
    action = Action(fail_in_the_open)
    assert outcome(action, WITHHELD) == str(IN_THE_OPEN)
    assert action.hidden_when_asked == [False]


def test_a_host_that_answers_again_is_said_to() -> None:
    action = Action()
    assert outcome(action, WITHHELD) == BROKE_OFF
    assert len(action.hidden_when_asked) == 1


def test_a_wrong_password_is_not_tried_again() -> None:
    action = Action(fail_in_the_open)
    failure = AnsibleAuthenticationFailure(f"Invalid/incorrect password: {CENSORED}")
    assert outcome(action, failure) == str(failure).removesuffix(f": {CENSORED}")
    assert action.hidden_when_asked == []


@pytest.mark.parametrize(("no_log", "failure"), [(True, WITHHELD), (False, IN_THE_OPEN)])
def test_other_failures_are_left_as_they_are(no_log: bool, failure: Exception) -> None:
    """A person who set no_log wants it so, and other plugins withhold nothing."""
    action = Action(fail_in_the_open, no_log)
    assert outcome(action, failure) == str(failure)
    assert action.hidden_when_asked == []
