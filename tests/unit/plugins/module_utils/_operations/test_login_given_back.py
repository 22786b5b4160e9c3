# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login that was granted, and whose session can't be handed over: it is ended first."""

from __future__ import annotations

import signal
import socket
import threading
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.logout import ORPHAN
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION
from tests.support.answers import (
    ALIVE,
    BALANCER,
    COOKIE,
    CSRF,
    ENDED,
    GONE,
    REDIRECT,
    TOKEN,
    WRONG_CSRF,
    bearer_grant,
    cookie_grant,
    elvis_error,
)
from tests.support.operations import fail, run
from tests.support.scripted import (
    HttpResponse,
    hang_up,
    html_reply,
    json_reply,
    raw_reply,
    scripted_server,
    stay_silent,
)

ALICE: dict[str, Any] = {"username": "alice", "password": "wonderland"}
CONFIRMATION = "The session that the server had granted was logged out again."


@pytest.mark.parametrize(
    ("profile", "reason", "words"),
    [
        (html_reply(500), "server", "HTTP 500"),
        (html_reply(200), "bad_response", "an HTML page"),
        (json_reply(200, ["alice"]), "bad_response", "a profile was expected"),
        (elvis_error(200, 403), "forbidden", "errorcode 403"),
        (hang_up, "unreachable", "the connection broke"),
        (stay_silent, "timeout", "within"),
        (elvis_error(200, 400, None, f"who is {TOKEN}, wonderland?"), "bad_request", "who is ********, ********?"),
    ],
)
def test_a_profile_that_fails_ends_the_session(profile: HttpResponse, reason: str, words: str) -> None:
    timeout = 1 if reason == "timeout" else 30
    with scripted_server(bearer_grant(), profile, ENDED) as server:
        error = fail(OPERATION, server_url=server.url, return_profile=True, retries=0, timeout=timeout, **ALICE)
    assert error.reason == reason
    for part in ("Cannot read the profile: POST", words, CONFIRMATION):
        assert part in error.message
    assert TOKEN not in str(error.as_result())
    logout = server.requests[-1]
    assert (len(server.requests), logout.method, logout.path) == (3, "POST", "/services/logout")
    assert logout.headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_session_that_can_not_be_ended_either_is_named() -> None:
    with scripted_server(bearer_grant(), html_reply(500)) as server:
        error = fail(OPERATION, server_url=server.url, return_profile=True, **ALICE)
    assert [request.path for request in server.requests[1:]] == ["/services/profile", "/services/logout"]
    assert error.reason == "server"
    for part in ("Cannot read the profile", "is still open", "Cannot log out: POST", "licence seat"):
        assert part in error.message
    assert TOKEN not in error.message


@pytest.mark.parametrize("csrf_token", [7, "", "with space", ["x"], {}, True])
def test_a_csrf_token_that_can_not_be_used_ends_the_session(csrf_token: object) -> None:
    replies = [cookie_grant(csrfToken=csrf_token), WRONG_CSRF, ALIVE, REDIRECT, GONE]
    with scripted_server(*replies) as server:
        error = fail(OPERATION, server_url=server.url, auth_method="cookie", **ALICE)
    assert error.reason == "bad_response"
    assert "csrfToken can't be used" in error.message
    assert CONFIRMATION in error.message
    paths = [request.path.partition("?")[0] for request in server.requests]
    assert paths == ["/services/login", "/services/logout", "/services/search", "/logout", "/services/search"]


def send_headers(connection: socket.socket) -> None:
    """Send the beginning of an answer, and never its body."""
    connection.sendall(raw_reply(200, Content_Length="500", Set_Cookie=[COOKIE, BALANCER]))
    stay_silent(connection)


BROKEN: dict[str, HttpResponse] = {
    "breaks off": raw_reply(200, b'{"loginSuccess": tr', Content_Length="500", Set_Cookie=[COOKIE, BALANCER]),
    "compression is broken": raw_reply(200, b"no gzip", Content_Encoding="gzip", Set_Cookie=[COOKIE, BALANCER]),
    "answer within 0.5 s": send_headers,
}


@pytest.mark.parametrize("auth_method", ["bearer", "cookie"])
@pytest.mark.parametrize("words", BROKEN)
def test_a_cookie_that_came_before_an_answer_broke_off_is_given_back(auth_method: str, words: str) -> None:
    """Without its CSRF token, so it takes the logout of a browser."""
    with scripted_server(BROKEN[words], WRONG_CSRF, ALIVE, REDIRECT, GONE) as server:
        error = fail(OPERATION, server_url=server.url, auth_method=auth_method, timeout=0.5, **ALICE)
    paths = [request.path.partition("?")[0] for request in server.requests[1:]]
    assert paths == ["/services/logout", "/services/search", "/logout", "/services/search"]
    assert {request.headers["Cookie"] for request in server.requests[1:]} == {
        f"authToken={TOKEN}; AWSELB=balancer-value"
    }
    assert words in error.message
    assert CONFIRMATION in error.message
    assert ORPHAN not in error.message
    assert TOKEN not in str(error.as_result())


@pytest.mark.parametrize("cookie", [BALANCER, f"JSESSIONID={TOKEN}", "authToken=a b"])
def test_a_cookie_that_may_prove_nothing_is_left_alone_when_an_answer_breaks_off(cookie: str) -> None:
    with scripted_server(raw_reply(200, b"{", Content_Length="500", Set_Cookie=cookie)) as server:
        error = fail(OPERATION, server_url=server.url, auth_method="cookie", **ALICE)
    assert len(server.requests) == 1
    assert ORPHAN in error.message


def test_a_session_without_a_csrf_token_is_one_of_an_old_server() -> None:
    with scripted_server(cookie_grant(csrfToken=None)) as server:
        result = run(OPERATION, server_url=server.url, auth_method="cookie", **ALICE)
    assert result["headers"].keys() == {"Cookie"}


def test_a_profile_that_a_login_left_out_is_asked_for() -> None:
    with scripted_server(cookie_grant(), json_reply(200, {"username": "alice"})) as server:
        result = run(OPERATION, server_url=server.url, auth_method="cookie", return_profile=True, **ALICE)
    assert result["user_profile"] == {"username": "alice"}
    assert server.requests[1].headers["X-CSRF-TOKEN"] == CSRF


def interrupt(connection: socket.socket) -> None:
    """Be silent while somebody presses Ctrl-C."""
    main_thread = threading.main_thread().ident
    assert main_thread
    signal.pthread_kill(main_thread, signal.SIGINT)
    stay_silent(connection)


def test_an_interrupt_ends_the_session() -> None:
    with scripted_server(bearer_grant(), interrupt, ENDED) as server:
        with pytest.raises(KeyboardInterrupt):
            run(OPERATION, server_url=server.url, return_profile=True, retries=0, **ALICE)
        assert [request.path for request in server.requests[1:]] == ["/services/profile", "/services/logout"]
