# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a task fast can be counted: connections, requests, and what a worker has to import."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.integration.support import Ansible
from tests.support.emulator import Emulator, start_emulator


@pytest.fixture(scope="module")
def fast(installed: Ansible) -> Ansible:
    return replace(installed, execution="controller")


LOGIN = '{server_url: "{{ url }}", username: alice, password: wonderland}'


def test_the_items_of_a_loop_share_a_connection(fast: Ansible, server: Emulator) -> None:
    tasks = f"""
    - damops.elvis.elvis_login: {LOGIN}
      register: elvis
    - damops.elvis.elvis_logout: {{session: "{{{{ elvis.session }}}}"}}
      loop: "{{{{ range(100) | list }}}}"
      register: logouts
    """
    run = fast.play(tasks, vars={"url": server.url})

    ended = [item["logout_success"] for item in run.results["logouts"]["results"]]
    assert ended == [True, *[None] * 99]
    assert len(server.requests()) == 1 + 100
    # One for each task.
    assert server.connections() == 2


def test_a_session_costs_two_requests(fast: Ansible, server: Emulator) -> None:
    tasks = f"""
    - damops.elvis.elvis_login: {LOGIN}
      register: elvis
    - damops.elvis.elvis_logout: {{session: "{{{{ elvis.session }}}}"}}
      register: logout
    """
    fast.play(tasks, vars={"url": server.url})

    assert [request["path"] for request in server.requests()] == ["/services/apilogin", "/services/logout"]


@pytest.fixture
def secure_server(tmp_path: Path) -> Iterator[Emulator]:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    ca.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "server.pem")
    with start_emulator("--tls-cert", str(tmp_path / "server.pem")) as emulator:
        yield emulator


def test_a_connection_is_for_one_user_of_one_server_with_the_same_options(
    fast: Ansible, server: Emulator, secure_server: Emulator, tmp_path: Path
) -> None:
    alice, api = {"username": "alice", "password": "wonderland"}, {"username": "api", "password": "api"}
    verified, unverified = {"ca_path": str(tmp_path / "ca.pem")}, {"validate_certs": False}
    plain, secure = {"server_url": server.url}, {"server_url": secure_server.url}
    items: list[dict[str, Any]] = [
        plain | alice,
        plain | api,
        plain | alice | {"http_agent": "nightly import"},
        secure | alice | verified,
        secure | alice | unverified,
        secure | api | verified,
    ]
    # The second time round, each of them finds its connection.
    login = {
        "damops.elvis.elvis_login": {name: f"{{{{ item.{name} | default(omit) }}}}" for name in set().union(*items)},
        "loop": items * 2,
        "no_log": True,
        "register": "logins",
    }
    run = fast.play([login], may_warn=True)

    users = [item["session"]["username"] for item in run.results["logins"]["results"]]
    assert users == [item["username"] for item in items * 2]
    assert (server.connections(), secure_server.connections()) == (3, 3)
    assert (len(server.requests()), len(secure_server.requests())) == (6, 6)


WATCHES_IMPORTS = """
import os, sys

def watch():
    log = open(os.environ["IMPORTED"], "a")
    def note(event, arguments):
        if event == "import":
            print(os.getpid(), arguments[0], file=log, flush=True)
    sys.addaudithook(note)
    print(os.getpid(), "-", file=log, flush=True)

os.register_at_fork(after_in_child=watch)
"""
"""Each Python imports a module of this name when it starts; only what is forked of it, as workers are, is watched."""


def test_the_items_of_a_loop_share_a_handshake(fast: Ansible, secure_server: Emulator, tmp_path: Path) -> None:
    tasks = f"""
    - damops.elvis.elvis_login: {LOGIN}
      loop: [1, 2, 3, 4, 5]
      no_log: true
    """
    fast.play(tasks, env={"SSL_CERT_FILE": str(tmp_path / "ca.pem")}, vars={"url": secure_server.url})

    assert len(secure_server.requests()) == 5
    assert secure_server.connections() == 1


WATCHES_READING = """
import os, ssl

read = ssl.SSLContext.load_verify_locations

def note(context, cafile=None, capath=None, cadata=None):
    with open(os.environ["READ"], "a") as log:
        print("worker" if os.getpid() != parent else "parent", cafile, file=log)
    return read(context, cafile, capath, cadata)

parent = os.getpid()
ssl.SSLContext.load_verify_locations = note
"""


def bundles_read(fast: Ansible, tasks: str, tmp_path: Path, env: dict[str, str], url: str) -> list[str]:
    """Return who read a bundle of CAs in a run, and which."""
    (tmp_path / "sitecustomize.py").write_text(WATCHES_READING, encoding="utf-8")
    log = tmp_path / "read"
    log.touch()
    fast.play(tasks, env={"PYTHONPATH": str(tmp_path), "READ": str(log), **env}, vars={"url": url}, may_warn=True)
    return log.read_text(encoding="utf-8").splitlines()


