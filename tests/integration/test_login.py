# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who logs in, by which options; and that a wrong password is wrong once."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.support import Ansible, Run
from tests.support.emulator import start_emulator
from tests.support.scripted import json_reply, scripted_server

ALICE = {"username": "alice", "password": "wonderland"}
AWKWARD = {"username": "böb", "password": "a:b c%20&d=+ü;#"}


def cred(username: str, password: str) -> str:
    return base64.b64encode(f"{username}:{password}".encode()).decode()


@dataclass(frozen=True)
class Row:
    """Options of a login, and the session that the server has in the end."""

    options: dict[str, Any]
    session: dict[str, Any]


ROWS = {
    "pair": Row(ALICE, {"user": "alice", "method": "bearer"}),
    "pair_session": Row(ALICE | {"auth_method": "cookie"}, {"user": "alice", "method": "cookie"}),
    "cred_bearer": Row({"cred": cred("api", "api")}, {"user": "api", "method": "bearer"}),
    "cred_session": Row({"cred": cred("api", "api"), "auth_method": "cookie"}, {"user": "api", "method": "cookie"}),
    "cred_wrapped": Row({"cred": "YXBp\nOmFwaQ=="}, {"user": "api"}),
    "cred_beside_the_same": Row(ALICE | {"cred": cred(**ALICE)}, {"user": "alice"}),
    "awkward_pair": Row(AWKWARD, {"user": "böb"}),
    "awkward_pair_session": Row(AWKWARD | {"auth_method": "cookie"}, {"user": "böb"}),
    "awkward_cred": Row({"cred": cred(**AWKWARD)}, {"user": "böb"}),
    "client_id": Row(ALICE | {"client_id": "nightly-import"}, {"clientId": "nightly-import"}),
    "client_type": Row(ALICE | {"auth_method": "cookie", "client_type": "api_ops"}, {"clientType": "api_ops"}),
}


@dataclass(frozen=True)
class Outcome:
    """What the tasks returned, and what the server saw; sessions and requests are in the order of the rows."""

    run: Run
    sessions: list[dict[str, Any]]
    requests: list[dict[str, Any]]


@pytest.fixture(scope="module")
def logins(ansible: Ansible) -> Outcome:
    with start_emulator(
        "--user", "alice:wonderland", "--user", "api:api", "--user", f"{AWKWARD['username']}:{AWKWARD['password']}"
    ) as server:
        rows = {name: {"server_url": f"{server.url}/"} | row.options for name, row in ROWS.items()}
        run = ansible.table("elvis_login", rows)
        return Outcome(run, server.sessions(), server.requests())


@pytest.mark.parametrize("name", ROWS)
def test_opens_the_session(name: str, logins: Outcome) -> None:
    result = logins.run.results[name]
    opened = logins.sessions[list(ROWS).index(name)]

    assert not result["failed"], result
    assert opened | ROWS[name].session == opened
    assert result["session"]["username"] == opened["user"]
    assert result["user_profile"] is None
    assert not result["session"]["server_url"].endswith("/")


def test_one_request_a_login_and_nothing_in_its_url(logins: Outcome) -> None:
    assert len(logins.requests) == len(ROWS)
    assert all(request["query"] == [] for request in logins.requests)


def test_a_wrong_password_reaches_the_server_once(ansible: Ansible) -> None:
    """Neither place of execution tries what the other has tried; what is said of it is a matter of unit tests."""
    bearer, session = {"auth_method": "bearer", "username": "alice"}, {"auth_method": "cookie", "username": "api"}
    with start_emulator("--lockout", "2") as server:
        common = {"server_url": server.url, "retries": 5}
        rows = {
            "wrong_bearer": common | bearer | {"password": "looking-glass"},
            "wrong_session": common | session | {"password": "looking-glass"},
            # A second wrong try would have locked the account.
            "right_bearer": common | bearer | {"password": "wonderland"},
            "right_session": common | session | {"password": "api"},
        }
        results = ansible.table("elvis_login", rows).results
        assert len(server.requests()) == 4
        assert len(server.sessions()) == 2

    assert [results[name].get("reason") for name in rows] == ["refused", "refused", None, None]


def test_group_defaults_reach_every_module(ansible: Ansible) -> None:
    granted = {"loginSuccess": True, "serverVersion": "6.107.0", "authToken": "an-opaque-token"}
    with scripted_server(json_reply(200, granted), json_reply(200, {"logoutSuccess": True})) as server:
        run = ansible.play(
            """
            - damops.elvis.elvis_login:
                username: alice
                password: wonderland
              register: elvis
            - damops.elvis.elvis_logout:
                session: "{{ elvis.session }}"
              register: logout
            """,
            module_defaults={
                "group/damops.elvis.elvis": {"server_url": server.url, "http_agent": "nightly import", "timeout": 20}
            },
        )

    assert run.results["logout"]["logout_success"] is True
    assert [request.headers["User-Agent"] for request in server.requests] == ["nightly import"] * 2
    # An opaque token tells no expiry.
    assert run.results["elvis"]["session"]["expires_at"] is None
