# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes back instead of a reply, and whether another try may help."""

from __future__ import annotations

import errno
import http.client
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import requests
import trustme
import urllib3

from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure
from ansible_collections.damops.elvis.plugins.module_utils._http.failures import explain
from ansible_collections.damops.elvis.plugins.module_utils._http.request import HttpRequest
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import (
    ConnectionOptions,
    HttpResponse,
    Transport,
)
from tests.support.emulator import start_emulator
from tests.support.scripted import drip, hang_up, html_reply, json_reply, raw_reply, scripted_server, stay_silent

SHORT = 0.3
Answer = Callable[[socket.socket], None]


def send(server_url: str, connection: ConnectionOptions = ConnectionOptions(), seconds: float = 5) -> HttpResponse:  # noqa: B008 - frozen
    with closing(Transport(connection)) as transport:
        return transport.exchange(HttpRequest("GET", f"{server_url}/services/ping", {}, {}, None), seconds)


def failure_of(server_url: str, connection: ConnectionOptions = ConnectionOptions(), seconds: float = 5) -> CallFailure:  # noqa: B008
    with pytest.raises(CallFailure) as caught:
        send(server_url, connection, seconds)
    assert server_url not in caught.value.summary
    return caught.value


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def chunks(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body


@contextmanager
def closed_port() -> Iterator[str]:
    """Give the address of a port that nobody listens on, and that nobody else gets meanwhile."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{reserved.getsockname()[1]}"


def test_what_python_itself_says_of_a_certificate_has_no_words() -> None:
    failure = explain(ssl.SSLCertVerificationError("alice's own words"), 5, has_sent=False)
    assert failure.summary == "the TLS connection failed: the two sides gave no reason"


@pytest.mark.parametrize(
    ("reply", "kind", "summary", "transient"),
    [
        (hang_up, "connection_lost", "the connection broke before the answer came", True),
        (reset, "connection_lost", "the connection broke before the answer came", True),
        (raw_reply(200, b"{}", Content_Length="3"), "broken_off", "a reply that breaks off", True),
        (chunks(b"5\r\nhel"), "broken_off", "a reply that breaks off", True),
        (chunks(b"5\r\nhello\r\n"), "broken_off", "a reply that breaks off", True),
        (chunks(b"no number\r\n"), "broken_off", "a reply that breaks off", True),
        (raw_reply(200, b"no gzip", Content_Encoding="gzip"), "not_http", "compression is broken", False),
        (b"220 mail.example.com ESMTP\r\n", "not_http", "something that is not HTTP", False),
        (b"HTT", "broken_off", "a reply that breaks off", True),
        (b"HTTP/1.1 20", "broken_off", "a reply that breaks off", True),
        (b"HTTP/1.1 200", "broken_off", "a reply that breaks off", True),
        (b"\x15\x03\x03", "not_http", "something that is not HTTP", False),
        (b"HTTP/1.1 OK\r\n\r\n", "not_http", "something that is not HTTP", False),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", "not_http", "something that is not HTTP", False),
    ],
)
def test_a_server_that_answers_wrongly(
    reply: bytes | Callable[[socket.socket], None], kind: str, summary: str, transient: bool
) -> None:
    with scripted_server(reply) as server:
        failure = failure_of(server.url)
    assert summary in failure.summary
    assert (failure.kind, failure.delivery, failure.transient) == (kind, "unknown", transient)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(stay_silent, id="no answer"),
        pytest.param(drip(json_reply(200, {}), SHORT / 2), id="a header byte by byte"),
        pytest.param(drip(chunks(b"5\r\nhello\r\n0\r\n\r\n"), SHORT / 20), id="chunks byte by byte"),
        pytest.param(drip(b"HTTP/1.0 200 OK\r\n\r\n{}" + b" " * 100, SHORT / 20), id="a body without an end"),
        pytest.param(drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 100, SHORT / 100), id="wait, and wait, and wait"),
    ],
)
def test_no_server_can_stretch_a_call(reply: Callable[[socket.socket], None]) -> None:
    with scripted_server(reply) as server:
        failure = failure_of(server.url, seconds=SHORT)
    assert (failure.kind, failure.delivery) == ("timeout", "unknown")
    assert "within 0." in failure.summary


def test_nothing_is_sent_when_the_way_to_the_server_took_all_the_time(resolve_slowly: Callable[[float], None]) -> None:
    resolve_slowly(SHORT)
    with scripted_server(json_reply(200, {})) as server:
        failure = failure_of(server.url, seconds=SHORT)
        assert server.requests == []
    assert (failure.kind, failure.delivery) == ("timeout", "unsent")


def test_a_closed_port() -> None:
    with closed_port() as url:
        failure = failure_of(url)
    assert (failure.kind, failure.delivery, failure.transient) == ("no_connection", "unsent", True)
    assert failure.summary == "no connection: connection refused"


@pytest.mark.parametrize(
    ("number", "transient"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)], ids=["never", "not now"]
)
def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch, number: int, transient: bool) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "the resolver's own words")

    # What a real resolver says depends on the network of the machine.
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    failure = failure_of("http://dam.example.com")
    assert (failure.kind, failure.delivery, failure.transient) == ("name_not_resolved", "unsent", transient)
    assert failure.summary == "the host name does not resolve"


@pytest.mark.parametrize(
    ("error", "kind", "summary"),
    [
        (TimeoutError(), "timeout", "no connection within 5 s"),
        (
            OSError(errno.EHOSTUNREACH, "x"),
            "no_connection",
            f"no connection: {os.strerror(errno.EHOSTUNREACH).lower()}",
        ),
        (OSError("x"), "no_connection", "no connection: the host can't be reached"),
    ],
)
def test_a_connection_that_does_not_come_about(
    monkeypatch: pytest.MonkeyPatch, error: OSError, kind: str, summary: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    # A black hole is nothing that a machine has on its own.
    monkeypatch.setattr(socket.socket, "connect", fail)
    failure = failure_of("http://127.0.0.1:9")
    assert (failure.kind, failure.delivery, failure.transient, failure.summary) == (kind, "unsent", True, summary)


@pytest.mark.parametrize("server_url", ["http://a..b", f"http://{'x' * 70}.example.com", "http://\udcff.example.com"])
def test_an_address_that_only_the_library_refuses(server_url: str) -> None:
    failure = failure_of(server_url)
    assert (failure.kind, failure.delivery) == ("unsendable", "unsent")


def test_a_proxy_that_is_not_there() -> None:
    with closed_port() as url:
        failure = failure_of("http://dam.example.com", ConnectionOptions(proxy=url.replace("//", "//user:s3cret@")))
    assert (failure.kind, failure.delivery) == ("proxy", "unsent")
    assert "s3cret" not in failure.summary


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_a_tunnel(status: int) -> None:
    with scripted_server(html_reply(status)) as proxy:
        failure = failure_of("https://dam.example.com", ConnectionOptions(proxy=proxy.url))
    assert (failure.kind, failure.delivery) == ("proxy_login" if status == 407 else "proxy", "unsent")
    assert f"HTTP {status}" in failure.summary
    assert [request.method for request in proxy.requests] == ["CONNECT"]


def test_a_kind_of_proxy_that_can_not_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "sock5://user:s3cret@127.0.0.1:1")
    failure = failure_of("http://dam.example.com")
    assert (failure.kind, failure.delivery) == ("proxy", "unsent")
    assert "s3cret" not in failure.summary


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    """A CA, and the file with its certificate."""
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return authority, path


@pytest.fixture(scope="module")
def https_url(ca: tuple[trustme.CA, Path]) -> Iterator[str]:
    """A server with a certificate for 127.0.0.1."""
    certificate = ca[1].parent / "server.pem"
    ca[0].issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    with start_emulator("--tls-cert", str(certificate)) as server:
        yield server.url


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environment_has_no_say_in_whom_a_task_trusts(
    monkeypatch: pytest.MonkeyPatch, ca: tuple[trustme.CA, Path], https_url: str, variable: str
) -> None:
    monkeypatch.setenv(variable, str(ca[1]))
    other_ca = ca[1].parent / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(other_ca)
    assert failure_of(https_url, ConnectionOptions(ca_path=str(other_ca))).kind == "certificate_issuer_unknown"
    monkeypatch.setenv(variable, str(other_ca))
    assert send(https_url, ConnectionOptions(ca_path=str(ca[1]))).status == 200
    assert send(https_url, ConnectionOptions(validate_certs=False)).status == 200
    monkeypatch.setenv(variable, "/missing.pem")
    assert send(https_url, ConnectionOptions(validate_certs=False)).status == 200


def test_a_ca_that_nobody_vouches_for(https_url: str) -> None:
    failure = failure_of(https_url)
    assert (failure.kind, failure.delivery, failure.transient) == ("certificate_issuer_unknown", "unsent", False)


def test_a_certificate_of_another_host(ca: tuple[trustme.CA, Path], https_url: str) -> None:
    failure = failure_of(https_url.replace("127.0.0.1", "localhost"), ConnectionOptions(ca_path=str(ca[1])))
    assert failure.kind == "certificate_of_other_host"
    assert failure.summary == "the server's certificate is not valid for this host; it is valid for 127.0.0.1"


def test_plain_http_and_tls_do_not_mix(https_url: str) -> None:
    def answer_plainly() -> None:
        connection, _dummy = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(raw_reply(400))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer_plainly)
        server.start()
        assert failure_of(f"https://127.0.0.1:{listener.getsockname()[1]}").kind == "tls_not_spoken"
        server.join()
    assert failure_of(https_url.replace("https", "http")).kind in ("not_http", "connection_lost", "broken_off")


@pytest.mark.parametrize("is_behind_proxy", [False, True])
def test_a_handshake_can_not_stretch_a_call(is_behind_proxy: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        proxied = ConnectionOptions(proxy=f"http://{host}") if is_behind_proxy else ConnectionOptions()
        failure = failure_of(f"https://{host}", proxied, seconds=SHORT)
    assert (failure.kind, failure.summary, failure.delivery) == ("timeout", f"no connection within {SHORT} s", "unsent")


def drip_handshake(connection: socket.socket) -> None:
    """Open a tunnel, and behind it begin a TLS record that takes half a minute."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    connection.recv(4096)
    drip(b"\x16\x03\x03\x40\x00" + bytes(300), 0.1)(connection)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(drip(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300, 0.1), id="the proxy's answer"),
        pytest.param(drip_handshake, id="the handshake behind it"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_no_proxy_can_stretch_a_call(ca: tuple[trustme.CA, Path], scheme: str, reply: Answer) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ca[0].issue_cert("localhost").configure_cert(context)
    with scripted_server(reply, tls=context if scheme == "https" else None) as proxy:
        started = time.monotonic()
        # urllib3 1 takes no address in digits for a proxy that speaks TLS.
        way = ConnectionOptions(proxy=proxy.url.replace("127.0.0.1", "localhost"), ca_path=str(ca[1]))
        failure = failure_of("https://dam.example.com", way, seconds=2 * SHORT)
        assert time.monotonic() - started < 5
    assert (failure.kind, failure.summary, failure.delivery) == (
        "timeout",
        f"no connection within {2 * SHORT} s",
        "unsent",
    )


@pytest.mark.parametrize(
    ("error", "kind", "delivery", "transient"),
    [
        (requests.exceptions.ProxyError("x"), "proxy", "unsent", False),
        (urllib3.exceptions.ProxyError("x", OSError()), "proxy", "unsent", False),
        (requests.exceptions.InvalidProxyURL("x"), "proxy", "unsent", False),
        (requests.exceptions.InvalidSchema("x"), "proxy", "unsent", False),
        (urllib3.exceptions.ProxySchemeUnknown("x"), "proxy", "unsent", False),
        (requests.exceptions.InvalidURL("x"), "unsendable", "unsent", False),
        (requests.exceptions.InvalidHeader("x"), "unsendable", "unsent", False),
        (UnicodeError("x"), "unsendable", "unsent", False),
        (ssl.SSLError("x"), "tls", "unsent", False),
        (ssl.SSLEOFError("x"), "connection_lost", "unknown", True),
        (urllib3.exceptions.SSLError("x"), "tls", "unsent", False),
        (requests.exceptions.ConnectionError(OSError(errno.EPIPE, "x")), "connection_lost", "unknown", True),
        (requests.exceptions.ReadTimeout(TimeoutError()), "timeout", "unknown", True),
        (urllib3.exceptions.ReadTimeoutError(None, "", "x"), "timeout", "unknown", True),  # type: ignore[arg-type]
        (TimeoutError("x"), "timeout", "unknown", True),
        (urllib3.exceptions.InvalidHeader("x"), "not_http", "unknown", False),
        (urllib3.exceptions.IncompleteRead(1, 2), "broken_off", "unknown", True),
        (http.client.IncompleteRead(b"x"), "broken_off", "unknown", True),
        (http.client.LineTooLong("header line"), "not_http", "unknown", False),
        (http.client.HTTPException("x"), "not_http", "unknown", False),
        (ValueError("x"), "connection_lost", "unknown", False),
    ],
)
def test_what_the_libraries_raise_has_a_meaning(error: Exception, kind: str, delivery: str, transient: bool) -> None:
    failure = explain(error, 5, has_sent=False)
    assert (failure.kind, failure.delivery, failure.transient) == (kind, delivery, transient)


def test_the_first_cause_is_found_however_it_is_wrapped() -> None:
    cause = ConnectionResetError(errno.ECONNRESET, "x")
    by_context, by_cause, by_reason = ValueError(), ValueError(), urllib3.exceptions.MaxRetryError(None, "", cause)  # type: ignore[arg-type]
    by_context.__context__, by_cause.__cause__ = cause, cause
    for error in (by_context, by_cause, by_reason, ValueError("x", cause)):
        cause.__context__ = error  # Going round in circles is no reason to stay there.
        assert explain(error, 5, has_sent=False).summary == "the connection broke before the answer came"


@pytest.mark.parametrize(
    ("reason", "words"),
    [(None, "the two sides gave no reason"), ("NO_SHARED_CIPHER", "no shared cipher")],
)
def test_a_tls_failure_says_what_openssl_says(reason: str | None, words: str) -> None:
    error = ssl.SSLError("x")
    if reason:
        error.reason = reason
    assert explain(error, 5, has_sent=False).summary == f"the TLS connection failed: {words}"
