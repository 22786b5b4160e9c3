# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own playbooks, run by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.support import Ansible, Run
from tests.support.assets import logged_in
from tests.support.emulator import Emulator
from tests.support.scripted import json_reply, scripted_server

ADMIN = {"ELVIS_USERNAME": "admin", "ELVIS_PASSWORD": "changemenow"}
ALICE = {"ELVIS_USERNAME": "alice", "ELVIS_PASSWORD": "wonderland"}


def run(installed: Ansible, name: str, url: str, *arguments: str, env: dict[str, str]) -> Run:
    return installed.playbook(Path(f"damops.elvis.{name}"), "-e", f"elvis_server_url={url}", *arguments, env=env)


def paths(server: Emulator) -> set[str]:
    return {request["path"] for request in server.requests()}


def test_smoke(installed: Ansible, server: Emulator) -> None:
    smoke = run(installed, "smoke", server.url, env=ALICE)

    assert smoke.returncode == 0, smoke.output
    assert f"The server {server.url} is available. Elvis 6.107.0.1, running." in smoke.stdout
    for method in ("bearer ", "cookie "):
        assert f"{method}  ok      logged in as alice, logged out, the token is dead" in smoke.stdout
    assert {"/services/apilogin", "/services/login"} <= paths(server)
    assert server.sessions() == []


def test_smoke_asks_the_server_of_the_environment(installed: Ansible, server: Emulator) -> None:
    smoke = installed.playbook(Path("damops.elvis.smoke"), env={"ELVIS_SERVER_URL": server.url, **ALICE})

    assert smoke.returncode == 0, smoke.output


def test_smoke_submits_a_wrong_password_once(installed: Ansible, server: Emulator) -> None:
    smoke = run(installed, "smoke", server.url, env={**ALICE, "ELVIS_PASSWORD": "looking-glass"})

    assert smoke.returncode == 2
    assert "bearer   FAILED  Log in: Cannot log in as alice" in smoke.stdout
    assert paths(server) == {"/services/ping", "/services/apilogin"}


def test_smoke_finds_a_token_that_lives_on(installed: Ansible) -> None:
    ping = json_reply(200, {"state": "running", "version": "6.107.0", "available": True, "server": "Elvis"})
    login = json_reply(200, {"loginSuccess": True, "serverVersion": "6.107.0", "authToken": "token-of-a-test"})
    profile = json_reply(200, {"username": "alice"})
    logout = json_reply(200, {"logoutSuccess": True})
    refusal = json_reply(200, {"loginSuccess": False, "loginFaultMessage": "One way is enough here"})
    with scripted_server(ping, login, profile, logout, profile, refusal) as server:
        smoke = run(installed, "smoke", server.url, env=ALICE)

    assert smoke.returncode == 2
    assert f"bearer   FAILED  See that the token is dead: The session at {server.url} is alive." in smoke.stdout
    assert "cookie   FAILED  Log in: " in smoke.stdout


def test_smoke_fails_when_the_server_is_not_available(installed: Ansible) -> None:
    starting = {"state": "starting", "version": "6.107.0", "available": False, "server": "Elvis"}
    with scripted_server(json_reply(200, starting)) as server:
        smoke = run(installed, "smoke", server.url, env=ALICE)

    assert smoke.returncode == 2
    assert "is not available." in smoke.output


def test_smoke_in_check_mode_only_asks_whether_the_server_is_up(installed: Ansible, server: Emulator) -> None:
    smoke = run(installed, "smoke", server.url, "--check", env=ALICE)

    assert smoke.returncode == 0, smoke.output
    assert "bearer   ok      nothing was sent" in smoke.stdout
    assert paths(server) == {"/services/ping"}


def test_who_is_on(installed: Ansible, server: Emulator) -> None:
    who = run(installed, "who_is_on", server.url, "-e", "elvis_seats=2", env=ADMIN)

    assert who.returncode == 0, who.output
    assert "admin            API                                       20" in who.stdout
    assert "Sessions: 1, with the one of this run. Seats: 2." in who.stdout
    assert server.sessions() == []


def test_who_is_on_without_a_count_of_seats(installed: Ansible, server: Emulator) -> None:
    who = run(installed, "who_is_on", server.url, env=ADMIN)

    assert who.returncode == 0, who.output
    assert "Seats: not told." in who.stdout


def test_who_is_on_fails_when_no_seat_is_free(installed: Ansible, server: Emulator) -> None:
    who = run(installed, "who_is_on", server.url, "-e", "elvis_seats=1", env=ADMIN)

    assert who.returncode == 2
    assert "No seat is free." in who.output
    assert server.sessions() == []


