# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a successful login returns is seen by the playbook, and by nobody who watches it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from tests.integration.support import Ansible
from tests.integration.watching import Watch, watch
from tests.support.emulator import Emulator, start_emulator
from tests.support.secrets import forms

TASKS = """
- damops.elvis.elvis_login: {server_url: "{{ url }}", return_profile: true}
  register: bearer
- damops.elvis.elvis_login: {server_url: "{{ url }}", auth_method: cookie, return_profile: true}
  register: session
- damops.elvis.elvis_login: {server_url: "{{ url }}", auth_method: "{{ item }}"}
  loop: [bearer, cookie]
  no_log: "{{ ansible_version.full is version('2.19', '<') }}"
  register: looped
- block:
    - damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: "{{ wrong_password }}"}
      register: refused
  rescue:
    - ansible.builtin.debug: {var: ansible_failed_result}
    - ansible.builtin.debug: {var: ansible_failed_task}
"""
ODDITIES = """
- damops.elvis.elvis_login: {server_url: "{{ url }}"}
  register: failed_afterwards
  failed_when: true
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}"}
  register: repeated
  until: false
  retries: 1
  delay: 0
  ignore_errors: true
- damops.elvis.elvis_session_info: {session: "{{ bearer.session }}"}
  register: info
- damops.elvis.elvis_request: {session: "{{ session.session }}", path: services/profile, method: POST}
  register: profile
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: "{{ password }}"}
  check_mode: true
  register: simulated
- damops.elvis.elvis_login: {server_url: "{{ url }}", cred: "{{ cred }}"}
  register: with_cred
- damops.elvis.elvis_session_info: {session: "{{ bearer.session }}"}
  register: retried
  until: retried.attempts > 2
  retries: 3
  delay: 0
- damops.elvis.elvis_session_info: {session: "{{ looped.results[number].session }}"}
  loop: [0, 1]
  loop_control: {loop_var: number}
  register: info_in_loop
- damops.elvis.elvis_request: {session: "{{ session.session }}", path: services/ping}
  delegate_to: localhost
  register: delegated
- damops.elvis.elvis_session_info: {session: "{{ bearer.session }}"}
  delegate_to: gone
  vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 9}
  ignore_unreachable: true
  register: unreachable
- block:
    - damops.elvis.elvis_session_info: {session: "{{ bearer.session }}", proxi: "{{ secret_proxy }}"}
      register: wrong_option
  rescue:
    - ansible.builtin.debug: {var: ansible_failed_task}
- damops.elvis.elvis_session_info: {session: "{{ bearer }}"}
  register: wrong_session
  ignore_errors: true
- damops.elvis.elvis_session_info: {session: "{{ bearer.session }}", proxy: "{{ secret_proxy }}", retries: 0}
  register: proxied
  ignore_errors: true
- damops.elvis.elvis_logout: {session: "{{ with_cred.session }}"}
  async: 60
  poll: 1
  register: polled
  ignore_errors: true  # It can't be done in the playbook's process.
- damops.elvis.elvis_logout: {session: "{{ with_cred.session }}"}
  async: 60
  poll: 0
  register: started
  ignore_errors: true
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: admin, password: "{{ admin_password }}"}
  register: admin
- damops.elvis.elvis_request:
    session: "{{ admin.session }}"
    path: services/admin/webhook
    method: POST
    json: {name: events, url: "http://127.0.0.1:9/", eventTypes: []}
  register: webhook
- damops.elvis.elvis_request: {session: "{{ admin.session }}", path: services/admin/webhook}
  register: webhooks
- damops.elvis.elvis_request:
    session: "{{ admin.session }}"
    path: services/create
    method: POST
    form: {assetPath: /Users/admin/signed.txt}
    files: {Filedata: {content: humpty, filename: signed.txt}}
- damops.elvis.elvis_request:
    session: "{{ admin.session }}"
    path: services/search
    query: {q: "signed.txt", num: 1, appendRequestSecret: true}
  register: signed
- damops.elvis.elvis_request:
    session: "{{ admin.session }}"
    path: api/sharelink
    method: POST
    json: {subject: pictures, validUntil: "2099-01-01", sharedAssetIds: ["{{ signed.body.hits[0].id }}"]}
  register: shared
- damops.elvis.elvis_webhook:
    session: "{{ admin.session }}"
    name: state
    url: http://127.0.0.1:9/
    event_types: []
  register: state
- damops.elvis.elvis_webhook: {session: "{{ admin.session }}", name: state, rotate_secret: true}
  diff: true
  register: rotated
- ansible.builtin.assert:
    that:
      - rotated.webhook.secret_token != state.webhook.secret_token
- damops.elvis.elvis_webhook:
    session: "{{ admin.session }}"
    name: "{{ item }}"
    url: http://127.0.0.1:9/
    event_types: []
  loop: [third, fourth]
  no_log: "{{ ansible_version.full is version('2.19', '<') }}"
  register: in_loop
- damops.elvis.elvis_logout: {session: "{{ bearer.session }}", verify: true}
  register: bearer_logout
- damops.elvis.elvis_logout: {session: "{{ session.session }}", verify: true}
  register: session_logout
"""


