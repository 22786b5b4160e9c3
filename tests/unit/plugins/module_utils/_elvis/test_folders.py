# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What became of folders that were to be made."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.folders import made_any
from ansible_collections.damops.elvis.plugins.module_utils._errors import Problem
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import HttpResponse

REPLY = HttpResponse(200, {}, b"")


@pytest.mark.parametrize(
    ("outcomes", "is_change"),
    [
        ({"/a": "created"}, True),
        ({"/a": "already exists", "/b": "created"}, True),
        ({"/a": "already exists", "/b": "already exists"}, False),
        ({}, False),
        # Nobody knows what that would mean.
        ("created", True),
        (None, True),
    ],
)
def test_only_a_new_folder_is_a_change(outcomes: Any, is_change: bool) -> None:
    assert made_any(REPLY, outcomes) is is_change


@pytest.mark.parametrize(
    ("outcomes", "reason", "came_back", "words"),
    [
        ({"/a": "access denied"}, "forbidden", "1 of 1 folders", "/a: access denied"),
        (
            {"/a": "created", "/b": "access denied", "/c": "too long"},
            "forbidden",
            "2 of 3",
            "/b: access denied, /c: too long",
        ),
        ({"/a": "The path is invalid"}, "bad_request", "1 of 1 folders", "/a: The path is invalid"),
        ({"/a": None}, "bad_request", "1 of 1 folders", "/a: None"),
    ],
)
def test_a_folder_that_is_not_there_is_a_failure(
    outcomes: dict[str, Any], reason: str, came_back: str, words: str
) -> None:
    with pytest.raises(Problem) as caught:
        made_any(REPLY, outcomes)
    problem = caught.value
    assert (problem.reason, problem.status, problem.words, problem.lost) == (reason, 200, words, False)
    assert came_back in problem.came_back
