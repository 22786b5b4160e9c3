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

from ansible_collections.damops.elvis.plugins.module_utils._errors import Problem
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


def problem_of(server_url: str, connection: ConnectionOptions = ConnectionOptions(), seconds: float = 5) -> Problem:  # noqa: B008
    with pytest.raises(Problem) as caught:
        send(server_url, connection, seconds)
    assert server_url not in caught.value.came_back
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
    problem = explain(ssl.SSLCertVerificationError("alice's own words"), 5)
    assert problem.came_back == "the TLS connection failed: the two sides found no common ground"


@pytest.mark.parametrize(
    ("reply", "reason", "came_back", "passing"),
    [
        (hang_up, "unreachable", "the connection broke before the answer came", True),
        (reset, "unreachable", "the connection broke before the answer came", True),
        (raw_reply(200, b"{}", Content_Length="3"), "bad_response", "a reply that breaks off", True),
        (chunks(b"5\r\nhel"), "bad_response", "a reply that breaks off", True),
        (chunks(b"5\r\nhello\r\n"), "bad_response", "a reply that breaks off", True),
        (chunks(b"no number\r\n"), "bad_response", "a reply that breaks off", True),
        (raw_reply(200, b"no gzip", Content_Encoding="gzip"), "bad_response", "compression is broken", False),
        (b"220 mail.example.com ESMTP\r\n", "bad_response", "something that is not HTTP", False),
        (b"HTT", "bad_response", "a reply that breaks off", True),
        (b"HTTP/1.1 20", "bad_response", "a reply that breaks off", True),
        (b"HTTP/1.1 200", "bad_response", "a reply that breaks off", True),
        (b"\x15\x03\x03", "bad_response", "something that is not HTTP", False),
        (b"HTTP/1.1 OK\r\n\r\n", "bad_response", "something that is not HTTP", False),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", "bad_response", "something that is not HTTP", False),
    ],
)
def test_a_server_that_answers_wrongly(
    reply: bytes | Callable[[socket.socket], None], reason: str, came_back: str, passing: bool
) -> None:
    with scripted_server(reply) as server:
        problem = problem_of(server.url)
    assert came_back in problem.came_back
    assert (problem.reason, problem.sent, problem.lost, problem.passing) == (reason, True, True, passing)


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
        problem = problem_of(server.url, seconds=SHORT)
    assert (problem.reason, problem.sent, problem.lost) == ("timeout", True, True)
    assert "within 0." in problem.came_back


def test_nothing_is_sent_when_the_way_to_the_server_took_all_the_time(resolve_slowly: Callable[[float], None]) -> None:
    resolve_slowly(SHORT)
    with scripted_server(json_reply(200, {})) as server:
        problem = problem_of(server.url, seconds=SHORT)
        assert server.requests == []
    assert (problem.reason, problem.sent) == ("timeout", False)


def test_a_closed_port() -> None:
    with closed_port() as url:
        problem = problem_of(url)
    assert (problem.reason, problem.sent, problem.passing) == ("unreachable", False, True)
    assert problem.came_back == "no connection: connection refused"


@pytest.mark.parametrize(
    ("number", "passing"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)], ids=["never", "not now"]
)
def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch, number: int, passing: bool) -> None:
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(number, "the resolver's own words")

    # What a real resolver says depends on the network of the machine.
    monkeypatch.setattr(socket, "getaddrinfo", fail)
    problem = problem_of("http://dam.example.com")
    assert (problem.reason, problem.sent, problem.passing) == ("unreachable", False, passing)
    assert problem.came_back == "the host name does not resolve"


@pytest.mark.parametrize(
    ("error", "reason", "came_back"),
    [
        (TimeoutError(), "timeout", "no connection within 5 s"),
        (OSError(errno.EHOSTUNREACH, "x"), "unreachable", f"no connection: {os.strerror(errno.EHOSTUNREACH).lower()}"),
        (OSError("x"), "unreachable", "no connection: the host can't be reached"),
    ],
)
def test_a_connection_that_does_not_come_about(
    monkeypatch: pytest.MonkeyPatch, error: OSError, reason: str, came_back: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    # A black hole is nothing that a machine has on its own.
    monkeypatch.setattr(socket.socket, "connect", fail)
    problem = problem_of("http://127.0.0.1:9")
    assert (problem.reason, problem.sent, problem.passing, problem.came_back) == (reason, False, True, came_back)


@pytest.mark.parametrize("server_url", ["http://a..b", f"http://{'x' * 70}.example.com", "http://\udcff.example.com"])
def test_an_address_that_only_the_library_refuses(server_url: str) -> None:
    problem = problem_of(server_url)
    assert (problem.reason, problem.sent) == ("bad_request", False)


def test_a_proxy_that_is_not_there() -> None:
    with closed_port() as url:
        problem = problem_of("http://dam.example.com", ConnectionOptions(proxy=url.replace("//", "//user:s3cret@")))
    assert (problem.reason, problem.sent) == ("proxy", False)
    assert "s3cret" not in problem.came_back


@pytest.mark.parametrize("status", [403, 407, 502])
def test_a_proxy_that_refuses_a_tunnel(status: int) -> None:
    with scripted_server(html_reply(status)) as proxy:
        problem = problem_of("https://dam.example.com", ConnectionOptions(proxy=proxy.url))
    assert (problem.reason, problem.sent) == ("proxy", False)
    assert f"HTTP {status}" in problem.came_back
    assert [request.method for request in proxy.requests] == ["CONNECT"]


def test_a_kind_of_proxy_that_can_not_be_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "socks9://user:s3cret@127.0.0.1:1")
    problem = problem_of("http://dam.example.com")
    assert (problem.reason, problem.sent) == ("proxy", False)
    assert "s3cret" not in problem.came_back


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


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_has_no_say_in_whom_a_task_trusts(
    monkeypatch: pytest.MonkeyPatch, ca: tuple[trustme.CA, Path], https_url: str, variable: str
) -> None:
    monkeypatch.setenv(variable, str(ca[1]))
    other_ca = ca[1].parent / "other-ca.pem"
    trustme.CA().cert_pem.write_to_path(other_ca)
    assert problem_of(https_url, ConnectionOptions(ca_path=str(other_ca))).reason == "tls"
    monkeypatch.setenv(variable, str(other_ca))
    assert send(https_url, ConnectionOptions(ca_path=str(ca[1]))).status == 200
    assert send(https_url, ConnectionOptions(validate_certs=False)).status == 200
    monkeypatch.setenv(variable, "/missing.pem")
    assert send(https_url, ConnectionOptions(validate_certs=False)).status == 200


