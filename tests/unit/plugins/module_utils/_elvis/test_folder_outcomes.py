# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a list of outcomes says."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.folder_outcomes import made_any_folder
from ansible_collections.damops.elvis.plugins.module_utils._elvis.response import ElvisFailure
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
    assert made_any_folder(REPLY, outcomes) is is_change


@pytest.mark.parametrize(
    ("outcomes", "kind", "summary", "server_message"),
    [
        ({"/a": "access denied"}, "forbidden", "1 of 1 folder ", "/a: access denied"),
        (
            {"/a": "created", "/b": "access denied", "/c": "too long"},
            "forbidden",
            "2 of 3",
            "/b: access denied, /c: too long",
        ),
        ({"/a": "The path is invalid"}, "bad_request", "1 of 1 folder ", "/a: The path is invalid"),
        ({"/a": None}, "bad_request", "1 of 1 folder ", "/a: None"),
    ],
)
def test_a_folder_that_is_not_there_is_a_failure(
    outcomes: dict[str, Any], kind: str, summary: str, server_message: str
) -> None:
    with pytest.raises(ElvisFailure) as caught:
        made_any_folder(REPLY, outcomes)
    failure = caught.value
    assert (failure.kind, failure.status, failure.server_message) == (kind, 200, server_message)
    assert failure.delivery == "answered"
    assert summary in failure.summary
