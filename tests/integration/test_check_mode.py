# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode validates the options and sends nothing; what it makes up is refused outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.support import LOGIN, Ansible, Run
from tests.support.emulator import Emulator, start_emulator

pytestmark = pytest.mark.same_everywhere

LOGOUT = {"damops.elvis.elvis_logout": {"session": "{{ elvis.session }}"}, "register": "logout"}
EXAMPLE = "ansible_collections/damops/elvis/examples/session.yml"
TASKS = """
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    username: alice
    password: wonderland
    return_profile: true
  register: bearer
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    auth_method: cookie
    username: alice
    password: wonderland
  register: cookie
- damops.elvis.elvis_logout:
    session: "{{ bearer.session }}"
    verify: true
  register: bearer_logout
- damops.elvis.elvis_logout:
    session: "{{ cookie.session }}"
    mode: redirect
    logout_success_url: /goodbye
  register: cookie_logout
- damops.elvis.elvis_logout:
    session: {}
  register: nothing_to_do
- damops.elvis.elvis_logout:
    server_url: "{{ url }}"
    auth_token: a-real-token
  register: real_logout
- damops.elvis.elvis_login:
    server_url: "{{ url }}"
    username: alice
  register: bad_login
  ignore_errors: true
- damops.elvis.elvis_logout:
    session: "{{ bearer.session }}"
    http_method: POST
  register: bad_logout
  ignore_errors: true
"""


@pytest.fixture(scope="module")
def checked(ansible: Ansible) -> Run:
    with start_emulator() as emulator:
        run = ansible.play(TASKS, "--check", vars={"url": emulator.url})
        assert (emulator.connections(), emulator.requests()) == (0, [])
        return run


@pytest.mark.parametrize("name", ["bearer", "cookie"])
def test_login_returns_a_simulated_session(name: str, checked: Run) -> None:
    result = checked.results[name]
    session = result["session"]

    assert (result["changed"], result["simulated"], session["simulated"]) == (True, True, True)
    assert (session["auth_method"], session["username"]) == (name, "alice")
    assert (session["expires_at"], result["server_version"], result["user_profile"]) == (None, None, None)
    # A playbook that uses them is not stopped by a key that is missing.
    assert session["auth_token"]
    assert set(result["headers"]) == ({"Authorization"} if name == "bearer" else {"Cookie", "X-CSRF-TOKEN"})


@pytest.mark.parametrize("name", ["bearer_logout", "cookie_logout"])
def test_logout_takes_it(name: str, checked: Run) -> None:
    result = checked.results[name]

    assert (result["changed"], result["simulated"]) == (True, True)
    assert (result["was_logged_in"], result["logout_success"]) == (None, None)


def test_logout_of_a_real_session_would_change_something(checked: Run) -> None:
    result = checked.results["real_logout"]

    assert (result["changed"], result["was_logged_in"]) == (True, None)
    assert "simulated" not in result


def test_nothing_to_do_stays_nothing_to_do(checked: Run) -> None:
    assert (checked.results["nothing_to_do"]["changed"], checked.results["nothing_to_do"]["msg"]) == (
        False,
        "No session was given: there is nothing to end.",
    )


@pytest.mark.parametrize("name", ["bad_login", "bad_logout"])
def test_bad_options_fail_as_ever(name: str, checked: Run) -> None:
    assert (checked.results[name]["failed"], checked.results[name]["reason"]) == (True, "bad_request")


def test_a_simulated_session_is_refused_outside(ansible: Ansible, server: Emulator) -> None:
    run = ansible.play([{**LOGIN, "check_mode": True}, LOGOUT], vars={"url": server.url})

    assert run.returncode == 2
    assert run.results["logout"]["reason"] == "bad_request"
    assert "check mode" in run.results["logout"]["msg"]
    assert server.connections() == 0


def test_a_logout_in_check_mode_leaves_the_session(ansible: Ansible, server: Emulator) -> None:
    run = ansible.play([LOGIN, {**LOGOUT, "check_mode": True}], vars={"url": server.url})

    assert run.results["logout"]["changed"] is True
    assert len(server.sessions()) == 1
    assert len(server.requests()) == 1


def example(ansible: Ansible, server: Emulator, *arguments: str) -> Run:
    environment = {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
    return ansible.playbook(ansible.collections / Path(EXAMPLE), *arguments, env=environment)


def test_the_example_in_check_mode_sends_nothing(ansible: Ansible, server: Emulator) -> None:
    run = example(ansible, server, "--check")

    assert run.returncode == 0, run.output
    assert (server.connections(), server.requests()) == (0, [])


def test_the_example_for_real(ansible: Ansible, server: Emulator) -> None:
    run = example(ansible, server)

    assert run.returncode == 0, run.output
    assert "The server no longer knows the token." in run.stdout
    assert server.sessions() == []
    assert [request["path"].rpartition("/")[2] for request in server.requests()] == [
        "apilogin",
        "profile",
        "logout",
        "profile",
    ]
