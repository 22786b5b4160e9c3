# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A login over TLS: whom it trusts, and what it says of the others, who get no request."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import trustme

from ansible_collections.damops.elvis.plugins.module_utils._elvis.logout import ORPHAN
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION
from tests.support.answers import bearer_grant
from tests.support.certificates import (
    LAST_WEEK,
    NEXT_WEEK,
    TOMORROW,
    YESTERDAY,
    Certificates,
    asking_for_a_client_certificate,
    serving,
)
from tests.support.emulator import start_emulator
from tests.support.operations import fail, run
from tests.support.scripted import scripted_server

WHO: dict[str, Any] = {"username": "alice", "password": "wonderland", "retries": 0}
HOST = "127.0.0.1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    certificates = Certificates(tmp_path_factory.mktemp("tls"))
    certificates.issue("good.pem", HOST)
    certificates.issue_apart("alice", "alice@example.com")
    certificates.issue("both.pem", "alice@example.com")
    certificates.issue("foreign.pem", "alice@example.com", ca=trustme.CA())
    certificates.issue("expired.pem", HOST, "alice@example.com", not_before=LAST_WEEK, not_after=YESTERDAY)
    return certificates


def only_old_versions(certificate: str) -> ssl.SSLContext:
    context = serving(certificate)
    with warnings.catch_warnings():
        # Python itself warns of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


def until_1_2(context: ssl.SSLContext) -> ssl.SSLContext:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


def asking(made: Certificates) -> ssl.SSLContext:
    return asking_for_a_client_certificate(made.path("good.pem"), made.path("ca.pem"))


class Bad(NamedTuple):
    """A server, the options for it (names of files are those of `made`), and what the message says."""

    tls: Callable[[Certificates], ssl.SSLContext]
    says: tuple[str, ...]
    options: dict[str, str] = {"ca_path": "ca.pem"}  # noqa: RUF012 - not changed


CA_AND_ALICE = {"ca_path": "ca.pem", "client_cert": "alice.pem", "client_key": "alice-key.pem"}
BAD = {
    "expired": Bad(
        lambda made: serving(made.path("expired.pem")),
        (
            "the server's certificate has expired, or that of a CA above it has; it expired at ",
            "Z. Renew it on the server, or set",
        ),
    ),
    "not yet valid": Bad(
        lambda made: serving(made.issue("early.pem", HOST, not_before=TOMORROW, not_after=NEXT_WEEK)),
        (
            "the server's certificate is not valid yet; it is not valid before ",
            "Z. Give the server one that is valid now, or set the clock",
        ),
    ),
    "of another host": Bad(
        lambda made: serving(made.issue("other.pem", "other.example", "192.0.2.1")),
        (
            "the server's certificate is not valid for this host; it is valid for other.example, 192.0.2.1.",
            "Use a name that it is valid for in server_url",
        ),
    ),
    "self-signed": Bad(
        lambda made: serving(made.sign_itself("self.pem")),
        ("the server's certificate is self-signed, and not trusted here.", "name its file with ca_path"),
    ),
    "self-signed, and expired": Bad(
        lambda made: serving(made.sign_itself("old.pem", LAST_WEEK, YESTERDAY)),
        (
            "the server's certificate is self-signed, and not trusted here; it expired at ",
            "One that is not valid now has to be replaced on the server first",
        ),
    ),
    "self-signed, and not yet valid": Bad(
        lambda made: serving(made.sign_itself("new.pem", TOMORROW, NEXT_WEEK)),
        ("the server's certificate is self-signed, and not trusted here; it is not valid before ",),
    ),
    "of an unknown CA, and expired": Bad(
        lambda made: serving(
            made.issue("old-foreign.pem", HOST, ca=trustme.CA(), not_before=LAST_WEEK, not_after=YESTERDAY)
        ),
        ("the server's certificate was issued by a CA that is not trusted here; it expired at ",),
    ),
    "of an unknown CA": Bad(
        lambda made: serving(made.path("good.pem")),
        (
            "the server's certificate was issued by a CA that is not trusted here. Name the file",
            "with ca_path",
        ),
        {},
    ),
    "of another CA": Bad(
        lambda made: serving(made.issue("foreign-server.pem", HOST, ca=trustme.CA())),
        (
            "the server's certificate was issued by a CA that is not trusted here. Name the file",
            "with ca_path",
        ),
    ),
    "old versions of TLS": Bad(
        lambda made: only_old_versions(made.path("good.pem")),
        ("only versions of TLS that are no longer safe. Switch on TLS 1.2 or newer at the server.",),
    ),
    "asks for a client certificate": Bad(
        asking, ("asks for a client certificate, and was given none. Name one, with its key, with client_cert",)
    ),
    "asks for a client certificate, TLS 1.2": Bad(
        lambda made: until_1_2(asking(made)), ("may ask for a client certificate", "Check client_cert")
    ),
    "asks for another client certificate": Bad(
        asking,
        ("does not accept the client certificate. Check client_cert",),
        {"ca_path": "ca.pem", "client_cert": "foreign.pem"},
    ),
    "asks for another client certificate, TLS 1.2": Bad(
        lambda made: until_1_2(asking(made)),
        ("does not accept the client certificate. Check client_cert",),
        {"ca_path": "ca.pem", "client_cert": "foreign.pem"},
    ),
    "asks for a client certificate that is valid": Bad(
        asking,
        ("does not accept the client certificate. Check client_cert: it must be valid",),
        {"ca_path": "ca.pem", "client_cert": "expired.pem"},
    ),
}


