# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A way that leads through a proxy: what the proxy learns, and what is said when it does not let us through."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations import login, logout
from tests.support.answers import ENDED, TOKEN, bearer_grant
from tests.support.certificates import Certificates, serving
from tests.support.operations import fail, run
from tests.support.proxy import Proxy, start_proxy
from tests.support.scripted import HttpResponse, ScriptedServer, hang_up, html_reply, scripted_server

PASSWORD = "p@ss/w:rd 100%"
SECRET_FORMS = [PASSWORD, quote(PASSWORD, safe=""), base64.b64encode(f"proxy-user:{PASSWORD}".encode()).decode()]
USER_INFO = f"proxy-user:{quote(PASSWORD, safe='')}"
HOST = "dam.example.com"
WHO: dict[str, Any] = {"username": "alice", "password": "wonderland", "retries": 0}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    certificates = Certificates(tmp_path_factory.mktemp("proxy"))
    certificates.issue("server.pem", HOST, "127.0.0.1")
    certificates.issue("proxy.pem", "localhost")
    return certificates


@pytest.fixture(scope="module")
def proxies(made: Certificates) -> Iterator[dict[str, Proxy]]:
    certificate, locked = made.path("proxy.pem"), ("--basic-auth", f"proxy-user:{PASSWORD}")
    with ExitStack() as running:
        yield {
            name: running.enter_context(start_proxy(Path(made.path(name)), *arguments))
            for name, arguments in {
                "open": (),
                "locked": locked,
                "https": (*locked, "--cert-file", certificate, "--key-file", certificate),
            }.items()
        }


class Site(NamedTuple):
    """A server behind the proxy, and the address that it has there."""

    server: ScriptedServer
    url: str


@pytest.fixture(params=["http", "https"])
def site(request: pytest.FixtureRequest, made: Certificates) -> Iterator[Site]:
    tls = serving(made.path("server.pem")) if request.param == "https" else None
    with scripted_server(bearer_grant(), ENDED, tls=tls) as server:
        yield Site(server, server.url.replace("127.0.0.1", HOST))


