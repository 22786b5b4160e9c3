# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes out, what comes in, and which connections are kept."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure
from ansible_collections.damops.elvis.plugins.module_utils._http import transport
from ansible_collections.damops.elvis.plugins.module_utils._http.request import HttpRequest
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import (
    ConnectionOptions,
    HttpResponse,
    kept_transport,
)
from tests.support.scripted import hang_up, json_reply, raw_reply, scripted_server

OK = json_reply(200, {})
OK_AND_STAY = json_reply(200, {}, Connection="keep-alive")
SECONDS = 5


def send(
    server_url: str,
    path: str = "/services/ping",
    method: str = "GET",
    connection: ConnectionOptions = ConnectionOptions(),  # noqa: B008 - frozen
    user: str = "alice",
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
    form: dict[str, str] | None = None,
) -> HttpResponse:
    message = HttpRequest(method, server_url + path, headers or {}, query or {}, form)
    return kept_transport(server_url, connection, user).exchange(message, SECONDS)


def test_a_form_is_sent_in_the_body_only() -> None:
    with scripted_server(OK) as server:
        send(server.url, "/services/apilogin", "POST", form={"username": "älice&co", "password": "a+b %26=\n"})
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/services/apilogin")
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.form == {"username": "älice&co", "password": "a+b %26=\n"}


def test_what_a_server_sent_is_in_no_log(tmp_path: Path) -> None:
    """Ansible's log_path takes what libraries log; this is no header, and what follows it no secret to them."""
    torn = b"HTTP/1.1 200 OK\r\nno colon\r\nSet-Cookie: authToken=a-live-token\r\nContent-Length: 2\r\n\r\n{}"
    handler = logging.FileHandler(tmp_path / "log")
    logging.getLogger().addHandler(handler)
    try:
        with scripted_server(torn) as server:
            send(server.url)
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()

    assert (tmp_path / "log").read_text(encoding="utf-8") == ""


def test_a_query_is_encoded() -> None:
    with scripted_server(OK) as server:
        send(server.url, "/logout", query={"logoutSuccessUrl": "https://a.example.com/?b=c&d"})
    assert server.requests[0].path == "/logout?logoutSuccessUrl=https%3A%2F%2Fa.example.com%2F%3Fb%3Dc%26d"


def test_nothing_is_sent_that_was_not_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login other password other\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with scripted_server(json_reply(200, {}, Set_Cookie="authToken=other; Path=/"), OK) as server:
        for given in ({}, {"Authorization": "Bearer mine"}, {"Cookie": "authToken=mine"}):
            send(server.url, headers=given, connection=ConnectionOptions(http_agent="nightly import"))
    usual = {"host", "user-agent", "accept", "accept-encoding", "connection"}
    seen = [{name.lower(): value for name, value in request.headers.items()} for request in server.requests]
    assert [headers.keys() - usual for headers in seen] == [set(), {"authorization"}, {"cookie"}]
    assert (seen[1]["authorization"], seen[2]["cookie"]) == ("Bearer mine", "authToken=mine")
    assert {headers["user-agent"] for headers in seen} == {"nightly import"}
    assert {headers["accept"] for headers in seen} == {"application/json"}
    assert {headers.get("connection") for headers in seen} == {"keep-alive"}


@pytest.mark.parametrize(
    ("set_cookie", "replayed"),
    [
        ([], ""),
        (["authToken=a.b-c; Path=/; HttpOnly"], "authToken=a.b-c"),
        (["authToken=abc;Path=/;HttpOnly", "AWSELB=x/y==; Path=/; Max-Age=60"], "authToken=abc; AWSELB=x/y=="),
        (["JSESSIONID=abc; Path=/app"], "JSESSIONID=abc"),
        (["authToken=abc; Domain=evil.example.com"], ""),
        (["authToken=abc; Max-Age=0"], ""),
        (["authToken"], "authToken"),
    ],
)
def test_all_cookies_that_the_server_sets_for_itself_can_be_replayed(set_cookie: list[str], replayed: str) -> None:
    with scripted_server(json_reply(200, {}, Set_Cookie=set_cookie)) as server:
        assert send(server.url, "/app/services/login").cookies == replayed


@pytest.mark.parametrize("location", ["http://[", "http://a:b/", "\xff"])
def test_a_redirect_is_not_even_looked_at(location: str) -> None:
    with scripted_server(raw_reply(302, Location=location)) as server:
        reply = send(server.url)
    assert (reply.status, reply.headers["Location"]) == (302, location)


def test_the_body_of_a_redirect_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "LONGEST_REPLY", 1000)
    with (
        scripted_server(raw_reply(302, b"x" * 2000, Location="/elsewhere")) as server,
        pytest.raises(CallFailure, match="a reply of more than"),
    ):
        send(server.url)


@pytest.mark.parametrize("status", [200, 204, 302, 401, 500])
def test_a_reply_comes_as_it_is(status: int) -> None:
    reply_text = b"" if status == 204 else b"\x00 any \xff bytes"
    with scripted_server(raw_reply(status, reply_text, Location="/elsewhere", X_Any="b")) as server:
        reply = send(server.url)
    assert (reply.status, reply.body, reply.headers["x-any"]) == (status, reply_text, "b")
    assert len(server.requests) == 1, "a redirect is not followed"


