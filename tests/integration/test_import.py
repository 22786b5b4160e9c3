# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""damops.elvis.import, by name: it survives the token's hour, and tells what is missing before it logs in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.support import Ansible, Run
from tests.support.assets import Dam
from tests.support.emulator import ROOT, Emulator, start_emulator

ALICE = {"ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}
IMPORT = Path("damops.elvis.import")
PATH = "/Demo Zone/Inbox"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for number in range(12):
        (folder / f"{number}.txt").write_text(f"file {number}", encoding="utf-8")
    (folder / "captions.csv").write_text("path,headline\n3.txt,The third\n", encoding="utf-8")
    return folder


def run(installed: Ansible, server: Emulator, *arguments: str, **variables: str) -> Run:
    # The tests may run in a container themselves.
    values = {"elvis_server_url": server.url, "elvis_path": f"'{PATH}'", "elvis_in_container": "false", **variables}
    extra = [argument for name, value in values.items() for argument in ("-e", f"{name}={value}")]
    return installed.playbook(IMPORT, *extra, *arguments, env=ALICE)


def test_a_limit_that_leaves_the_host_out(installed: Ansible, server: Emulator) -> None:
    """Ansible alone would say that no hosts matched, and end well."""
    hosts = ("-i", "filer01,filer02", "--limit", "filer01")
    done = run(installed, server, *hosts, elvis_src="/usr", elvis_host="filer02")

    assert done.returncode == 2
    assert "elvis_host is filer02, which the limit filer01 leaves out." in " ".join(done.stdout.split())
    assert server.requests() == []


def logins(server: Emulator) -> int:
    return sum(request["path"] == "/services/apilogin" for request in server.requests())


def test_a_folder_with_metadata(installed: Ansible, server: Emulator, inbox: Path) -> None:
    options = {
        "elvis_src": str(inbox),
        "elvis_metadata_src": f"{inbox}/captions.csv",
        "elvis_metadata": "'status: New'",
        "elvis_min_age": "0",
        "elvis_patterns": "'*.txt, *.jpg'",
    }
    check = run(installed, server, "--check", **options)
    assert check.returncode == 0, check.output
    done = run(installed, server, **options)

    assert done.returncode == 0, done.output
    assert "12 created" in check.stdout
    assert "12 created" in done.stdout
    assert (logins(server), server.sessions()) == (2, [])
    dam = Dam(server)
    found = dam.metadata(f'ancestorPaths:"{PATH}"')
    dam.leave()
    assert {fields["status"] for fields in found.values()} == {"New"}
    assert found[f"{PATH}/3.txt"]["headline"] == "The third"


def test_each_run_leaves_a_report_and_the_newest_stay(
    installed: Ansible, server: Emulator, inbox: Path, tmp_path: Path
) -> None:
    reports = tmp_path / "reports"
    reports.mkdir()
    old = [reports / f"elvis-import-2026-11-{day}T020000.000000Z-01.jsonl" for day in (28, 29, 30)]
    others = [
        reports / "elvis-import-2026-11-01T020000.000000Z-01.jsonl.bak",
        reports / "my-elvis-import-2026-11-01T020000.000000Z-01.jsonl",
        reports / "elvis-import-2026-11-01.jsonl",
        reports / "below/elvis-import-2026-11-01T020000.000000Z-01.jsonl",
    ]
    (reports / "below").mkdir()
    for path in [*old, *others]:
        path.touch()
    link, folder = (reports / f"elvis-import-2026-11-0{day}T020000.000000Z-01.jsonl" for day in (2, 3))
    link.symlink_to(others[0])
    folder.mkdir()
    options = {
        "elvis_src": str(inbox),
        "elvis_min_age": "0",
        "elvis_report": str(reports),
        "elvis_report_keep": "2",
    }

    check = run(installed, server, "--check", **options)
    assert check.returncode == 0, check.output
    assert all(path.exists() for path in old)
    done = run(installed, server, **options)

    assert done.returncode == 0, done.output
    assert all(path.exists() for path in [*others, link, folder])
    assert [path.exists() for path in old] == [False, False, True]
    (new,) = set(reports.glob("*.jsonl")) - {*old, *others, link, folder}
    lines = [json.loads(line) for line in new.read_text(encoding="utf-8").splitlines()]
    assert sum(line["outcome"] == "created" for line in lines) == 13


def test_what_has_just_arrived_is_left_to_the_next_run(installed: Ansible, server: Emulator, inbox: Path) -> None:
    done = run(installed, server, elvis_src=str(inbox))

    assert done.returncode == 0, done.output
    assert "13 skipped" in done.stdout


@pytest.mark.done_in_awx
def test_it_outlives_its_tokens(installed: Ansible, inbox: Path) -> None:
    options = {"elvis_src": str(inbox), "elvis_min_age": "0", "elvis_concurrency": "1"}
    with start_emulator("--token-lifetime", "6", "--latency", "500") as server:
        one = run(installed, server, **options, elvis_rounds="1")

        assert one.returncode == 2, one.output
        assert "not_logged_in" in one.stdout
        assert (logins(server), server.sessions()) == (1, [])

        done = run(installed, server, **options)

        assert done.returncode == 0, done.output
        assert logins(server) > 2
        assert server.sessions() == []
        dam = Dam(server)
        assert len(dam.ids()) == 13
        dam.leave()


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"elvis_src": "/usr", "elvis_path": "/Demo Zone/Inbox"}, "Zone/Inbox belongs to no variable"),
        ({"elvis_src": "/usr", "elvis_host": "filer01"}, "the inventory has no such host. It has none but localhost."),
        (
            {"elvis_src": "/usr", "elvis_host": "ungrouped"},
            "ungrouped, a group of the inventory without a host.",
        ),
        ({"elvis_src": "/usr", "elvis_rounds": "abc"}, "elvis_rounds is abc. Set it to a whole number from 1 to 99."),
        ({"elvis_src": "/usr", "elvis_metadata": "'status: New\nstatus: Old'"}, "two lines with the same name"),
        ({"elvis_src": "/nothing/here"}, "Not on localhost: /nothing/here. Correct the path, or set elvis_host"),
        (
            {"elvis_src": "/nothing/here", "elvis_in_container": "true"},
            "Not on localhost, which is a container: /nothing/here. Mount it there, or set elvis_host",
        ),
        ({"elvis_src": "/usr", "elvis_metadata_src": "/nothing.csv"}, "Not on localhost: /nothing.csv."),
        ({"elvis_src": "/usr", "elvis_uploaded": "move"}, "elvis_move_to is empty. Set it to the folder"),
        (
            {"elvis_src": "/usr", "elvis_uploaded": "move", "elvis_move_to": "/etc", "elvis_in_container": "true"},
            "/etc is in a container, and would vanish with it",
        ),
    ],
)
def test_what_is_missing_is_told_before_the_login(
    installed: Ansible, server: Emulator, variables: dict[str, str], message: str
) -> None:
    done = run(installed, server, **variables)

    assert done.returncode == 2
    assert message in " ".join(done.stdout.split())
    assert server.requests() == []


