# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server must prove who it is, unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.integration.support import Ansible, Run
from tests.support.answers import bearer_grant
from tests.support.certificates import (
    LAST_WEEK,
    YESTERDAY,
    Certificates,
    asking_for_a_client_certificate,
    serving,
)
from tests.support.emulator import Emulator, start_emulator
from tests.support.scripted import Request, scripted_server

pytestmark = pytest.mark.same_everywhere


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Emulator]:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    trustme.CA().cert_pem.write_to_path(folder / "other.pem")
    ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    with start_emulator("--tls-cert", str(folder / "server.pem")) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def logins(ansible: Ansible, server: Emulator, folder: Path) -> dict[str, Run]:
    """The same tasks in three environments."""
    common: dict[str, Any] = {"server_url": server.url, "username": "alice", "password": "wonderland"}
    rows = {
        "nothing_given": common,
        "ca_given": common | {"ca_path": str(folder / "ca.pem")},
        "other_ca_given": common | {"ca_path": str(folder / "other.pem")},
        "unverified": common | {"validate_certs": False},
        "verified": common | {"validate_certs": True},
    }
    environments = {
        "empty": {"ELVIS_CA_PATH": "", "ELVIS_VALIDATE_CERTS": ""},
        "ca": {"ELVIS_CA_PATH": str(folder / "ca.pem")},
        # As a job template's checkbox arrives.
        "unverified": {"ELVIS_VALIDATE_CERTS": "False"},
    }
    return {
        name: ansible.table("elvis_login", rows, env=environment, may_warn=True)
        for name, environment in environments.items()
    }


@pytest.mark.parametrize(
    ("environment", "trusting"),
    [
        ("empty", {"ca_given", "unverified"}),
        ("ca", {"nothing_given", "ca_given", "unverified", "verified"}),
        ("unverified", {"nothing_given", "ca_given", "other_ca_given", "unverified"}),
    ],
)
def test_who_is_trusted(environment: str, trusting: set[str], logins: dict[str, Run]) -> None:
    results = logins[environment].results

    assert {name for name, result in results.items() if not result["failed"]} == trusting
    for name in results.keys() - trusting:
        assert results[name]["reason"] == "tls"
        assert "ca_path" in results[name]["msg"]


def test_warns_of_a_server_that_proves_nothing(logins: dict[str, Run], server: Emulator) -> None:
    results = logins["empty"].results

    (warning,) = results["unverified"]["warnings"]
    assert server.url in warning
    assert "warnings" not in results["ca_given"]


UNTRUSTED = {
    "expired": "the server's certificate has expired, or that of a CA above it has; it expired at",
    "other_host": "the server's certificate is not valid for this host; it is valid for other.example.",
    "unknown_ca": "is not trusted here. Name the file with the certificate of that CA with ca_path",
    "client_unknown": "the server asks for a client certificate, and was given none. Name one",
    "client_refused": "the server does not accept the client certificate. Check client_cert",
}
TRUSTED = ("good", "client_known")
# None of them is asked when the task itself says whom to trust.
THIS_MACHINE = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"), "/missing.pem")


@dataclass(frozen=True)
class Outcome:
    """One run of logins, and what reached the server of each."""

    run: Run
    requests: dict[str, list[Request]]


@pytest.fixture(scope="module")
def kinds(ansible: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A login for each kind of server."""
    made = Certificates(tmp_path_factory.mktemp("kinds"))
    good, ca = made.issue("good.pem", "127.0.0.1"), made.path("ca.pem")
    expired = made.issue("expired.pem", "127.0.0.1", not_before=LAST_WEEK, not_after=YESTERDAY)
    asking = asking_for_a_client_certificate(good, ca)
    kinds = {
        "good": (serving(good), {}),
        "expired": (serving(expired), {}),
        "other_host": (serving(made.issue("other.pem", "other.example")), {}),
        "unknown_ca": (serving(made.issue("unknown.pem", "127.0.0.1", ca=trustme.CA())), {}),
        "client_known": (asking, {"client_cert": made.issue("alice.pem", "alice@example.com")}),
        "client_unknown": (asking, {}),
        "client_refused": (asking, {"client_cert": expired}),
    }
    with ExitStack() as running:
        servers = {
            name: running.enter_context(scripted_server(bearer_grant(), tls=tls))
            for name, (tls, _more) in kinds.items()
        }
        common = {"username": "alice", "password": "wonderland", "ca_path": ca}
        rows = {name: {**common, "server_url": servers[name].url, **more} for name, (_tls, more) in kinds.items()}
        run = ansible.table("elvis_login", rows, env=THIS_MACHINE)
    return Outcome(run, {name: server.requests for name, server in servers.items()})


@pytest.mark.parametrize("name", [*UNTRUSTED, *TRUSTED])
def test_each_kind_of_server(name: str, kinds: Outcome) -> None:
    result = kinds.run.results[name]

    assert (result["failed"], len(kinds.requests[name])) == ((False, 1) if name in TRUSTED else (True, 0))
    if name in UNTRUSTED:
        assert result["reason"] == "tls"
        assert UNTRUSTED[name] in result["msg"]


def test_the_libraries_do_not_warn(logins: dict[str, Run]) -> None:
    output = logins["empty"].output
    assert "InsecureRequestWarning" not in output
    assert output.count("[WARNING]: validate_certs is false") == 1


def test_warns_of_a_password_in_the_clear(ansible: Ansible) -> None:
    """Whether the login succeeds or not; nobody can read what stays on this machine."""
    with scripted_server(bearer_grant()) as proxy:
        common = {"username": "alice", "password": "wonderland", "proxy": proxy.url}
        rows = {
            "granted": common | {"server_url": "http://dam.example.com"},
            "failed": common | {"server_url": "http://dam2.example.com", "proxy": "http://127.0.0.1:1"},
            "loopback": common | {"server_url": "http://elvis.localhost"},
        }
        run = ansible.table("elvis_login", rows, may_warn=True)

    for name, url in {"granted": "http://dam.example.com", "failed": "http://dam2.example.com"}.items():
        warning = f"{url} is not https: anybody on the way can read and change what is sent and what is answered."
        assert run.results[name]["warnings"] == [warning]
        assert " ".join(run.output.split()).count(f"[WARNING]: {warning}") == 1
    assert (run.results["failed"]["failed"], run.results["failed"]["reason"]) == (True, "proxy")
    assert "warnings" not in run.results["loopback"]
