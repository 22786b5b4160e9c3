# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Uploads, downloads and single assets in real playbooks: a check says what is done then, a second run does nothing."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.integration.support import Ansible, Run, environment_for
from tests.support.assets import Dam, logged_in
from tests.support.emulator import Emulator, start_emulator

pytestmark = pytest.mark.same_everywhere

TASKS = """
- damops.elvis.elvis_login:
    username: alice
    password: wonderland
  register: elvis
  check_mode: false
- block:
    - damops.elvis.elvis_folder:
        session: "{{ elvis.session }}"
        path: /Zone/Inbox
    - damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: "{{ folder }}/in"
        path: /Zone/Inbox
        metadata: {status: New}
        metadata_src: "{{ folder }}/in/captions.csv"
        report: "{{ folder }}/report.jsonl"
      register: upload
    - damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: ["{{ folder }}/$HOME.jpg"]
        path: /Zone/Inbox
        metadata: {credit: Carol, tags: ["+z"]}
        metadata_on: always
      register: one_file
    - damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: "{{ folder }}/mirror"
        path: /Zone/Mirror
        delete: true
      register: mirror
    - damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: ["{{ folder }}/0077_front.jpg"]
        path: /Zone
        match: {field: cf_articleNumber, pattern: '0*([1-9][0-9]+)'}
      register: matched
    - damops.elvis.elvis_download:
        session: "{{ elvis.session }}"
        path: /Zone/Print
        dest: "{{ folder }}/out"
        metadata_dest: "{{ folder }}/out.csv"
        fields: [headline]
      register: download
    - damops.elvis.elvis_asset:
        session: "{{ elvis.session }}"
        path: /Zone/Print/{{ item }}.jpg
        file: "{{ folder }}/in/a.jpg"
        metadata: {headline: "Number {{ item }}"}
      loop: [one, two]
      register: assets
    - damops.elvis.elvis_asset:
        session: "{{ elvis.session }}"
        path: /Zone/Gone/c.jpg
        state: absent
      register: gone
    - damops.elvis.elvis_upload:
        session: "{{ elvis.session }}"
        src: "{{ folder }}/in"
        path: /Zone/Inbox
        metadata_src: "{{ folder }}/in/captions.csv"
      async: 60
      poll: 1
      register: background
      when: not ansible_check_mode and damops_elvis_execution == "target"
    - damops.elvis.elvis_download:
        session: "{{ elvis.session }}"
        path: /Zone/Inbox
        dest: "{{ folder }}/in the background"
      async: 60
      poll: 1
      register: fetched_in_background
      when: not ansible_check_mode and damops_elvis_execution == "target"
  always:
    - damops.elvis.elvis_logout:
        session: "{{ elvis.session }}"
      check_mode: false
"""


class Runs(NamedTuple):
    """What came of a check, of the real run after it, and of a second one."""

    check: Run
    real: Run
    again: Run
    dam: Dam
    folder: Path
    writes_of_check: list[str]
    writes_of_second: list[str]


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


def write(path: Path, content: str = "content") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


