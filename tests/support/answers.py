# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an Elvis server answers, for a server that is told what to answer."""

from __future__ import annotations

from typing import Any

from tests.support.scripted import json_reply, raw_reply

TOKEN = "token-that-was-granted"
CSRF = "csrf-that-was-granted"
COOKIE = f"authToken={TOKEN};Path=/;HttpOnly"
BALANCER = "AWSELB=balancer-value; Path=/; Max-Age=60"
NOT_LOGGED_IN = "AuthenticationCredentialsNotFoundException"


def bearer_grant(**changes: Any) -> bytes:
    """Return what /services/apilogin answers."""
    return json_reply(200, {"loginSuccess": True, "serverVersion": "6.107.0", "authToken": TOKEN} | changes)


def cookie_grant(*cookies: str, **changes: Any) -> bytes:
    """Return what /services/login answers; a load balancer's cookie comes along."""
    body = {"loginSuccess": True, "serverVersion": "6.107.0", "csrfToken": CSRF} | changes
    return json_reply(200, body, Set_Cookie=list(cookies or (COOKIE, BALANCER)))


def elvis_error(status: int, code: int, name: str | None = None, message: str | None = None) -> bytes:
    """Return Elvis' JSON for a failure, with any HTTP status."""
    return json_reply(status, {"errorcode": code, "errorname": name, "message": message})


ENDED = json_reply(200, {"logoutSuccess": True})
ALIVE = json_reply(200, {"totalHits": 0})
REDIRECT = raw_reply(302, Location="/install")
GONE = elvis_error(200, 401, NOT_LOGGED_IN, "Not logged in")
WRONG_CSRF = elvis_error(403, 403, "InvalidCsrfTokenException")