def paths(made: Certificates, options: dict[str, str]) -> dict[str, Any]:
    return {option: made.path(name) for option, name in options.items()}


@pytest.mark.parametrize("bad", BAD.values(), ids=list(BAD))
def test_what_is_not_trusted_gets_no_request(made: Certificates, bad: Bad) -> None:
    with scripted_server(bearer_grant(), tls=bad.tls(made)) as server:
        error = fail(OPERATION, server_url=server.url, **WHO, **paths(made, bad.options))
    assert (error.reason, error.status, server.requests) == ("tls", None, [])
    assert [words for words in bad.says if words not in error.message] == []
    assert error.message.startswith(f"Cannot log in as alice: POST {server.url}/services/apilogin: ")
    if "the server's certificate" in error.message:
        command = f"'openssl s_client -connect {server.url.removeprefix('https://')} -servername {HOST}"
        assert f"To see it: {command} </dev/null | openssl x509" in error.message
    assert error.message.endswith(f"This task runs on {os.uname().nodename}. Nothing was sent.")
    # Nothing was sent, so there is no session that could be open.
    assert "seat" not in error.message


GOOD: dict[str, tuple[Callable[[Certificates], ssl.SSLContext], dict[str, str]]] = {
    "a CA's file": (lambda made: serving(made.path("good.pem")), {"ca_path": "ca.pem"}),
    "a client certificate": (asking, CA_AND_ALICE),
    "a client certificate, TLS 1.2": (lambda made: until_1_2(asking(made)), CA_AND_ALICE),
    "a client certificate and its key in one file": (asking, {"ca_path": "ca.pem", "client_cert": "both.pem"}),
    "a certificate that is trusted itself": (
        lambda made: serving(made.sign_itself("self.pem")),
        {"ca_path": "self.pem"},
    ),
}


