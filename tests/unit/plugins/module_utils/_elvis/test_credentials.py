# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.credentials import read_credentials
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError


def cred(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def read(username: str | None = None, password: str | None = None, cred: str | None = None) -> tuple[str, str]:
    return read_credentials({"username": username, "password": password, "cred": cred})


LONG = "x" * 100


@pytest.mark.parametrize(
    ("username", "password", "given_cred", "expected"),
    [
        ("alice", "wonderland", None, ("alice", "wonderland")),
        ("alice", " a:b ", None, ("alice", " a:b ")),
        (None, None, cred("alice:wonderland"), ("alice", "wonderland")),
        (None, None, cred("alice:won:der:land"), ("alice", "won:der:land")),
        (None, None, cred("alice:wönderländ"), ("alice", "wönderländ")),
        (None, None, f" {cred('alice:wonderland')}\n", ("alice", "wonderland")),
        (None, None, base64.encodebytes(f"alice:{LONG}".encode()).decode(), ("alice", LONG)),
        ("alice", "wonderland", cred("alice:wonderland"), ("alice", "wonderland")),
    ],
)
def test_who_logs_in(username: str | None, password: str | None, given_cred: str | None, expected: object) -> None:
    assert read(username, password, given_cred) == expected


@pytest.mark.parametrize(
    ("username", "password", "given_cred", "message"),
    [
        (None, None, None, "No credentials are given"),
        ("alice", None, None, "The password is missing"),
        ("alice", "", None, "The password is missing or empty"),
        (None, "wonderland", None, "The username is missing"),
        ("", "wonderland", None, "The username is missing or empty"),
        ("alice", None, cred("alice:wonderland"), "The password is missing"),
        (None, None, "", "cred is base64, but not of user:password"),
        (None, None, "alice:wonderland", "cred is not base64"),
        (None, None, cred("alice:wonderland")[:-3], "cred is not base64"),
        (None, None, "!" + cred("alice:wonderland"), "cred is not base64"),
        (None, None, base64.b64encode(b"alice:w\xf6nderland").decode(), "cred is not base64 of a text in UTF-8"),
        (None, None, cred("wonderland"), "not of user:password"),
        (None, None, cred(":wonderland"), "not of user:password with both parts present"),
        (None, None, cred("alice:"), "not of user:password with both parts present"),
        ("alice", "wonderland", cred("bob:wonderland"), "cred does not agree"),
        ("alice", "wonderland", cred("alice:other"), "cred does not agree"),
        ("alice\n", "wonderland", None, "The username ends in a line break. That comes from echo"),
        ("alice", "wonderland\n", None, "The password ends in a line break. .* Use printf %s instead of echo, "),
        (
            "alice",
            "wonderland\r\n",
            None,
            r"line break. .* \|- instead of \|, or the filter trim",
        ),
        (None, None, cred("alice:wonderland\n"), "The password in cred ends in a line break"),
        (None, None, cred("alice\n:wonderland"), "The username in cred ends in a line break"),
        ("alice", "wonderland", cred("alice:wonderland\n"), "The password in cred ends in a line break"),
        ("al\tice", "wonderland", None, "The username has a control character in it"),
        ("alice", "wonder\nland", None, "The password has a control character in it, such as a line break or a tab"),
        ("alice", "wonder\x7fland", None, "The password has a control character"),
        ("alice", "wonder\x85land", None, "The password has a control character"),
        (None, None, cred("alice:wonder\x00land"), "The password in cred has a control character"),
        ("alice\udcff", "wonderland", None, "username is not text in UTF-8"),
        ("alice", "wonderland\udcff", None, "password is not text in UTF-8"),
    ],
)
def test_what_names_nobody_is_refused_without_being_repeated(
    username: str | None, password: str | None, given_cred: str | None, message: str
) -> None:
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "bad_request") as caught:
        read(username, password, given_cred)
    for value in (password, given_cred):
        assert not value or value not in caught.value.message
