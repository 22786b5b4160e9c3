# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What session a task has: its own, or a token and the address of the server."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._task.call import Call

LOGOUT: dict[str, Any] = dict.fromkeys(["server_url", "session", "auth_token"])
SESSION = {"server_url": "https://dam.example.com", "auth_method": "bearer", "auth_token": "token-of-alice"}


@pytest.mark.parametrize(
    ("given", "check_mode", "server_url", "auth_token"),
    [
        ({"session": SESSION}, False, "https://dam.example.com", "token-of-alice"),
        ({"session": SESSION, "server_url": "https://DAM.example.com/"}, False, "https://dam.example.com", None),
        ({"server_url": "https://dam.example.com/app/", "auth_token": "t"}, False, "https://dam.example.com/app", "t"),
        ({"session": SESSION | {"simulated": True}}, True, "https://dam.example.com", "token-of-alice"),
    ],
)
def test_a_task_has_a_session(given: dict[str, Any], check_mode: bool, server_url: str, auth_token: str | None) -> None:
    session = Call(LOGOUT | given, check_mode).session
    assert session
    assert session.server_url == server_url
    assert auth_token in (None, session.auth_token)


@pytest.mark.parametrize("empty", [{}, {"server_url": None, "auth_token": None, "simulated": False}])
def test_an_empty_session_is_none(empty: dict[str, Any]) -> None:
    assert Call(LOGOUT | {"session": empty}, check_mode=False).session is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Neither session nor auth_token is given"),
        ({"server_url": "https://dam.example.com"}, "Neither session nor auth_token is given"),
        ({"auth_token": "s3cret"}, "auth_token needs the server"),
        ({"auth_token": "", "server_url": "https://dam.example.com"}, "has no auth_token"),
        ({"auth_token": "s3cret\n", "server_url": "https://dam.example.com"}, "auth_token has a line break"),
        (
            {"session": SESSION, "server_url": "https://other.example.com"},
            "made for https://dam.example.com, but server_url is https://other.example.com",
        ),
        ({"session": SESSION, "server_url": "https://dam.example.com/app"}, "was made for"),
        ({"session": SESSION | {"simulated": True}}, "simulated by a login in check mode"),
    ],
)
def test_what_is_no_session_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "bad_request") as caught:
        _session = Call(LOGOUT | given, check_mode=False).session
    assert "s3cret" not in caught.value.message


def test_an_error_about_the_session_names_what_was_not_read() -> None:
    with pytest.raises(ElvisError, match=r"The session has no server_url\. .* ELVIS_SERVER_URL is set, but"):
        _session = Call(LOGOUT | {"session": {"auth_method": "bearer"}}, unread="ELVIS_SERVER_URL is set, but").session
