# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which call a path names: on the session's own server, in one way only, and none that has a module of its own."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.endpoint import Endpoint, parse_endpoint
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError

HERE = "https://dam.example.com"
BELOW = "https://dam.example.com/app"


@pytest.mark.parametrize(
    ("server_url", "value", "path", "service"),
    [
        (HERE, "services/search", "/services/search", "services/search"),
        (HERE, "/services/search", "/services/search", "services/search"),
        (HERE, "services/search/", "/services/search/", "services/search"),
        (HERE, "services/Search", "/services/Search", "services/search"),
        (HERE, "services/%73earch", "/services/%73earch", "services/search"),
        (HERE, "services/search;jsessionid=x", "/services/search;jsessionid=x", "services/search"),
        (BELOW, "services/search", "/services/search", "services/search"),
        (HERE, "alive.txt", "/alive.txt", "alive.txt"),
        (HERE, "api/folder/~x_-y", "/api/folder/~x_-y", "api/folder/~x_-y"),
        (HERE, "file/a b/ü.jpg", "/file/a%20b/%C3%BC.jpg", "file/a b/ü.jpg"),
        (HERE, "file/a%20b/%C3%BC.jpg", "/file/a%20b/%C3%BC.jpg", "file/a b/ü.jpg"),
        (HERE, "file/id/*/a(1)+b,c;d=e@f:g.jpg", "/file/id/*/a(1)+b,c;d=e@f:g.jpg", "file/id/*/a(1)+b,c"),
        (HERE, "file/100%25.jpg", "/file/100%25.jpg", "file/100%.jpg"),
        (HERE, "file/...", "/file/...", "file/..."),
        (HERE, "https://dam.example.com/file/a", "/file/a", "file/a"),
        (HERE, "HTTPS://DAM.example.com:443/file/a", "/file/a", "file/a"),
        (BELOW, "https://dam.example.com/app/file/a", "/file/a", "file/a"),
        ("http://[::1]:8080/app", "http://[::1]:8080/app/file/a", "/file/a", "file/a"),
    ],
)
def test_a_path_on_the_server(server_url: str, value: str, path: str, service: str) -> None:
    assert parse_endpoint(value, server_url) == Endpoint(path, service, [])


def test_an_address_of_elvis_may_bring_a_query() -> None:
    target = parse_endpoint(f"{BELOW}/file/a/*/b.jpg?_=1&requestSecret=a%2Bb&empty=", BELOW)
    assert target == Endpoint(
        "/file/a/*/b.jpg", "file/a/*/b.jpg", [("_", "1"), ("requestSecret", "a+b"), ("empty", "")]
    )


