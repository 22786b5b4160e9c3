# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A playbook and a PowerShell script hand a session to each other, and whatever goes wrong, none is left."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.integration.support import Ansible, environment_for
from tests.support.emulator import ROOT, Emulator
from tests.support.powershell import find_powershell, run_script

SCRIPTS = ROOT / "examples/powershell"
FOLDER = "/Demo Zone/Handed over"
IMPOSSIBLE = "/Demo Zone/No: folder"
"""The server refuses it, and so does the collection."""


def credentials(server: Emulator) -> dict[str, str]:
    return {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}


def calls(server: Emulator) -> list[str]:
    return [request["path"].rpartition("/")[2] for request in server.requests()]


def powershell_here() -> dict[str, str]:
    """Return what PowerShell needs where its home is empty: a place that it may unpack itself into."""
    find_powershell()
    return {"XDG_CACHE_HOME": str(ROOT / ".cache"), "POWERSHELL_TELEMETRY_OPTOUT": "1", "NO_COLOR": "1"}


def test_a_playbook_lets_a_script_work(ansible: Ansible, server: Emulator) -> None:
    env = {**credentials(server), **powershell_here()}
    playbook = SCRIPTS / "handover.yml"

    first = ansible.playbook(playbook, "-v", "-e", f"folder={FOLDER!r}", env=env)
    again = ansible.playbook(playbook, "-e", f"folder={FOLDER!r}", env=env)

    assert (first.returncode, again.returncode) == (0, 0), first.output + again.output
    assert f"{FOLDER}: created" in first.stdout
    # The login and the logout are changes; the folder is one only the first time.
    assert ("changed=3" in first.stdout, "changed=2" in again.stdout) == (True, True)
    assert calls(server) == 2 * ["apilogin", "createFolder", "logout"]
    assert server.sessions() == []


def test_a_script_that_fails_in_the_middle(ansible: Ansible, server: Emulator) -> None:
    env = {**credentials(server), **powershell_here()}

    run = ansible.playbook(SCRIPTS / "handover.yml", "-e", f"folder={IMPOSSIBLE!r}", env=env)

    assert run.returncode == 2
    assert "it ended with 1" in run.output
    assert f"Cannot make {IMPOSSIBLE}" in run.output
    assert calls(server) == ["apilogin", "createFolder", "logout"]
    assert server.sessions() == []


def script_env(ansible: Ansible, server: Emulator, tmp_path: Path) -> Mapping[str, str]:
    of_ansible = environment_for(tmp_path, ansible.collections)
    return {
        **{name: value for name, value in of_ansible.items() if name.startswith("ANSIBLE_")},
        "PATH": f"{ansible.program.parent}{os.pathsep}{os.environ['PATH']}",
        **credentials(server),
    }


def test_a_script_lets_a_playbook_work(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    env = script_env(installed, server, tmp_path)
    done = run_script(SCRIPTS / "handover.ps1", "-Folder", FOLDER, home=tmp_path, env=env)

    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    assert "changed=1" in done.stdout
    assert done.stdout.endswith("Logged out: True\n")
    assert (calls(server)[0], calls(server)[-1]) == ("apilogin", "logout")
    assert "createFolder" in calls(server)
    assert server.sessions() == []


@pytest.mark.parametrize(("folder", "missing"), [(IMPOSSIBLE, False), (FOLDER, True)])
def test_a_playbook_that_fails_in_the_middle(
    folder: str, missing: bool, installed: Ansible, server: Emulator, tmp_path: Path
) -> None:
    env = script_env(installed, server, tmp_path)
    if missing:
        # Not even Ansible is there.
        env = {**env, "PATH": str(Path(find_powershell()).parent) + ":/usr/bin:/bin"}
    done = run_script(SCRIPTS / "handover.ps1", "-Folder", folder, home=tmp_path, env=env)

    assert done.returncode == 1
    assert ("ansible-playbook" if missing else "The playbook ended with 2.") in done.stderr
    assert "Logged out: True" in done.stdout
    assert server.sessions() == []


def test_a_refused_login_runs_no_playbook(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    env = {**script_env(installed, server, tmp_path), "ELVIS_PASSWORD": "looking-glass"}
    done = run_script(SCRIPTS / "handover.ps1", home=tmp_path, env=env)

    assert done.returncode == 1
    assert "The server refused the login" in done.stderr
    assert calls(server) == ["apilogin"]


SEES_ITSELF = """
- hosts: localhost
  gather_facts: false
  tasks:
    - ansible.builtin.assert: {that: probe == "in-nobodys-list"}
    - ansible.builtin.shell: cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2> /dev/null | tr '\\0' ' '
      register: processes
      changed_when: false
      failed_when: "'in-nobodys-list' in processes.stdout or 'ansible-playbook' not in processes.stdout"
"""


def test_no_list_of_processes_has_what_comes_through_standard_input(installed: Ansible, tmp_path: Path) -> None:
    """With every ansible-core; it is what keeps the token of handover.ps1 unseen."""
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(SEES_ITSELF, encoding="utf-8")

    done = subprocess.run(
        [installed.program, "-i", SCRIPTS / "variables_from_stdin.sh", playbook],
        input='{"probe": "in-nobodys-list"}',
        env=environment_for(tmp_path, installed.collections),
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr
