# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server says is data: Ansible renders none of it as a template, and takes no orders from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.integration.support import Ansible, Run
from tests.support.scripted import Request, json_reply, raw_reply, scripted_server

pytestmark = pytest.mark.same_everywhere

TEMPLATE = "{{ 6 * 7 }}{% set x = 1 %}{# gone #}{{ lookup('ansible.builtin.env', 'HOME') }}"
ORDERS: dict[str, Any] = {
    "changed": True,
    "failed": True,
    "skipped": True,
    "unreachable": True,
    "exception": "Traceback (most recent call last): made up",
    "warnings": ["made up"],
    "deprecations": [{"msg": "made up"}],
    "ansible_facts": {"poisoned": "made up", "ansible_python_interpreter": "/bin/false"},
    "ansible_loop_var": "made up",
    "invocation": {"made": "up"},
    "_ansible_no_log": True,
    "_ansible_verbose_always": True,
    "_ansible_item_label": "made up",
    "reason": "made up",
    "msg": TEMPLATE,
    "results": [{"failed": True}],
    "rc": 1,
    "stdout": TEMPLATE,
    "diff": {"before": "made", "after": "up"},
}
TOKEN = "token-of-a-test-long-enough"
GRANT = {"loginSuccess": True, "serverVersion": TEMPLATE, "csrfToken": "csrf-of-a-test-long-enough"}
ERROR = {"errorcode": 400, "errorname": TEMPLATE, "message": TEMPLATE}
REPLIES = [
    json_reply(200, ORDERS | {"loginSuccess": False, "loginFaultMessage": TEMPLATE}),
    json_reply(200, ORDERS | GRANT | {"userProfile": ORDERS | {"fullName": TEMPLATE}}, Set_Cookie=f"authToken={TOKEN}"),
    json_reply(200, ORDERS | {"username": TEMPLATE, "groups": [TEMPLATE], "authorities": []}),
    json_reply(200, ORDERS | {"totalHits": 0, TEMPLATE: TEMPLATE}, X_Test=TEMPLATE, Ansible_Facts="x=y"),
    raw_reply(200, TEMPLATE.encode(), Content_Type="text/plain"),
    json_reply(200, ORDERS | ERROR),
    json_reply(200, {"totalHits": 0}),
    json_reply(200, ORDERS | {"totalHits": 1}),
    raw_reply(302, Location=f"/{TEMPLATE}"),
]
TASKS = """
- damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: wonderland}
  register: refused
  ignore_errors: true
- damops.elvis.elvis_login:
    {server_url: "{{ url }}", username: alice, password: wonderland, auth_method: cookie, return_profile: true}
  register: login
- damops.elvis.elvis_session_info: {session: "{{ login.session }}"}
  register: info
- damops.elvis.elvis_request: {session: "{{ login.session }}", path: services/search}
  register: data
- damops.elvis.elvis_request: {session: "{{ login.session }}", path: alive.txt}
  register: text
- damops.elvis.elvis_request: {session: "{{ login.session }}", path: services/search}
  register: error
  ignore_errors: true
- damops.elvis.elvis_request:
    session: "{{ login.session }}"
    path: services/search
    query: {q: "{{ data.body.msg }}", sort: "{{ info.username }}"}
  register: passed_on
- damops.elvis.elvis_logout: {session: "{{ login.session }}", mode: redirect}
  register: logout
- ansible.builtin.set_fact:
    kept: "{{ data.body }}"
- ansible.builtin.debug:
    msg:
      refused: "{{ refused.msg }}"
      login: "{{ login.msg }}"
      full_name: "{{ login.user_profile.fullName }}"
      version: "{{ login.session.server_version }}"
      username: "{{ info.username }}"
      group: "{{ info.groups[0] }}"
      body: "{{ kept.msg }}"
      joined: "{{ kept.stdout ~ '' }}"
      text: "{{ text.body }}"
      header: "{{ data.response_headers['x-test'] }}"
      error: "{{ error.elvis_error.message }}"
      redirect: "{{ logout.redirect_url }}"
      poisoned: "{{ poisoned | default('clean') }}"
      facts: "{{ ansible_facts.keys() | list }}"
  register: used
"""
SEEN_AS_IT_IS = (
    "refused",
    "login",
    "full_name",
    "version",
    "username",
    "group",
    "body",
    "joined",
    "text",
    "header",
    "error",
)


@dataclass(frozen=True)
class Outcome:
    """The run, and what reached the server."""

    run: Run
    requests: list[Request]


@pytest.fixture(scope="module")
def outcome(ansible: Ansible) -> Outcome:
    with scripted_server(*REPLIES) as server:
        run = ansible.play(TASKS, "-vvv", vars={"url": server.url})
    assert len(server.requests) == len(REPLIES), run.output
    return Outcome(run, server.requests)


@pytest.mark.parametrize("name", SEEN_AS_IT_IS)
def test_what_a_server_says_is_no_template(name: str, outcome: Outcome) -> None:
    assert TEMPLATE in outcome.run.results["used"]["msg"][name]


def test_what_a_server_says_can_be_sent_on(outcome: Outcome) -> None:
    (search,) = (request for request in outcome.requests if "sort=" in request.path)
    assert parse_qs(urlsplit(search.path).query) == {"q": [TEMPLATE], "sort": [TEMPLATE]}


def test_an_address_to_go_to_is_no_template(outcome: Outcome) -> None:
    assert outcome.run.results["used"]["msg"]["redirect"].endswith(
        "{{ 6 * 7 }}{% set x = 1 %}{# gone #}{{ lookup('ansible.builtin.env', 'HOME') }}"
    )


def test_a_server_gives_no_orders(outcome: Outcome) -> None:
    results = outcome.run.results
    used = results["used"]["msg"]
    assert (used["poisoned"], used["facts"]) == ("clean", [])
    for name in ("login", "info", "data", "text", "passed_on", "logout"):
        result = results[name]
        assert not result["failed"], result
        assert result["changed"] is (name in ("login", "logout"))
        assert not {"exception", "skipped", "unreachable", "ansible_facts", "rc", "stdout", "results"} & result.keys()
    for name, reason in (("refused", "refused"), ("error", "bad_request")):
        result = results[name]
        assert (result["failed"], result["changed"], result["reason"]) == (True, False, reason)
        assert "made up" not in str({key: value for key, value in result.items() if key != "elvis_error"})
    assert results["data"]["body"]["ansible_facts"] == ORDERS["ansible_facts"], "it is data all the same"
    assert results["login"]["session"]["auth_token"] == TOKEN