SESSION = f"""
- damops.elvis.elvis_login: {LOGIN}
  register: elvis
- damops.elvis.elvis_session_info: {{session: "{{{{ elvis.session }}}}"}}
- damops.elvis.elvis_logout: {{session: "{{{{ elvis.session }}}}"}}
"""


@pytest.mark.parametrize("variable", ["ELVIS_CA_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_bundle_that_the_environment_names_is_read_once_for_all_tasks(
    fast: Ansible, secure_server: Emulator, tmp_path: Path, variable: str
) -> None:
    bundle = str(tmp_path / "ca.pem")
    assert bundles_read(fast, SESSION, tmp_path, {variable: bundle}, secure_server.url) == [f"parent {bundle}"]


def test_a_bundle_that_a_task_names_is_read_once_in_it(fast: Ansible, secure_server: Emulator, tmp_path: Path) -> None:
    bundle, usual = str(tmp_path / "ca.pem"), str(tmp_path / "usual.pem")
    (tmp_path / "usual.pem").write_bytes(trustme.CA().cert_pem.bytes())
    tasks = SESSION.replace("{session:", f"{{ca_path: {bundle}, session:").replace(
        "{server_url:", f"{{ca_path: {bundle}, server_url:"
    )
    read = bundles_read(fast, tasks, tmp_path, {"SSL_CERT_FILE": usual}, secure_server.url)
    assert read == [f"parent {usual}", *[f"worker {bundle}"] * 3]


def test_plain_http_reads_no_bundle(fast: Ansible, server: Emulator, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_bytes(trustme.CA().cert_pem.bytes())
    tasks = SESSION.replace("{session:", f"{{ca_path: {bundle}, session:").replace(
        "{server_url:", f"{{ca_path: {bundle}, server_url:"
    )
    assert bundles_read(fast, tasks, tmp_path, {"ELVIS_SERVER_URL": server.url}, server.url) == []


def test_a_bundle_that_changes_during_a_run_is_noticed(fast: Ansible, secure_server: Emulator, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(trustme.CA().cert_pem.bytes())
    tasks = f"""
    - damops.elvis.elvis_login: {LOGIN}
      register: before
      ignore_errors: true
    - ansible.builtin.command: cp {tmp_path}/ca.pem {bundle}
    - damops.elvis.elvis_login: {LOGIN}
      register: after
    """
    run = fast.play(tasks, env={"SSL_CERT_FILE": str(bundle)}, vars={"url": secure_server.url})

    assert run.results["before"]["reason"] == "tls"
    assert run.results["after"]["changed"] is True


WATCHES_GUARD = """
import os, sys

if any(argument.endswith("_guard/program.py") for argument in sys.orig_argv):
    log = open(os.environ["IMPORTED"], "a")
    sys.addaudithook(lambda event, arguments: event == "import" and print(arguments[0], file=log, flush=True))
"""


def test_the_guard_starts_with_the_standard_library_alone(fast: Ansible, server: Emulator, tmp_path: Path) -> None:
    """A run in which no session is left open, as none was opened, pays for no more."""
    (tmp_path / "sitecustomize.py").write_text(WATCHES_GUARD, encoding="utf-8")
    log = tmp_path / "imported"
    tasks = """
    - damops.elvis.elvis_login: {server_url: "{{ url }}", username: alice, password: wrong}
      ignore_errors: true
      register: elvis
    """
    guarded = {"ANSIBLE_CALLBACKS_ENABLED": "damops.elvis.session_guard"}
    fast.play(tasks, env={"PYTHONPATH": str(tmp_path), "IMPORTED": str(log), **guarded}, vars={"url": server.url})

    imported = {module.partition(".")[0] for module in log.read_text(encoding="utf-8").split()}
    assert {"json", "select"} <= imported
    # Its own files, by their name in the collection.
    assert imported - sys.stdlib_module_names == {"ansible_collections"}


def test_a_worker_imports_nothing_for_a_task(fast: Ansible, server: Emulator, tmp_path: Path) -> None:
    """All that a task needs was imported once, by the process that runs the playbook and before it forked a worker."""
    (tmp_path / "sitecustomize.py").write_text(WATCHES_IMPORTS, encoding="utf-8")
    log = tmp_path / "imported"
    session = "session: '{{ elvis.session }}'"
    tasks = f"""
    - ansible.builtin.assert: {{that: true}}
    - damops.elvis.elvis_login: {LOGIN}
      register: elvis
    - damops.elvis.elvis_session_info: {{{session}}}
    - damops.elvis.elvis_request: {{{session}, path: services/search, query: {{q: ""}}}}
    - damops.elvis.elvis_logout: {{{session}, verify: true}}
    """
    fast.play(tasks, env={"PYTHONPATH": str(tmp_path), "IMPORTED": str(log)}, vars={"url": server.url})

    workers: dict[str, set[str]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        process, module = line.split()
        workers.setdefault(process, set()).add(module)
    # The first one shows what Ansible itself imports for a task that does nothing; the last one keeps the results.
    of_ansible, *of_tasks, _keeping = workers.values()
    assert len(of_tasks) == 4
    assert [imported - of_ansible for imported in of_tasks] == [set()] * 4
