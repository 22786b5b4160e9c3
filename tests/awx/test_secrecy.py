# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the logins of a job return is in nothing that ansible-runner keeps of it."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest
import yaml

from tests.awx.jobs import Order, run
from tests.integration.support import Ansible
from tests.support.emulator import Emulator, start_emulator
from tests.support.secrets import leaks, returned_secrets

SUBMITTED = {
    name: secret
    for password in ("wonderland", "looking-glass")
    for name, secret in {
        f"password {password}": password,
        f"cred with {password}": b64encode(f"alice:{password}".encode()).decode(),
    }.items()
}
TASKS = """
- name: Log in with a token
  damops.elvis.elvis_login: {return_profile: true}
  register: bearer
- name: Log in with cookies
  damops.elvis.elvis_login: {auth_method: cookie, return_profile: true}
  register: session
- name: Log in several times
  damops.elvis.elvis_login: {auth_method: "{{ item }}"}
  loop: [bearer, cookie]
  register: looped
- block:
    - name: Be refused
      damops.elvis.elvis_login: {username: alice, password: "{{ wrong_password }}"}
  rescue:
    - ansible.builtin.debug: {var: ansible_failed_result}
- name: Make a call
  damops.elvis.elvis_request: {session: "{{ session.session }}", path: services/profile, method: POST}
- name: Keep a fact
  ansible.builtin.set_fact: {elvis_user: "{{ bearer.session.username }}", cacheable: true}
- name: Keep an artifact
  ansible.builtin.set_stats: {data: {elvis_version: "{{ bearer.server_version }}"}}
- name: Show it to the test alone
  keep: {content: "{{ {'bearer': bearer, 'session': session, 'looped': looped} | to_json }}", dest: "{{ kept }}"}
  no_log: true
- name: Log out
  damops.elvis.elvis_logout: {session: "{{ bearer.session }}"}
- name: Log out with cookies
  damops.elvis.elvis_logout: {session: "{{ session.session }}"}
- name: Log out several times
  damops.elvis.elvis_logout: {session: "{{ looped.results[number].session }}"}
  loop: [0, 1]
  loop_control: {loop_var: number}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


def test_nothing_secret_is_kept(ansible: Ansible, server: Emulator, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    play = {"hosts": "localhost", "gather_facts": False, "tasks": yaml.safe_load(TASKS)}
    order = Order(
        play,
        inputs={"server_url": server.url, "username": "alice", "password": "wonderland"},
        variables={"damops_elvis_execution": ansible.execution, "wrong_password": "looking-glass", "kept": str(kept)},
        verbosity=5,
    )
    job = run(ansible, order)
    assert job.status == "successful", job.output
    seen = job.seen()
    returned = list(returned_secrets(json.loads(kept.read_text(encoding="utf-8"))))

    assert leaks(chain(SUBMITTED.items(), returned), seen) == []
    # Nothing was there to be seen, had the logins not worked, and nothing to look into, had nothing been kept.
    assert [name for name, secret in returned if secret].count("auth_token") == 4
    assert {"csrf_token", "cookie"} <= {name for name, secret in returned}
    for where, what in {
        "job_events": "Invalid username or password",
        "stdout": "Invalid username or password",
        "fact_cache": "elvis_user",
    }.items():
        assert any(what in text for name, text in seen.items() if f"artifacts/42/{where}" in name), where
    assert [event["event_data"]["artifact_data"] for event in job.events if event["event"] == "playbook_on_stats"] == [
        {"elvis_version": "6.107.0.1"}
    ]
    assert server.sessions() == []
