# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A server that says back what it was sent that is secret, wherever it can: none of that is shown."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._operations import (
    asset,
    asset_info,
    command,
    download,
    folder,
    login,
    logout,
    metadata,
    request,
    session_info,
    upload,
    webhook,
)
from tests.support.operations import run
from tests.support.scripted import html_reply, json_reply, scripted_server

PASSWORD = "tweedle dum+dee"
TOKEN = "eyJhbGciOiJIUzUxMiJ9." + "dG9rZW4-of_alice" * 20
CSRF, COOKIE = "csrf-of-alice", f"authToken={TOKEN}; AWSELB=balancer-value"
CRED = base64.b64encode(f"alice:{PASSWORD}".encode()).decode()
SECRETS = (PASSWORD, TOKEN, CSRF, CRED, "balancer-value")
ECHO = " ".join(form for secret in SECRETS for form in (secret, quote(secret), secret.upper()))

PROFILE = {"username": ECHO, "groups": [ECHO], "authorities": [ECHO], ECHO: {"name": ECHO}}
GRANT = {"loginSuccess": True, "serverVersion": ECHO, "authToken": TOKEN, "csrfToken": CSRF, "userProfile": PROFILE}
PING = {"available": True, "state": ECHO, "version": ECHO}
SESSION = {"session": {"auth_method": "cookie", "auth_token": TOKEN, "csrf_token": CSRF, "cookie": COOKIE}}
LOGIN = {"username": "alice", "password": PASSWORD, "return_profile": True}
GRANTED = json_reply(200, GRANT, **{"Set-Cookie": f"authToken={TOKEN}"})
REDIRECT = json_reply(302, {}, Location=f"/{quote(ECHO)}")

HIT = {"id": "a1", "permissions": ECHO, "metadata": {"assetPath": "/Z/a.jpg", "status": ECHO, "tags": [ECHO]}}
FOUND = json_reply(200, {"totalHits": 1, "hits": [HIT]})
REFUSED = json_reply(200, {"errorcode": 400, "errorname": ECHO, "message": ECHO})

NOTHING = json_reply(200, {"totalHits": 0, "hits": []})
ROOT = {"name": "Z", "assetPath": "/Z", "directory": True}
IN = {"name": "in", "assetPath": "/Z/in", "directory": True}
STRAY = {"id": "a1", "metadata": {"assetPath": f"/Z/in/{ECHO}"}}
SENT = {
    "id": "a1",
    "originalUrl": "/file/a1",
    "metadata": {"assetPath": f"/Z/in/{Path(__file__).name}", "status": ECHO, "checkedOutBy": None},
}
HOOK = {
    "id": "w1",
    "name": "eda",
    "url": f"https://eda.example.com/{quote(ECHO)}",
    "eventTypes": [ECHO],
    "metadataToReturn": [ECHO],
    "foldersAndQuery": {"folders": [f"/{ECHO}"], "query": ECHO},
    "enabled": True,
    "secretToken": ECHO,
}

OF_LOGIN, OF_SESSION = (PASSWORD, CRED, TOKEN), (TOKEN, CSRF, "balancer-value")

