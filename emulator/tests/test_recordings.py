# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What clients put on the wire is answered as documented, byte for byte, with hidden and with real statuses."""

from __future__ import annotations

import re
import uuid
from http.client import HTTPResponse
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest

from emulator.tests.client import Client
from emulator.tests.recordings import cookies, tokens
from emulator.tests.recordings.forms import Recording, Step

RECORDINGS = cookies.RECORDINGS + tokens.RECORDINGS


class Answer(NamedTuple):
    status: int
    cookies: str
    text: str


def as_sent(step: Step, values: dict[str, str]) -> bytes:
    """Fill in a recording, and end its lines as the wire has it."""
    head, _blank, body = step.request.partition("\n\n")
    filled = body.format(**values)
    # Guzzle says how long each part is.
    filled = re.sub(
        r"(Content-Length: )(\n\n)(.*)", lambda part: f"{part[1]}{len(part[3].encode())}{part[2]}{part[3]}", filled
    )
    if "multipart" in head.lower():
        filled = filled.replace("\n", "\r\n")
    content = filled.encode()
    lines = head.format(**values, length=len(content)).replace("\n", "\r\n").encode()
    if b"chunked" in lines:
        content = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    return lines + b"\r\n\r\n" + content


def send(client: Client, data: bytes) -> Answer:
    with client.open_connection() as connection:
        connection.sendall(data)
        reply = HTTPResponse(connection)
        reply.begin()
        return Answer(reply.status, reply.headers.get("Set-Cookie", ""), reply.read().decode())


def check(client: Client, step: Step, values: dict[str, str]) -> Answer:
    answer = send(client, as_sent(step, values))
    assert answer.status == step.status, answer.text
    assert re.search(step.reply, answer.text, re.DOTALL), answer.text
    return answer


def prepared(client: Client) -> dict[str, str]:
    """Make what the recordings work with."""
    header, folder = client.bearer(), f"/Recorded/{uuid.uuid4().hex}"
    ids = [
        client.post("/services/create", data={"assetPath": f"{folder}/{name}"}, headers=header).json()["id"]
        for name in ("recorded.txt", "recorded.collection")
    ]
    host = urlsplit(client.server.url).netloc
    return {"host": host, "folder": folder, "id": ids[0], "collection": ids[1]}


@pytest.mark.parametrize("errors", ["ok", "status"])
@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.client)
def test_recordings(shared: Client, strict: Client, recording: Recording, errors: str) -> None:
    client = shared if errors == "ok" else strict
    values = prepared(client)
    login = check(client, recording.login, values)
    for name, pattern, text in (
        ("token", r'"authToken": "([^"]+)"', login.text),
        ("csrf", r'"csrfToken": "([^"]+)"', login.text),
        ("cookie", r"authToken=([^;]+)", login.cookies),
    ):
        if match := re.search(pattern, text):
            values[name] = match[1]
    check(client, recording.read, values)
    check(client, recording.write, values)
    if recording.logout is None:
        return
    check(client, recording.logout, values)
    # From now on the session is refused: by the status as well, where statuses are real.
    refused = send(client, as_sent(recording.read, values))
    assert refused.status == (200 if errors == "ok" and "/services/" in recording.read.request else 401)
    assert '"errorcode": 401' in refused.text
