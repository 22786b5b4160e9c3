# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a logout makes of each answer that a server, or something in front of it, may give."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.integration.support import Ansible, Run
from tests.support.scripted import HttpResponse, Request, hang_up, html_reply, json_reply, raw_reply, scripted_server

pytestmark = pytest.mark.same_everywhere

TOKEN = "token-of-a-test"
CSRF_TOKEN = "csrf-of-a-test"
COOKIE = f"authToken={TOKEN}; AWSELB=node-7"

NOT_LOGGED_IN = {
    "errorcode": 401,
    "errorname": "AuthenticationCredentialsNotFoundException",
    "message": "Not logged in",
}
NO_NAME = {"errorcode": 401, "message": "Not logged in"}
ANOTHER_EXCEPTION = {"errorcode": 401, "errorname": "ConcurrentModificationException", "message": "Try again"}
WRONG_CSRF_TOKEN = {"errorcode": 403, "errorname": "InvalidCsrfTokenException", "message": "Invalid CSRF token"}
INDEX_FAILURE = {"errorcode": 500, "errorname": "IllegalStateException", "message": "The index is not available"}
SUCCESS = json_reply(200, {"logoutSuccess": True})
GONE = json_reply(401, NOT_LOGGED_IN)
ALIVE = json_reply(200, {"firstResult": 0, "maxResultHits": 0, "totalHits": 0, "hits": []})
SIGN_ON_PAGE = "<html><head><title>Sign in to continue</title></head></html>"

ENDED = {"failed": False, "changed": True, "was_logged_in": True, "logout_success": True}
OVER = {"failed": False, "changed": False, "was_logged_in": False, "logout_success": None}

LOGOUT, SEARCH, REDIRECT = "POST /services/logout", "GET /services/search", "GET /logout"


@dataclass(frozen=True)
class Row:
    """What the server answers, request by request; what the result holds, at least; what is sent."""

    replies: list[HttpResponse]
    result: dict[str, Any]
    sent: list[str] = field(default_factory=lambda: [LOGOUT])
    options: dict[str, Any] = field(default_factory=dict)
    method: str = "bearer"
    says: str = ""


def failure(reason: str, status: int | None) -> dict[str, Any]:
    return {"failed": True, "changed": False, "reason": reason, "status": status}


ROWS = {
    "ended": Row([SUCCESS], ENDED),
    "ended_cookie": Row([SUCCESS], ENDED, method="cookie"),
    # Already gone
    "gone": Row([GONE], OVER),
    "gone_in_a_200": Row([json_reply(200, NOT_LOGGED_IN)], OVER),
    "gone_without_a_name": Row([json_reply(401, NO_NAME)], OVER),
    "gone_cookie": Row([GONE, GONE], OVER, [LOGOUT, SEARCH], method="cookie"),
    "gone_cookie_in_a_200": Row([json_reply(200, NOT_LOGGED_IN)], OVER, [LOGOUT, SEARCH], method="cookie"),
    "gone_cookie_403": Row([json_reply(403, WRONG_CSRF_TOKEN), GONE], OVER, [LOGOUT, SEARCH], method="cookie"),
    # A wrong CSRF token, and the session lives on
    "csrf_401": Row(
        [GONE, ALIVE, raw_reply(302, Location="/install"), GONE],
        ENDED,
        [LOGOUT, SEARCH, REDIRECT, SEARCH],
        method="cookie",
    ),
    "csrf_401_named": Row(
        [json_reply(401, WRONG_CSRF_TOKEN | {"errorcode": 401}), ALIVE, raw_reply(302, Location="/install"), GONE],
        ENDED,
        [LOGOUT, SEARCH, REDIRECT, SEARCH],
        method="cookie",
    ),
    "csrf_403": Row(
        [json_reply(403, WRONG_CSRF_TOKEN), ALIVE, raw_reply(302, Location="/install"), GONE],
        ENDED,
        [LOGOUT, SEARCH, REDIRECT, SEARCH],
        method="cookie",
    ),
    "csrf_and_still_alive": Row(
        [json_reply(403, WRONG_CSRF_TOKEN), ALIVE, raw_reply(302, Location="/install"), ALIVE],
        failure("server", None),
        [LOGOUT, SEARCH, REDIRECT, SEARCH],
        method="cookie",
        says="still alive",
    ),
    # Failures
    "not_ended": Row([json_reply(200, {"logoutSuccess": False})], failure("server", 200), says="logoutSuccess: false"),
    "another_exception": Row([json_reply(401, ANOTHER_EXCEPTION)], failure("server", 401), says="ConcurrentModif"),
    "another_exception_in_a_200": Row([json_reply(200, ANOTHER_EXCEPTION)], failure("server", 200), says="Try again"),
    "another_exception_cookie": Row([json_reply(401, ANOTHER_EXCEPTION)], failure("server", 401), method="cookie"),
    "another_error": Row([json_reply(500, INDEX_FAILURE)], failure("server", 500), says="The index is not available"),
    "another_error_in_a_200": Row(
        [json_reply(200, INDEX_FAILURE)], failure("server", 200) | {"elvis_error": INDEX_FAILURE}, says="500"
    ),
    "forbidden": Row([json_reply(403, WRONG_CSRF_TOKEN)], failure("forbidden", 403)),
    "another_json": Row(
        [json_reply(200, {"state": "running"})], failure("bad_response", 200), [LOGOUT, SEARCH], says="logoutSuccess"
    ),
    "list": Row([json_reply(200, [])], failure("bad_response", 200), [LOGOUT, SEARCH]),
    "a_401_of_a_sign_on_proxy": Row([html_reply(401, SIGN_ON_PAGE)], failure("bad_response", 401), says="Sign in"),
    "a_401_of_a_sign_on_proxy_cookie": Row([html_reply(401)], failure("bad_response", 401), method="cookie"),
    "a_401_that_is_other_json": Row([json_reply(401, {"error": "invalid_token"})], failure("bad_response", 401)),
    "a_401_with_no_body": Row([raw_reply(401)], failure("bad_response", 401), says="empty body"),
    "html": Row([html_reply(200, SIGN_ON_PAGE)], failure("bad_response", 200), says="HTML page: Sign in to continue"),
    "redirect": Row(
        [raw_reply(302, Location="https://sso.example.com/sign-in?token=1")],
        failure("bad_response", 302),
        says="to: https://sso.example.com/sign-in.",
    ),
    "truncated": Row(
        [raw_reply(200, b'{"logoutSuccess": true', Content_Length="23")],
        failure("bad_response", 200),
        [LOGOUT, SEARCH],
        {"retries": 0},
        says="breaks off",
    ),
    "hung_up": Row([hang_up], failure("unreachable", None), [LOGOUT, SEARCH], {"retries": 0}, says="connection broke"),
    "no_luck": Row([html_reply(503)], failure("server", 503), [LOGOUT] * 2, {"retries": 1}),
    # Repeated
    "at_the_second_try": Row([json_reply(503, {}), SUCCESS], ENDED, [LOGOUT] * 2),
    "the_first_try_ended_it": Row([hang_up, GONE], ENDED | {"logout_success": None}, [LOGOUT] * 2),
    # Verified
    "verified": Row([SUCCESS, GONE], ENDED, [LOGOUT, SEARCH], {"verify": True}),
    "verified_cookie": Row([SUCCESS, GONE], ENDED, [LOGOUT, SEARCH], {"verify": True}, "cookie"),
    "still_answers": Row(
        [SUCCESS, ALIVE], failure("server", None), [LOGOUT, SEARCH], {"verify": True}, says="still alive"
    ),
}


