# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.server_url import (
    is_loopback,
    parse_server_url,
    place_of_proxy,
    without_query,
)
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://dam.example.com", "https://dam.example.com"),
        ("https://dam.example.com/", "https://dam.example.com"),
        ("https://dam.example.com/app/", "https://dam.example.com/app"),
        ("https://dam.example.com/a/b//", "https://dam.example.com/a/b"),
        ("HTTPS://DAM.Example.com/App", "https://dam.example.com/App"),
        ("https://dam.example.com:443", "https://dam.example.com"),
        ("http://dam.example.com:80/app", "http://dam.example.com/app"),
        ("http://dam.example.com:443", "http://dam.example.com:443"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ("http://[::1]:8787/app", "http://[::1]:8787/app"),
        ("https://dam.example.com/caf%C3%A9", "https://dam.example.com/caf%C3%A9"),
    ],
)
def test_a_server_has_one_form(given: str, expected: str) -> None:
    assert parse_server_url(given) == expected


@pytest.mark.parametrize(
    ("given", "mistake"),
    [
        ("", "must start with"),
        ("dam.example.com", "must start with"),
        ("ftp://dam.example.com", "must start with"),
        ("//dam.example.com", "must start with"),
        ("https://", "names no host"),
        ("https:///app", "names no host"),
        ("https://alice:s3cret@dam.example.com", "user or a password"),
        ("https://dam.example.com?s3cret=1", "query or a fragment"),
        ("https://dam.example.com/?", "query or a fragment"),
        ("https://dam.example.com#s3cret", "query or a fragment"),
        ("https://dam.example.com:port", "host or port"),
        ("https://dam.example.com:99999", "host or port"),
        ("https://[::1", "host or port"),
        ("http://::1:8080", r"has an IPv6 address without brackets. Write it like http://\[::1\]:8080"),
        ("https://fe80::1%25eth0/app", "an IPv6 address without brackets"),
        ("HTTP://2001:db8::7", "an IPv6 address without brackets"),
        ("https://dam.example.com\n", r"ends in a line break. That comes from echo.* printf %s"),
        ("https://dam.example.com/app\r\n", r"ends in a line break"),
        ("https://dam.example.com/a b", "a space or another character"),
        ("https://dam.example.com\r\nX-Evil: 1", "a space or another character"),
        (r"https://dam.example.com\@evil.example.com", "a space or another character"),
        ("https://dam.example.com/../app", "segment"),
        ("https://dam.example.com/%", "a % that does not begin an escape"),
        ("https://dam.example.com/./app", "segment"),
        ("https://dam.example.com%2Fevil.example.com", "an escape in its host"),
        ("https://dam.example.com/%2E%2e/app", "segment"),
        ("https://dam.example.com/\ud800", "a space or another character"),
        ("https://dam.example.com//app", "segment"),
    ],
)
def test_what_is_no_server_is_refused_without_being_repeated(given: str, mistake: str) -> None:
    with pytest.raises(ElvisError, match=mistake, check=lambda error: error.reason == "bad_request") as caught:
        parse_server_url(given)
    assert "https://dam.example.com/app" in caught.value.message, "an example of what is right"
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8787", True),
        ("http://127.8.9.10", True),
        ("http://[::1]/app", True),
        ("http://localhost", True),
        ("http://elvis.localhost", True),
        ("http://10.0.0.1", False),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_loopback(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://sso.example.com/login?token=s3cret#part", "https://sso.example.com/login"),
        ("https://alice:s3cret@sso.example.com:8443/", "https://sso.example.com:8443/"),
        ("/login?token=s3cret", "/login"),
        ("https://[s3cret", "an address that can't be read"),
        ("https://sso.example.com:s3cret/", "an address that can't be read"),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, expected: str) -> None:
    assert without_query(url) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://proxy.example.com:3128", "proxy.example.com:3128"),
        ("https://user:p@ss/word@proxy.example.com/", "proxy.example.com"),
        ("proxy:3128", "proxy:3128"),
        ("user:secret@[::1]:3128", "[::1]:3128"),
        # The password of somebody who forgot the host.
        ("http://user:p%40ss", None),
        ("http://user:secret/", None),
        ("", None),
    ],
)
def test_a_proxy_is_named_without_what_may_be_secret(address: str, expected: str | None) -> None:
    assert place_of_proxy(address) == expected
