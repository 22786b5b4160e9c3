# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.parameters import AnsibleFallbackNotFound  # type: ignore[attr-defined]

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._task.arguments import (
    env_unless_empty,
    read_session,
    with_environment,
)

EVERYTHING = {
    "ELVIS_SERVER_URL": "https://env.example.com",
    "ELVIS_USERNAME": "env-user",
    "ELVIS_PASSWORD": "env-password",
    "ELVIS_CRED": "env-cred",
    "ELVIS_VALIDATE_CERTS": "no",
    "ELVIS_CA_PATH": "/env/ca.pem",
}
LOGIN = dict.fromkeys(["server_url", "username", "password", "cred"])
LOGOUT: dict[str, Any] = dict.fromkeys(["server_url", "session", "auth_token"])
CONNECTION: dict[str, Any] = dict.fromkeys(["validate_certs", "ca_path", "proxy"])
SESSION = {"server_url": "https://dam.example.com", "auth_method": "bearer", "auth_token": "token-of-alice"}


@pytest.mark.parametrize(
    ("task", "environment", "from_environment"),
    [
        (LOGIN, {}, {}),
        (LOGIN, EVERYTHING, {"server_url", "username", "password", "cred"}),
        (LOGIN, EVERYTHING | {"ELVIS_CRED": ""}, {"server_url", "username", "password"}),
        (LOGIN, {"ELVIS_USERNAME": "env-user"}, {"username"}),
        (LOGIN | {"username": "alice"}, EVERYTHING, {"server_url"}),
        (LOGIN | {"password": "wonderland"}, EVERYTHING, {"server_url"}),
        (LOGIN | {"cred": "YTpi"}, EVERYTHING, {"server_url"}),
        (LOGIN | {"username": ""}, EVERYTHING, {"server_url"}),
        (LOGIN | {"server_url": "https://dam.example.com"}, EVERYTHING, {"username", "password", "cred"}),
        (LOGOUT, EVERYTHING, {"server_url"}),
        (LOGOUT | {"session": SESSION}, EVERYTHING, set()),
        (LOGOUT | {"session": {}}, EVERYTHING, set()),
        (LOGOUT | {"auth_token": "token-of-alice"}, EVERYTHING, {"server_url"}),
        (CONNECTION, EVERYTHING, {"validate_certs", "ca_path"}),
        (CONNECTION | {"validate_certs": False}, EVERYTHING, {"ca_path"}),
        (CONNECTION | {"ca_path": "/ca.pem"}, EVERYTHING, {"validate_certs"}),
    ],
)
def test_what_the_task_says_wins_over_the_environment(
    task: dict[str, Any], environment: dict[str, str], from_environment: set[str]
) -> None:
    resolved = with_environment(task, environment)
    assert resolved == task | {name: EVERYTHING[f"ELVIS_{name.upper()}"] for name in from_environment}


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
    session = read_session(LOGOUT | given, check_mode)
    assert session
    assert session.server_url == server_url
    assert auth_token in (None, session.auth_token)


@pytest.mark.parametrize("empty", [{}, {"server_url": None, "auth_token": None, "simulated": False}])
def test_an_empty_session_is_none(empty: dict[str, Any]) -> None:
    assert read_session(LOGOUT | {"session": empty}, check_mode=False) is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Neither session nor auth_token is given"),
        ({"server_url": "https://dam.example.com"}, "Neither session nor auth_token is given"),
        ({"auth_token": "s3cret"}, "auth_token needs server_url"),
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
        read_session(LOGOUT | given, check_mode=False)
    assert "s3cret" not in caught.value.message


def test_an_empty_environment_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in (None, ""):
        if value is not None:
            monkeypatch.setenv("ELVIS_CA_PATH", value)
        with pytest.raises(AnsibleFallbackNotFound):
            env_unless_empty("ELVIS_CA_PATH")
    monkeypatch.setenv("ELVIS_CA_PATH", "/ca.pem")
    assert env_unless_empty("ELVIS_CA_PATH") == "/ca.pem"
