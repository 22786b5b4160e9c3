# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tokens as Elvis makes them: a signed JWT whose payload is compressed."""

from __future__ import annotations

import json
import secrets
import zlib
from dataclasses import dataclass

from jwt.api_jws import PyJWS

_KEY = secrets.token_bytes(64)
_JWS = PyJWS()

# Documented by the vendor, in a published sample: a token is valid from two minutes before it was made.
_CLOCK_SKEW = 120


@dataclass(frozen=True)
class TokenContent:
    """What a token tells about its session."""

    user: str
    auth_id: str
    client_type: str
    client_id: str
    needs_csrf: bool
    issued: float
    lifetime: float
    details: dict[str, object]


def make_token(content: TokenContent) -> str:
    """Return a JWT, HS512, with the claims and the zlib-wrapped payload of the vendor's sample."""
    issued = int(content.issued)
    claims = {
        "sub": content.user,
        "clientType": content.client_type,
        "clientId": content.client_id,
        "nbf": issued - _CLOCK_SKEW,
        "exp": int(content.issued + content.lifetime),
        "iat": issued,
        "expiryTime": str(int(content.lifetime * 1000)),
        "reqCsrf": content.needs_csrf,
        "userType": "Pro",
        "authId": content.auth_id,
        "userDetails": content.details,
    }
    payload = zlib.compress(json.dumps(claims, separators=(",", ":")).encode("ascii"), level=9)
    # An empty `typ` makes PyJWT leave it out, as the sample does.
    return _JWS.encode(payload, _KEY, "HS512", headers={"typ": "", "zip": "DEF"})


def new_id() -> str:
    """Return 22 characters of A-Z a-z 0-9 _ -: the form of asset ids, folder ids and CSRF tokens."""
    return secrets.token_urlsafe(16)