@pytest.mark.parametrize("told_by", ["option", "environment"])
@pytest.mark.parametrize("kind", ["open", "locked", "https"])
def test_a_proxy_passes_on_what_is_not_for_it(
    site: Site,
    made: Certificates,
    proxies: dict[str, Proxy],
    kind: str,
    told_by: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    proxy, scheme = proxies[kind], site.url.partition(":")[0]
    address = proxy.url("" if kind == "open" else USER_INFO, "https" if kind == "https" else "http")
    options: dict[str, Any] = {"ca_path": made.path("ca.pem")}
    if told_by == "option":
        options["proxy"] = address
    else:
        monkeypatch.setenv(f"{scheme}_proxy".upper(), address)
    # Who keeps passwords there has them for other programs.
    (tmp_path / ".netrc").write_text("default login other password other\n")
    (tmp_path / ".netrc").chmod(0o600)

    session = run(login.OPERATION, server_url=site.url, **WHO, **options)["session"]
    run(logout.OPERATION, session=session, **options)

    assert [request.headers["Authorization"] for request in site.server.requests] == [None, f"Bearer {TOKEN}"]
    assert [request.headers["Proxy-Authorization"] for request in site.server.requests] == [None, None]
    seen = proxy.take_requests()
    assert {request["target"] for request in seen} == {site.url.partition("//")[2]}
    if scheme == "https":
        assert {request["method"] for request in seen} == {"CONNECT"}
        known = {"host", "proxy-authorization", "user-agent", "proxy-connection"}
        assert {name for request in seen for name in request["headers"]} <= known


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
def test_no_proxy_leads_past_it(
    made: Certificates, proxies: dict[str, Proxy], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxies["open"].url())
    monkeypatch.setenv(name, "127.0.0.1,other.example")
    with scripted_server(bearer_grant(), tls=serving(made.path("server.pem"))) as server:
        run(login.OPERATION, server_url=server.url, ca_path=made.path("ca.pem"), **WHO)
    assert len(server.requests) == 1
    assert proxies["open"].take_requests() == []


def test_what_shows_the_certificate_goes_through_the_proxy(made: Certificates, proxies: dict[str, Proxy]) -> None:
    with scripted_server(bearer_grant(), tls=serving(made.path("server.pem"))) as server:
        url = server.url.replace("127.0.0.1", "other.example.com")
        error = fail(login.OPERATION, server_url=url, ca_path=made.path("ca.pem"), proxy=proxies["open"].url(), **WHO)
    assert (error.reason, server.requests) == ("tls", [])
    assert "the server's certificate is not valid for this host." in error.message
    way = f"-connect {url.removeprefix('https://')} -servername other.example.com -proxy {proxies['open'].url().removeprefix('http://')}"
    assert f"To see it: 'openssl s_client {way} </dev/null | openssl x509" in error.message


def check(error: Any, reason: str, says: str) -> None:
    assert (error.reason, says in error.message) == (reason, True), error.message
    assert [form for form in SECRET_FORMS if form in str(error.as_result())] == []


def test_a_wrong_password_for_the_proxy(site: Site, made: Certificates, proxies: dict[str, Proxy]) -> None:
    for user_info in ("", f"proxy-user:{quote(PASSWORD[:-1], safe='')}"):
        proxy = proxies["locked"].url(user_info)
        error = fail(login.OPERATION, server_url=site.url, proxy=proxy, ca_path=made.path("ca.pem"), **WHO)
        check(error, "proxy", "the proxy asks for a user and a password")
        assert "Write them into its address, percent-encoded" in error.message
    assert site.server.requests == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_whose_certificate_is_not_trusted_learns_nothing(proxies: dict[str, Proxy], scheme: str) -> None:
    proxy = proxies["https"].url(USER_INFO, "https")
    error = fail(login.OPERATION, server_url=f"{scheme}://{HOST}", proxy=proxy, **WHO)
    # urllib3 1 does not tell whose certificate it was.
    assert error.reason in ("proxy", "tls")
    check(error, error.reason, "failed: unable to get local issuer certificate. Check ")
    assert proxies["https"].take_requests() == []


def test_a_server_behind_the_proxy_that_is_not_there(proxies: dict[str, Proxy]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        server_url = f"https://{HOST}:{taken.getsockname()[1]}"
        error = fail(login.OPERATION, server_url=server_url, proxy=proxies["locked"].url(USER_INFO), **WHO)
    check(error, "proxy", "the proxy did not let the request through (HTTP 502)")
    proxies["locked"].take_requests()


@pytest.mark.parametrize(
    ("scheme", "answer", "reason", "says"),
    [
        ("https", html_reply(403), "proxy", "the proxy did not let the request through (HTTP 403). Check the proxy"),
        ("https", html_reply(407), "proxy", "asks for a user and a password (HTTP 407)"),
        ("https", html_reply(502), "proxy", "the proxy did not let the request through (HTTP 502). Check the proxy"),
        ("https", hang_up, "proxy", "hung up before the request was sent. Check the proxy"),
        # What such an answer comes from can't be told from a server's own.
        ("http", html_reply(403), "bad_response", "HTTP 403 with an HTML page"),
        ("http", html_reply(407), "proxy", "asks for a user and a password"),
        ("http", html_reply(502), "server", "any proxy in front of it"),
        ("http", hang_up, "unreachable", "the connection broke before the answer came. Check server_url"),
    ],
)
def test_a_proxy_that_refuses(scheme: str, answer: HttpResponse, reason: str, says: str) -> None:
    with scripted_server(answer) as proxy:
        address = proxy.url.replace("//", f"//{USER_INFO}@")
        error = fail(login.OPERATION, server_url=f"{scheme}://{HOST}", proxy=address, **WHO)
    check(error, reason, says)
    place = proxy.url.removeprefix("http://")
    assert (f" The proxy is {place}, from the option proxy." in error.message) == (reason == "proxy")
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_of_the_environment_is_named_as_such(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(html_reply(407)) as proxy:
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url.replace("//", f"//{USER_INFO}@"))
        error = fail(login.OPERATION, server_url=f"{scheme}://{HOST}", **WHO)
    check(error, "proxy", f"The proxy is {proxy.url.removeprefix('http://')}, from the environment.")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_proxy_there(scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://{USER_INFO}@127.0.0.1:{taken.getsockname()[1]}"
        error = fail(login.OPERATION, server_url=f"{scheme}://{HOST}", proxy=address, **WHO)
    check(error, "proxy", "no connection to the proxy: connection refused. Check the proxy")


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_whose_name_nobody_knows(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_to_resolve(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "the resolver's own words")

    # What a real resolver says depends on the network of the machine.
    monkeypatch.setattr(socket, "getaddrinfo", fail_to_resolve)
    address = f"http://{USER_INFO}@proxy.invalid:3128"
    error = fail(login.OPERATION, server_url=f"{scheme}://{HOST}", proxy=address, **WHO)
    check(error, "proxy", "the name of the proxy does not resolve. Check the proxy")


@pytest.mark.parametrize(
    ("server_url", "is_told"),
    [
        ("http://dam.invalid", True),
        ("http://192.0.2.1", True),
        ("http://localhost", False),
        ("http://elvis.localhost", False),
        ("http://127.8.8.8", False),
        ("http://[::1]", False),
        ("https://dam.invalid", False),
    ],
)
@pytest.mark.parametrize("has_granted", [True, False])
def test_a_password_in_the_clear_is_told_of(server_url: str, is_told: bool, has_granted: bool) -> None:
    """Once, whatever comes of it, and with a proxy as well."""
    with scripted_server(bearer_grant() if has_granted else html_reply(503)) as proxy:
        options = {"server_url": server_url, "proxy": proxy.url, **WHO}
        if has_granted and server_url.startswith("http:"):
            result = run(login.OPERATION, **options)
        else:
            result = fail(login.OPERATION, **options).as_result()
    told = (
        [f"{server_url} is not https: anybody on the way can read and change what is sent and what is answered."]
        if is_told
        else []
    )
    assert result.get("warnings", []) == told
