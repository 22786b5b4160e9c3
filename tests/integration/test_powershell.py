# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""PowerShell's own scripts do what the page about them says, beside the playbooks that replace them."""

from __future__ import annotations

from pathlib import Path

from tests.support.emulator import ROOT, Emulator
from tests.support.powershell import run_script

SCRIPTS = ROOT / "examples/powershell"

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
