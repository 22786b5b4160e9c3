# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The main job: log in, use the session in another task, log out, for certain."""

from __future__ import annotations

import base64
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest

from tests.integration.support import Ansible, Result
from tests.support.emulator import start_emulator

pytestmark = pytest.mark.same_everywhere

STEPS = ("login", "profile", "logout", "again")
TASKS = """
- damops.elvis.elvis_login:
    server_url: URL
    auth_method: METHOD
    username: alice
    password: wonderland
    return_profile: true
  register: CASE_login
- ansible.builtin.uri:
    url: "{{ CASE_login.session.server_url }}/services/profile"
    method: POST
    headers: "{{ CASE_login.headers }}"
  register: CASE_profile
- damops.elvis.elvis_logout:
    session: "{{ CASE_login.session }}"
    verify: true
  register: CASE_logout
- damops.elvis.elvis_logout:
    session: "{{ CASE_login.session }}"
  register: CASE_again
"""


@dataclass(frozen=True)
class Case:
    """A way to log in, and a server that reports errors its way at its place."""

    method: str
    errors: str
    prefix: str

    @property
    def name(self) -> str:
        return "_".join(filter(None, (self.method, self.errors, self.prefix.strip("/"))))


CASES = [Case(*values) for values in product(("bearer", "cookie"), ("ok", "status"), ("", "/app"))]


@dataclass(frozen=True)
class Outcome:
    """What the tasks of a case returned, and what its server saw."""

    url: str
    steps: dict[str, Result]
    requests: list[dict[str, Any]]
    sessions: list[dict[str, Any]]


@pytest.fixture(scope="module")
def outcomes(ansible: Ansible) -> dict[Case, Outcome]:
    with ExitStack() as running:
        servers = {
            case: running.enter_context(start_emulator("--errors", case.errors, "--prefix", case.prefix))
            for case in CASES
        }
        tasks = [
            TASKS.replace("URL", server.url).replace("METHOD", case.method).replace("CASE", case.name)
            for case, server in servers.items()
        ]
        run = ansible.play("".join(tasks))
        assert run.returncode == 0, run.output
        return {
            case: Outcome(
                server.url,
                {step: run.results[f"{case.name}_{step}"] for step in STEPS},
                server.requests(),
                server.sessions(),
            )
            for case, server in servers.items()
        }


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> Case:
    chosen: Case = request.param
    return chosen


def test_login_returns_the_session(case: Case, outcomes: dict[Case, Outcome]) -> None:
    outcome = outcomes[case]
    login = outcome.steps["login"]
    session = login["session"]
    is_bearer = case.method == "bearer"

    assert login["changed"] is True
    assert (session["server_url"], session["auth_method"], session["username"]) == (outcome.url, case.method, "alice")
    assert session["server_version"] == login["server_version"]
    assert session["expires_at"].endswith("Z")
    assert "simulated" not in session
    assert login["user_profile"]["username"] == "alice"
    if is_bearer:
        assert login["headers"] == {"Authorization": f"Bearer {session['auth_token']}"}
        assert (session["csrf_token"], session["cookie"]) == (None, None)
    else:
        assert login["headers"] == {"Cookie": session["cookie"], "X-CSRF-TOKEN": session["csrf_token"]}
        assert session["cookie"] == f"authToken={session['auth_token']}"


def test_headers_open_the_server_for_other_modules(case: Case, outcomes: dict[Case, Outcome]) -> None:
    assert outcomes[case].steps["profile"]["json"]["username"] == "alice"


def test_logout_ends_the_session(case: Case, outcomes: dict[Case, Outcome]) -> None:
    outcome = outcomes[case]
    logout = outcome.steps["logout"]

    assert (logout["changed"], logout["was_logged_in"], logout["logout_success"]) == (True, True, True)
    assert outcome.sessions == []


def test_a_session_that_is_gone_is_no_failure(case: Case, outcomes: dict[Case, Outcome]) -> None:
    again = outcomes[case].steps["again"]

    assert (again["changed"], again["was_logged_in"], again["logout_success"]) == (False, False, None)


def test_the_server_gets_each_request_once(case: Case, outcomes: dict[Case, Outcome]) -> None:
    login, profile = ("POST", "/services/login", None), ("POST", "/services/profile", "cookie")
    logout, search = ("POST", "/services/logout", "cookie"), ("GET", "/services/search", "cookie")
    if case.method == "cookie":
        # With a cookie, a refused logout may also mean a wrong CSRF token: hence the last search.
        expected = [login, profile, logout, search, logout, search]
    else:
        login, profile, logout, search = (
            ("POST", "/services/apilogin", None),
            *((method, path, "bearer") for method, path, _dummy in (profile, logout, search)),
        )
        expected = [login, profile, profile, logout, search, logout]

    seen = [(request["method"], request["path"], request["carrier"]) for request in outcomes[case].requests]
    assert seen == [(method, case.prefix + path, carrier) for method, path, carrier in expected]


def test_credentials_travel_in_the_body(case: Case, outcomes: dict[Case, Outcome]) -> None:
    login, *others = outcomes[case].requests
    profile = ["returnProfile"] if case.method == "cookie" else []

    assert (login["query"], sorted(login["form"])) == ([], sorted(["username", "password", *profile]))
    assert {tuple(other["query"]) for other in others} == {(), ("q", "num")}
    assert all(other["form"] == [] for other in others)


def test_a_token_alone_logs_out(ansible: Ansible) -> None:
    """The way of a PowerShell script: `cred`, and from then on the bare token."""
    with start_emulator() as server:
        run = ansible.play(
            """
            - damops.elvis.elvis_login:
                server_url: "{{ url }}"
                cred: "{{ cred }}"
              register: bearer
            - damops.elvis.elvis_logout:
                server_url: "{{ url }}"
                auth_token: "{{ bearer.session.auth_token }}"
                verify: true
              register: bearer_logout
            - damops.elvis.elvis_logout:
                server_url: "{{ url }}"
                auth_token: "{{ bearer.session.auth_token }}"
              register: again
            - damops.elvis.elvis_login:
                server_url: "{{ url }}"
                auth_method: cookie
                cred: "{{ cred }}"
              register: session
            - damops.elvis.elvis_logout:
                server_url: "{{ url }}"
                auth_token: "{{ session.session.auth_token }}"
              register: session_logout
            """,
            vars={"url": server.url, "cred": base64.b64encode(b"alice:wonderland").decode()},
        )
        assert server.sessions() == []
        assert [(request["path"], request["carrier"]) for request in server.requests()] == [
            ("/services/apilogin", None),
            ("/services/logout", "bearer"),
            ("/services/search", "bearer"),
            ("/services/logout", "bearer"),
            ("/services/login", None),
            ("/services/logout", "bearer"),
        ]

    for name in ("bearer_logout", "session_logout"):
        assert (run.results[name]["changed"], run.results[name]["logout_success"]) == (True, True)
    assert (run.results["again"]["changed"], run.results["again"]["was_logged_in"]) == (False, False)