WATCHES = {
    **{f"default_{verbosity}": Watch(verbosity) for verbosity in range(1, 7)},
    "yaml_6": Watch(6, result_format="yaml"),
    "minimal_0": Watch(0, "ansible.builtin.minimal"),
    "minimal_6": Watch(6, "ansible.builtin.minimal"),
    "oneline_0": Watch(0, "ansible.builtin.oneline"),
    "oneline_6": Watch(6, "ansible.builtin.oneline"),
}
THROUGH = {"controller": list(WATCHES), "target": ["default_1", "default_6", "yaml_6", "minimal_6", "oneline_6"]}
"""A module on the target takes its time, and the higher a verbosity is the more it shows."""


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.mark.parametrize("before", ["", "x", "xy"])
@pytest.mark.parametrize("after", ["", "x", "xy"])
def test_a_secret_is_recognised_in_base64(before: str, after: str) -> None:
    """Whatever stands around it there."""
    encoded = base64.b64encode(f"{before}wonderland{after}".encode()).decode()
    assert any(form in encoded for form in forms("wonderland").values())


@pytest.mark.parametrize(
    ("ansible", "name"), [(place, name) for place, names in THROUGH.items() for name in names], indirect=["ansible"]
)
def test_nothing_secret_is_seen(name: str, ansible: Ansible, server: Emulator) -> None:
    seen = watch(ansible, server.url, TASKS, WATCHES[name])
    results = seen.run.results

    assert seen.leaks == []
    # Nothing was there to be seen, had the logins not worked.
    assert results["bearer"]["session"]["auth_token"]
    assert all(results["session"]["session"][key] for key in ("auth_token", "csrf_token", "cookie"))
    assert [item["session"]["auth_method"] for item in results["looped"]["results"]] == ["bearer", "cookie"]
    # A failure is not hidden.
    for place, text in seen.by.items():
        assert "Invalid username or password" in text, place
    # What is hidden as a whole still says something.
    if ansible.core < (2, 22):
        told = f"{results['bearer']['msg']}\n"
        assert told.startswith(f"Logged in to {server.url} as alice (Elvis ")
        assert (told in seen.run.output) is (WATCHES[name].verbosity > 0)


def test_the_playbook_goes_on_with_it(ansible: Ansible, server: Emulator) -> None:
    """And what it makes of the result itself shows nothing either."""
    server.end_sessions()
    seen = watch(ansible, server.url, TASKS + ODDITIES, Watch(6))
    results = seen.run.results

    assert seen.leaks == []
    assert results["failed_afterwards"]["session"]["auth_token"]
    assert results["repeated"]["session"]["auth_token"]
    assert results["info"]["alive"] is True
    assert results["profile"]["body"]["username"] == "alice"
    assert results["simulated"]["simulated"] is True
    assert results["webhook"]["body"]["secretToken"] == results["webhooks"]["body"][-1]["secretToken"]
    assert results["rotated"]["webhook"]["id"] == results["state"]["webhook"]["id"]
    assert all(item["webhook"]["secret_token"] for item in results["in_loop"]["results"])
    assert "requestSecret=" in results["signed"]["body"]["hits"][0]["originalUrl"]
    assert results["shared"]["body"]["url"].startswith(f"{server.url}/")
    # Each try has what the first one had.
    assert (results["retried"]["alive"], results["retried"]["attempts"]) == (True, 3)
    assert [item["alive"] for item in results["info_in_loop"]["results"]] == [True, True]
    assert results["delegated"]["status"] == 200
    assert results["unreachable"].get("unreachable", False) is (ansible.execution == "target")
    assert "proxi" in results["wrong_option"]["msg"]
    assert results["wrong_session"]["reason"] == "bad_request"
    assert results["proxied"]["reason"] == "proxy"
    assert results["polled"].get("logout_success", False) is (ansible.execution == "target")
    for name in ("bearer_logout", "session_logout"):
        assert results[name]["logout_success"] is True


@pytest.mark.parametrize(("verbosity", "pipelining"), [(4, "true"), (6, "false")])
def test_nothing_secret_is_seen_over_ssh(
    installed: Ansible, server: Emulator, over_ssh: tuple[str, ...], verbosity: int, pipelining: str
) -> None:
    """The ssh plugin shows what a module returns."""
    more = {"ANSIBLE_PIPELINING": pipelining}
    seen = watch(installed, server.url, TASKS, Watch(verbosity), *over_ssh, hosts="far", more=more)

    assert seen.leaks == []
    assert "ESTABLISH SSH CONNECTION" in seen.run.output
    assert seen.run.results["session"]["session"]["csrf_token"]
