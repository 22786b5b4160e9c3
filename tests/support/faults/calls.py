# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules do, once each, for servers that fail at it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.answers import TOKEN


@dataclass(frozen=True)
class Call:
    """What one module does, once: what it sends, what it should be answered, and whether it may be sent again."""

    module: str
    method: str
    path: str
    options: Mapping[str, Any]
    answer: bytes
    is_repeatable: bool


GRANT = json.dumps({"loginSuccess": True, "serverVersion": "6.107.0", "authToken": TOKEN}).encode()
LOGIN = {"username": "alice", "password": "wonderland"}
READ = {"path": "/services/search"}
WRITE = {"path": "/services/update", "method": "POST", "form": {"id": "1"}}

CALLS = {
    "login": Call("elvis_login", "POST", "/services/apilogin", LOGIN, GRANT, is_repeatable=False),
    "write": Call("elvis_request", "POST", "/services/update", WRITE, b'{"id": "1"}', is_repeatable=False),
    "read": Call("elvis_request", "GET", "/services/search", READ, b'{"totalHits": 0}', is_repeatable=True),
    "logout": Call("elvis_logout", "POST", "/services/logout", {}, b'{"logoutSuccess": true}', is_repeatable=True),
    "session_info": Call(
        "elvis_session_info", "POST", "/services/profile", {}, b'{"username": "alice"}', is_repeatable=True
    ),
}


def options_of(call: str, url: str) -> dict[str, Any]:
    """Return the options of a task that makes a call."""
    if call == "login":
        return {"server_url": url, **CALLS[call].options}
    session = {"server_url": url, "auth_method": "bearer", "auth_token": TOKEN, "server_version": "6"}
    return {"session": session, **CALLS[call].options}