@pytest.mark.parametrize(
    "reply",
    [
        raw_reply(200, gzip.compress(b"hello"), Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\n\r\nhello",
        b"HTTP/1.0 200 OK\r\nContent-Length: \xb2\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more than was announced",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_a_body_is_read_in_whatever_form_it_comes(reply: bytes) -> None:
    with scripted_server(reply) as server:
        assert send(server.url).body == b"hello"


@pytest.mark.parametrize(
    ("size", "is_read"), [(1000, True), (1001, False)], ids=["as long as it may be", "longer than that"]
)
@pytest.mark.parametrize(
    "make",
    [
        raw_reply,
        lambda status, body: raw_reply(status, gzip.compress(body), Content_Encoding="gzip"),
        lambda _, body: (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
        ),
    ],
    ids=["plain", "gzip", "chunked"],
)
def test_a_reply_has_a_limit(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[int, bytes], bytes], size: int, is_read: bool
) -> None:
    monkeypatch.setattr(transport, "LONGEST_REPLY", 1000)
    with scripted_server(make(200, b" " * size)) as server:
        if is_read:
            assert len(send(server.url).body) == size
        else:
            with pytest.raises(CallFailure, match="a reply of more than") as caught:
                send(server.url)
            assert (caught.value.kind, caught.value.delivery, caught.value.status) == ("too_large", "unknown", 200)


def test_a_connection_is_kept_for_the_same_user_in_the_same_way_only() -> None:
    with scripted_server(OK_AND_STAY) as server:
        for expected, user, connection in (
            (1, "alice", ConnectionOptions()),
            (1, "alice", ConnectionOptions()),
            (2, "bob", ConnectionOptions()),
            (3, "alice", ConnectionOptions(http_agent="other")),
            (4, "alice", ConnectionOptions(validate_certs=False)),
            (4, "bob", ConnectionOptions()),
        ):
            send(server.url, user=user, connection=connection)
            assert server.connections == expected


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "MOST_KEPT", 2)
    with scripted_server(OK_AND_STAY) as server:
        for user in ("alice", "bob", "carol", "carol", "bob", "alice"):
            send(server.url, user=user)
        assert server.connections == 4
    assert len(transport._kept.transports) == 2


def test_after_a_failure_comes_a_new_connection() -> None:
    with scripted_server(OK_AND_STAY, hang_up, OK_AND_STAY) as server:
        send(server.url)
        with pytest.raises(CallFailure):
            send(server.url)
        assert send(server.url).status == 200
        assert len(server.requests) == 3


def test_a_transport_that_is_closed_leaves_no_connection_behind_and_may_be_used_again() -> None:
    was_closed = threading.Event()

    def answer_and_wait(connection: socket.socket) -> None:
        connection.sendall(OK_AND_STAY)
        connection.recv(1)
        was_closed.set()

    with scripted_server(OK_AND_STAY, hang_up, answer_and_wait, OK) as server:
        send(server.url)
        with pytest.raises(CallFailure):
            send(server.url)
        send(server.url)
        kept_transport(server.url, ConnectionOptions(), "alice").close()
        assert was_closed.wait(5)
        assert send(server.url).status == 200


def test_a_proxy_is_used() -> None:
    with scripted_server(OK) as proxy:
        address = proxy.url.replace("http://", "http://user:secret@")
        send("http://dam.example.com", connection=ConnectionOptions(proxy=address))
    (request,) = proxy.requests
    assert request.path == "http://dam.example.com/services/ping"
    assert request.headers["Proxy-Authorization"].startswith("Basic ")


@pytest.mark.parametrize(
    ("environment", "given", "used"),
    [
        ({"http_proxy": "{environment}"}, None, "environment"),
        ({"HTTP_PROXY": "{environment}"}, None, "environment"),
        ({"http_proxy": "{environment}", "no_proxy": "127.0.0.1"}, None, None),
        ({"http_proxy": "{environment}"}, "{option}", "option"),
        ({"http_proxy": "{environment}", "NO_PROXY": "127.0.0.1"}, "{option}", "option"),
    ],
)
def test_a_proxy_of_the_environment_is_used_unless_the_task_names_one(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], given: str | None, used: str | None
) -> None:
    with scripted_server(OK) as server, scripted_server(OK) as option, scripted_server(OK) as of_environment:
        urls = {"option": option.url, "environment": of_environment.url}
        for name, value in environment.items():
            monkeypatch.setenv(name, value.format(**urls))
        send(server.url, connection=ConnectionOptions(proxy=given and given.format(**urls)))
    seen = {None: server.requests, "option": option.requests, "environment": of_environment.requests}
    assert {who for who, requests in seen.items() if requests} == {used}
    target = "/services/ping" if used is None else f"{server.url}/services/ping"
    assert [request.path for request in seen[used]] == [target]
    assert urlsplit(server.url).netloc == seen[used][0].headers["Host"]
