# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the examples and the pages show runs as it stands, and does what they say."""

from __future__ import annotations

import importlib
import json
import os
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
import yaml

from tests.integration.support import Ansible
from tests.support.assets import Dam, logged_in
from tests.support.emulator import ROOT, Emulator

EXAMPLES = ROOT / "examples"
POWERSHELL = EXAMPLES / "powershell"
ALL_WITH_COLLECTION = [
    path for path in sorted(EXAMPLES.rglob("*.yml")) if "damops.elvis.elvis_" in path.read_text(encoding="utf-8")
]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(page for name in ("docs", "examples", "roles") for page in (ROOT / name).rglob("*.md")),
]
MODULES = [path.stem for path in sorted((ROOT / "plugins/modules").glob("elvis_*.py"))]
BLOCK = re.compile(r"^(?P<indent> *)```ya?ml\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
BLOCKS = {
    f"{page.relative_to(ROOT)}-{number}": textwrap.dedent(block["text"])
    for page in PAGES
    for number, block in enumerate(BLOCK.finditer(page.read_text(encoding="utf-8")), start=1)
}
# A block that is a whole playbook
SHOWN = {name: text for name, text in BLOCKS.items() if text.startswith("---\n- name: ")}
# By their first key, blocks that are for something else than a playbook: a changelog fragment, a requirements.yml,
# variables of an inventory, an option of a task, fields of a job template
NOT_FOR_A_PLAYBOOK = {"bugfixes", "collections", "ansible_connection", "session", "forks"}


def credentials(server: Emulator, password: str = "wonderland") -> dict[str, str]:
    return {"ELVIS_SERVER_URL": server.url, "ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": password}


def paths(server: Emulator) -> list[str]:
    return [request["path"] for request in server.requests()]


def test_the_session_from_login_to_logout(installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(EXAMPLES / "session.yml", env=credentials(server))

    assert run.returncode == 0, run.output
    assert f"alice at {server.url}" in run.stdout
    assert "The server no longer knows the token." in run.stdout
    assert server.sessions() == []


@pytest.mark.parametrize("name", ["uri.yml", "collection.yml"])
def test_what_powershell_does(name: str, installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(POWERSHELL / name, env=credentials(server))

    assert run.returncode == 0, run.output
    assert paths(server) == ["/services/apilogin", "/services/createFolder", "/services/logout"]
    assert [request["query"] for request in server.requests()] == [[], [], []]
    assert server.sessions() == []


def test_uri_is_content_with_a_refused_login(installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(POWERSHELL / "uri.yml", env=credentials(server, "looking-glass"))

    assert run.returncode == 0, run.output
    assert paths(server) == ["/services/apilogin", "/services/createFolder", "/services/logout"]


def test_the_collection_is_not(installed: Ansible, server: Emulator) -> None:
    run = installed.playbook(POWERSHELL / "collection.yml", env=credentials(server, "looking-glass"))

    assert run.returncode == 2
    assert "Invalid username or password" in run.output
    assert paths(server) == ["/services/apilogin"]


@pytest.mark.parametrize("path", ALL_WITH_COLLECTION, ids=lambda path: path.name)
def test_check_mode_changes_nothing(path: Path, installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    (tmp_path / "captions.csv").write_text("path,headline\ncover.jpg,A cover\n", encoding="utf-8")
    (tmp_path / "cover.jpg").touch()
    # A fleet has a machine.
    machines = ("--inventory", "localhost,", "--connection", "local") if path.name == "fleet.yml" else ()
    files = ("-e", f"inbox={tmp_path}", "-e", f"dest={tmp_path}/printer")
    run = installed.playbook(path, "--check", *machines, *files, env=credentials(server))

    assert run.returncode == 0, run.output
    # What compares needs a real session, and logs out again.
    assert {name.rpartition("/")[2] for name in paths(server)} <= {"apilogin", "logout", "search", "browse"}
    assert server.sessions() == []


@pytest.fixture
def demo(server: Emulator) -> Iterator[Dam]:
    """What the examples work on."""
    with logged_in(server) as dam:
        for name in ("old", "new", "checked out"):
            dam.create(f"/Demo Zone/{name}.jpg", status="Published" if name == "old" else "New", tags=["x"])
        dam.post("checkout/" + dam.ids()["/Demo Zone/checked out.jpg"])
        yield dam


@pytest.mark.parametrize("name", ["checked_out", "archive", "issue_folders"])
def test_a_job_done_twice(name: str, installed: Ansible, demo: Dam, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    for is_first in (True, False):
        run = installed.playbook(EXAMPLES / f"{name}.yml", "-e", f"report={report}", env=credentials(demo._elvis))
        assert run.returncode == 0, run.output
        # Only the login and the logout change something then, and there is nothing old enough to be archived.
        assert ("changed=3" in run.stdout) is (is_first and name != "archive")
    if name == "checked_out":
        assert [line.partition(";")[0] for line in report.read_text(encoding="utf-8-sig").splitlines()] == [
            "assetPath",
            "/Demo Zone/checked out.jpg",
        ]


@pytest.mark.parametrize("name", SHOWN)
def test_playbook_of_a_page(name: str, installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(SHOWN[name], encoding="utf-8")

    run = installed.playbook(playbook, env=credentials(server))

    assert run.returncode == 0, run.output
    assert "/services/logout" in paths(server)
    assert server.sessions() == []


def as_playbook(text: str) -> list[dict[str, Any]] | None:
    """Make a playbook of plays, of tasks or of what a play says beside them; None when it is for something else."""
    shown = yaml.safe_load(text)
    if isinstance(shown, list):
        return shown if "hosts" in shown[0] else [{"hosts": "localhost", "tasks": shown}]
    if next(iter(shown)) in NOT_FOR_A_PLAYBOOK:
        return None
    return [{"hosts": "localhost", **shown, "tasks": [{"damops.elvis.elvis_login": None}]}]


def test_syntax_of_what_is_no_whole_playbook(installed: Ansible, tmp_path: Path) -> None:
    written = []
    for name in BLOCKS.keys() - SHOWN.keys():
        if playbook := as_playbook(BLOCKS[name]):
            written.append(tmp_path / f"{name.replace('/', '-')}.yml")
            written[-1].write_text(yaml.safe_dump(playbook, sort_keys=False), encoding="utf-8")

    run = installed.playbook(written[0], *map(str, written[1:]), "--syntax-check")

    assert run.returncode == 0, run.output
    assert all(f"playbook: {path}" in run.stdout for path in written)


def test_an_import_and_files_for_a_printer(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    inbox, dest = tmp_path / "inbox", tmp_path / "printer"
    inbox.mkdir()
    for name, content in (("cover.jpg", "a picture"), ("captions.csv", "path,headline\ncover.jpg,A cover\n")):
        (inbox / name).write_text(content, encoding="utf-8")
        os.utime(inbox / name, (1, 1))
    # What changed this minute may still be arriving.
    wanted = {"inbox": str(inbox), "folder": "/Demo Zone/Print", "dest": str(dest)}
    extra = ("-e", json.dumps(wanted))
    run = installed.playbook(EXAMPLES / "nightly_import.yml", *extra, env=credentials(server))
    assert run.returncode == 0, run.output
    assert "1 skipped" in run.stdout
    with logged_in(server) as dam:
        dam.create("/Demo Zone/Print/cover.jpg", headline="A cover")
        for is_first in (True, False):
            run = installed.playbook(EXAMPLES / "printer.yml", *extra, env=credentials(server))
            assert run.returncode == 0, run.output
            assert ("1 created" in run.stdout) is is_first
    assert (tmp_path / "printer-captions.csv").read_text() == "path,headline,credit\ncover.jpg,A cover,\n"


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module(module: str, installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    examples: str = importlib.import_module(f"ansible_collections.damops.elvis.plugins.modules.{module}").EXAMPLES
    for shown, here in {
        "https://dam.example.com/app": server.url,
        "https://dam.example.com": server.url,
        "/etc/pki/dam-ca.pem": certifi.where(),
        "/srv": str(tmp_path),
    }.items():
        examples = examples.replace(shown, here)
    for name in ("outgoing", "incoming", "reports", "inbox", "out", "scanner", "logos"):
        (tmp_path / name).mkdir()
    for name in ("inbox/cover.jpg", "out/cover.jpg", "out/cover.pdf", "out/back.pdf", "logos/logo.svg"):
        (tmp_path / name).write_text("content", encoding="utf-8")
    (tmp_path / "incoming/beach.jpg").write_bytes(b"a picture")
    (tmp_path / "inbox/captions.csv").write_text("path;Caption\n/Demo Zone/Inbox/cover.jpg;A cover\n", encoding="utf-8")
    with logged_in(server) as dam:
        for name in ("cover", "back"):
            dam.create(f"/Demo Zone/Inbox/{name}.jpg")
        dam.create("/Demo Zone/Print/page.pdf")
        dam.create("/Demo Zone/Logos/logo.svg")
    values = {
        "elvis_username": "alice",
        "elvis_password": "wonderland",
        "elvis_cred": "YWxpY2U6d29uZGVybGFuZA==",
        "token": "{{ of_token.session.auth_token }}",
    }
    log_in = "- damops.elvis.elvis_login:\n  register: of_token\n"

    run = installed.play(log_in + examples, vars=values, env=credentials(server))

    assert run.returncode == 0, run.output