@dataclass(frozen=True)
class Outcome:
    """One run of all rows, and what reached the server of each."""

    run: Run
    urls: dict[str, str]
    requests: dict[str, list[Request]]


@pytest.fixture(scope="module")
def logouts(ansible: Ansible) -> Outcome:
    with ExitStack() as running:
        servers = {name: running.enter_context(scripted_server(*row.replies)) for name, row in ROWS.items()}
        run = ansible.table(
            "elvis_logout",
            {name: {"session": session(row.method, servers[name].url)} | row.options for name, row in ROWS.items()},
            "-vvv",
        )
    return Outcome(
        run,
        {name: server.url for name, server in servers.items()},
        {name: server.requests for name, server in servers.items()},
    )


def session(method: str, url: str) -> dict[str, Any]:
    common = {"server_url": url, "auth_method": method, "auth_token": TOKEN, "username": "alice"}
    return common if method == "bearer" else common | {"cookie": COOKIE, "csrf_token": CSRF_TOKEN}


@pytest.mark.parametrize("name", ROWS)
def test_result(name: str, logouts: Outcome) -> None:
    result = logouts.run.results[name]

    assert result | ROWS[name].result == result
    assert ROWS[name].says in result["msg"]
    assert logouts.urls[name] in result["msg"]


@pytest.mark.parametrize("name", ROWS)
def test_requests(name: str, logouts: Outcome) -> None:
    """It never logs in in order to log out, and asks no more than it needs."""
    sent = [f"{request.method} {request.path.partition('?')[0]}" for request in logouts.requests[name]]

    assert sent == ROWS[name].sent


@pytest.mark.parametrize("name", ROWS)
def test_carrier(name: str, logouts: Outcome) -> None:
    for request in logouts.requests[name]:
        carriers = {key: request.headers[key] for key in ("Authorization", "Cookie", "X-CSRF-TOKEN")}
        if ROWS[name].method == "bearer":
            assert carriers == {"Authorization": f"Bearer {TOKEN}", "Cookie": None, "X-CSRF-TOKEN": None}
        else:
            # Only then does a search tell of the session alone, and not of the CSRF token.
            csrf_token = None if request.path.startswith("/services/search") else CSRF_TOKEN
            assert carriers == {"Authorization": None, "Cookie": COOKIE, "X-CSRF-TOKEN": csrf_token}


@pytest.mark.parametrize("secret", [TOKEN, CSRF_TOKEN, "node-7"])
def test_nothing_secret_is_shown(secret: str, logouts: Outcome) -> None:
    assert secret not in logouts.run.output
