# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest
import trustme

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._task.connection import (
    check_tls,
    read_connection,
    warnings_of,
)

DEFAULTS = asdict(ConnectionOptions())
HTTPS = "https://127.0.0.1:9"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ca.pem, cert.pem, key.pem, both.pem, other-key.pem, locked-key.pem and text.pem."""
    folder = tmp_path_factory.mktemp("certificates")
    ca = trustme.CA()
    certificate, other = ca.issue_cert("alice@example.com"), ca.issue_cert("bob@example.com")
    ca.cert_pem.write_to_path(folder / "ca.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "both.pem")
    other.private_key_pem.write_to_path(folder / "other-key.pem")
    (folder / "locked-key.pem").write_bytes(lock(certificate.private_key_pem.bytes()))
    (folder / "hashed").mkdir()
    ca.cert_pem.write_to_path(folder / "hashed/0123abcd.0")
    (folder / "text.pem").write_text("no certificate\n")
    return folder


def lock(key: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"passphrase"),
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"timeout": 0.1, "retries": 0},
        {"timeout": 24 * 60 * 60.0},
        {"proxy": "http://proxy.example.com:3128"},
        {"proxy": "https://user:password@proxy.example.com"},
        {"proxy": "http://[::1]:3128"},
        {"proxy": "socks5h://user:password@proxy.example.com:1080"},
        {"http_agent": "x"},
        {"http_agent": "nightly import/1.0 (damops)"},
    ],
)
def test_options_make_a_connection(given: dict[str, object]) -> None:
    assert asdict(read_connection(DEFAULTS | given)) == DEFAULTS | given


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"timeout": 0.0}, "timeout must be more than 0"),
        ({"timeout": -1.0}, "timeout must be more than 0"),
        ({"timeout": float("nan")}, "timeout must be more than 0"),
        ({"timeout": float("inf")}, "timeout must be more than 0"),
        ({"timeout": 24 * 60 * 60 + 1.0}, "at most 86400 seconds"),
        ({"retries": -1}, "retries must be 0 or more"),
        ({"http_agent": ""}, "http_agent has a character .* or is empty"),
        ({"http_agent": " padded "}, "http_agent has a character"),
        ({"http_agent": "a\r\nX-Evil: 1"}, "http_agent has a character"),
        ({"http_agent": "café"}, "http_agent has a character"),
        ({"proxy": ""}, "proxy is not the address"),
        ({"proxy": "proxy.example.com:3128"}, "proxy is not the address"),
        ({"proxy": "socks6://s3cret@proxy.example.com"}, "proxy is not the address"),
        ({"proxy": "http://:s3cret@"}, "proxy is not the address"),
        ({"proxy": "http://user:s3cret@proxy:port"}, "proxy is not the address"),
        ({"proxy": "http://user:s3cret@proxy:0"}, "proxy is not the address"),
        ({"proxy": "http://user:s3 cret@proxy"}, "proxy is not the address"),
        ({"proxy": "http://[s3cret"}, "proxy is not the address"),
        ({"client_key": "key.pem"}, "client_key needs client_cert"),
    ],
)
def test_what_can_not_work_is_refused_without_being_repeated(given: dict[str, object], message: str) -> None:
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "bad_request") as caught:
        read_connection(DEFAULTS | given)
    assert "s3" not in caught.value.message


@pytest.mark.parametrize(
    "given",
    [
        {"ca_path": "ca.pem"},
        {"ca_path": "hashed"},
        {"client_cert": "both.pem"},
        {"client_cert": "cert.pem", "client_key": "key.pem"},
    ],
)
def test_certificates_are_read(files: Path, given: dict[str, str]) -> None:
    paths = {option: str(files / name) for option, name in given.items()}
    connection = read_connection(DEFAULTS | paths)
    check_tls(connection, HTTPS)
    assert asdict(connection) == DEFAULTS | paths


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ca_path": "missing.pem"}, r"ca_path \S+missing.pem can't be read: no such file"),
        ({"ca_path": "text.pem"}, r"ca_path \S+text.pem can't be used: no certificate or crl found"),
        ({"client_cert": "missing.pem"}, r"client_cert \S+missing.pem can't be read: no such file"),
        ({"client_cert": "."}, r"client_cert \S+ can't be (read|used)"),
        ({"client_cert": "text.pem"}, r"client_cert \S+text.pem can't be used"),
        ({"client_cert": "cert.pem"}, r"client_cert \S+cert.pem can't be used"),
        ({"client_cert": "cert.pem", "client_key": "other-key.pem"}, "cert.pem belongs to another certificate"),
        ({"client_cert": "cert.pem", "client_key": "locked-key.pem"}, r"client_cert \S+cert.pem can't be used"),
        (
            {"client_cert": "cert.pem", "client_key": "missing.pem"},
            r"client_key \S+missing.pem can't be read: no such file",
        ),
        ({"ca_path": "."}, "finds no certificate. Prepare it: 'openssl rehash"),
    ],
)
def test_certificates_that_can_not_be_used_are_refused(files: Path, given: dict[str, str], message: str) -> None:
    paths = {option: str(files / name) for option, name in given.items()}
    with pytest.raises(ElvisError, match=message, check=lambda error: error.reason == "tls"):
        check_tls(read_connection(DEFAULTS | paths), HTTPS)


@pytest.mark.parametrize(
    ("server_url", "proxy", "is_read"),
    [
        ("http://127.0.0.1", None, False),
        ("http://127.0.0.1", "http://proxy.example.com:3128", False),
        ("http://127.0.0.1", "https://proxy.example.com:3128", True),
        ("https://127.0.0.1", None, True),
    ],
)
def test_certificates_are_read_only_where_tls_is_spoken(
    files: Path, server_url: str, proxy: str | None, is_read: bool
) -> None:
    connection = read_connection(DEFAULTS | {"ca_path": str(files / "text.pem"), "proxy": proxy})
    with pytest.raises(ElvisError, match="can't be used") if is_read else contextlib.nullcontext():
        check_tls(connection, server_url)


WITHOUT_REQUESTS = """
import sys
sys.modules.update(dict.fromkeys(["requests", "urllib3"]))  # importing one of them fails from now on
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION
from tests.support.operations import fail
error = fail(OPERATION, server_url="http://127.0.0.1", username="alice", password="wonderland")
print(error.reason, error.message)
"""


def test_a_missing_library_is_told_with_what_to_do() -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    told = subprocess.check_output([sys.executable, "-c", WITHOUT_REQUESTS], env=environment, text=True)
    where = f"{sys.executable} on {socket.gethostname()}"
    install = f"{sys.executable} -m pip install requests"
    for words in ("missing_library ", "requests is missing", where, install, "ansible_python_interpreter"):
        assert words in told


@pytest.mark.parametrize(
    ("server_url", "validate_certs", "warning"),
    [
        ("https://dam.example.com", True, None),
        ("https://dam.example.com", False, "validate_certs is false"),
        ("http://dam.example.com", True, "not https: anybody on the way"),
        ("http://dam.example.com", False, "not https: anybody on the way"),
        ("http://127.0.0.1:8787", False, None),
    ],
)
def test_who_sends_secrets_openly_is_warned(server_url: str, validate_certs: bool, warning: str | None) -> None:
    warnings = list(warnings_of(ConnectionOptions(validate_certs=validate_certs), server_url))
    assert [warning in text for text in warnings if warning] == ([True] if warning else [])
    assert len(warnings) == (1 if warning else 0)
