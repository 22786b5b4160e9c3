# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever address a task names, the request goes to the session's server and below its path."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

import requests
import urllib3.util
import yarl
from hypothesis import given, strategies as st

from ansible_collections.damops.elvis.plugins.module_utils._elvis.endpoint import parse_endpoint
from ansible_collections.damops.elvis.plugins.module_utils._elvis.server_url import parse_server_url, without_query
from ansible_collections.damops.elvis.plugins.module_utils._elvis.services import find_service
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import _is_redirect_target
from ansible_collections.damops.elvis.plugins.module_utils._task.connection import warnings_of
from tests.fuzz.strategies import MARK, addresses, passwords

SERVERS = (
    "https://dam.example.com",
    "http://dam.example.com:8080/app",
    "https://[::1]/a/b",
    "http://127.0.0.1/services",
)


def _prepared(url: str) -> str | None:
    """Return the address that would be asked, None when requests refuses it."""
    try:
        prepared = requests.Request("GET", url, params=[("q", "x")]).prepare().url
    except (requests.RequestException, UnicodeError):
        return None
    assert prepared
    return prepared


def _origins(url: str) -> set[tuple[str | None, str | None, int | None]]:
    """Return scheme, host and port as three parsers read them; they should be one."""
    mine, theirs, other = urlsplit(url), urllib3.util.parse_url(url), yarl.URL(url)
    default = {"http": 80, "https": 443}
    return {
        (mine.scheme, mine.hostname, mine.port or default[mine.scheme]),
        (theirs.scheme, (theirs.host or "").strip("[]"), theirs.port or default[str(theirs.scheme)]),
        (other.scheme, other.raw_host, other.port),
    }


@given(addresses | addresses.map("https://{}".format) | addresses.map("http://dam.example.com/{}".format))
def test_every_parser_reads_the_same_server(value: str) -> None:
    try:
        url = parse_server_url(value)
    except ElvisError as error:
        assert error.reason == "bad_request"
        return
    url.encode()
    assert parse_server_url(url) == url
    list(warnings_of(ConnectionOptions(), url))
    asked = _prepared(f"{url}/services/ping")
    if asked is None:
        return
    assert len(_origins(asked)) == 1
    path = urllib3.util.parse_url(asked).path or ""
    assert unquote(path) == unquote(f"{urlsplit(url).path}/services/ping")


@given(st.sampled_from(SERVERS), addresses | st.tuples(st.sampled_from(SERVERS), addresses).map("".join))
def test_a_call_stays_on_its_server(server_url: str, value: str) -> None:
    try:
        target = parse_endpoint(value, server_url)
    except ElvisError as error:
        assert error.reason == "bad_request"
        return
    asked = _prepared(server_url + target.path)
    assert asked
    assert _origins(asked) == _origins(server_url)
    path = urllib3.util.parse_url(asked).path or ""
    assert path.startswith(urlsplit(server_url).path + "/")
    service = unquote(path[len(urlsplit(server_url).path) :]).partition(";")[0].strip("/").lower()
    assert not find_service(service).is_reserved
    assert not target.service.is_reserved


@given(addresses)
def test_where_a_logout_leads_is_an_address(url: str) -> None:
    if not _is_redirect_target(url):
        return
    assert urlsplit(url).scheme in ("", "http", "https")
    assert not re.search(r"[\x00-\x20\x7f]", url)


@given(addresses, passwords)
def test_an_address_that_is_shown_has_no_query_and_no_password(address: str, secret: str) -> None:
    with_password = f"https://alice:{quote(secret, safe='')}@{address}"
    for url in (with_password, f"https://dam.example.com/?ticket={secret}", f"//{address}#{secret}"):
        assert MARK not in without_query(url)