ROWS: Mapping[str, tuple[Any, list[Any], Mapping[str, Any], tuple[str, ...]]] = {
    "bearer": (login.OPERATION, [GRANTED, json_reply(200, PROFILE)], LOGIN, OF_LOGIN),
    "cookie": (login.OPERATION, [GRANTED], {**LOGIN, "auth_method": "cookie"}, (*OF_LOGIN, CSRF)),
    "profile": (session_info.OPERATION, [json_reply(200, PROFILE), json_reply(200, PING)], SESSION, OF_SESSION),
    "call": (
        request.OPERATION,
        [json_reply(200, {ECHO: [ECHO]}, **{"X-Echo": ECHO, "Content-Type": f"a/b; c={ECHO}"})],
        {**SESSION, "path": "services/search"},
        OF_SESSION,
    ),
    "redirect": (
        logout.OPERATION,
        [json_reply(200, {"totalHits": 0, "hits": []}), REDIRECT],
        {**SESSION, "mode": "redirect"},
        OF_SESSION,
    ),
    "hits": (
        asset_info.OPERATION,
        [FOUND] * 3,
        {**SESSION, "ids": ["a1"], "fields": ["status", "tags"]},
        OF_SESSION,
    ),
    "what was before": (
        asset.OPERATION,
        [FOUND, json_reply(200, HIT)],
        {**SESSION, "path": "/Z/a.jpg", "metadata": {"status": "New"}, "index_wait": 0},
        OF_SESSION,
    ),
    "an asset that is refused": (
        asset.OPERATION,
        [FOUND, REFUSED],
        {**SESSION, "path": "/Z/a.jpg", "metadata": {"status": "New"}},
        OF_SESSION,
    ),
    "folders that are refused": (
        folder.OPERATION,
        [json_reply(200, []), json_reply(200, [ROOT]), NOTHING, json_reply(200, {"/Z/in": ECHO})],
        {**SESSION, "path": ["/Z/in"]},
        OF_SESSION,
    ),
    "a folder of that name": (
        folder.OPERATION,
        [json_reply(200, []), json_reply(200, [{**ROOT, "assetPath": f"/{ECHO}"}]), NOTHING, REFUSED],
        {**SESSION, "path": ["/Z/in"]},
        OF_SESSION,
    ),
    "an upload that is refused": (
        upload.OPERATION,
        [json_reply(200, PING), json_reply(200, [IN]), NOTHING, json_reply(200, []), REFUSED],
        {**SESSION, "path": "/Z/in", "src": [__file__]},
        OF_SESSION,
    ),
    "an upload that is stored elsewhere": (
        upload.OPERATION,
        [json_reply(200, PING), json_reply(200, [IN]), NOTHING, json_reply(200, []), json_reply(200, STRAY), REFUSED],
        {**SESSION, "path": "/Z/in", "src": [__file__]},
        OF_SESSION,
    ),
    "what an upload was before": (
        upload.OPERATION,
        [json_reply(200, PING), json_reply(200, [IN]), json_reply(200, {"totalHits": 1, "hits": [SENT]}), REFUSED],
        {**SESSION, "path": "/Z/in", "src": [__file__], "metadata": {"status": "New"}, "metadata_on": "always"},
        OF_SESSION,
    ),
    "a download that is refused": (
        download.OPERATION,
        [json_reply(200, {"totalHits": 1, "hits": [SENT]}), REFUSED],
        {**SESSION, "ids": ["a1"], "dest": "{tmp}", "rendition": "original"},
        OF_SESSION,
    ),
    "a download that is a page": (
        download.OPERATION,
        [json_reply(200, {"totalHits": 1, "hits": [SENT]}), html_reply(403, f"<html><title>{ECHO}</title></html>")],
        {**SESSION, "ids": ["a1"], "dest": "{tmp}"},
        OF_SESSION,
    ),
    "a download from elsewhere": (
        download.OPERATION,
        [json_reply(200, {"totalHits": 1, "hits": [{**STRAY, "originalUrl": f"http://localhost/{quote(ECHO)}"}]})],
        {**SESSION, "ids": ["a1"], "dest": "{tmp}"},
        OF_SESSION,
    ),
    "a webhook that is refused": (
        webhook.OPERATION,
        [json_reply(200, []), REFUSED],
        {**SESSION, "name": "eda", "url": "https://eda.example.com/", "event_types": [], "index_wait": 0},
        OF_SESSION,
    ),
    "what a webhook was before": (
        webhook.OPERATION,
        [json_reply(200, [HOOK]), json_reply(200, HOOK)],
        {**SESSION, "name": "eda", "url": "https://eda.example.com/", "event_types": [], "index_wait": 0},
        OF_SESSION,
    ),
    "a program": (
        command.OPERATION,
        [NOTHING],
        {**SESSION, "argv": ["sh", "-c", "cat; cat <&0 >&2"]},
        OF_SESSION,
    ),
    "a program that fails": (
        command.OPERATION,
        [NOTHING],
        {**SESSION, "argv": ["sh", "-c", "cat >&2; exit 3"]},
        OF_SESSION,
    ),
    "rows that are refused": (
        metadata.OPERATION,
        [FOUND, REFUSED, FOUND, REFUSED],
        {**SESSION, "assets": [{"id": "a1", "metadata": {"status": "New"}}]},
        OF_SESSION,
    ),
}
"""What is asked, what is answered, the options but for the server, and what the server was sent that is secret."""


def shown(value: Any) -> Iterator[str]:
    """Yield the texts of a result, but for those that a login is asked for."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            if name not in ("headers", "auth_token", "csrf_token", "cookie"):
                yield from shown(item)
    elif isinstance(value, list):
        for item in value:
            yield from shown(item)
    elif value is not None:
        yield str(value)


@pytest.mark.parametrize("name", ROWS)
def test_what_a_server_echoes_is_masked(name: str, tmp_path: Path) -> None:
    operation, replies, options, secrets = ROWS[name]
    with scripted_server(*replies) as server:
        given: dict[str, Any] = {key: str(tmp_path) if value == "{tmp}" else value for key, value in options.items()}
        place = {**given.pop("session", {}), "server_url": server.url}
        try:
            result = run(operation, diff=True, **given, **({"session": place} if "session" in options else place))
        except ElvisError as error:
            result = error.as_result()
        assert len(server.requests) <= len(replies)
        assert result.get("reason") != "internal", result

    said = "\n".join(shown(result)).lower()
    # A piece of a secret would be too much, too: what is cut off is cut off after that.
    pieces = {piece.lower() for secret in secrets for piece in (secret, quote(secret), secret[:12])}
    assert [piece for piece in pieces if piece in said] == []
    assert "****" in said
