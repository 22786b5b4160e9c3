# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a session is alive, and whether a server is up, in real playbooks."""

from __future__ import annotations

import importlib

import pytest
import yaml

from tests.integration.support import Ansible, Result
from tests.support.emulator import start_emulator

pytestmark = pytest.mark.same_everywhere

TASKS = """
- damops.elvis.elvis_session_info:
    ping: true
  register: ping
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
    auth_method: "{{ method }}"
  register: elvis
- damops.elvis.elvis_session_info:
    session: "{{ elvis.session }}"
  register: alive
- damops.elvis.elvis_logout:
    session: "{{ elvis.session }}"
- damops.elvis.elvis_session_info:
    session: "{{ elvis.session }}"
  register: over
- damops.elvis.elvis_session_info:
    session: {}
  register: empty
- damops.elvis.elvis_session_info:
    server_url: http://127.0.0.1:9
    ping: true
    retries: 0
  register: unreachable
  ignore_errors: true
"""


@pytest.fixture(scope="module", params=["bearer", "cookie"])
def results(request: pytest.FixtureRequest, ansible: Ansible) -> dict[str, Result]:
    with start_emulator() as server:
        defaults = {"group/damops.elvis.elvis": {"server_url": server.url}}
        run = ansible.play(TASKS, vars={"method": request.param}, module_defaults=defaults)
        assert run.returncode == 0, run.output
        assert server.sessions() == []
        return run.results


def test_a_ping_needs_no_session(results: dict[str, Result]) -> None:
    ping = results["ping"]
    assert (ping["changed"], ping["available"], ping["state"]) == (False, True, "running")
    assert ping["server_version"] == results["elvis"]["server_version"]


def test_a_session_that_is_alive(results: dict[str, Result]) -> None:
    alive, session = results["alive"], results["elvis"]["session"]
    assert (alive["changed"], alive["alive"], alive["username"], alive["groups"]) == (False, True, "alice", ["users"])
    assert (alive["expires_at"], alive["server_version"]) == (session["expires_at"], session["server_version"])
    assert 3000 < alive["expires_in"] <= 3600


@pytest.mark.parametrize(("name", "username"), [("over", "alice"), ("empty", None)])
def test_a_session_that_is_over_is_no_failure(results: dict[str, Result], name: str, username: str | None) -> None:
    result = results[name]
    assert (result["failed"], result["changed"], result["alive"]) == (False, False, False)
    assert (result["username"], result["groups"]) == (username, None)


def test_a_server_that_can_not_be_asked_is_one(results: dict[str, Result]) -> None:
    result = results["unreachable"]
    assert (result["failed"], result["reason"]) == (True, "unreachable")


def test_check_mode(ansible: Ansible) -> None:
    with start_emulator() as server:
        defaults = {"group/damops.elvis.elvis": {"server_url": server.url}}
        run = ansible.play(TASKS, "--check", vars={"method": "bearer"}, module_defaults=defaults)
        assert run.returncode == 0, run.output
        assert [seen["path"] for seen in server.requests()] == ["/services/ping"]
    assert (run.results["alive"]["alive"], run.results["alive"]["simulated"]) == (True, True)


def test_the_documented_examples_run(ansible: Ansible) -> None:
    module = importlib.import_module("ansible_collections.damops.elvis.plugins.modules.elvis_session_info")
    with start_emulator() as server:
        text = module.EXAMPLES.replace("https://dam.example.com", server.url).replace("Editors", "users")
        env = {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
        run = ansible.play(yaml.safe_load(text)[:2], env=env)
        assert run.returncode == 0, run.output
        assert (run.results["server"]["available"], run.results["me"]["alive"]) == (True, True)
        assert server.sessions() == []
