# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job templates of configure.yml run as AWX runs them, with what the credential type gives them."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.awx.jobs import Order, run
from tests.integration.support import Ansible
from tests.support.emulator import ROOT, Emulator, start_emulator
from tests.support.secrets import leaks

USERS = {"alice": "wonderland", "admin": "changemenow"}
SECRETS = {
    **{f"password of {user}": password for user, password in USERS.items()},
    **{f"cred of {user}": b64encode(f"{user}:{password}".encode()).decode() for user, password in USERS.items()},
}


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(ca: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """One with a certificate that only its own CA vouches for."""
    folder = tmp_path_factory.mktemp("certificate")
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    issued = ca.issue_cert("127.0.0.1")
    issued.private_key_pem.write_to_path(key)
    for part in issued.cert_chain_pems:
        part.write_to_path(certificate, append=True)
    with start_emulator("--tls-cert", str(certificate), "--tls-key", str(key)) as emulator:
        yield emulator


def credential(server: Emulator, ca: trustme.CA, user: str = "alice") -> dict[str, str]:
    return {
        "server_url": server.url,
        "username": user,
        "password": USERS[user],
        "ca_certificate": ca.cert_pem.bytes().decode(),
    }


def test_smoke(installed: Ansible, server: Emulator, ca: trustme.CA) -> None:
    job = run(installed, Order("playbooks/smoke.yml", credential(server, ca)))

    assert job.status == "successful", job.output
    page = (ROOT / "examples/awx/README.md").read_text(encoding="utf-8")
    lines = re.findall(r'^ *"((?:bearer|cookie) .*)"', page, re.MULTILINE)
    assert [line.replace("as api", "as alice") in job.output for line in lines] == [True, True]
    assert job.environment["ELVIS_PASSWORD"] == "**********"
    assert job.environment["ELVIS_USERNAME"] == "alice"
    assert leaks(SECRETS.items(), job.seen()) == []
    assert server.sessions() == []


def test_what_ansible_runner_was_given_is_where_the_page_says(
    installed: Ansible, server: Emulator, ca: trustme.CA
) -> None:
    job = run(installed, Order("playbooks/who_is_on.yml", credential(server, ca, "admin"), template="Elvis: who is on"))

    assert job.status == "successful", job.output
    # By which the console finds the job.
    assert "admin            API            Elvis: who is on 42        20" in job.output
    assert "Sessions: 1, with the one of this run." in job.output
    assert leaks(SECRETS.items(), job.seen()) == []
    assert [
        name.partition("/")[2]
        for name, text in job.files.items()
        if name.startswith(job.worker_folder.name) and "changemenow" in text
    ] == ["artifacts/42/command"]


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        ({"elvis_path": "services/createFolder", "elvis_method": "POST", "elvis_parameters": "path: /AWX"}, "created"),
        ({"elvis_path": "services/ping", "elvis_method": "GET", "elvis_parameters": ""}, "running"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_request(answers: dict[str, str], shown: str, installed: Ansible, server: Emulator, ca: trustme.CA) -> None:
    job = run(installed, Order("examples/awx/request.yml", credential(server, ca), answers))

    assert job.status == "successful", job.output
    assert shown in str(job.result_of("Show the answer"))
    assert server.sessions() == []


def test_the_role(installed: Ansible, server: Emulator, ca: trustme.CA, tmp_path: Path) -> None:
    tasks = tmp_path / "tasks.yml"
    tasks.write_text(
        "- damops.elvis.elvis_session_info:\n  register: me\n- debug: {var: me.username}\n", encoding="utf-8"
    )
    role = {"role": "damops.elvis.session", "vars": {"elvis_session_tasks": str(tasks)}}
    play = {"hosts": "localhost", "gather_facts": False, "roles": [role]}
    job = run(installed, Order(play, credential(server, ca)))

    assert job.status == "successful", job.output
    assert '"me.username": "alice"' in job.last_lines
    assert leaks(SECRETS.items(), job.seen()) == []
    assert server.sessions() == []


def test_without_the_ca_nothing_is_sent(installed: Ansible, server: Emulator, ca: trustme.CA) -> None:
    server.forget_requests()
    job = run(installed, Order("playbooks/smoke.yml", {**credential(server, ca), "ca_certificate": ""}))

    assert job.status == "failed"
    assert "certificate" in job.output
    assert server.requests() == []
