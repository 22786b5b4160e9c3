# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures: both modes, and nothing that makes the server fail itself."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.tests.client import Client

HUGE = "9" * 5000
BOUNDARY = {"Content-Type": "multipart/form-data; boundary=B"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PART = b'--B\r\nContent-Disposition: form-data; name="a"'


@pytest.fixture
def servers(shared: Client, strict: Client) -> dict[str, Client]:
    return {"ok": shared, "status": strict}


@pytest.mark.parametrize(
    ("mode", "path", "status", "code"),
    [
        ("ok", "/services/profile", 200, 401),
        ("ok", "/services/nothing", 200, 404),
        ("ok", "/api/folder/get?path=/x", 401, 401),
        ("ok", "/private-api/system/active-users", 401, 401),
        ("status", "/services/profile", 401, 401),
        ("status", "/services/nothing", 404, 404),
        ("status", "/api/folder/get?path=/x", 401, 401),
    ],
)
def test_errors_have_two_modes(servers: dict[str, Client], mode: str, path: str, status: int, code: int) -> None:
    client = servers[mode]
    method = "POST" if "profile" in path else "GET"
    reply = client.request(method, path)
    assert (reply.status_code, reply.json()["errorcode"]) == (status, code)
    if code == 401:
        assert reply.json()["errorname"] == "AuthenticationCredentialsNotFoundException"
        assert reply.json()["message"] == "Not logged in"


@pytest.mark.parametrize("service", ["login", "apilogin", "logout", "profile", "create", "remove", "createFolder"])
def test_get_is_refused_where_only_post_is_documented(shared: Client, service: str) -> None:
    assert shared.get(f"/services/{service}", params={"username": "alice"}).json()["errorcode"] == 405


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("GET", f"/services/search?q=x&num={HUGE}", {}),
        ("GET", "/services/search?q=x&start=-1", {}),
        ("GET", "/services/search?q=((((", {}),
        ("GET", "/services/search?q=" + "(" * 2000, {}),
        ("GET", '/services/search?q="open', {}),
        ("GET", "/services/search?q=OR", {}),
        ("GET", "/services/search?q=assetCreated:[1 TO 2]", {}),
        ("GET", "/services/search", {}),
        ("POST", "/services/search", {"data": b"q=x", "headers": {"Content-Type": "\xff/;;=charset"}}),
        ("GET", "/services/browse?path=/../etc", {}),
        ("POST", "/services/checkout/%00%ff", {}),
        ("POST", "/services/checkout/" + "x" * 3000, {}),
        ("POST", "/services/process/info", {"data": {"processId": HUGE}}),
        ("POST", "/services/create", {}),
        ("POST", "/services/create", {"data": {"name": "x", "metadata": "{bad"}}),
        ("POST", "/services/create", {"data": {"name": "x", "metadata": "[1]"}}),
        ("POST", "/services/create", {"data": {"name": "x", "metadata": '{"a":' + HUGE + "}"}}),
        ("POST", "/services/create", {"data": {"name": "x", "metadata": '{"a":NaN}'}}),
        ("POST", "/services/create", {"data": {"name": "x", "metadata": '{"a":1e999}'}}),
        ("POST", "/services/create", {"data": {"metadata": '{"name":null}'}}),
        ("POST", "/services/create", {"data": {"name": "x", "metadata": '{"a":' + "[" * 100_000}}),
        ("POST", "/services/create", {"data": {"assetPath": "/" + "a/" * 5000}}),
        ("POST", "/services/update", {"data": {"id": "nope"}}),
        ("POST", "/services/remove", {"data": {"q": "", "ids": ",", "folderPath": ""}}),
        ("POST", "/services/move", {"data": {"source": "/", "target": "/x"}}),
        ("POST", "/services/copy", {"data": {"source": "/nope", "target": "/x"}}),
        ("POST", "/services/create", {"headers": BOUNDARY, "data": b"no boundary here"}),
        ("POST", "/services/create", {"headers": BOUNDARY, "data": PART}),
        ("POST", "/services/create", {"headers": BOUNDARY, "data": PART + b"\r\n\r\nbut no end"}),
        (
            "POST",
            "/services/create",
            {"headers": BOUNDARY, "data": PART + b"\r\nContent-Length: x\r\n\r\nv\r\n--B--\r\n"},
        ),
        (
            "POST",
            "/services/create",
            {"headers": BOUNDARY, "data": PART + b"\r\nContent-Length: 99\r\n\r\nv\r\n--B--\r\n"},
        ),
        (
            "POST",
            "/services/create",
            # By hand: what libraries make of such a name differs.
            {"headers": BOUNDARY, "data": PART + b'; filename="\x00.jpg"\r\n\r\nx\r\n--B--\r\n'},
        ),
        ("POST", "/services/create", {"headers": {"Content-Type": "multipart/form-data"}, "data": b"--B\r\n"}),
        ("POST", "/services/create", {"headers": FORM | {"Content-Encoding": "gzip"}, "data": b"not gzip"}),
        ("POST", "/services/create", {"headers": FORM, "data": "&".join(f"a{n}=" for n in range(10_001))}),
        ("POST", "/services/create", {"headers": FORM, "data": b"a=" + b"x" * 17_000_000}),
        ("POST", "/api/folder", {"data": b"{bad"}),
        ("POST", "/api/folder", {"data": b"\xff\xfe[]"}),
        ("POST", "/api/folder", {"json": {"path": 5}}),
        ("POST", "/api/folder", {"json": {"path": "/ok", "metadata": [1]}}),
        ("POST", "/api/folder", {"json": ["/x"]}),
        ("PUT", "/api/folder/nope", {"data": b"\x00"}),
        ("DELETE", "/api/folder/nope", {}),
        ("PATCH", "/services/search", {}),
        ("GET", "/file/nope/*/x.jpg", {}),
        ("GET", "/%ff%00/%zz", {}),
    ],
)
def test_junk_is_refused_in_json(strict: Client, method: str, path: str, sent: dict[str, Any]) -> None:
    sent = sent | {"headers": strict.bearer() | sent.get("headers", {})}
    reply = strict.request(method, path, **sent)
    error = reply.json()
    assert 400 <= error["errorcode"] < 500
    assert error["message"]
    assert reply.status_code == error["errorcode"]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/services/search", {"data": b"q=%ff%fe&%zz=%", "headers": FORM}),
        ("/services/search", {"data": {"q": "\u20ac*\U0001f600 AND NOT x", "sort": "a-b-c,,-,name-desc"}}),
        ("/services/search?q=x", {"data": b"q=x", "headers": {"Content-Type": "text/plain; charset=none"}}),
        ("/services/create", {"data": {"name": "\u00e4 \u20ac..%2f\t\n.jpg", "metadata": '{"a":"\\ud800"}'}}),
        ("/services/create", {"files": {"Filedata": ("../../\u20ac\t.jpg", b"x", "junk")}}),
    ],
)
def test_odd_input_is_no_error(shared: Client, path: str, sent: dict[str, Any]) -> None:
    sent = sent | {"headers": shared.bearer() | sent.get("headers", {})}
    reply = shared.post(path, **sent)
    assert reply.status_code == 200
    assert "errorcode" not in reply.json(), reply.text
    assert (
        shared.get("/services/search?q=x", headers=sent["headers"] | {"Content-Type": "x"}).json()["hits"] is not None
    )


@pytest.mark.parametrize("text", ["GET /\xff HTTP/1.1\nHost: x", "junk", "GET * HTTP/1.1\nHost: x", "\x16\x03\x01"])
def test_what_is_not_http_is_refused_in_json(shared: Client, text: str) -> None:
    reply = shared.raw(text)
    assert " 400 " in reply.splitlines()[0]
    assert '"errorcode": 400' in reply
