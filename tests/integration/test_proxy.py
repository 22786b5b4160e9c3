# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy is used, learns nothing that is not for it, and its own password is never seen."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.integration.support import Ansible, Run
from tests.support.certificates import Certificates
from tests.support.emulator import Emulator, start_emulator
from tests.support.proxy import Proxy, start_proxy

pytestmark = pytest.mark.same_everywhere

PASSWORD = "p@ss/w:rd 100%"
WRONG_PASSWORD = "looking-glass%"
NETRC = "machine dam.example.com login other password other\nmachine 127.0.0.1 login other password other\n"


def user_info(password: str) -> str:
    return f"proxy-user:{quote(password, safe='')}"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    made = Certificates(tmp_path_factory.mktemp("proxy"))
    made.issue("server.pem", "dam.example.com", "127.0.0.1")
    Path(made.path("netrc")).write_text(NETRC, encoding="utf-8")
    Path(made.path("netrc")).chmod(0o600)
    return made


@pytest.fixture(scope="module")
def server(made: Certificates) -> Iterator[Emulator]:
    with start_emulator("--tls-cert", made.path("server.pem")) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def proxy(made: Certificates) -> Iterator[Proxy]:
    with start_proxy(Path(made.path("record")), "--basic-auth", f"proxy-user:{PASSWORD}") as proxy:
        yield proxy


@dataclass(frozen=True)
class Outcome:
    """One run, and what the proxy was asked."""

    run: Run
    seen: list[dict[str, Any]]


@pytest.fixture(scope="module")
def outcome(ansible: Ansible, made: Certificates, server: Emulator, proxy: Proxy) -> Outcome:
    """A session through the proxy, logins that it does not let through, and one that goes past it."""
    proxy.take_requests()
    url = server.url.replace("127.0.0.1", "dam.example.com")
    way = {"ca_path": made.path("ca.pem"), "proxy": "{{ good }}"}
    login = {"server_url": url, "username": "alice", "password": "wonderland", **way}
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        values = {
            "good": proxy.url(user_info(PASSWORD)),
            "wrong": proxy.url(user_info(WRONG_PASSWORD)),
            "gone": f"http://{user_info(PASSWORD)}@127.0.0.1:{taken.getsockname()[1]}",
        }
        # Ansible shows the lines around a task that fails, so addresses with a password stand elsewhere.
        tasks: list[dict[str, Any]] = [
            {"damops.elvis.elvis_login": login, "register": "login"},
            {"damops.elvis.elvis_session_info": {"session": "{{ login.session }}", **way}, "register": "info"},
            {"damops.elvis.elvis_logout": {"session": "{{ login.session }}", **way}, "register": "logout"},
            *(
                {"damops.elvis.elvis_login": {**login, **change}, "register": name, "ignore_errors": True}
                for name, change in {
                    "wrong": {"proxy": "{{ wrong }}"},
                    "gone": {"proxy": "{{ gone }}"},
                    "behind": {"server_url": "https://dam.example.com:1"},
                }.items()
            ),
        ]
        run = ansible.play(tasks, "-vvvvvv", vars=values, env={"NETRC": made.path("netrc")})
    return Outcome(run, proxy.take_requests())


def test_a_session_through_a_proxy(outcome: Outcome) -> None:
    results = outcome.run.results

    assert (results["login"]["failed"], results["info"]["alive"]) == (False, True)
    assert (results["info"]["username"], results["logout"]["logout_success"]) == ("alice", True)


def test_the_proxy_learns_nothing_that_is_not_for_it(outcome: Outcome) -> None:
    assert {request["method"] for request in outcome.seen} == {"CONNECT"}
    known = {"host", "proxy-authorization", "user-agent", "proxy-connection"}
    assert {name for request in outcome.seen for name in request["headers"]} <= known


FAILURES = {
    "wrong": "the proxy asks for a user and a password (HTTP 407)",
    "gone": "no connection to the proxy: connection refused",
    "behind": "the proxy did not let the request through (HTTP 502)",
}


@pytest.mark.parametrize("name", FAILURES)
def test_a_proxy_that_does_not_let_through(name: str, outcome: Outcome) -> None:
    result = outcome.run.results[name]

    assert (result["failed"], result["reason"], result["status"]) == (True, "proxy", None)
    assert FAILURES[name] in result["msg"]


@pytest.mark.parametrize("password", [PASSWORD, WRONG_PASSWORD])
def test_its_password_is_not_seen(password: str, outcome: Outcome) -> None:
    header = base64.b64encode(f"proxy-user:{password}".encode()).decode()
    for form in (password, quote(password), quote(password, safe=""), header):
        assert form not in outcome.run.output


def test_the_environment_names_a_proxy(ansible: Ansible, made: Certificates, server: Emulator, proxy: Proxy) -> None:
    """Unless it says that there is to be none."""
    proxy.take_requests()
    common = {"username": "alice", "password": "wonderland", "ca_path": made.path("ca.pem")}
    port = server.url.rpartition(":")[2]
    rows = {
        "through": common | {"server_url": f"https://dam.example.com:{port}"},
        "past": common | {"server_url": server.url},
    }
    address = proxy.url(user_info(PASSWORD))
    environment = {"HTTPS_PROXY": address, "NO_PROXY": "127.0.0.1", "NETRC": made.path("netrc")}
    run = ansible.table("elvis_login", rows, "-vvvvvv", env=environment)

    assert {name: result["failed"] for name, result in run.results.items()} == {"through": False, "past": False}
    assert [request["target"] for request in proxy.take_requests()] == [f"dam.example.com:{port}"]
    assert quote(PASSWORD, safe="") not in run.output
