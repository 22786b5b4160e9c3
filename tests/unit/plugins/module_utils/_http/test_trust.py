# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom a TLS connection trusts: read once, and again as soon as anything of it changes."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import certifi
import pytest
import trustme

from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure
from ansible_collections.damops.elvis.plugins.module_utils._http import transport, trust
from ansible_collections.damops.elvis.plugins.module_utils._http.request import HttpRequest
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._http.trust import TlsOptions, UnusableFile, tls_context
from tests.support.certificates import Certificates, serving
from tests.support.scripted import ScriptedServer, json_reply, scripted_server

HOST = "127.0.0.1"


@pytest.fixture(autouse=True)
def nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "_made", {})


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read from now on."""
    found: list[str] = []
    read = ssl.SSLContext.load_verify_locations

    def note(context: ssl.SSLContext, cafile: str | None = None, capath: str | None = None) -> None:
        found.append(str(cafile or capath))
        read(context, cafile, capath)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", note)
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    certificates = Certificates(tmp_path_factory.mktemp("trust"))
    certificates.issue("server.pem", HOST)
    certificates.issue("alice.pem", "alice@example.com")
    certificates.issue_apart("bob", "bob@example.com")
    return certificates


@pytest.fixture(scope="module")
def server(made: Certificates) -> Iterator[ScriptedServer]:
    with scripted_server(*[json_reply(200, {})] * 20, tls=serving(made.path("server.pem"))) as running:
        yield running


def ask(server: ScriptedServer, connection: ConnectionOptions, user: str) -> int:
    """Send a request on a connection of its own."""
    kept = transport.kept_transport(server.url, connection, user)
    try:
        return kept.exchange(HttpRequest("GET", server.url, {}, {}, None), 10).status
    finally:
        kept.close()


def test_is_read_once_for_all_connections(server: ScriptedServer, made: Certificates, reads: list[str]) -> None:
    connection = ConnectionOptions(ca_path=made.path("ca.pem"))
    tls_context(connection.tls)
    assert [ask(server, connection, user) for user in ("alice", "bob")] == [200, 200]
    assert reads == [made.path("ca.pem")]


def test_plain_http_reads_nothing(made: Certificates, reads: list[str]) -> None:
    with scripted_server(json_reply(200, {})) as plain:
        assert ask(plain, ConnectionOptions(ca_path=made.path("ca.pem")), "alice") == 200
    assert reads == []


def test_threads_share_one_reading(made: Certificates, reads: list[str]) -> None:
    found: list[ssl.SSLContext] = []
    threads = [
        threading.Thread(target=lambda: found.append(tls_context(TlsOptions(ca_path=made.path("ca.pem")))))
        for _number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    assert len(reads) == 1


Change = Callable[[TlsOptions, Certificates, pytest.MonkeyPatch], TlsOptions]
CHANGES: dict[str, Change] = {
    "ca_path": lambda options, made, _patch: options._replace(ca_path=made.path("ca.pem")),
    "a client certificate": lambda options, made, _patch: options._replace(client_cert=made.path("alice.pem")),
    "its key": lambda options, made, _patch: options._replace(
        client_cert=made.path("bob.pem"), client_key=made.path("bob-key.pem")
    ),
    "validate_certs": lambda options, _made, _patch: options._replace(verify=False),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_what_a_task_says_decides_anew(made: Certificates, monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    before = TlsOptions()
    options = change(before, made, monkeypatch)
    assert tls_context(options) is not tls_context(before)
    assert tls_context(options) is tls_context(options)
    assert tls_context(before) is tls_context(before)


@pytest.mark.parametrize("variable", trust.VARIABLES)
def test_the_environment_decides_anew(
    made: Certificates, monkeypatch: pytest.MonkeyPatch, reads: list[str], variable: str
) -> None:
    of_requests = tls_context(TlsOptions())
    monkeypatch.setenv(variable, made.path("ca.pem"))
    assert tls_context(TlsOptions()) is not of_requests
    monkeypatch.delenv(variable)
    assert tls_context(TlsOptions()) is of_requests
    assert reads == [certifi.where(), made.path("ca.pem")]


def test_whoever_must_prove_nothing_is_not_verified() -> None:
    assert tls_context(TlsOptions()).verify_mode == ssl.CERT_REQUIRED
    assert tls_context(TlsOptions(verify=False)).verify_mode == ssl.CERT_NONE


@pytest.mark.parametrize("keeps_size_and_time", [False, True])
def test_a_bundle_that_changes_is_read_again(
    server: ScriptedServer, made: Certificates, tmp_path: Path, keeps_size_and_time: bool
) -> None:
    bundle = tmp_path / "bundle.pem"
    trustme.CA().cert_pem.write_to_path(bundle)
    size = 8192
    bundle.write_bytes(bundle.read_bytes().ljust(size))
    connection = ConnectionOptions(ca_path=str(bundle))
    with pytest.raises(CallFailure) as caught:
        ask(server, connection, "before")
    assert caught.value.kind == "certificate_issuer_unknown"

    # As whoever renews one does it: what is new takes the place of what was.
    known, new = bundle.stat(), tmp_path / "new.pem"
    content = Path(made.path("ca.pem")).read_bytes()
    new.write_bytes(content.ljust(size) if keeps_size_and_time else content)
    if keeps_size_and_time:
        os.utime(new, ns=(known.st_atime_ns, known.st_mtime_ns))
    new.rename(bundle)

    assert ask(server, connection, "after") == 200


def test_a_connection_that_is_kept_notices_too(server: ScriptedServer, made: Certificates, tmp_path: Path) -> None:
    """An item of a loop may come an hour after the one before it, and need a new connection."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(Path(made.path("ca.pem")).read_bytes())
    kept = transport.kept_transport(server.url, ConnectionOptions(ca_path=str(bundle)), "kept")
    assert kept.exchange(HttpRequest("GET", server.url, {}, {}, None), 10).status == 200

    trustme.CA().cert_pem.write_to_path(bundle)
    kept.close()

    with pytest.raises(CallFailure) as caught:
        kept.exchange(HttpRequest("GET", server.url, {}, {}, None), 10)
    assert caught.value.kind == "certificate_issuer_unknown"


def test_keeps_no_more_than_it_may(made: Certificates, tmp_path: Path) -> None:
    content = Path(made.path("ca.pem")).read_bytes()
    for number in range(trust.MOST_KEPT + 5):
        (tmp_path / f"{number}.pem").write_bytes(content)
        tls_context(TlsOptions(ca_path=str(tmp_path / f"{number}.pem")))
    assert len(trust._made) == trust.MOST_KEPT


@pytest.mark.parametrize(
    ("options", "kind", "summary"),
    [
        (TlsOptions(ca_path="missing.pem"), "ca_file", "the file of the trusted CAs, missing.pem, is not there"),
        (TlsOptions(ca_path="text.pem"), "ca_file", "the file of the trusted CAs, text.pem, holds no certificate"),
        (
            TlsOptions(client_cert="missing.pem"),
            "client_certificate_file",
            "the file of the client certificate, missing.pem, is not there",
        ),
        (
            TlsOptions(client_cert="text.pem"),
            "client_certificate_file",
            "the file of the client certificate, text.pem, can't be used: ",
        ),
    ],
)
def test_files_that_can_not_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: TlsOptions, kind: str, summary: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("text.pem").write_text("no certificate\n", encoding="ascii")
    with pytest.raises(UnusableFile) as caught:
        tls_context(options)
    assert (caught.value.kind, caught.value.delivery) == (kind, "unsent")
    assert caught.value.summary.startswith(summary)
