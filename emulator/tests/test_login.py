# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in: parameters, replies, tokens, refusals."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any

import pytest

from emulator.tests.client import Client, Start

RIGHT = {"username": "alice", "password": "wonderland"}
CRED = base64.b64encode(b"alice:wonderland").decode()


def parts(token: str) -> tuple[Any, bytes]:
    header, payload = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")[:2])
    return json.loads(header), payload


@pytest.mark.parametrize("service", ["login", "apilogin"])
@pytest.mark.parametrize(
    "sent",
    [
        {"params": RIGHT},
        {"data": RIGHT},
        {"files": {name: (None, value) for name, value in RIGHT.items()}},
        {"params": {"username": "alice"}, "data": {"password": "wonderland"}},
    ],
    ids=["query", "form", "multipart", "mixed"],
)
def test_parameters_come_from_everywhere(shared: Client, service: str, sent: dict[str, Any]) -> None:
    reply = shared.post(f"/services/{service}", **sent)
    assert reply.json()["loginSuccess"] is True
    assert reply.json()["loginFaultMessage"] is None
    assert reply.json()["serverVersion"]


def test_api_token_has_the_documented_claims(shared: Client) -> None:
    token = shared.post("/services/apilogin", data=RIGHT | {"clientId": "c1"}).json()["authToken"]
    header, payload = parts(token)
    claims = json.loads(zlib.decompress(payload))
    assert header == {"alg": "HS512", "zip": "DEF"}
    assert payload[:2] == b"\x78\xda"
    assert claims["nbf"] == claims["iat"] - 120
    assert claims["exp"] == claims["iat"] + 3600
    expected = {"sub": "alice", "clientType": "API", "clientId": "c1", "expiryTime": "3600000", "reqCsrf": False}
    assert expected.items() <= claims.items()
    assert claims["userType"] == "Pro"
    assert {"roles", "mail", "name"} <= set(claims["userDetails"])


def test_login_sets_the_documented_cookie(shared: Client) -> None:
    reply = shared.post("/services/login", data=RIGHT)
    assert re.fullmatch(r"authToken=[^;]+;Path=/;HttpOnly", reply.headers["Set-Cookie"])
    assert re.fullmatch(r"[\w-]{22}", reply.json()["csrfToken"])
    assert "authToken" not in reply.json()
    assert "userProfile" not in reply.json()


def test_apilogin_sets_no_cookie(shared: Client) -> None:
    assert "Set-Cookie" not in shared.post("/services/apilogin", data=RIGHT).headers


@pytest.mark.parametrize("sent", [CRED, CRED.rstrip("=")])
def test_cred_logs_in_at_login(shared: Client, sent: str) -> None:
    assert shared.post("/services/login", data={"cred": sent}).json()["loginSuccess"] is True


def test_cred_beside_the_password_does_no_harm(shared: Client) -> None:
    assert shared.post("/services/apilogin", params=RIGHT | {"cred": CRED}).json()["loginSuccess"] is True


@pytest.mark.parametrize(("value", "shown"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_profile_comes_when_asked_for(shared: Client, value: str, shown: bool) -> None:
    reply = shared.post("/services/login", data=RIGHT | {"returnProfile": value}).json()
    assert ("userProfile" in reply) is shown


@pytest.mark.parametrize(
    ("service", "sent"),
    [
        ("login", {"username": "alice", "password": "wrong"}),
        ("apilogin", {"username": "nobody", "password": "x"}),
        ("apilogin", {}),
        ("apilogin", {"cred": CRED}),
        ("login", {"cred": "???"}),
        ("login", {"cred": "/w=="}),
        ("apilogin", {"username": "alice", "password": "\udce4\u20ac".encode("utf-8", "replace").decode()}),
    ],
)
def test_refusal_is_an_ordinary_reply(shared: Client, service: str, sent: dict[str, Any]) -> None:
    reply = shared.post(f"/services/{service}", data=sent)
    assert reply.status_code == 200
    assert reply.json()["loginSuccess"] is False
    assert reply.json()["loginFaultMessage"] == "Invalid username or password"
    assert not {"authToken", "csrfToken"} & set(reply.json())
    assert "Set-Cookie" not in reply.headers


def test_own_users_replace_the_default_ones(start: Start) -> None:
    client = start("--user", "bob:a:b", "--user", "eve:")
    bodies = [{"username": "bob", "password": "a:b"}, {"username": "eve", "password": ""}, RIGHT]
    replies = [client.post("/services/apilogin", data=body).json() for body in bodies]
    assert [reply["loginSuccess"] for reply in replies] == [True, True, False]


def test_cred_needs_a_colon(start: Start) -> None:
    client = start("--user", "eve:")
    creds = [base64.b64encode(text).decode() for text in (b"eve:", b"eve")]
    replies = [client.post("/services/login", data={"cred": cred}).json() for cred in creds]
    assert [reply["loginSuccess"] for reply in replies] == [True, False]


def test_lockout_refuses_the_right_password_too(start: Start) -> None:
    client = start("--lockout", "2")

    def log_in(password: str, user: str = "alice") -> Any:
        return client.post("/services/apilogin", data={"username": user, "password": password}).json()

    assert log_in("wrong")["loginSuccess"] is False
    assert log_in("wonderland")["loginSuccess"] is True
    log_in("wrong"), log_in("wrong")
    assert "locked" in log_in("wonderland")["loginFaultMessage"]
    assert log_in("api", "api")["loginSuccess"] is True


def test_seats_run_out_and_come_back(start: Start) -> None:
    client = start("--seats", "1")
    first = client.bearer()
    refused = client.post("/services/login", data=RIGHT).json()
    assert refused["loginSuccess"] is False
    assert "seat" in refused["loginFaultMessage"]
    client.post("/services/logout", headers=first)
    assert client.post("/services/login", data=RIGHT).json()["loginSuccess"] is True