@pytest.mark.parametrize(
    "value",
    [
        "//other.example.com/services/search",
        "http://dam.example.com/services/search",
        "https://staging/services/remove",
        "https://dam.example.com:8443/app/services/search",
        "https://dam.example.com.other.example.com/app/alive.txt",
        "https://dam.example.com@other.example.com/file/a",
        "https://alice@dam.example.com/app/file/a",
        "https://alice:wonderland@other.example.com/file/a",
        "https://dam.example.com/metadata/a.csv",
        "https://dam.example.com/application/services/search",
        "https://dam.example.com/app",
        "https://staging/app",
        "https://staging/app/file",
        "https://staging/app/file/",
        "https://staging/app/File/a",
        "https://staging/app/%66ile/a",
        "https://staging/app/files/a",
        "https://staging/app/zip/a/b.zip",
        "https://staging/zip/a/file/b",
        "https://staging/app/file/a%2fb",
        "https://staging/app/file/a%2Fb",
        "https://staging/app/file/a%252Fb",
        "ftp://staging/file/a",
        "https:/staging/file/a",
        "https:services/search",
        "https:///app/file/a",
        "https://[dam/file/a",
        "https://dam.example.com:port/app/file/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ],
)
def test_another_server_is_refused(value: str) -> None:
    with pytest.raises(ElvisError, match=f"session's own server, {BELOW}", check=is_bad_request):
        parse_endpoint(value, BELOW)


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("http://dam.example.com/app/file/a/*/b.jpg", "/file/a/*/b.jpg"),
        ("https://dam.example.com:8443/app/preview/a/*/b.jpg", "/preview/a/*/b.jpg"),
        ("https://dam.example.com/thumbnail/a", "/thumbnail/a"),
        ("https://dam.example.com/application/file/a", "/file/a"),
        ("http://10.0.0.7:8080/dam/elvis/file/a/*/file/b.jpg", "/file/a/*/file/b.jpg"),
        ("http://node-2.internal:80/zip/all.zip", "/zip/all.zip"),
        ("http://[::1]:8080/file/\u00fc b.jpg", "/file/%C3%BC%20b.jpg"),
        ("HTTP://other.example.com/file/services/search", "/file/services/search"),
    ],
)
def test_a_file_is_fetched_from_the_own_server_whatever_its_address_names(value: str, path: str) -> None:
    target = parse_endpoint(f"{value}?requestSecret=a%2Bb&_=1", BELOW)
    assert (target.path, target.query) == (path, [("requestSecret", "a+b"), ("_", "1")])
    assert "GET" in target.service.reads


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_no_get_needs_the_own_address(method: str) -> None:
    with pytest.raises(ElvisError, match="session's own server", check=is_bad_request):
        parse_endpoint("https://staging/app/file/a", BELOW, method)
    assert parse_endpoint(f"{BELOW}/file/a", BELOW, method).path == "/file/a"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("https://staging/app/../file/a", "'..' segment"),
        ("https://staging/app/file/../services/remove", "'..' segment"),
        ("https://staging/app/file/%2e%2e/services/remove", "'..' segment"),
        ("https://staging//file/a", "empty, "),
        ("https://staging/file//a", "empty, "),
        ("https://staging/file/a#top", "fragment"),
        ("", "is empty"),
        ("/", "is empty"),
        ("services/search?q=x", "query: use the option query"),
        ("services/search#top", "fragment"),
        ("https://dam.example.com/app/file/a#top", "fragment"),
        ("services/../services/search", "'..' segment"),
        ("../services/search", "'..' segment"),
        ("services/search/..", "'..' segment"),
        ("services/./search", "'..' segment"),
        ("services//search", "empty, "),
        ("services/search//", "empty, "),
        ("services/%2e%2e/search", "'..' segment"),
        ("services/%2E./search", "'..' segment"),
        ("services/%252e%252e/search", "'..' segment"),
        ("services/..;a=b/search", "'..' segment"),
        ("services/..%3Ba/search", "'..' segment"),
        ("services/%2f/search", "empty, "),
        ("%2f%2fother.example.com", "empty, "),
        ("services/..%2fsearch", "'..' segment"),
        ("services\\search", "backslash"),
        ("services/..%5csearch", "backslash"),
        ("services/%255csearch", "backslash"),
        ("services/search\n", "control character"),
        ("services/se\x00arch", "control character"),
        ("services/search%0d%0aX-Injected:1", "control character"),
        ("services/search%00", "control character"),
        ("services/100%", "does not begin an escape"),
        ("services/%zz", "does not begin an escape"),
        ("services/%2525252525252541", "several times"),
        ("services/\ud800", "UTF-8"),
        ("https://dam.example.com/app/services/se\tarch", "control character"),
        ("https://dam.example.com/app/../services/search", "'..' segment"),
        ("https://dam.example.com/app//services/search", "empty, "),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(value: str, message: str) -> None:
    with pytest.raises(ElvisError, match=message, check=is_bad_request):
        parse_endpoint(value, BELOW)


@pytest.mark.parametrize(
    ("value", "module"),
    [
        ("services/login", "elvis_login"),
        ("services/apilogin", "elvis_login"),
        ("services/logout", "elvis_logout"),
        ("logout", "elvis_logout"),
        ("/logout", "elvis_logout"),
        ("Services/LOGOUT", "elvis_logout"),
        ("services/logout/", "elvis_logout"),
        ("services/logout;jsessionid=x", "elvis_logout"),
        ("services;a=b/logout", "elvis_logout"),
        ("services/%6cogout", "elvis_logout"),
        ("services/%256cogout", "elvis_logout"),
        ("services%2Flogout", "elvis_logout"),
        ("services/logout.json", "elvis_logout"),
        ("logout.do", "elvis_logout"),
        ("services/logout%20", "elvis_logout"),
        ("https://dam.example.com/app/services/login", "elvis_login"),
        ("https://dam.example.com/app/logout?logoutSuccessUrl=/", "elvis_logout"),
    ],
)
def test_what_has_a_module_is_refused(value: str, module: str) -> None:
    with pytest.raises(ElvisError, match=f"use damops.elvis.{module}", check=is_bad_request):
        parse_endpoint(value, BELOW)


def test_an_address_that_ends_within_a_name_hides_no_call() -> None:
    with pytest.raises(ElvisError, match="elvis_logout"):
        parse_endpoint("logout", f"{HERE}/services")
    with pytest.raises(ElvisError, match="elvis_login"):
        parse_endpoint("login", f"{HERE}/Services")
    assert parse_endpoint("login", f"{HERE}/myservices").service.module is None


def is_bad_request(error: ElvisError) -> bool:
    return error.reason == "bad_request"
