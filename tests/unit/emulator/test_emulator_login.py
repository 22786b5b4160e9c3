# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in: parameters, replies, tokens, refusals."""

from __future__ import annotations

import base64
import json
import re
import zlib

import pytest

RIGHT = {"username": "alice", "password": "wonderland"}
CRED = base64.b64encode(b"alice:wonderland").decode()


def parts(token):
    header, payload, _ = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split("."))
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
def test_parameters_come_from_everywhere(shared, service, sent):
    reply = shared.post(f"/services/{service}", **sent)
    assert reply.json()["loginSuccess"] is True
    assert reply.json()["loginFaultMessage"] is None
    assert reply.json()["serverVersion"]


def test_api_token_has_the_documented_claims(shared):
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


def test_login_sets_the_documented_cookie(shared):
    reply = shared.post("/services/login", data=RIGHT)
    assert re.fullmatch(r"authToken=[^;]+;Path=/;HttpOnly", reply.headers["Set-Cookie"])
    assert re.fullmatch(r"[\w-]{22}", reply.json()["csrfToken"])
    assert "authToken" not in reply.json()
    assert "userProfile" not in reply.json()


def test_apilogin_sets_no_cookie(shared):
    assert "Set-Cookie" not in shared.post("/services/apilogin", data=RIGHT).headers


@pytest.mark.parametrize("sent", [CRED, CRED.rstrip("=")])
def test_cred_logs_in_at_login(shared, sent):
    assert shared.post("/services/login", data={"cred": sent}).json()["loginSuccess"] is True


def test_cred_beside_the_password_does_no_harm(shared):
    assert shared.post("/services/apilogin", params=RIGHT | {"cred": CRED}).json()["loginSuccess"] is True


@pytest.mark.parametrize(("value", "shown"), [("true", True), ("1", True), ("false", False), ("", False)])
def test_profile_comes_when_asked_for(shared, value, shown):
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
def test_refusal_is_an_ordinary_reply(shared, service, sent):
    reply = shared.post(f"/services/{service}", data=sent)
    assert reply.status_code == 200
    assert reply.json()["loginSuccess"] is False
    assert reply.json()["loginFaultMessage"] == "Invalid username or password"
    assert not {"authToken", "csrfToken"} & set(reply.json())
    assert "Set-Cookie" not in reply.headers


def test_own_users_replace_the_default_ones(start):
    emulator = start("--user", "bob:a:b", "--user", "eve:")
    bodies = [{"username": "bob", "password": "a:b"}, {"username": "eve", "password": ""}, RIGHT]
    replies = [emulator.post("/services/apilogin", data=body).json() for body in bodies]
    assert [reply["loginSuccess"] for reply in replies] == [True, True, False]


def test_lockout_refuses_the_right_password_too(start):
    emulator = start("--lockout", "2")

    def log_in(password, user="alice"):
        return emulator.post("/services/apilogin", data={"username": user, "password": password}).json()

    assert log_in("wrong")["loginSuccess"] is False
    assert log_in("wonderland")["loginSuccess"] is True
    log_in("wrong"), log_in("wrong")
    assert "locked" in log_in("wonderland")["loginFaultMessage"]
    assert log_in("api", "api")["loginSuccess"] is True


def test_seats_run_out_and_come_back(start):
    emulator = start("--seats", "1")
    first = emulator.bearer()
    refused = emulator.post("/services/login", data=RIGHT).json()
    assert refused["loginSuccess"] is False
    assert "seat" in refused["loginFaultMessage"]
    emulator.post("/services/logout", headers=first)
    assert emulator.post("/services/login", data=RIGHT).json()["loginSuccess"] is True
