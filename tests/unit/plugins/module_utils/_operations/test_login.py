# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in to the emulated server, and what is refused before anything is sent."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION, opens
from tests.support.emulator import Emulator
from tests.support.operations import fail, run
from tests.support.scripted import hang_up, scripted_server

ALICE: dict[str, Any] = {"username": "alice", "password": "wonderland"}
CRED: dict[str, Any] = {"cred": base64.b64encode(b"alice:wonderland").decode()}
PATHS = {"bearer": "/services/apilogin", "cookie": "/services/login"}
CARRIERS = {"bearer": {"Authorization"}, "cookie": {"Cookie", "X-CSRF-TOKEN"}}

both_methods = pytest.mark.parametrize("auth_method", ["bearer", "cookie"])


@both_methods
@pytest.mark.parametrize("credentials", [ALICE, CRED, ALICE | CRED], ids=["pair", "cred", "both"])
def test_a_login_returns_a_session_of_one_request(
    elvis: Emulator, auth_method: str, credentials: dict[str, Any]
) -> None:
    before = elvis.connections()
    result = run(OPERATION, server_url=f"{elvis.url}/", auth_method=auth_method, **credentials)
    session = result["session"]
    assert result["changed"] is True
    assert result["msg"] == (
        f"Logged in to {elvis.url} as alice (Elvis {session['server_version']}), until {session['expires_at']}."
    )
    assert (session["server_url"], session["auth_method"], session["username"]) == (elvis.url, auth_method, "alice")
    assert result["headers"].keys() == CARRIERS[auth_method]
    assert result["server_version"] == session["server_version"]
    assert "simulated" not in session
    assert "warnings" not in result
    assert opens(result) == Session.from_option(session)
    assert [(live["user"], live["method"]) for live in elvis.sessions()] == [("alice", auth_method)]
    (seen,) = elvis.requests()
    assert seen["path"].endswith(PATHS[auth_method])
    assert (seen["method"], seen["query"], seen["carrier"]) == ("POST", [], None)
    assert sorted(seen["form"]) == ["password", "username"]
    assert elvis.connections() == before + 1


@pytest.mark.parametrize(("auth_method", "requests"), [("bearer", 2), ("cookie", 1)])
def test_a_login_can_return_the_profile(elvis: Emulator, auth_method: str, requests: int) -> None:
    result = run(OPERATION, server_url=elvis.url, auth_method=auth_method, return_profile=True, **ALICE)
    assert result["user_profile"]["username"] == "alice"
    assert len(elvis.requests()) == requests
    assert len(elvis.sessions()) == 1


@pytest.mark.parametrize(
    ("auth_method", "option", "field"),
    [("bearer", {"client_id": "importer-1"}, "clientId"), ("cookie", {"client_type": "api_import"}, "clientType")],
)
def test_a_login_names_its_client(elvis: Emulator, auth_method: str, option: dict[str, Any], field: str) -> None:
    run(OPERATION, server_url=elvis.url, auth_method=auth_method, **option, **ALICE)
    assert [live[field] for live in elvis.sessions()] == list(option.values())


@both_methods
def test_a_wrong_password_reaches_the_server_once(elvis: Emulator, auth_method: str) -> None:
    wrong = ALICE | {"password": "wrong-password"}
    error = fail(OPERATION, server_url=elvis.url, auth_method=auth_method, retries=5, **wrong)
    assert (error.reason, error.status) == ("refused", 200)
    for words in ("Cannot log in as alice", elvis.url, "Invalid username or password", "is not repeated"):
        assert words in error.message
    assert len(elvis.requests()) == 1
    assert elvis.sessions() == []


@both_methods
def test_an_address_without_its_prefix_is_told(elvis: Emulator, auth_method: str) -> None:
    error = fail(OPERATION, server_url=f"{elvis.url}/nowhere", auth_method=auth_method, **ALICE)
    assert error.reason in ("not_found", "bad_response", "bad_request")
    assert "prefix" in error.message


@both_methods
def test_check_mode_sends_nothing_and_returns_every_key(elvis: Emulator, auth_method: str) -> None:
    options = {"server_url": elvis.url, "auth_method": auth_method, **ALICE}
    simulated = run(OPERATION, check_mode=True, **options)
    assert elvis.requests() == []
    real = run(OPERATION, **options)
    assert simulated.keys() == real.keys() | {"simulated"}
    assert simulated["session"].keys() == real["session"].keys() | {"simulated"}
    assert simulated["headers"].keys() == real["headers"].keys()
    assert simulated["changed"] is simulated["simulated"] is simulated["session"]["simulated"] is True
    assert simulated["msg"].startswith("Check mode: nothing was sent")
    assert opens(simulated) is None


def test_what_the_task_leaves_open_comes_from_the_environment(elvis: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELVIS_SERVER_URL", elvis.url)
    monkeypatch.setenv("ELVIS_CRED", CRED["cred"])
    assert run(OPERATION)["session"]["username"] == "alice"
    monkeypatch.setenv("ELVIS_CRED", "")
    assert "No credentials are given" in fail(OPERATION).message


@both_methods
@pytest.mark.parametrize("check_mode", [False, True], ids=["for real", "check mode"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"server_url": "dam.example.com"}, "server_url must start with http:// or https://"),
        ({"server_url": "https://alice:wonderland@dam.example.com"}, "must not hold a user or a password"),
        ({"username": None, "password": None}, "No credentials are given"),
        ({"password": None}, "The password is missing"),
        ({"username": None}, "The username is missing"),
        ({"cred": "not base64!"}, "cred is not base64"),
        ({"cred": "d29uZGVybGFuZA=="}, "not of user:password"),
        ({"cred": "Ym9iOmJ1aWxkZXI="}, "cred does not agree with username and password"),
        ({"client_type": "import"}, None),
        ({"client_id": "x", "client_type": "api_x"}, "can't be used with auth_method"),
        ({"timeout": 0}, "timeout must be more than 0"),
        ({"retries": -1}, "retries must be 0 or more"),
        ({"proxy": "http:/wrong"}, "proxy is not the address"),
        ({"http_agent": "a\nb"}, "http_agent has a character"),
        ({"ca_path": "/missing/ca.pem"}, "ca_path /missing/ca.pem can't be read"),
        ({"client_key": "key.pem"}, "client_key needs client_cert"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(
    auth_method: str, check_mode: bool, options: dict[str, Any], words: str | None
) -> None:
    if words is None:
        words = "can't be used with auth_method bearer" if auth_method == "bearer" else "must start with api_"
    with scripted_server(hang_up) as server:
        given = {"server_url": server.url, "auth_method": auth_method, **ALICE, **options}
        error = fail(OPERATION, check_mode=check_mode, **given)
        assert server.connections == 0
    assert words in error.message
    assert error.reason == ("tls" if "ca_path" in options else "bad_request")
    assert (error.status, error.elvis_error) == (None, None)


def test_a_value_that_http_can_not_carry_is_refused() -> None:
    with scripted_server(hang_up) as server:
        error = fail(OPERATION, server_url=server.url, client_id="\udcff", **ALICE)
        assert server.connections == 0
    assert error.reason == "bad_request"