@pytest.fixture(scope="module")
def runs(ansible: Ansible, server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("files")
    for name in (
        "in/a.jpg",
        "in/sub/M\u00fcller, 1.jpg",
        "$HOME.jpg",
        "0077_front.jpg",
        "mirror/a.jpg",
        "mirror/b.jpg",
    ):
        write(folder / name, name)
    (folder / "in/out").symlink_to("/etc")
    write(folder / "in/captions.csv", "path,headline\na.jpg,One\n")
    with logged_in(server) as dam:
        dam.create("/Zone/Mirror/old.jpg")
        dam.create("/Zone/Mirror/a.jpg", b"mirror/a.jpg")
        dam.create("/Zone/Print/one.jpg", headline="Old")
        dam.create("/Zone/Gone/c.jpg")
        dam.create("/Zone/Shop/chair.jpg", cf_articleNumber="77")
        writes = []

        def play(*arguments: str) -> Run:
            run = ansible.play_at(server, TASKS, *arguments, vars={"folder": str(folder)})
            sessions = ("/services/apilogin", "/services/logout")
            made = [path for path in dam.writes() if not path.endswith(sessions) and "/file/" not in path]
            writes.append(made)
            return run

        check = play("--check", "--diff")
        assert not (folder / "out").exists()
        real, again = play("--diff"), play()
        yield Runs(check, real, again, dam, folder, writes[0], writes[2])


def test_a_check_writes_nothing(runs: Runs) -> None:
    assert runs.writes_of_check == []


@pytest.mark.parametrize("task", ["upload", "one_file", "mirror", "matched", "download", "gone", "assets"])
def test_a_check_says_what_is_done_then(runs: Runs, task: str) -> None:
    check, real = (dict(run.results[task]) for run in (runs.check, runs.real))
    assert check["changed"] is real["changed"] is True
    if task == "assets":
        check, real = ({"changes": [item["changes"] for item in found["results"]]} for found in (check, real))
    for result in (check, real):
        # An earlier task of the real run has made the folder.
        for name in ("msg", "seconds", "bytes", "asset", "folders"):
            result.pop(name, None)
        for entry in result.get("created") or ():
            entry.pop("id")
    assert check == real


def test_a_second_run_does_nothing(runs: Runs) -> None:
    # The download fetches what the first run put into its folder after it.
    changed = {name for name, result in runs.again.results.items() if result.get("changed")}
    assert changed == {"elvis", "download"}
    assert runs.writes_of_second == []


def test_what_is_there_then(runs: Runs) -> None:
    found = runs.dam.metadata('ancestorPaths:"/Zone"')
    fields = ("headline", "status", "credit", "tags")
    assert {path: [metadata.get(name) for name in fields] for path, metadata in found.items()} == {
        "/Zone/Inbox/$HOME.jpg": [None, None, "Carol", ["z"]],
        "/Zone/Inbox/a.jpg": ["One", "New", None, None],
        "/Zone/Inbox/sub/M\u00fcller, 1.jpg": [None, "New", None, None],
        "/Zone/Mirror/a.jpg": [None, None, None, None],
        "/Zone/Mirror/b.jpg": [None, None, None, None],
        "/Zone/Print/one.jpg": ["Number one", None, None, None],
        "/Zone/Print/two.jpg": ["Number two", None, None, None],
        "/Zone/Shop/chair.jpg": [None, None, None, None],
    }
    assert runs.dam.download(found["/Zone/Shop/chair.jpg"]["id"]) == b"0077_front.jpg"
    assert (runs.folder / "out/two.jpg").read_text() == "in/a.jpg"


def test_what_is_returned(runs: Runs) -> None:
    result = runs.real.results["upload"]
    assert result["left_out"] == [{"id": None, "path": "out", "why": "a link that leads outside"}]
    assert (result["failures"], result["left"], result["folders"]) == ([], 0, ["/Zone/Inbox/sub"])
    assert (runs.folder / "report.jsonl").read_text().count('"outcome"') == 3


def test_in_the_background(runs: Runs) -> None:
    for name in ("background", "fetched_in_background"):
        result = runs.real.results[name]
        if not result.get("skipped"):
            assert bool(result["finished"]) is True
            assert result["counts"]["unchanged" if name == "background" else "created"] >= 2


def test_a_failure_of_one_is_told_whole(ansible: Ansible, server: Emulator, tmp_path: Path) -> None:
    for name in ("good.jpg", "a#b.jpg"):
        write(tmp_path / name)
    options = {"session": Dam(server).session, "src": str(tmp_path), "path": "/Zone/Some"}
    result = ansible.task("elvis_upload", options)
    assert (result["failed"], result["reason"]) == (True, "bad_request")
    assert [entry["path"] for entry in result["created"]] == ["/Zone/Some/good.jpg"]
    assert [entry["path"] for entry in result["failures"]] == ["a#b.jpg"]


def test_a_list_that_was_typed_as_text(ansible: Ansible, server: Emulator, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.psd", "c.tif"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    options = {"src": str(tmp_path), "path": "/Zone/Inbox", "excludes": "*.psd\n*.tif", "patterns": ""}
    with logged_in(server) as dam:
        done = ansible.task("elvis_upload", {**options, "session": dam.session})
        assert done["counts"]["created"] == 1, done
        assert list(dam.ids()) == ["/Zone/Inbox/a.jpg"]


def test_on_another_host(installed: Ansible, over_ssh: tuple[str, ...], server: Emulator, tmp_path: Path) -> None:
    write(tmp_path / "in/a.jpg")
    options = {"session": Dam(server).session, "src": str(tmp_path / "in"), "path": "/Zone/Far"}
    result = installed.play(
        [{"damops.elvis.elvis_upload": options, "register": "outcome"}], *over_ssh, hosts="far"
    ).results["outcome"]
    assert result["counts"]["created"] == 1


def test_a_simulated_session(ansible: Ansible, tmp_path: Path) -> None:
    write(tmp_path / "a.jpg")
    tasks = """
- damops.elvis.elvis_login: {username: alice, password: wonderland}
  register: elvis
- damops.elvis.elvis_upload: {session: "{{ elvis.session }}", src: "{{ folder }}", path: /Zone/New}
  register: upload
- damops.elvis.elvis_download: {session: "{{ elvis.session }}", path: /Zone/New, dest: "{{ folder }}/new"}
  register: download
- damops.elvis.elvis_asset: {session: "{{ elvis.session }}", path: /Zone/New/a.collection}
  register: asset
"""
    defaults = {"group/damops.elvis.elvis": {"server_url": "http://127.0.0.1:9"}}
    run = ansible.play(tasks, "--check", module_defaults=defaults, vars={"folder": str(tmp_path)}, may_warn=True)
    assert run.returncode == 0, run.output
    for name in ("upload", "download", "asset"):
        assert (run.results[name]["changed"], run.results[name]["simulated"]) == (True, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_told_to_stop(installed: Ansible, tmp_path: Path, number: signal.Signals) -> None:
    """It ends soon, with what is whole in the DAM; a second run does the rest."""
    for count in range(200):
        write(tmp_path / f"in/{count:03}.jpg")
    with start_emulator("--latency", "50") as server:
        dam = Dam(server)
        options = {"session": dam.session, "src": str(tmp_path / "in"), "path": "/Zone/Stopped"}
        playbook = tmp_path / "playbook.yml"
        playbook.write_text(
            yaml.safe_dump(
                [{"hosts": "localhost", "gather_facts": False, "tasks": [{"damops.elvis.elvis_upload": options}]}]
            )
        )
        environment = environment_for(tmp_path, installed.collections)
        with subprocess.Popen(
            [installed.program, playbook],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and len(uploads(server)) < 10:
                time.sleep(0.05)
            os.killpg(process.pid, number)
            process.wait(timeout=20)
        time.sleep(2)
        server.forget_requests()
        time.sleep(0.5)
        assert uploads(server) == []
        there = len(dam.metadata('ancestorPaths:"/Zone/Stopped"'))
        assert 10 <= there < 200
        result = installed.task("elvis_upload", options)
        assert (result["counts"]["created"], result["counts"]["unchanged"]) == (200 - there, there)


def uploads(server: Emulator) -> list[str]:
    return [seen["path"] for seen in server.requests() if seen["path"].endswith("/create")]


def test_a_task_whose_time_is_over(ansible: Ansible, tmp_path: Path) -> None:
    """It fails, with what is whole in the DAM; the next one does the rest, and no session is left."""
    tasks = """
- damops.elvis.elvis_login: {username: alice, password: wonderland}
  register: elvis
- block:
    - damops.elvis.elvis_upload: &upload
        session: "{{ elvis.session }}"
        src: "{{ folder }}"
        path: /Zone/Late
        concurrency: 2
      timeout: 4
      register: late
      ignore_errors: true
    - damops.elvis.elvis_upload: *upload
      register: rest
  always:
    - damops.elvis.elvis_logout: {session: "{{ elvis.session }}"}
"""
    for count in range(100):
        write(tmp_path / f"in/{count:03}.jpg", f"file {count}")
    with start_emulator("--latency", "150") as server:
        defaults = {"group/damops.elvis.elvis": {"server_url": server.url}}
        run = ansible.play(tasks, vars={"folder": str(tmp_path / "in")}, module_defaults=defaults, may_warn=True)
        assert run.returncode == 0, run.output
        late, rest = run.results["late"], run.results["rest"]
        # ansible-core says it in other words since 2.18.
        assert re.search(r"expected time frame \(4\)|Timed out after 4", late["msg"])
        assert late["failed"] is True
        counts = rest["counts"]
        assert (counts["created"] + counts["unchanged"], counts["failed"], rest["left"]) == (100, 0, 0)
        assert counts["unchanged"] > 0
        assert server.sessions() == []
        server.forget_requests()
        time.sleep(1)
        # On the target Ansible ends the task and not the module, which goes on until the session is over.
        assert uploads(server) == []
        with logged_in_as_is(server) as dam:
            found = dam.metadata('ancestorPaths:"/Zone/Late"')
        assert [path.rpartition("/")[2] for path in sorted(found)] == [f"{count:03}.jpg" for count in range(100)]
        assert {hit["versionNumber"] for hit in found.values()} == {1}


@contextmanager
def logged_in_as_is(server: Emulator) -> Iterator[Dam]:
    """Log in to a server that stays as it is."""
    dam = Dam(server)
    yield dam
    dam.leave()