@pytest.mark.done_in_awx
def test_the_folder_of_another_machine(
    installed: Ansible, over_ssh: tuple[str, ...], server: Emulator, inbox: Path
) -> None:
    done = run(installed, server, *over_ssh, elvis_host="far", elvis_src=str(inbox), elvis_min_age="0")

    assert done.returncode == 0, done.output
    assert "13 created" in done.stdout
    assert server.sessions() == []


def test_a_fleet_of_folders_is_one_session(installed: Ansible) -> None:
    fleet = ROOT / "examples/fleet"
    with start_emulator("--seats", "1") as server:
        environment = {"ELVIS_SERVER_URL": server.url, **ALICE}
        done = installed.playbook(fleet / "import.yml", "-i", str(fleet / "inventory.yml"), "-f", "4", env=environment)

        assert done.returncode == 0, done.output
        assert (logins(server), server.sessions()) == (1, [])
        dam = Dam(server)
        paths = ["/Demo Zone/Fleet/details/anchor.svg", "/Demo Zone/Fleet/portraits/captain.svg"]
        assert sorted(dam.ids()) == paths
        dam.leave()


def test_a_fleet_with_a_folder_that_is_missing_logs_out_once_all_are_done(installed: Ansible, server: Emulator) -> None:
    fleet = ROOT / "examples/fleet"
    environment = {"ELVIS_SERVER_URL": server.url, **ALICE}
    hosts = ("-i", "nothing,details,portraits")

    done = installed.playbook(fleet / "import.yml", *hosts, env=environment)

    assert done.returncode == 2
    asked = [request["path"].rpartition("/")[2] for request in server.requests()]
    assert (asked.count("create"), asked.count("logout"), asked[-1]) == (2, 1, "logout")
    assert server.sessions() == []


@pytest.mark.done_in_awx
def test_the_report_of_another_machine(
    installed: Ansible, over_ssh: tuple[str, ...], server: Emulator, tmp_path: Path
) -> None:
    dest = tmp_path / "report.csv"
    variables = {
        "elvis_server_url": server.url,
        "elvis_host": "far",
        "elvis_dest": str(dest),
        "elvis_in_container": "false",
    }
    extra = [argument for name, value in variables.items() for argument in ("-e", f"{name}={value}")]

    done = installed.playbook(Path("damops.elvis.report"), *over_ssh, *extra, env=ALICE)

    assert done.returncode == 0, done.output
    assert dest.read_text(encoding="utf-8").startswith("id,assetPath,")
    assert server.sessions() == []
