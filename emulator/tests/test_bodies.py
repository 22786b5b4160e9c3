# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests as clients write them, byte by byte: PowerShell's and others' files, logins and empty bodies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.tests.client import Client

TYPE = "Content-Type: text/plain; charset=utf-8\n"


@pytest.fixture(params=["ok", "status"])
def client(request: pytest.FixtureRequest, shared: Client, strict: Client) -> Client:
    return shared if request.param == "ok" else strict


def answer(client: Client, head: str, body: bytes = b"", /, **headers: str) -> Any:
    """Send a request as it is written here; return the JSON of the reply."""
    lines = [head + " HTTP/1.1", "Host: x", "Connection: close", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return json.loads(client.raw("\n".join(lines), body).partition("\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("boundary", "field", "file", "expected"),
    [
        ('"B"', TYPE + "Content-Disposition: form-data; name=folderPath", "name=Filedata; filename=f.jpg", "f.jpg"),
        ("B", 'Content-Disposition: form-data; name="folderPath"', 'name="Filedata"; filename="f.jpg"', "f.jpg"),
        (
            "B",
            "content-disposition: form-data; name=folderPath",
            "name=Filedata; filename=f.jpg; filename*=utf-8''f.jpg",
            "f.jpg",
        ),
        ("B", "Content-Disposition:form-data;name=folderPath", 'name=Filedata;filename="a b.jpg"', "a b.jpg"),
        (
            '"B"',
            TYPE + "Content-Disposition: form-data; name=folderPath",
            "name=Filedata; filename=\"=?utf-8?B?TcO8LmpwZw==?=\"; filename*=utf-8''M%C3%BC.jpg",
            "M\u00fc.jpg",
        ),
        (
            "B",
            'Content-Disposition: form-data; name="folderPath"',
            'name="Filedata"; filename="=?utf-8?B?TcO8LmpwZw==?="',
            "M\u00fc.jpg",
        ),
        (
            "B",
            'Content-Disposition: form-data; name="folderPath"',
            'name=Filedata; filename="M\u00c3\u00bc.jpg"',
            "M\u00fc.jpg",
        ),
        (
            "B",
            'Content-Disposition: form-data; name="folderPath"',
            "name=Filedata; filename*=iso-8859-1'de'M%FC.jpg",
            "M\u00fc.jpg",
        ),
        (
            "B",
            'Content-Disposition: form-data; name="folderPath"',
            'name="Filedata"; filename="C:\\\\x\\\\f.jpg"',
            "f.jpg",
        ),
        (
            "B",
            'Content-Disposition: form-data; name="folderPath"',
            "name=Filedata; filename=\"x\"; filename*=nonsense''f%20x.jpg",
            "x",
        ),
        (
            "B",
            'Content-Disposition: form-data; name="folderPath"',
            'name="Filedata"; filename="=?nonsense?B?x?="',
            None,
        ),
    ],
)
def test_names_in_multipart(client: Client, boundary: str, field: str, file: str, expected: str | None) -> None:
    folder = f"/Test/{id(field)}{len(file)}{client.server.process.pid}"
    parts = f"--B\n{field}\n\n{folder}\n--B\nContent-Disposition: form-data; {file}\nContent-Type: image/jpeg\n\n"
    body = parts.replace("\n", "\r\n").encode("latin-1") + b"content\r\n--B--\r\n"
    headers = client.bearer() | {"Content_Type": f"multipart/form-data; boundary={boundary}"}
    reply = answer(client, "POST /services/create", body, **headers)
    if expected is None:
        # Its question marks are not for a name.
        assert reply["errorcode"] == 400
    else:
        assert reply["metadata"]["assetPath"] == f"{folder}/{expected}"
        assert reply["metadata"]["fileSize"]["value"] == 7


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("POST /services/apilogin?cred=YWxpY2U6d29uZGVybGFuZA==&username=alice&password=wonderland", b""),
        # The script as it is printed, with the line breaks in its address.
        ("POST /services/apilogin?%0Acred=YWxpY2U6d29uZGVybGFuZA==%0A&username=alice%0A&password=wonderland", b""),
        ("POST /services/apilogin", b"username=+alice%0D%0A&password=wonderland"),
        ("POST /services/login", b"username=alice%0A&password=wonderland"),
        # The user name in it ends in a blank.
        ("POST /services/login", b"cred=YWxpY2UgOndvbmRlcmxhbmQ="),
    ],
)
def test_a_user_name_is_trimmed(client: Client, head: str, body: bytes) -> None:
    assert answer(client, head, body, Content_Type="application/x-www-form-urlencoded")["loginSuccess"] is True


def test_a_password_is_not_trimmed(client: Client) -> None:
    body = b"username=alice&password=wonderland%0A"
    assert (
        answer(client, "POST /services/apilogin", body, Content_Type="application/x-www-form-urlencoded")[
            "loginSuccess"
        ]
        is False
    )


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "text/plain"])
def test_an_empty_body_that_calls_itself_json(client: Client, content_type: str) -> None:
    headers = client.bearer() | {"Content_Type": content_type}
    assert answer(client, "POST /services/profile", b"", **headers)["username"] == "alice"
    assert answer(client, "POST /services/search?q=id:0", b"", **headers)["totalHits"] == 0
    assert answer(client, "POST /services/logout", b"", **headers) == {"logoutSuccess": True}


def test_a_body_in_pieces_after_a_100(client: Client) -> None:
    lines = ["POST /services/search HTTP/1.1", "Host: x", "Connection: close", "Transfer-Encoding: chunked"]
    lines += ["Expect: 100-continue", "Content-Type: application/x-www-form-urlencoded"]
    lines += [f"{name}: {value}" for name, value in client.bearer().items()]
    reply = client.raw("\n".join(lines), b"5\r\nq=id:\r\n1\r\n0\r\n0\r\n\r\n")
    assert reply.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200")
    assert '"totalHits": 0' in reply


def test_a_large_file_streams_past_memory(client: Client) -> None:
    content = bytes(range(256)) * 40_000
    sent: dict[str, Any] = {"data": {"folderPath": "/Test"}, "files": {"Filedata": ("large.bin", content)}}
    hit = client.post("/services/create", headers=client.bearer(), **sent).json()
    again = client.http.get(hit["originalUrl"], headers=client.bearer() | {"Range": "bytes=9999990-"}, timeout=30)
    assert hit["metadata"]["fileSize"]["value"] == len(content)
    assert (again.status_code, again.content) == (206, content[9_999_990:])
