# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a playbook shows of a login that fails. What each fault comes to is a table of the unit tests."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.support import Ansible, Run
from tests.support.scripted import (
    HttpResponse,
    Request,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

pytestmark = pytest.mark.same_everywhere

PASSWORD = "looking-glass-password"
TOKEN = "token-of-a-test"

BEARER, SESSION = "POST /services/apilogin", "POST /services/login"
LOGOUT, PROFILE = "POST /services/logout", "POST /services/profile"
SIGN_ON_PAGE = "<html><head><title>Sign in to continue</title></head></html>"
GRANTED = json_reply(200, {"loginSuccess": True, "serverVersion": "6.107.0", "authToken": TOKEN})
GRANTED_SESSION = {"loginSuccess": True, "serverVersion": "6.107.0", "csrfToken": "csrf-of-a-test"}
ENDED = json_reply(200, {"logoutSuccess": True})


def refusal(message: object) -> HttpResponse:
    return json_reply(200, {"loginSuccess": False, "loginFaultMessage": message, "serverVersion": "6.107.0"})


@dataclass(frozen=True)
class Row:
    """What the server answers; the reason and the status; what the message says; what is sent."""

    replies: list[HttpResponse]
    reason: str
    status: int | None
    says: str
    sent: list[str] = field(default_factory=lambda: [BEARER])
    options: dict[str, Any] = field(default_factory=dict)


COOKIE_LOGIN = {"auth_method": "cookie"}
LOST = "the server's idle time-out"
ROWS = {
    # Refused: once is enough, whatever the retries
    "refused": Row([refusal("Invalid username or password")], "refused", 200, "Invalid username or password"),
    "refused_session": Row(
        [refusal("No license seat available")], "refused", 200, "No license seat", [SESSION], COOKIE_LOGIN
    ),
    "refused_with_the_password": Row([refusal(f"{PASSWORD} is wrong")], "refused", 200, "******** is wrong"),
    "error": Row([json_reply(200, {"errorcode": 500, "message": "No index"})], "server", 200, "No index"),
    # Not Elvis
    "page": Row([html_reply(200, SIGN_ON_PAGE)], "bad_response", 200, "HTML page: Sign in to continue"),
    "sign_on": Row(
        [raw_reply(302, Location="https://sso.example.com/sign-in?from=dam")],
        "bad_response",
        302,
        "a redirect that is not followed, to: https://sso.example.com/sign-in.",
    ),
    # No answer: the server may have got it, so it is not sent again
    "silent": Row([stay_silent], "timeout", None, LOST, options={"timeout": 1}),
    # Granted, and then something went wrong
    "no_profile": Row(
        [GRANTED, json_reply(403, {"errorcode": 403, "message": "Not yours"}), ENDED],
        "forbidden",
        403,
        "was logged out again",
        [BEARER, PROFILE, LOGOUT],
        {"return_profile": True},
    ),
    "no_profile_and_no_logout": Row(
        [GRANTED, html_reply(404), json_reply(200, {"logoutSuccess": False})],
        "bad_response",
        404,
        "is still open",
        [BEARER, PROFILE, LOGOUT],
        {"return_profile": True},
    ),
    "csrf_token_unusable": Row(
        [json_reply(200, GRANTED_SESSION | {"csrfToken": "a\r\nb"}, Set_Cookie=f"authToken={TOKEN};Path=/"), ENDED],
        "bad_response",
        200,
        "was logged out again",
        [SESSION, LOGOUT],
        COOKIE_LOGIN,
    ),
}


@dataclass(frozen=True)
class Outcome:
    """One run of all rows, and what reached the server of each."""

    run: Run
    urls: dict[str, str]
    requests: dict[str, list[Request]]


@pytest.fixture(scope="module")
def logins(ansible: Ansible) -> Outcome:
    with ExitStack() as running:
        servers = {name: running.enter_context(scripted_server(*row.replies)) for name, row in ROWS.items()}
        common = {"username": "alice", "password": PASSWORD, "retries": 2}
        rows = {name: {"server_url": servers[name].url} | common | row.options for name, row in ROWS.items()}
        run = ansible.table("elvis_login", rows, "-vvv")
    return Outcome(
        run,
        {name: server.url for name, server in servers.items()},
        {name: server.requests for name, server in servers.items()},
    )


@pytest.mark.parametrize("name", ROWS)
def test_failure(name: str, logins: Outcome) -> None:
    row, result = ROWS[name], logins.run.results[name]

    assert (result["failed"], result["changed"]) == (True, False)
    assert (result["reason"], result["status"]) == (row.reason, row.status)
    assert row.says in result["msg"]
    assert logins.urls[name] in result["msg"]


@pytest.mark.parametrize("name", ROWS)
def test_requests(name: str, logins: Outcome) -> None:
    assert [f"{request.method} {request.path}" for request in logins.requests[name]] == ROWS[name].sent


@pytest.mark.parametrize("secret", [PASSWORD, TOKEN, "csrf-of-a-test"])
def test_shows_no_secret(secret: str, logins: Outcome) -> None:
    assert secret not in logins.run.output
