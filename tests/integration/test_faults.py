# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tasks say of a server that fails in the middle of something; each operation knows all of these faults."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.support import Ansible, Result, Run
from tests.support.faults.calls import CALLS, options_of
from tests.support.faults.table import FAULTS
from tests.support.scripted import Request, json_reply, scripted_server

pytestmark = pytest.mark.same_everywhere

ROWS = [
    ("login", "closes the connection at once"),
    ("login", "the connection is never accepted"),
    ("login", "sends 64 MiB as 64 KiB of gzip"),
    ("login", "asks for NTLM or Basic with HTTP 401"),
    ("write", "closes in the body"),
    ("write", "closes in the first header"),
    ("read", "answers a byte at a time"),
    ("read", "never ends the chunks"),
    ("read", "sends a number that is too large"),
    ("logout", "closes the connection, then the answer"),
    ("logout", "redirects with HTTP 307"),
    ("session_info", "sends data that is nested 100,000 deep"),
]


@dataclass(frozen=True)
class Outcome:
    """One run of all rows, and what reached the server of each."""

    run: Run
    requests: list[list[Request]]

    def result(self, row: int) -> Result:
        return self.run.results[f"row{row}"]


@pytest.fixture(scope="module")
def outcome(ansible: Ansible) -> Outcome:
    with ExitStack() as running:
        tasks: list[dict[str, Any]] = []
        requests = []
        for number, (call, does) in enumerate(ROWS):
            fault = FAULTS[does]
            server = running.enter_context(fault.serve(CALLS[call].answer))
            requests.append(server.requests)
            tasks.append(
                {
                    f"damops.elvis.{CALLS[call].module}": {**options_of(call, server.url), "timeout": fault.timeout},
                    "register": f"row{number}",
                    "ignore_errors": True,
                }
            )
        return Outcome(ansible.play(tasks, "-vvv"), requests)


@pytest.mark.parametrize("number", range(len(ROWS)), ids=[f"{call}: {does}" for call, does in ROWS])
def test_fault(number: int, outcome: Outcome) -> None:
    call, does = ROWS[number]
    expected, result = FAULTS[does].expected.of(call), outcome.result(number)

    assert (result.get("reason"), len(outcome.requests[number])) == (expected.reason, expected.requests), result
    assert result["failed"] is (expected.reason is not None)


def test_shows_no_secret(outcome: Outcome) -> None:
    for secret in ("wonderland", "token-that-was-granted"):
        assert secret not in outcome.run.output


def test_a_profile_that_ansible_could_not_bear_costs_no_session(ansible: Ansible) -> None:
    profile: dict[str, Any] = {}
    for _number in range(400):
        profile = {"a": profile}
    grant = {"loginSuccess": True, "csrfToken": "csrf-of-a-test", "userProfile": profile}
    ended = json_reply(200, {"logoutSuccess": True})
    with scripted_server(json_reply(200, grant, Set_Cookie="authToken=token-of-a-test; Path=/"), ended) as server:
        options = {"server_url": server.url, "username": "alice", "password": "wonderland", "auth_method": "cookie"}
        result = ansible.task("elvis_login", options | {"return_profile": True})

    assert result["reason"] == "bad_response"
    assert "was logged out again" in result["msg"]
    assert [request.path for request in server.requests] == ["/services/login", "/services/logout"]