@pytest.mark.parametrize("good", GOOD.values(), ids=list(GOOD))
def test_what_is_trusted_gets_the_login(
    made: Certificates,
    good: tuple[Callable[[Certificates], ssl.SSLContext], dict[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tls, options = good
    # These have no say where the task itself says whom to trust.
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(variable, made.path("foreign.pem"))
    with scripted_server(bearer_grant(), tls=tls(made)) as server:
        result = run(OPERATION, server_url=server.url, **WHO, **paths(made, options))
    assert len(server.requests) == 1
    assert "warnings" not in result


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl rehash makes the directory")
def test_a_directory_of_cas_is_trusted(made: Certificates, tmp_path: Path) -> None:
    shutil.copy(made.path("ca.pem"), tmp_path)
    with scripted_server(bearer_grant(), tls=serving(made.path("good.pem"))) as server:
        error = fail(OPERATION, server_url=server.url, ca_path=str(tmp_path), **WHO)
        assert f"Prepare it: 'openssl rehash {tmp_path}'." in error.message
        subprocess.run(["openssl", "rehash", tmp_path], check=True)
        run(OPERATION, server_url=server.url, ca_path=str(tmp_path), **WHO)
    assert len(server.requests) == 1


@contextmanager
def unprivileged() -> Iterator[None]:
    """Run a block as a user who may not read everything."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("option", ["client_key", "client_cert", "ca_path"])
def test_a_file_that_can_not_be_read_is_named(made: Certificates, option: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        options: dict[str, Any] = {}
        for name, source in CA_AND_ALICE.items():
            options[name] = shutil.copy(made.path(source), folder)
            Path(options[name]).chmod(0 if name == option else 0o444)
        Path(folder).chmod(0o755)
        with unprivileged():
            error = fail(OPERATION, server_url="https://127.0.0.1:9", **WHO, **options)
    assert error.reason == "tls"
    assert f"{option} {options[option]} can't be read: permission denied." in error.message


def test_a_server_that_can_not_be_trusted_may_be_put_up_with(made: Certificates) -> None:
    with scripted_server(bearer_grant(), tls=serving(made.path("expired.pem"))) as server:
        result = run(OPERATION, server_url=server.url, validate_certs=False, **WHO)
    (warning,) = result["warnings"]
    assert warning.startswith(f"validate_certs is false: nothing proves that {server.url} is the server")


def test_a_file_of_cas_that_only_the_environment_names(made: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    with scripted_server(bearer_grant(), tls=serving(made.path("good.pem"))) as server:
        # The first that is set counts: for requests, for curl, for OpenSSL.
        monkeypatch.setenv("SSL_CERT_FILE", made.path("ca.pem"))
        for name, says in {
            "missing.pem": "missing.pem, is not there. Check ca_path, or the variables REQUESTS_CA_BUNDLE",
            "alice-key.pem": "alice-key.pem, holds no certificate. Check ca_path, or the variables",
        }.items():
            monkeypatch.setenv("REQUESTS_CA_BUNDLE", made.path(name))
            error = fail(OPERATION, server_url=server.url, **WHO)
            assert (error.reason, says in error.message) == ("tls", True)
        assert server.requests == []
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", made.path("ca.pem"))
        run(OPERATION, server_url=server.url, **WHO)
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        run(OPERATION, server_url=server.url, **WHO)


def test_plain_http_where_tls_is_spoken(made: Certificates) -> None:
    with start_emulator("--tls-cert", made.path("good.pem")) as server:
        error = fail(OPERATION, server_url=server.url.replace("https", "http"), **WHO)
        assert server.requests() == []
    assert error.reason in ("unreachable", "bad_response")
    assert "Check" in error.message
    assert "server_url" in error.message


def test_tls_where_plain_http_is_spoken() -> None:
    with start_emulator() as server:
        error = fail(OPERATION, server_url=server.url.replace("http", "https"), **WHO)
        assert server.sessions() == []
    assert error.reason == "tls"
    assert (
        "does not speak TLS on this port. Check the port in server_url, and whether it must be http:" in error.message
    )


def test_a_connection_that_breaks_after_the_request_is_no_matter_of_certificates(made: Certificates) -> None:
    def break_off(connection: socket.socket) -> None:
        connection.close()

    with scripted_server(break_off, tls=serving(made.path("good.pem"))) as server:
        error = fail(OPERATION, server_url=server.url, ca_path=made.path("ca.pem"), **WHO)
    assert (error.reason, len(server.requests)) == ("unreachable", 1)
    assert "it takes a licence seat" in error.message


def in_clear_text(connection: socket.socket) -> None:
    """Write past the TLS of a connection."""
    socket.socket.send(connection, b"HTTP/1.1 200 OK\r\n\r\n{}" * 10)
    connection.recv(1)


def half_in_clear_text(connection: socket.socket) -> None:
    connection.sendall(bearer_grant()[:-5])
    in_clear_text(connection)


@pytest.mark.parametrize("reply", [in_clear_text, half_in_clear_text])
@pytest.mark.parametrize("limit", [lambda context: context, until_1_2], ids=["TLS 1.3", "TLS 1.2"])
def test_tls_that_breaks_after_the_request_leaves_in_doubt_what_was_done(
    made: Certificates,
    limit: Callable[[ssl.SSLContext], ssl.SSLContext],
    reply: Callable[[socket.socket], None],
) -> None:
    with scripted_server(reply, tls=limit(serving(made.path("good.pem")))) as server:
        error = fail(OPERATION, server_url=server.url, ca_path=made.path("ca.pem"), **{**WHO, "retries": 2})
    assert (error.reason, len(server.requests)) == ("tls", 1)
    assert "it broke after the request was sent" in error.message
    assert "does not speak TLS" not in error.message
    assert ORPHAN in error.message


def test_a_handshake_that_breaks_off_is_tried_again() -> None:
    """Nothing of the login was sent."""
    with socket.create_server((HOST, 0)) as listener:
        url = f"https://{HOST}:{listener.getsockname()[1]}"
        with hanging_up(listener) as accepted:
            error = fail(OPERATION, server_url=url, **{**WHO, "retries": 2})
    assert (error.reason, len(accepted)) == ("tls", 3)
    assert "the server hung up in the middle of the handshake. Check that it speaks TLS on this port" in error.message
    assert "seat" not in error.message


@contextmanager
def hanging_up(listener: socket.socket) -> Iterator[list[None]]:
    """Accept connections and close each as soon as something comes; yield a list with an item for each."""
    accepted: list[None] = []

    def serve() -> None:
        for _number in range(3):
            connection = listener.accept()[0]
            accepted.append(None)
            with connection:
                connection.recv(1)

    thread = threading.Thread(target=serve)
    thread.start()
    yield accepted
    thread.join()
