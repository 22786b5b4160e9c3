# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What callbacks that people use send elsewhere: of a task's arguments nothing that is secret."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import chain
from typing import Any

import pytest

from tests.integration.support import Ansible, Run
from tests.support import community_general
from tests.support.emulator import Emulator, start_emulator
from tests.support.secrets import leaks, returned_secrets
from tests.support.serving import serving

SECRETS = {"password": "wonderland", "wrong_password": "looking-glass", "gateway_key": "tweedledum"}
"""By the variable that has it."""
DEFAULTS = """
- module_defaults:
    damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: "{{ password }}"}
    group/damops.elvis.elvis: {extra_headers: {X-Api-Key: "{{ gateway_key }}"}}
  block:
    - damops.elvis.elvis_login:
      register: of_defaults
    - module_defaults:
        damops.elvis.elvis_session_info: {session: "{{ of_defaults.session }}"}
      block:
        - damops.elvis.elvis_session_info:
          register: of_default
        - damops.elvis.elvis_session_info: {extra_headers: '{"X-Api-Key": "{{ gateway_key }}"}'}
          async: 60
          poll: 1
          register: polled
    - block:
        - damops.elvis.elvis_logout: {session: "{{ of_defaults.session }}", wrong: "{{ password }}"}
      always:
        - damops.elvis.elvis_logout: {session: "{{ of_defaults.session }}"}
          register: of_defaults_logout
  rescue:
    - ansible.builtin.debug: {msg: "{{ ansible_failed_task }}"}
"""
TASKS = """
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: "{{ password }}"}
  register: bearer
- damops.elvis.elvis_session_info: {session: "{{ bearer.session }}"}
  register: info
- damops.elvis.elvis_session_info: {session: "{{ bearer.session }}", pong: true}
  register: refused
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}"}
  environment: {ELVIS_USERNAME: alice, ELVIS_PASSWORD: "{{ wrong_password }}"}
  register: of_environment
  ignore_errors: true
- damops.elvis.elvis_logout: {session: "{{ bearer.session }}"}
  register: logout
"""
CALLBACKS = {
    "splunk": {"SPLUNK_URL": "URL", "SPLUNK_AUTHTOKEN": "invented"},
    "sumologic": {"SUMOLOGIC_URL": "URL"},
}
"""How each is told where to send what it has; URL stands for the receiver."""


@contextmanager
def receiver() -> Iterator[tuple[str, list[str]]]:
    """Listen, and keep what is sent."""
    received: list[str] = []

    class Receive(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receive) as server, serving(server):
        yield f"http://127.0.0.1:{server.server_address[1]}/", received


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.mark.parametrize("name", CALLBACKS)
def test_nothing_secret_is_sent(name: str, installed: Ansible, server: Emulator) -> None:
    if installed.core < (2, 17):
        pytest.skip("this community.general is for ansible-core 2.17 and newer")
    try:
        more = community_general.fetch()
    except community_general.NotFetched as reason:
        pytest.skip(str(reason))
    with receiver() as (url, received):
        env = {variable: url if value == "URL" else value for variable, value in CALLBACKS[name].items()}
        run = installed.play(
            TASKS + DEFAULTS,
            env={
                **env,
                "ANSIBLE_CALLBACKS_ENABLED": f"community.general.{name}",
                "ANSIBLE_COLLECTIONS_PATH": f"{installed.collections}:{more}",
            },
            vars={"url": server.url, **SECRETS},
            may_warn=True,
        )
    # The last task is the test's own: it keeps all that was registered.
    events = [event for event in received if '"action": "keep"' not in event]
    if installed.core < (2, 19):
        # None of our code runs for a task of another collection, which carries them, rendered.
        events = [json.dumps(without_defaults_of_others(json.loads(event))) for event in events]
    seen = "\n".join(events)

    assert "Cannot log in as alice" in seen, run.output
    # The task that failed was printed.
    assert '"action": "damops.elvis.elvis_logout"' in run.output
    assert leaks(chain(SECRETS.items(), returned_secrets(run.results)), {name: seen}) == []
    _check(run)


def without_defaults_of_others(data: Any) -> Any:
    """Return what a callback sent, without the ``module_defaults`` of tasks of other collections."""
    if isinstance(data, list):
        return [without_defaults_of_others(item) for item in data]
    if not isinstance(data, dict):
        return data
    is_other = not str(data.get("action")).startswith("damops.elvis.")
    return {
        name: without_defaults_of_others(item)
        for name, item in data.items()
        if not (is_other and name == "module_defaults")
    }


def _check(run: Run) -> None:
    """Make sure that the secrets were there to be sent."""
    assert run.results["bearer"]["session"]["auth_token"]
    assert run.results["info"]["alive"] is True
    assert run.results["refused"]["reason"] == "bad_request"
    assert run.results["of_environment"]["reason"] == "refused"
    assert run.results["logout"]["logout_success"] is True
    assert run.results["of_default"]["alive"] is True
    assert run.results["polled"]["alive"] is True
    assert run.results["of_defaults_logout"]["logout_success"] is True
