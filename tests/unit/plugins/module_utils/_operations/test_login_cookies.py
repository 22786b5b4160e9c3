# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cookies of a session: those of a load balancer with a Bearer token, and those that a server renews."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION as LOGOUT
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION as REQUEST
from tests.support.answers import ALIVE, BALANCER, COOKIE, ENDED, GONE, TOKEN, bearer_grant
from tests.support.emulator import start_emulator
from tests.support.operations import BEARER, COOKIE as OF_ALICE, run
from tests.support.scripted import ScriptedServer, json_reply, scripted_server

ALICE: dict[str, Any] = {"username": "alice", "password": "wonderland"}
NEW = "authToken=the-new-one"


def cookies(server: ScriptedServer) -> list[str | None]:
    return [request.headers["Cookie"] for request in server.requests]


@pytest.mark.parametrize("at_end", [False, True], ids=["before the cookie", "before the length"])
@pytest.mark.parametrize(
    "line",
    ["no colon at all", "a blank: before the colon", ": no name", "no colon\r\n and one more line", "n\xf6: \xfc"],
)
def test_a_line_that_is_no_header_hides_no_cookie(line: str, at_end: bool) -> None:
    body = b'{"loginSuccess": true, "csrfToken": "csrf-that-was-granted"}'
    lines = [f"Set-Cookie: {COOKIE}", f"Content-Length: {len(body)}", "Connection: keep-alive"]
    lines.insert(1 if at_end else 0, line)
    grant = "\r\n".join(["HTTP/1.1 200 OK", *lines, "", ""]).encode("latin-1") + body
    with scripted_server(grant, ENDED) as server:
        session = run(LOGIN, server_url=server.url, auth_method="cookie", **ALICE)["session"]
        assert run(LOGOUT, session=session)["changed"]
        assert [request.path for request in server.requests] == ["/services/login", "/services/logout"]
        assert cookies(server) == [None, f"authToken={TOKEN}"]


@pytest.mark.parametrize("auth_method", ["bearer", "cookie"])
def test_a_session_stays_on_its_node(auth_method: str) -> None:
    with start_emulator("--nodes", "3", "--node-sessions", "own") as server:
        session = run(LOGIN, server_url=server.url, auth_method=auth_method, **ALICE)["session"]
        for _number in range(2):
            run(REQUEST, session=session, path="services/search", query={"q": "*"})
        assert run(LOGOUT, session=session, verify=True)["was_logged_in"] is True
        assert server.sessions() == []


def test_a_bearer_session_replays_all_cookies_but_the_token() -> None:
    with scripted_server(
        json_reply(200, {"loginSuccess": True, "authToken": TOKEN}, Set_Cookie=[COOKIE, BALANCER])
    ) as server:
        result = run(LOGIN, server_url=server.url, **ALICE)
    assert result["session"]["cookie"] == "AWSELB=balancer-value"
    assert result["headers"] == {"Authorization": f"Bearer {TOKEN}", "Cookie": "AWSELB=balancer-value"}


def test_without_a_load_balancer_a_bearer_session_has_no_cookie() -> None:
    with scripted_server(bearer_grant()) as server:
        assert run(LOGIN, server_url=server.url, **ALICE)["session"]["cookie"] is None


def test_a_renewed_cookie_is_used_for_the_rest_of_the_task_and_told() -> None:
    page = json_reply(200, {"totalHits": 2, "hits": [{"id": "a"}]}, Set_Cookie=f"{NEW}; Path=/")
    with scripted_server(page, json_reply(200, {"totalHits": 2, "hits": [{"id": "b"}]})) as server:
        session = OF_ALICE | {"server_url": server.url}
        result = run(REQUEST, session=session, path="services/search", query={"num": 1}, paginate=True)
    balancer = "AWSELB=balancer-value"
    assert cookies(server) == [OF_ALICE["cookie"], f"{NEW}; {balancer}"]
    (warning,) = result["warnings"]
    assert f"renewed the session's cookie (authToken) in its answer to GET {server.url}/services/search" in warning
    assert "the-new-one" not in warning


def test_a_task_survives_what_renews_a_cookie_with_each_call() -> None:
    """Its second call would be refused with the cookie of the login, and so would its question after the logout."""
    with start_emulator("--renew-cookie", "1") as server:
        session = run(LOGIN, server_url=server.url, auth_method="cookie", **ALICE)["session"]
        result = run(LOGOUT, session=session, mode="redirect", verify=True)
        assert server.sessions() == []
    assert result["was_logged_in"] is True
    assert len(result["warnings"]) == 1


@pytest.mark.parametrize(
    "set_cookie",
    ["authToken=; Path=/", "authToken=a b; Path=/", "JSESSIONID=; Path=/"],
    ids=["emptied", "no token", "none"],
)
def test_what_is_no_token_renews_nothing(set_cookie: str) -> None:
    answer = json_reply(200, {"totalHits": 0}, Set_Cookie=set_cookie)
    with scripted_server(answer) as server:
        result = run(REQUEST, session=OF_ALICE | {"server_url": server.url}, path="services/search")
    assert "warnings" not in result


def test_a_cookie_token_beside_a_bearer_token_is_not_taken() -> None:
    page = json_reply(200, {"totalHits": 2, "hits": [{"id": "a"}]}, Set_Cookie=[f"{NEW}; Path=/", BALANCER])
    with scripted_server(page, json_reply(200, {"totalHits": 2, "hits": [{"id": "b"}]})) as server:
        session = BEARER | {"server_url": server.url}
        result = run(REQUEST, session=session, path="services/search", query={"num": 1}, paginate=True)
    assert cookies(server) == [None, "AWSELB=balancer-value"]
    assert "warnings" not in result


def test_after_the_logout_a_new_cookie_is_not_asked_with() -> None:
    """Whoever asks with it is not logged in, whatever became of the session."""
    ended = json_reply(200, {"logoutSuccess": True}, Set_Cookie="authToken=anonymous; Path=/")
    with scripted_server(ended, GONE) as server:
        run(LOGOUT, session=OF_ALICE | {"server_url": server.url}, verify=True)
    assert cookies(server) == [OF_ALICE["cookie"]] * 2


def test_each_further_try_is_told() -> None:
    told: list[str] = []
    with scripted_server(json_reply(503, {}), json_reply(429, {}, Retry_After="0"), ALIVE) as server:
        run(REQUEST, session=BEARER | {"server_url": server.url}, path="services/search", tell=told.append)
    address = f"GET {server.url}/services/search"
    assert told == [f"{address}: HTTP 503; try 2 follows in 0 s", f"{address}: HTTP 429; try 3 follows in 0 s"]


def test_a_redirect_logout_goes_on_with_a_renewed_cookie() -> None:
    alive = json_reply(200, {"totalHits": 0}, Set_Cookie=f"{NEW}; Path=/")
    with scripted_server(alive, b"HTTP/1.1 302 Found\r\nLocation: /\r\nConnection: close\r\n\r\n", GONE) as server:
        run(LOGOUT, session=OF_ALICE | {"server_url": server.url}, mode="redirect", verify=True)
    renewed = f"{NEW}; AWSELB=balancer-value"
    assert cookies(server) == [OF_ALICE["cookie"], renewed, renewed]
