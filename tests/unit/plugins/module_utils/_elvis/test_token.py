# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.token import LONGEST_CLAIMS, LONGEST_TOKEN, expires_at

EXPIRY = 1_795_346_048
EXPIRY_AS_TEXT = "2026-11-22T11:14:08Z"


def encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")


def make_token(claims: object, compressed: bool = True, window_bits: int = zlib.MAX_WBITS, **header: Any) -> str:
    body = json.dumps(claims).encode()
    if compressed:
        header = {"zip": "DEF", **header}
        compressor = zlib.compressobj(wbits=window_bits)
        body = compressor.compress(body) + compressor.flush()
    return ".".join([encode(json.dumps({"alg": "HS512", **header}).encode()), encode(body), encode(b"signature")])


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(make_token({"exp": EXPIRY}), id="zlib, as the vendor's samples"),
        pytest.param(make_token({"exp": EXPIRY}, window_bits=-zlib.MAX_WBITS), id="raw deflate, as the standard says"),
        pytest.param(make_token({"exp": EXPIRY}, compressed=False), id="not compressed"),
        pytest.param(make_token({"exp": float(EXPIRY)}), id="a fraction"),
        pytest.param(make_token({"exp": str(EXPIRY)}), id="a number as text"),
        pytest.param(make_token({"exp": EXPIRY, "sub": "x" * 10_000}), id="long"),
    ],
)
def test_the_expiry_is_read(token: str) -> None:
    assert expires_at(token) == EXPIRY_AS_TEXT


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("", id="empty"),
        pytest.param("opaque", id="opaque"),
        pytest.param("a.b.c", id="not base64"),
        pytest.param("é.é.é", id="not ASCII"),
        pytest.param(make_token({"exp": EXPIRY}).replace(".", ".\n"), id="line breaks"),
        pytest.param("e30.e30", id="two parts"),
        pytest.param("e30.e30.e30.e30", id="four parts"),
        pytest.param(make_token({}), id="no exp"),
        pytest.param(make_token({"exp": None}), id="exp null"),
        pytest.param(make_token({"exp": "soon"}), id="exp a word"),
        pytest.param(make_token({"exp": 1e300}), id="exp out of range"),
        pytest.param(make_token({"exp": float("nan")}), id="exp not a number"),
        pytest.param(make_token({"exp": float("inf")}), id="exp infinite"),
        pytest.param(make_token({"exp": 10**400}), id="exp too long for a float"),
        pytest.param(make_token([EXPIRY]), id="claims a list"),
        pytest.param(make_token({"exp": EXPIRY}, compressed=False, zip="DEF"), id="said to be compressed"),
        pytest.param(f"{encode(b'[]')}.e30.e30", id="header a list"),
        pytest.param(f"{encode(b'[' * 20_000)}.e30.e30", id="header deeply nested"),
        pytest.param(make_token({"exp": EXPIRY, "sub": "x" * LONGEST_CLAIMS}), id="inflates to too much"),
        pytest.param(make_token({"exp": EXPIRY, "sub": "x" * LONGEST_TOKEN}, compressed=False), id="too long"),
    ],
)
def test_a_token_that_does_not_tell_is_no_failure(token: str) -> None:
    assert expires_at(token) is None
