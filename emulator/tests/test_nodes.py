# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two nodes behind a balancer, and cookies that are renewed."""

from __future__ import annotations

import re

import pytest
import requests

from emulator.tests.client import Client, Start

FORM = {"username": "alice", "password": "wonderland"}


def log_in(client: Client, service: str) -> tuple[dict[str, str], str]:
    """Log in; return the header that carries the session, and the balancer's cookie."""
    reply = client.post(f"/services/{service}", data=FORM)
    sticky = f"AWSELB={reply.cookies['AWSELB']}"
    if service == "apilogin":
        return {"Authorization": f"Bearer {reply.json()['authToken']}"}, sticky
    return {"Cookie": f"authToken={reply.cookies['authToken']}"}, sticky


def with_cookie(header: dict[str, str], cookie: str) -> dict[str, str]:
    return header | {"Cookie": "; ".join(filter(None, (header.get("Cookie"), cookie)))}


def works(reply: requests.Response) -> bool:
    return "totalHits" in reply.json()


@pytest.mark.parametrize("service", ["login", "apilogin"])
def test_a_session_of_one_node_needs_the_balancers_cookie(start: Start, service: str) -> None:
    client = start("--nodes", "2", "--node-sessions", "own")
    header, sticky = log_in(client, service)
    ask = "/services/search?q=*"
    stuck = [client.get(ask, headers=with_cookie(header, sticky)) for _turn in range(4)]
    assert all(works(reply) and "Set-Cookie" not in reply.headers for reply in stuck)
    loose = [client.get(ask, headers=header) for _turn in range(4)]
    assert sorted(works(reply) for reply in loose) == [False, False, True, True]
    assert all("AWSELB=" in reply.headers["Set-Cookie"] for reply in loose)
    assert {entry["node"] for entry in client.server.requests()} == {0, 1}


def test_nodes_share_their_sessions_unless_told_otherwise(start: Start) -> None:
    client = start("--nodes", "2")
    header, _sticky = log_in(client, "apilogin")
    assert all(works(client.get("/services/search?q=*", headers=header)) for _turn in range(4))


def test_a_cookie_that_no_node_has_set_is_replaced(start: Start) -> None:
    client = start("--nodes", "2")
    replies = [client.get("/services/ping", headers={"Cookie": "AWSELB=ABCDEF0123"}) for _turn in range(2)]
    assert len({reply.cookies["AWSELB"] for reply in replies}) == 2


def test_one_node_sets_no_cookie(shared: Client) -> None:
    assert "Set-Cookie" not in shared.post("/services/apilogin", data=FORM).headers


def test_a_renewed_cookie_replaces_the_one_before(start: Start) -> None:
    client = start("--renew-cookie", "3")
    both = client.cookie_and_csrf()
    jar = {"Cookie": both["Cookie"]}
    renewed = []
    for _turn in range(9):
        reply = client.get("/services/search?q=*", headers=jar)
        assert works(reply)
        if new := re.match(r"authToken=[^;]+", reply.headers.get("Set-Cookie", "")):
            renewed.append(jar["Cookie"])
            jar["Cookie"] = new[0]
    assert len(renewed) == 3
    assert len(client.server.sessions()) == 1
    # The one before is still good, for calls under way; older ones are not.
    assert works(client.get("/services/search?q=*", headers={"Cookie": renewed[-1]}))
    assert not works(client.get("/services/search?q=*", headers={"Cookie": renewed[0]}))
    # The CSRF token stays.
    out = client.post("/services/logout", headers={"Cookie": jar["Cookie"], "X-CSRF-TOKEN": both["X-CSRF-TOKEN"]})
    assert out.json() == {"logoutSuccess": True}
    assert not works(client.get("/services/search?q=*", headers={"Cookie": renewed[-1]}))


def test_who_ignores_the_new_cookie_is_logged_out_in_the_end(start: Start) -> None:
    client = start("--renew-cookie", "2")
    cookie = client.cookie()
    assert [works(client.get("/services/search?q=*", headers=cookie)) for _turn in range(5)] == [True] * 4 + [False]


def test_a_bearer_token_is_never_renewed(start: Start) -> None:
    client = start("--renew-cookie", "1")
    header = client.bearer()
    replies = [client.get("/services/search?q=*", headers=header) for _turn in range(3)]
    assert all(works(reply) and "Set-Cookie" not in reply.headers for reply in replies)