def test_who_is_on_wants_a_number_of_seats(installed: Ansible, server: Emulator) -> None:
    who = run(installed, "who_is_on", server.url, "-e", "elvis_seats=many", env=ADMIN)

    assert who.returncode == 2
    assert "elvis_seats is many. Set it to the number of seats" in who.output
    assert server.requests() == []


def test_who_is_on_is_for_a_superuser(installed: Ansible, server: Emulator) -> None:
    who = run(installed, "who_is_on", server.url, env=ALICE)

    assert who.returncode == 2
    assert "Only a superuser may see the active users" in who.output
    assert server.sessions() == []


def test_who_is_on_shows_what_it_does_not_know(installed: Ansible) -> None:
    login = json_reply(200, {"loginSuccess": True, "serverVersion": "6.107.0", "authToken": "token-of-a-test"})
    active = json_reply(200, [{"user": "alice"}, {"username": "bob", "lastAccessTime": "just now"}])
    with scripted_server(login, active, json_reply(200, {"logoutSuccess": True})) as server:
        who = run(installed, "who_is_on", server.url, env=ADMIN)

    assert who.returncode == 0, who.output
    assert "?                ?              ?                          ?                    ?" in who.stdout
    assert "bob              ?              ?                          ?                    ?" in who.stdout


def test_who_is_on_in_check_mode_sends_nothing(installed: Ansible, server: Emulator) -> None:
    who = run(installed, "who_is_on", server.url, "--check", env=ADMIN)

    assert who.returncode == 0, who.output
    assert "The server was not asked, in check mode." in who.stdout
    assert paths(server) == set()


def report(installed: Ansible, server: Emulator, dest: Path, *arguments: str) -> Run:
    # The tests may run in a container themselves.
    here = ("-e", f"elvis_dest={dest}", "-e", "elvis_in_container=false")
    return run(installed, "report", server.url, *here, *arguments, env=ALICE)


def test_a_report(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    with logged_in(server) as dam:
        dam.post(f"checkout/{dam.create('/Zone/a.jpg')}")
        dam.create("/Zone/b.jpg")
        dest = tmp_path / "report.csv"
        fields = ("-e", '{"elvis_fields": "assetPath, checkedOutBy"}', "-e", "elvis_delimiter=;")
        checked = report(installed, server, dest, *fields, "--check")
        assert (checked.returncode, dest.exists()) == (0, False), checked.output
        assert f"Check mode: {dest} would be written." in checked.stdout
        done = report(installed, server, dest, *fields)
        assert done.returncode == 0, done.output
        assert dest.read_text(encoding="utf-8") == "assetPath;checkedOutBy\n/Zone/a.jpg;alice\n"
        assert ": 1 asset was found. The list is in" in done.stdout
        everything = report(installed, server, dest.with_suffix(".jsonl"), "-e", "elvis_query=*:*")
        assert everything.returncode == 0, everything.output
        assert dest.with_suffix(".jsonl").read_text(encoding="utf-8").count("fileSize") == 2
        assert len(server.sessions()) == 1


@pytest.mark.parametrize(
    ("dest", "arguments", "message"),
    [
        ("/srv/report.txt", (), "whose name does not end in .csv, .jsonl, .ndjson, .json or .xlsx. Set it to the file"),
        (
            "/nothing/there/report.csv",
            ("-e", "elvis_in_container=false"),
            "Not on localhost: /nothing/there.",
        ),
        (
            "/nothing/there/report.csv",
            ("-e", "elvis_in_container=true"),
            "Not on localhost, which is a container: /nothing/there. Mount it there",
        ),
        ("/report.csv", ("-e", "elvis_in_container=true"), "/ is in a container, and would vanish with it"),
        ("/report.csv", ("-e", "elvis_in_container=true"), "keeps that folder, set elvis_in_container to false"),
        (
            "/report.csv",
            ("-e", '{"elvis_query": 5349}'),
            "elvis_query arrived as 5349, which may not be what was typed.",
        ),
    ],
)
def test_a_report_without_a_place_is_told_before_the_login(
    installed: Ansible, server: Emulator, dest: str, arguments: tuple[str, ...], message: str
) -> None:
    done = run(installed, "report", server.url, "-e", f"elvis_dest={dest}", *arguments, env=ALICE)
    assert done.returncode == 2
    assert message in " ".join(done.stdout.split())
    assert server.requests() == []
