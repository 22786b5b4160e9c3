# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Headers of a task's own: what is refused before anything is sent."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._task.connection import read_connection

DEFAULTS = asdict(ConnectionOptions())
SECRET = "a-key-of-the-gateway"


def read(headers: Any) -> ConnectionOptions:
    return read_connection({**DEFAULTS, "extra_headers": headers})


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (None, {}),
        ({}, {}),
        ({"X-Api-Key": SECRET}, {"X-Api-Key": SECRET}),
        ({"CF-Access-Client-Id": "a b", "X-Number": 7}, {"CF-Access-Client-Id": "a b", "X-Number": "7"}),
        ({"Authorization": "Basic dXNlcjpwYXNz"}, {"Authorization": "Basic dXNlcjpwYXNz"}),
        ([["X-Api-Key", SECRET]], {"X-Api-Key": SECRET}),
    ],
    ids=["none", "empty", "one", "two", "authorization", "as the guard gets them"],
)
def test_headers_that_can_be_sent(given: Any, sent: dict[str, str]) -> None:
    assert read(given).headers == sent


def test_a_value_and_the_credentials_in_it_are_secret() -> None:
    headers = {"Authorization": "Basic dXNlcjpwYXNz", "X-Api-Key": SECRET}
    assert read(headers).secrets == ("Basic dXNlcjpwYXNz", SECRET, "dXNlcjpwYXNz")
    assert SECRET not in repr(read(headers))


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        *((name, SECRET, f"{name}, which follows from the request") for name in ("Host", "Connection", "Content-Type")),
        *((name, SECRET, f"{name}, which follows") for name in ("Transfer-Encoding", "content-length", "Expect")),
        ("Accept-Encoding", SECRET, "Accept-Encoding, which follows"),
        ("Cookie", SECRET, "Cookie: it has the session's cookies."),
        ("x-csrf-token", SECRET, "x-csrf-token: it has the session's CSRF token."),
        ("User-Agent", SECRET, "User-Agent: use the option http_agent."),
        ("Proxy-Authorization", SECRET, "write user and password into the option proxy."),
        ("X Y", SECRET, "a name that no HTTP header can have"),
        ("", SECRET, "a name that no HTTP header can have"),
        ("X:", SECRET, "a name that no HTTP header can have"),
        ("X\r\nY", SECRET, "a name that no HTTP header can have"),
        ("Schlüssel", SECRET, "a name that no HTTP header can have"),
        ("X-Key", f"{SECRET}\n", "X-Key with a line break at the end of its value"),
        ("X-Key", f"{SECRET}\r\nX-Evil: 1", "X-Key with a value that has a space at an end, or a character"),
        ("X-Key", f" {SECRET}", "X-Key with a value that has a space at an end"),
        ("X-Key", f"{SECRET}ü", "or a character that no HTTP header may carry"),
        ("X-Key", "", "X-Key with an empty value"),
        ("X-Key", " ", "X-Key with an empty value"),
        ("X-Key", None, "X-Key with a value that is not text. Put it in quotes."),
        ("X-Key", True, "X-Key with a value that is not text"),
        ("X-Key", [SECRET], "X-Key with a value that is not text"),
    ],
)
def test_a_header_that_can_not_be_sent(name: str, value: Any, says: str) -> None:
    with pytest.raises(ElvisError) as caught:
        read({"X-Other": "fine", name: value})
    assert caught.value.reason == "bad_request"
    assert caught.value.message.startswith("extra_headers, or ELVIS_EXTRA_HEADERS, has ")
    assert says in caught.value.message
    assert SECRET not in caught.value.message


def test_a_header_is_given_once() -> None:
    with pytest.raises(ElvisError, match="x-key twice"):
        read({"X-Key": SECRET, "x-key": SECRET})
