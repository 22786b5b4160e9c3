# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A target that can't run our modules gets a sentence that says so, and what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.integration.support import LOGIN, Ansible, Result
from tests.support.emulator import ROOT, Emulator
from tools.matrix import NotRun, find_python

WINDOWS = {
    "winrm": {"ansible_connection": "winrm"},
    "psrp": {"ansible_connection": "psrp"},
    "ssh": {"ansible_connection": "ssh", "ansible_shell_type": "powershell"},
    "ssh_cmd": {"ansible_connection": "ssh", "ansible_shell_type": "cmd"},
}
"""The last two have PowerShell or cmd as their login shell. None of them is ever connected to."""
OLD_PYTHONS = ("2.7", "3.6", "3.8")


@pytest.fixture(scope="module")
def windows(installed: Ansible) -> dict[str, Result]:
    tasks = [
        {**LOGIN, "register": name, "vars": variables, "delegate_to": "far", "ignore_errors": True}
        for name, variables in WINDOWS.items()
    ]
    return installed.play(tasks, vars={"url": "http://127.0.0.1:9"}).results


@pytest.mark.parametrize("name", WINDOWS)
def test_a_windows_host(name: str, windows: dict[str, Result]) -> None:
    result = windows[name]

    assert result["reason"] == "bad_request"
    assert result["msg"].startswith("far is a Windows host")
    assert "delegate_to: localhost" in result["msg"]


def test_windows_hosts_are_served_from_here(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    """The play of docs/powershell.md, for hosts that nobody can connect to."""
    page = (ROOT / "docs/powershell.md").read_text(encoding="utf-8")
    shown = re.search(r"```yaml\n(- name: [^\n]*\n  hosts: windows\n.*?)```", page, re.DOTALL)
    assert shown
    playbook, inventory = tmp_path / "playbook.yml", tmp_path / "inventory.yml"
    playbook.write_text(shown[1], encoding="utf-8")
    hosts = {name: {"ansible_connection": "winrm", "ansible_host": "127.0.0.1"} for name in ("web1", "web2")}
    inventory.write_text(json.dumps({"windows": {"hosts": hosts}}), encoding="utf-8")
    credentials = {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}

    run = installed.playbook(playbook, "--inventory", str(inventory), env=credentials)

    assert run.returncode == 0, run.output
    made = [request for request in server.requests() if request["path"] == "/services/createFolder"]
    assert len(made) == 2
    assert server.sessions() == []


@pytest.mark.parametrize("version", OLD_PYTHONS)
def test_an_old_python(installed: Ansible, version: str) -> None:
    try:
        python = find_python(version)
    except NotRun as reason:
        pytest.skip(str(reason))
    tasks = [{**LOGIN, "vars": {"ansible_python_interpreter": str(python)}, "ignore_errors": True}]
    # ansible-core may have a word of its own on such an old one.
    result = installed.play(tasks, vars={"url": "http://127.0.0.1:9"}, may_warn=True).results["elvis"]

    assert result["reason"] == "missing_library"
    assert f"The Python of localhost is too old: {python} is {version}." in result["msg"]
    assert "need 3.9 or newer" in result["msg"]
    assert "ansible_python_interpreter" in result["msg"]
