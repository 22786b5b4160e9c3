# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session, is_token
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError

BEARER: dict[str, Any] = {
    "server_url": "https://dam.example.com/app",
    "auth_method": "bearer",
    "auth_token": "token-of-alice",
    "csrf_token": None,
    "cookie": None,
    "username": "alice",
    "server_version": "6.107.0",
    "expires_at": "2026-11-22T11:14:08Z",
}
COOKIE: dict[str, Any] = {
    **BEARER,
    "auth_method": "cookie",
    "csrf_token": "csrf-of-alice",
    "cookie": "authToken=token-of-alice; AWSELB=balancer",
}


@pytest.mark.parametrize(
    ("option", "headers"),
    [
        (BEARER, {"Authorization": "Bearer token-of-alice"}),
        (COOKIE, {"Cookie": "authToken=token-of-alice; AWSELB=balancer", "X-CSRF-TOKEN": "csrf-of-alice"}),
        (COOKIE | {"csrf_token": None}, {"Cookie": "authToken=token-of-alice; AWSELB=balancer"}),
        (
            BEARER | {"csrf_token": "csrf-of-alice", "cookie": "AWSELB=balancer"},
            {"Authorization": "Bearer token-of-alice", "Cookie": "AWSELB=balancer"},
        ),
    ],
)
def test_a_session_makes_headers_and_comes_out_as_it_went_in(option: dict[str, Any], headers: dict[str, str]) -> None:
    session = Session.from_option(option)
    assert session.headers == headers
    assert session.as_option() == option


@pytest.mark.parametrize(
    ("option", "changes", "message"),
    [
        (BEARER, {"auth_token": None}, "has no auth_token"),
        (BEARER, {"auth_token": ""}, "has no auth_token"),
        (COOKIE, {"cookie": None}, "has no cookie"),
        (BEARER, {"server_url": None}, "has no server_url"),
        (BEARER, {"auth_method": None}, "has no auth_method"),
        (BEARER, {"server_url": None, "auth_method": None}, "has no server_url and no auth_method"),
        (BEARER, {"server_url": "dam.example.com"}, "must start with http"),
        (BEARER, {"auth_token": "s3cret\r\nX-Evil: 1"}, "auth_token has a line break"),
        (BEARER, {"auth_token": "['s3cret']"}, "auth_token has a line break or another character"),
        (BEARER, {"auth_token": "s3crét"}, "auth_token has a line break or another character"),
        (BEARER, {"auth_token": "s3cret; other=1"}, "auth_token has a line break or another character"),
        (COOKIE, {"csrf_token": "s3cret\n"}, "csrf_token has a line break"),
        (COOKIE, {"cookie": "authToken=s3cret\nX-Evil: 1"}, "cookie has a line break"),
        (COOKIE, {"cookie": "authToken=s3crét"}, "cookie has a line break or another character"),
    ],
)
def test_what_no_login_returned_is_refused(option: dict[str, Any], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "bad_request") as caught:
        Session.from_option(option | changes)
    assert "s3cr" not in caught.value.message


def test_the_server_takes_its_one_form() -> None:
    assert Session.from_option(BEARER | {"server_url": "HTTPS://dam.example.com:443/app/"}).server_url == (
        "https://dam.example.com/app"
    )


UNKNOWN = {"server_version", "expires_at"}
"""What only a server can tell."""


@pytest.mark.parametrize("real", [BEARER, COOKIE], ids=["bearer", "cookie"])
def test_a_simulated_session_looks_like_a_real_one(real: dict[str, Any]) -> None:
    session = Session.simulate("https://dam.example.com", real["auth_method"], "alice")
    option = session.as_option()
    assert (option["username"], option["simulated"]) == ("alice", True)
    assert {key for key, value in option.items() if value} - {"simulated", *UNKNOWN} == {
        key for key, value in real.items() if value
    } - UNKNOWN
    assert option.keys() - {"simulated"} == real.keys()
    assert session.headers.keys() == Session.from_option(real).headers.keys()
    assert Session.from_option(option) == session


def token_until(expiry: int) -> str:
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expiry}).encode()).decode().rstrip("=")
    return f"e30.{claims}.e30"


@pytest.mark.parametrize(
    ("changes", "year"),
    [
        ({}, 2026),
        ({"expires_at": None}, None),
        ({"expires_at": None, "auth_token": token_until(1_900_000_000)}, 2030),
        ({"auth_token": token_until(1_900_000_000)}, 2026),
        ({"expires_at": "soon"}, None),
        ({"expires_at": "soonZ"}, None),
        ({"expires_at": "2026-11-22T11:14:08+02:00"}, None),
        ({"expires_at": None, "auth_method": "cookie", "cookie": "JSESSIONID=abc", "auth_token": None}, None),
    ],
)
def test_the_expiry_is_what_the_login_or_the_token_tells(changes: dict[str, Any], year: int | None) -> None:
    expiry = Session.from_option(BEARER | changes).expiry
    assert (expiry and (expiry.year, expiry.utcoffset())) == (year and (year, timedelta(0)))


def test_no_secret_is_in_the_representation() -> None:
    text = repr(Session.from_option(COOKIE))
    assert "alice" in text
    for secret in ("token-of", "csrf-of", "balancer"):
        assert secret not in text


def test_secrets_are_the_tokens_the_cookie_and_its_parts() -> None:
    session = Session.from_option(COOKIE)
    assert set(session.secrets) == {"token-of-alice", "csrf-of-alice", COOKIE["cookie"], "balancer"}
    assert replace(session, auth_method="bearer", cookie=None, csrf_token=None).secrets == ("token-of-alice",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("a-b_c.d~e+f/g=", True), ("", False), (None, False), (7, False), (["a"], False), ("a b", False), ("a\n", False)],
)
def test_is_token(value: object, expected: bool) -> None:
    assert is_token(value) is expected