def test_a_ca_that_nobody_vouches_for(https_url: str) -> None:
    problem = problem_of(https_url)
    assert (problem.reason, problem.sent, problem.passing) == ("tls", False, False)
    assert "which is not trusted here" in problem.came_back


def test_a_certificate_of_another_host(ca: tuple[trustme.CA, Path], https_url: str) -> None:
    problem = problem_of(https_url.replace("127.0.0.1", "localhost"), ConnectionOptions(ca_path=str(ca[1])))
    assert problem.reason == "tls"
    assert problem.came_back == "the server's certificate is for 127.0.0.1, not for localhost"


def test_plain_http_and_tls_do_not_mix(https_url: str) -> None:
    def answer_plainly() -> None:
        connection, _dummy = listener.accept()
        with connection:
            connection.recv(1)
            connection.sendall(raw_reply(400))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=answer_plainly)
        server.start()
        assert problem_of(f"https://127.0.0.1:{listener.getsockname()[1]}").reason == "tls"
        server.join()
    assert problem_of(https_url.replace("https", "http")).reason in ("bad_response", "unreachable")


@pytest.mark.parametrize("is_behind_proxy", [False, True])
def test_a_handshake_can_not_stretch_a_call(is_behind_proxy: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        proxied = ConnectionOptions(proxy=f"http://{host}") if is_behind_proxy else ConnectionOptions()
        problem = problem_of(f"https://{host}", proxied, seconds=SHORT)
    assert (problem.reason, problem.came_back, problem.sent) == ("timeout", f"no connection within {SHORT} s", False)


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
        problem = problem_of("https://dam.example.com", way, seconds=2 * SHORT)
        assert time.monotonic() - started < 5
    assert (problem.reason, problem.came_back, problem.sent) == (
        "timeout",
        f"no connection within {2 * SHORT} s",
        False,
    )


@pytest.mark.parametrize(
    ("error", "reason", "sent", "passing"),
    [
        (requests.exceptions.ProxyError("x"), "proxy", False, False),
        (urllib3.exceptions.ProxyError("x", OSError()), "proxy", False, False),
        (requests.exceptions.InvalidProxyURL("x"), "proxy", False, False),
        (requests.exceptions.InvalidSchema("x"), "proxy", False, False),
        (urllib3.exceptions.ProxySchemeUnknown("x"), "proxy", False, False),
        (requests.exceptions.InvalidURL("x"), "bad_request", False, False),
        (requests.exceptions.InvalidHeader("x"), "bad_request", False, False),
        (UnicodeError("x"), "bad_request", False, False),
        (ssl.SSLError("x"), "tls", False, False),
        (ssl.SSLEOFError("x"), "unreachable", True, True),
        (urllib3.exceptions.SSLError("x"), "tls", False, False),
        (requests.exceptions.ConnectionError(OSError(errno.EPIPE, "x")), "unreachable", True, True),
        (requests.exceptions.ReadTimeout(TimeoutError()), "timeout", True, True),
        (urllib3.exceptions.ReadTimeoutError(None, "", "x"), "timeout", True, True),  # type: ignore[arg-type]
        (TimeoutError("x"), "timeout", True, True),
        (urllib3.exceptions.InvalidHeader("x"), "bad_response", True, False),
        (urllib3.exceptions.IncompleteRead(1, 2), "bad_response", True, True),
        (http.client.IncompleteRead(b"x"), "bad_response", True, True),
        (http.client.LineTooLong("header line"), "bad_response", True, False),
        (http.client.HTTPException("x"), "bad_response", True, False),
        (ValueError("x"), "unreachable", True, False),
    ],
)
def test_what_the_libraries_raise_has_a_meaning(error: Exception, reason: str, sent: bool, passing: bool) -> None:
    problem = explain(error, 5)
    assert (problem.reason, problem.sent, problem.passing) == (reason, sent, passing)


def test_the_first_cause_is_found_however_it_is_wrapped() -> None:
    cause = ConnectionResetError(errno.ECONNRESET, "x")
    by_context, by_cause, by_reason = ValueError(), ValueError(), urllib3.exceptions.MaxRetryError(None, "", cause)  # type: ignore[arg-type]
    by_context.__context__, by_cause.__cause__ = cause, cause
    for error in (by_context, by_cause, by_reason, ValueError("x", cause)):
        cause.__context__ = error  # Going round in circles is no reason to stay there.
        assert explain(error, 5).came_back == "the connection broke before the answer came"


@pytest.mark.parametrize(
    ("reason", "words"),
    [(None, "the two sides found no common ground"), ("NO_SHARED_CIPHER", "no shared cipher")],
)
def test_a_tls_failure_says_what_openssl_says(reason: str | None, words: str) -> None:
    error = ssl.SSLError("x")
    if reason:
        error.reason = reason
    assert explain(error, 5).came_back == f"the TLS connection failed: {words}"
