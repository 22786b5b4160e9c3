# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When the reason of a failure is shown before its result."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.plugin_utils import _first_screen

FAILED = {"failed": True, "msg": "It did not work.", "reason": "conflict"}


@pytest.mark.parametrize(
    ("by_itself", "keywords", "result", "is_shown"),
    [
        (False, {}, FAILED, True),
        (False, {}, {"msg": "All is well."}, False),
        # Such as of a module that came to no end; Ansible's words are short.
        (False, {}, {"failed": True, "msg": "MODULE FAILURE"}, False),
        (False, {"no_log": True}, FAILED, False),
        (False, {"failed_when": [False]}, FAILED, False),
        (False, {"until": ["it is"]}, FAILED, False),
        (True, {}, FAILED, False),
    ],
)
def test_what_is_shown(
    by_itself: bool,
    keywords: dict[str, Any],
    result: dict[str, Any],
    is_shown: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(_first_screen, "SHOWS_IT_ITSELF", by_itself)
    task: Any = SimpleNamespace(**{"failed_when": [], "until": None, "no_log": False, **keywords})

    _first_screen.show_reason(task, result)

    assert ("[ERROR]: It did not work." in capsys.readouterr().err) is is_shown
