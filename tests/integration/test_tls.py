# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The server must prove who it is, unless somebody says otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.integration.support import Ansible, Run
from tests.support.emulator import Emulator, start_emulator


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
