# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._task.environment import ENVIRONMENT, resolve

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
        (LOGIN | {"password": "wonderland"}, EVERYTHING, {"server_url", "username"}),
        (LOGIN | {"cred": "YTpi"}, EVERYTHING, {"server_url"}),
        (LOGIN | {"username": ""}, EVERYTHING, {"server_url"}),
        (LOGIN | {"server_url": "https://dam.example.com"}, EVERYTHING, {"username", "password", "cred"}),
        (LOGOUT, EVERYTHING, {"server_url"}),
        (LOGOUT | {"session": SESSION}, EVERYTHING, set()),
        (LOGOUT | {"session": {}}, EVERYTHING, {"server_url"}),
        (LOGOUT | {"session": {"server_url": None, "auth_token": None}}, EVERYTHING, {"server_url"}),
        (LOGOUT | {"auth_token": "token-of-alice"}, EVERYTHING, {"server_url"}),
        (CONNECTION, EVERYTHING, {"validate_certs", "ca_path"}),
        (CONNECTION | {"validate_certs": False}, EVERYTHING, {"ca_path"}),
        (CONNECTION | {"ca_path": "/ca.pem"}, EVERYTHING, {"validate_certs"}),
    ],
)
def test_what_the_task_says_wins_over_the_environment(
    task: dict[str, Any], environment: dict[str, str], from_environment: set[str]
) -> None:
    resolved = resolve(task, task, environment)
    assert resolved.options == task | {name: EVERYTHING[f"ELVIS_{name.upper()}"] for name in from_environment}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_an_empty_variable_counts_as_not_set(name: str) -> None:
    """AWX sets every variable that a credential type injects."""
    value = {"validate_certs": "no", "extra_headers": '{"X-Api-Key": "told"}'}.get(name, "told")
    assert resolve({}, {name}, {ENVIRONMENT[name]: value}).options == {name: value}
    assert resolve({}, {name}, {ENVIRONMENT[name]: ""}) == ({}, "", "")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("extra_headers", value) for value in ("humpty", "[1]", '"humpty"', "3", "{humpty", '{"a": "humpty"')),
        ("validate_certs", "maybe"),
    ],
)
def test_a_value_of_another_kind_names_the_variable_and_is_not_repeated(name: str, value: str) -> None:
    resolved = resolve({}, {name}, {ENVIRONMENT[name]: value})
    assert resolved.options == {}
    assert resolved.unusable.startswith(f"The environment variable {ENVIRONMENT[name]} is not ")
    assert "humpty" not in resolved.unusable
    assert resolve({name: "given"}, {name}, {ENVIRONMENT[name]: value}).unusable == ""


@pytest.mark.parametrize(
    ("given", "environment", "unread"),
    [
        ({}, EVERYTHING, ""),
        (
            {"username": "alice"},
            EVERYTHING,
            "ELVIS_PASSWORD and ELVIS_CRED are set, but are not read, because the task gives username.",
        ),
        (
            {"username": "alice"},
            {"ELVIS_PASSWORD": "x"},
            "ELVIS_PASSWORD is set, but is not read, because the task gives username.",
        ),
        ({"username": "alice", "password": "wonderland"}, {"ELVIS_USERNAME": "x", "ELVIS_PASSWORD": "x"}, ""),
        (
            {"password": "wonderland"},
            EVERYTHING,
            "ELVIS_CRED is set, but is not read, because the task gives password.",
        ),
        (
            {"cred": "YTpi"},
            EVERYTHING,
            "ELVIS_USERNAME and ELVIS_PASSWORD are set, but are not read, because the task gives cred.",
        ),
        ({"session": SESSION}, EVERYTHING, "ELVIS_SERVER_URL is set, but is not read, because the task gives session."),
        ({"session": SESSION, "server_url": "https://dam.example.com"}, EVERYTHING, ""),
        ({"session": SESSION}, {"ELVIS_SERVER_URL": ""}, ""),
    ],
)
def test_what_a_rule_leaves_unread_is_told(given: dict[str, Any], environment: dict[str, str], unread: str) -> None:
    known = LOGOUT if "session" in given else LOGIN
    assert resolve(given, known, environment).unread == unread


def test_an_option_that_a_module_does_not_have_is_not_given_to_it() -> None:
    assert resolve({}, {"server_url"}, EVERYTHING).options == {"server_url": EVERYTHING[ENVIRONMENT["server_url"]]}
