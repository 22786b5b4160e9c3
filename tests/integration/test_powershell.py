# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PowerShell's own scripts do what the page about them says, beside the playbooks that replace them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import requests

from tests.integration.support import Ansible
from tests.support.emulator import ROOT, Emulator
from tests.support.powershell import run_script

SCRIPTS = ROOT / "examples/powershell"

PRINTED = re.findall(
    r"^```text\n(.*?)^```$", (ROOT / "docs/powershell.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
"""What the page shows as printed, in its order: by the script, by uri.yml, by the server, by collection.yml."""
WRONG = "looking-glass"

AS_PRINTED = """
$Cred = [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes("alice:wonderland"))
$Login = Invoke-RestMethod -Method Post -Uri "$env:ELVIS_SERVER_URL/services/apilogin?
cred=$Cred
&username=alice
&password=wonderland"
$Token = $Login.authToken
Invoke-RestMethod -Method Post -Uri "$env:ELVIS_SERVER_URL/services/logout" `
    -ContentType "application/json" -Headers @{ Authorization = "Bearer $Token" }
"""
"""A script as a page prints it: the line breaks in its address are sent, and the user name ends in one."""


def credentials(server: Emulator, password: str = "wonderland") -> dict[str, str]:
    return {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": password}


def calls(server: Emulator) -> list[tuple[str, str, int]]:
    return [(request["method"], request["path"], request["status"]) for request in server.requests()]


def test_the_script_logs_in_and_out(server: Emulator, tmp_path: Path) -> None:
    done = run_script(SCRIPTS / "logout.ps1", home=tmp_path, env=credentials(server))

    assert (done.returncode, done.stderr) == (0, "")
    assert "Logged out: True" in done.stdout
    assert [path for _method, path, _status in calls(server)] == [
        "/services/apilogin",
        "/services/createFolder",
        "/services/logout",
    ]
    assert server.sessions() == []


def test_the_script_goes_on_after_a_refused_login(server: Emulator, tmp_path: Path) -> None:
    done = run_script(SCRIPTS / "logout.ps1", home=tmp_path, env=credentials(server, "looking-glass"))

    assert done.returncode == 0
    assert len(calls(server)) == 3


def test_a_script_with_line_breaks_in_its_address_logs_in(server: Emulator, tmp_path: Path) -> None:
    script = tmp_path / "printed.ps1"
    script.write_text(AS_PRINTED, encoding="utf-8")

    done = run_script(script, home=tmp_path, env=credentials(server))

    assert (done.returncode, done.stderr) == (0, "")
    assert calls(server) == [("POST", "/services/apilogin", 200), ("POST", "/services/logout", 200)]
    assert "True" in done.stdout
    assert server.sessions() == []


def is_printed(shown: str, output: str) -> bool:
    """Tell whether a page shows what was printed: all words in their order, but for a port and what it leaves out."""
    words = re.escape(" ".join(shown.split()))
    pattern = re.sub(r"127\\.0\\.0\\.1:\d+", r"127\\.0\\.0\\.1:\\d+", words).replace("…", ".*?")
    return re.search(pattern, " ".join(output.split())) is not None


def test_what_the_script_prints_with_a_wrong_password(server: Emulator, tmp_path: Path) -> None:
    done = run_script(SCRIPTS / "logout.ps1", home=tmp_path, env=credentials(server, WRONG))

    assert is_printed(PRINTED[0], re.sub(r"\x1b\[[\d;]*m", "", done.stdout)), done.stdout


def test_what_uri_prints_with_a_wrong_password(installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(SCRIPTS / "uri.yml", env=credentials(server, WRONG))

    assert (run.returncode, is_printed(PRINTED[1], run.stdout)) == (0, True), run.stdout


def test_what_the_server_answers_then(server: Emulator) -> None:
    answers = []
    for service, form in {
        "apilogin": {"username": "alice", "password": WRONG},
        "createFolder": {},
        "logout": {},
    }.items():
        reply = requests.post(
            f"{server.url}/services/{service}", data=form, headers={"Authorization": "Bearer "}, timeout=10
        )
        assert reply.status_code == 200
        answers.append(reply.json())

    assert [json.loads(line) for line in PRINTED[2].splitlines()] == answers


def test_what_the_collection_prints_with_a_wrong_password(installed: Ansible, server: Emulator) -> None:
    if installed.core < (2, 19):
        pytest.skip("the page shows how ansible-core prints a failure since 2.19")
    run = installed.playbook(SCRIPTS / "collection.yml", env=credentials(server, WRONG))

    assert (run.returncode, is_printed(PRINTED[3], run.output)) == (2, True), run.output
    assert len(server.requests()) == 1


def test_the_page_shows_no_more_than_that() -> None:
    assert len(PRINTED) == 4
