# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What real clients send: a server must put up with all of it."""

from __future__ import annotations

import pytest

from emulator.tests.client import Client, Start

FORM = {"username": "alice", "password": "wonderland"}


def test_get_with_a_multipart_content_type(shared: Client) -> None:
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        reply = shared.get("/services/search?q=x", headers=shared.bearer() | {"Content-Type": kind})
        assert "totalHits" in reply.json()


def test_the_body_of_a_get_is_left_alone(shared: Client) -> None:
    reply = shared.get("/services/search?q=x", data={"num": "junk"}, headers=shared.bearer())
    assert "totalHits" in reply.json()


def test_post_without_body_and_content_type(shared: Client) -> None:
    token = shared.bearer()["Authorization"]
    head = f"POST /services/logout HTTP/1.1\nHost: x\nAuthorization: {token}\nConnection: close"
    assert '{"logoutSuccess": true}' in shared.raw(head)


@pytest.mark.parametrize("value", ["Bearer stale", "Bearer", "Basic !!", "junk \xff", "Bearer " + "x" * 5000])
@pytest.mark.parametrize("service", ["login", "apilogin"])
def test_junk_authorization_at_login(shared: Client, service: str, value: str) -> None:
    headers = {"Authorization": value.encode("latin-1")}
    assert shared.post(f"/services/{service}", data=FORM, headers=headers).json()["loginSuccess"] is True


def test_cookie_attributes_sent_back_as_cookies(shared: Client) -> None:
    cookie = shared.cookie()["Cookie"]
    for text in (cookie + ";Path=/;HttpOnly", "Path=/; HttpOnly; AWSELB=x=y; " + cookie):
        assert "totalHits" in shared.get("/services/search?q=x", headers={"Cookie": text}).json()


@pytest.mark.parametrize(
    "path", ["//services/ping", "/services/ping/", "/services//ping", "/services/ping;jsessionid=A1"]
)
def test_odd_paths(shared: Client, path: str) -> None:
    text = shared.raw(f"GET {path}?uid=1 HTTP/1.1\nHost: x\nConnection: close")
    assert '"state": "running"' in text


@pytest.mark.parametrize("separator", [";", "%3B"])
def test_session_id_in_the_path_is_not_logged(start: Start, separator: str) -> None:
    client = start()
    client.get(f"/services/ping{separator}jsessionid=A1?uid=1")
    assert [entry["path"] for entry in client.server.requests()] == ["/services/ping"]


def test_path_prefix(start: Start) -> None:
    client = start("--prefix", "/app/")
    assert client.server.url.endswith("/app")
    root = client.server.url.removesuffix("/app")
    for base in ("/app", "/app/", "//app//"):
        assert client.http.get(f"{root}{base}/services/ping").json()["state"] == "running"
    for path in ("/services/ping", "/apple/services/ping", "/app"):
        outside = client.http.get(root + path)
        assert (outside.status_code, outside.headers["Content-Type"].split(";")[0]) == (404, "text/html")
    hit = client.post("/services/create", data={"name": "a"}, files={"Filedata": b"x"}, headers=client.bearer())
    assert hit.json()["originalUrl"].startswith(f"{root}/app/file/")
    location = client.get("/logout", allow_redirects=False).headers["Location"]
    assert location == "/app/install"
    assert client.server.sessions()


@pytest.mark.parametrize("text", ["Bearer{}", "bearer {}", "Bearer  {}"])
def test_bearer_spelled_in_other_ways(shared: Client, text: str) -> None:
    token = shared.bearer()["Authorization"].split()[1]
    headers = {"Authorization": text.format(token)}
    assert shared.post("/services/profile", headers=headers).json()["username"] == "alice"


@pytest.mark.parametrize(("value", "in_background"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_booleans(shared: Client, value: str, in_background: bool) -> None:
    body = {"ids": "nothing", "async": value}
    reply = shared.post("/services/remove", data=body, headers=shared.bearer()).json()
    assert ("processId" in reply) is in_background


def test_expect_continue(shared: Client) -> None:
    body = b"username=alice&password=wonderland"
    head = (
        "POST /services/apilogin HTTP/1.1\nHost: x\nExpect: 100-continue\nConnection: close\n"
        f"Content-Type: application/x-www-form-urlencoded\nContent-Length: {len(body)}"
    )
    text = shared.raw(head, body)
    assert text.startswith("HTTP/1.1 100 Continue")
    assert '"loginSuccess": true' in text


def test_absolute_form_of_a_proxy(shared: Client) -> None:
    assert '"running"' in shared.raw("GET http://dam.example/services/ping HTTP/1.1\nHost: x\nConnection: close")
