# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the task leaves open is read from the environment; what it says wins."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.support import Ansible, Result
from tests.support.answers import ALIVE, ENDED, bearer_grant
from tests.support.emulator import Emulator, start_emulator
from tests.support.scripted import scripted_server

pytestmark = pytest.mark.same_everywhere

API = {"username": "api", "password": "api"}
API_CRED = base64.b64encode(b"api:api").decode()
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@dataclass(frozen=True)
class Row:
    """Options of a login, where URL stands for the server, and who is logged in then, or what the failure says."""

    options: dict[str, Any]
    username: str = ""
    failure: str = ""


PAIR = {"ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
ENVIRONMENTS: dict[str, tuple[dict[str, str], dict[str, Row]]] = {
    "pair": (
        {"ELVIS_SERVER_URL": "URL", **PAIR},
        {
            "nothing_given": Row({}, "alice"),
            "method_given": Row({"auth_method": "cookie"}, "alice"),
            "pair_given": Row(API, "api"),
            "cred_given": Row({"cred": API_CRED}, "api"),
            "username_given": Row({"username": "alice"}, failure="ELVIS_PASSWORD is set, but is not read"),
            "password_given": Row({"password": "wonderland"}, "alice"),
        },
    ),
    "cred": (
        {"ELVIS_SERVER_URL": "URL", "ELVIS_CRED": API_CRED},
        {
            "nothing_given": Row({}, "api"),
            "pair_given": Row({"username": "alice", "password": "wonderland"}, "alice"),
            "password_given": Row({"password": "wonderland"}, failure="ELVIS_CRED is set, but is not read"),
        },
    ),
    "pair_and_cred_disagree": (
        {"ELVIS_SERVER_URL": "URL", **PAIR, "ELVIS_CRED": API_CRED},
        {
            "nothing_given": Row({}, failure="cred does not agree"),
            "pair_given": Row(API, "api"),
        },
    ),
    "empty_counts_as_not_set": (
        {"ELVIS_SERVER_URL": "", "ELVIS_USERNAME": "", "ELVIS_PASSWORD": "", "ELVIS_CRED": API_CRED},
        {
            "server_given": Row({"server_url": "URL"}, "api"),
            "nothing_given": Row({}, failure="server_url"),
        },
    ),
    "not_json": (
        {"ELVIS_SERVER_URL": "URL", **PAIR, "ELVIS_EXTRA_HEADERS": "X-Api-Key"},
        {
            "nothing_given": Row({}, failure="The environment variable ELVIS_EXTRA_HEADERS is not a JSON object"),
            "headers_given": Row({"extra_headers": {"X-Api-Key": "of-the-gateway"}}, "alice"),
        },
    ),
    "other_server": (
        {"ELVIS_SERVER_URL": NOWHERE, **PAIR},
        {
            "server_given": Row({"server_url": "URL"}, "alice"),
            "nothing_given": Row({"retries": 0}, failure=NOWHERE),
        },
    ),
}
LOGINS = [(environment, row) for environment, (_dummy, rows) in ENVIRONMENTS.items() for row in rows]


@pytest.fixture(scope="module")
def logins(ansible: Ansible, server: Emulator) -> dict[str, dict[str, Result]]:
    def results(variables: dict[str, str], rows: dict[str, Row]) -> dict[str, Result]:
        environment = {name: server.url if value == "URL" else value for name, value in variables.items()}
        options = {
            name: {option: server.url if value == "URL" else value for option, value in row.options.items()}
            for name, row in rows.items()
        }
        return ansible.table("elvis_login", options, env=environment).results

    return {name: results(variables, rows) for name, (variables, rows) in ENVIRONMENTS.items()}


@pytest.mark.parametrize(("environment", "name"), LOGINS)
def test_login(environment: str, name: str, logins: dict[str, dict[str, Result]]) -> None:
    row = ENVIRONMENTS[environment][1][name]
    result = logins[environment][name]

    assert result["failed"] is bool(row.failure), result
    if row.failure:
        assert row.failure in result["msg"]
    else:
        assert result["session"]["username"] == row.username


def test_logout_needs_no_server_beside_a_session(ansible: Ansible, server: Emulator) -> None:
    """Neither does the environment of a job that also knows another server get in the way."""
    run = ansible.play(
        """
        - damops.elvis.elvis_login:
            server_url: "{{ url }}"
          register: elvis
        - damops.elvis.elvis_logout:
            session: "{{ elvis.session }}"
          register: logout
        """,
        vars={"url": server.url},
        env={"ELVIS_SERVER_URL": NOWHERE, **PAIR},
    )

    assert run.results["logout"]["logout_success"] is True


def test_logout_of_a_token_finds_its_server(ansible: Ansible, server: Emulator) -> None:
    run = ansible.play(
        """
        - damops.elvis.elvis_login:
          register: elvis
        - damops.elvis.elvis_logout:
            auth_token: "{{ elvis.session.auth_token }}"
          register: logout
        """,
        env={"ELVIS_SERVER_URL": server.url, **PAIR},
    )

    assert run.results["logout"]["logout_success"] is True


def test_the_environment_of_a_task_counts_for_it(installed: Ansible, server: Emulator) -> None:
    of_task = {"ELVIS_SERVER_URL": server.url, "ELVIS_CRED": API_CRED}
    result = installed.task("elvis_login", {}, env={"ELVIS_SERVER_URL": NOWHERE}, environment=of_task)

    assert result["session"]["username"] == "api"


@pytest.mark.parametrize("elsewhere", [{"NO_PROXY": "127.0.0.1"}, {"LANG": "C.UTF-8", "NO_PROXY": "*"}])
def test_an_environment_without_a_variable_of_ours_hides_none(
    installed: Ansible, server: Emulator, elsewhere: dict[str, str]
) -> None:
    """As when a play sets a proxy for all of its tasks."""
    env = {"ELVIS_SERVER_URL": server.url, **PAIR}
    result = installed.task("elvis_login", {}, env=env, environment=elsewhere)

    assert result["session"]["username"] == "alice"


def test_a_ping_with_an_empty_session_asks_the_server_of_the_environment(ansible: Ansible, server: Emulator) -> None:
    result = ansible.task("elvis_session_info", {"session": {}, "ping": True}, env={"ELVIS_SERVER_URL": server.url})

    assert result["available"] is True


KEY, OTHER_KEY = "a-key-of-the-gateway", "another-key-of-it"
HEADERS = {"X-Api-Key": KEY}


@pytest.mark.parametrize(
    ("of_environment", "of_task"),
    [({}, HEADERS), (HEADERS, None), ({"X-Api-Key": OTHER_KEY}, HEADERS)],
    ids=["task", "environment", "both"],
)
def test_headers_of_ones_own_reach_the_server(
    ansible: Ansible, of_environment: dict[str, str], of_task: dict[str, str] | None
) -> None:
    with scripted_server(bearer_grant(), ALIVE, ENDED) as gateway:
        run = ansible.play(
            """
            - damops.elvis.elvis_login:
              register: elvis
            - damops.elvis.elvis_request: {session: "{{ elvis.session }}", path: services/search, query: {q: "id:0"}}
            - damops.elvis.elvis_logout: {session: "{{ elvis.session }}"}
              register: logout
            """,
            "-vvv",
            env={"ELVIS_SERVER_URL": gateway.url, **PAIR, "ELVIS_EXTRA_HEADERS": json.dumps(of_environment)},
            vars={"headers": of_task},
            module_defaults={"group/damops.elvis.elvis": {"extra_headers": "{{ headers | default(omit, true) }}"}},
        )

    assert run.results["logout"]["logout_success"] is True
    assert [request.headers["X-Api-Key"] for request in gateway.requests] == [KEY, KEY, KEY]
    assert KEY not in run.output
    assert OTHER_KEY not in run.output
