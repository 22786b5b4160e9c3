# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that can't be reached says why, in the words in which it says so to any other module."""

from __future__ import annotations

import re
import socket
import socketserver
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.support import LOGIN, Ansible, Result
from tests.support.serving import serving
from tests.support.sshd import Sshd

NAMES = (
    "unknown_name",
    "connection_refused",
    "no_ssh_server",
    "silent_server",
    "host_key_unknown",
    "host_key_changed",
    "wrong_key",
    "no_key",
    "wrong_password",
    "unknown_user",
    "no_way_there",
)

RACY = {"no_ssh_server", "no_way_there"}
"""Whether ssh or Ansible notices first that the other side hung up is a matter of luck, for any module."""


class _HangUp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.recv(1)


class _StaySilent(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while self.request.recv(1024):
            pass


@pytest.fixture(scope="module")
def hosts(ssh_server: Sshd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("unreachable")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "other"], check=True)
    port, key = ssh_server.port, (folder / "other.pub").read_text(encoding="utf-8")
    (folder / "changed").write_text(f"[127.0.0.1]:{port} {key}", encoding="utf-8")
    (folder / "empty").touch()
    known, plain = "UserKnownHostsFile", ssh_server.variables
    with (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _HangUp) as hanging_up,
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _StaySilent) as silent,
        serving(hanging_up),
        serving(silent),
        socket.create_server(("127.0.0.1", 0)) as nobody,
    ):
        refused = nobody.getsockname()[1]
        nobody.close()
        yield {
            "unknown_name": {**plain, "ansible_host": "nowhere.invalid"},
            "connection_refused": {**plain, "ansible_port": refused},
            "no_ssh_server": {**plain, "ansible_port": hanging_up.server_address[1]},
            "silent_server": {**ssh_server.variables_with(ConnectTimeout=1), "ansible_port": silent.server_address[1]},
            "host_key_unknown": ssh_server.variables_with(**{known: folder / "empty"}),
            "host_key_changed": ssh_server.variables_with(**{known: folder / "changed"}),
            "wrong_key": {**plain, "ansible_ssh_private_key_file": str(folder / "other")},
            "no_key": {**plain, "ansible_ssh_private_key_file": str(folder / "missing")},
            "wrong_password": {
                **ssh_server.variables_with(PreferredAuthentications="password"),
                "ansible_password": "looking-glass",
            },
            "unknown_user": {**plain, "ansible_user": "nobody-of-that-name"},
            "no_way_there": ssh_server.variables_with(ProxyCommand="false"),
        }


@pytest.fixture(scope="module", params=["true", "false"], ids=["pipelining", "no pipelining"])
def results(
    request: pytest.FixtureRequest, installed: Ansible, hosts: dict[str, dict[str, Any]], tmp_path_factory: Any
) -> dict[str, Result]:
    inventory: Path = tmp_path_factory.mktemp("inventory") / "inventory.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    tasks = [
        {**task, "register": f"{whose}_{name}", "delegate_to": name, "ignore_unreachable": True}
        for name in NAMES
        for whose, task in (("stock", {"ansible.builtin.ping": None}), ("ours", LOGIN))
    ]
    return installed.play(
        tasks,
        "--inventory",
        str(inventory),
        vars={"url": "http://127.0.0.1:9"},
        env={"ANSIBLE_PIPELINING": request.param},
        may_warn=True,
    ).results


@pytest.mark.parametrize("name", NAMES)
def test_says_why_as_any_module_does(name: str, results: dict[str, Result], request: pytest.FixtureRequest) -> None:
    stock, ours = results[f"stock_{name}"], results[f"ours_{name}"]
    is_pipelined = request.node.callspec.params["results"] == "true"

    assert stock["unreachable"] is True, stock
    assert ours["unreachable"] is True
    assert "censored" not in ours["msg"]
    if "incorrect password:" in stock["msg"]:
        # Where sshpass was asked, it is not asked again: that could lock the account.
        assert ours["msg"] == stock["msg"].partition("incorrect password:")[0] + "incorrect password"
    elif name in RACY:
        assert re.search(r"[Cc]losed|Broken pipe", ours["msg"])
    # Ansible may tell this instead of what ssh said, when that has ended before it is given the module.
    elif not (is_pipelined and "Broken pipe" in stock["msg"] + ours["msg"]):
        assert ours["msg"] == stock["msg"]
