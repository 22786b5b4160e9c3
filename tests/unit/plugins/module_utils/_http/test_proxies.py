# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which proxy is used, and what is said of one whose address can't be read, without any of it."""

from __future__ import annotations

import os

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure, ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.proxies import password_in, proxies_to
from ansible_collections.damops.elvis.plugins.module_utils._operations import login
from tests.support.operations import run

URL = "https://dam.example.com/app"


@pytest.fixture(autouse=True)
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


MALFORMED = [
    "http://proxy-user:wonder land@proxy.example.com:3128",
    "http://proxy-user:wonder#land@proxy.example.com:3128",
    "http://proxy-user:wonder/land@proxy.example.com:3128",
    "http://proxy-user:1/land@proxy.example.com:3128",
    "http://proxy-user:wonder?land@proxy.example.com:3128",
    "http://proxy-user:wonder@land@proxy.example.com:3128",
    "http://proxy-user:wonder%land@proxy.example.com:3128",
    "http://proxy-user:wonder\\land@proxy.example.com:3128",
    "http://proxy-user:wonder[land@proxy.example.com:3128",
    "http://proxy-user:wonderland%@proxy.example.com:3128",
    "socks5h://proxy-user:wonder#land@proxy.example.com:1080",
    "proxy-user:wonder#land@proxy.example.com:3128",
    "proxy-user:wonderland",
    "http://proxy.example.com: 3128",
    "http://",
]
WELL_FORMED = [
    "http://proxy.example.com",
    "http://proxy.example.com:3128",
    "http://proxy.example.com:3128/",
    "HTTPS://proxy.example.com:3128/path",
    "proxy.example.com:3128",
    "proxy-user@proxy.example.com:3128",
    "http://proxy-user:wonder%20land%23%40%25%2F@proxy.example.com:3128",
    "http://proxy-user:wonder:land!$&'()*+,;=~@proxy.example.com:3128",
    "http://proxy-user:wünder@proxy.example.com:3128",
    "http://[::1]:3128",
    "socks5h://127.0.0.1:1080",
]


@pytest.mark.parametrize("address", WELL_FORMED)
def test_an_address_that_is_used(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("https_proxy", address)
    assert proxies_to(URL, None)["https"] == address


@pytest.mark.parametrize("address", MALFORMED)
@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
def test_a_malformed_variable_is_named(monkeypatch: pytest.MonkeyPatch, address: str, variable: str) -> None:
    monkeypatch.setenv(variable, address)
    with pytest.raises(CallFailure) as caught:
        proxies_to(URL, None)
    failure = caught.value
    assert (failure.kind, failure.delivery) == ("proxy_malformed", "unsent")
    assert failure.summary == f"the variable {variable} is malformed"


@pytest.mark.parametrize("address", MALFORMED)
def test_a_task_says_so_without_the_value(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("http_proxy", address)
    options = {"server_url": "http://dam.example.com", "username": "alice", "password": "wonderland"}
    with pytest.raises(ElvisError) as caught:
        run(login.OPERATION, **options)
    with pytest.raises(ElvisError) as of_option:
        run(login.OPERATION, **options, proxy=address)

    said, refused = caught.value.message, of_option.value.message
    assert (caught.value.reason, of_option.value.reason) == ("proxy", "bad_request")
    assert "the variable http_proxy is malformed. Percent-encode the user and the password in it" in said
    assert refused.startswith("proxy is not the address of an HTTP or SOCKS proxy.")
    assert not any(part in said + refused for part in ("proxy-user", "wonder", "land@"))


def test_a_variable_that_is_not_used_may_be_malformed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", MALFORMED[0])
    assert "https" not in proxies_to(URL, None)
    monkeypatch.setenv("https_proxy", MALFORMED[0])
    monkeypatch.setenv("no_proxy", "dam.example.com")
    assert proxies_to(URL, None) == {}


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("http://proxy-user:wonder%20land@proxy.example.com:3128", "wonder land"),
        ("http://proxy-user:wonder#land@proxy.example.com:3128", "wonder#land"),
        ("http://proxy-user:wonder@land@proxy.example.com:3128", "wonder@land"),
        ("proxy-user:wonder[land@proxy.example.com:3128", "wonder[land"),
        ("http://proxy-user@proxy.example.com:3128", ""),
        ("http://proxy.example.com:3128", ""),
        ("", ""),
    ],
)
def test_the_password_is_known(address: str, password: str) -> None:
    assert password_in(address) == password
