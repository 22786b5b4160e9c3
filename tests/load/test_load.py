# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Much at once, and much in a row: nothing is lost, and nothing is left."""

from __future__ import annotations

import json
import resource
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.bench.scenarios import Task, login_and_logout, write_inventory
from tests.bench.work.files import sparse
from tests.bench.work.large import sink
from tests.load.measured import ASKING, MIB, Machine, open_files
from tests.support.certificates import Certificates
from tests.support.emulator import Emulator, start_emulator
from tests.support.operations import run

Tell = Callable[[str], None]

SESSION = "{{ elvis.session }}"


def request(**options: Any) -> dict[str, Any]:
    return {"damops.elvis.elvis_request": {"session": SESSION, **options}}


def looped(task: Task, items: int) -> Task:
    return {**task, "loop": f"{{{{ range({items}) | list }}}}"}


def asked(server: Emulator) -> Counter[str]:
    return Counter(request["path"].rpartition("/")[2] for request in server.requests())


def test_five_hundred_sessions(machine: Machine, server: Emulator, tell: Tell) -> None:
    inventory = write_inventory(machine.folder, 500)
    before = open_files(server)
    taken = machine.run("sessions", login_and_logout(server.url), "-i", str(inventory), "-f", "50")

    assert asked(server) == {"apilogin": 500, "logout": 500}
    assert server.sessions() == []
    assert open_files(server) <= before + ASKING
    assert taken.peak_memory
    tell(
        f"500 sessions opened and closed by one play, 50 forks: {taken.seconds:.0f} s, 1,000 requests, no session left;"
        f" all processes together had {taken.peak_memory / MIB:.0f} MiB."
    )


def test_ten_thousand_items(machine: Machine, server: Emulator, tell: Tell) -> None:
    """Ansible keeps every item's result in memory, whatever the module."""
    login, logout = login_and_logout(server.url)
    profile = request(path="services/profile", method="POST")
    sample: Task = {**profile, "register": "sample"}
    ours: list[Task] = [login, sample, looped(profile, 10_000), logout]
    theirs: list[Task] = [login, sample, looped({"ansible.builtin.debug": {"msg": "{{ sample }}"}}, 10_000), logout]
    before = open_files(server)
    taken = machine.run("requests", ours)
    connections, counted = server.connections(), asked(server)
    beside = machine.run("debug", theirs)

    assert counted == {"apilogin": 1, "profile": 10_001, "logout": 1}
    assert connections == 4
    assert server.sessions() == []
    assert open_files(server) <= before + ASKING
    assert taken.peak_memory
    assert beside.peak_memory
    # Not a byte for each item that is ours alone.
    assert taken.peak_memory < beside.peak_memory + 16 * MIB
    tell(
        f"10,000 items in one loop of elvis_request: {taken.seconds:.0f} s, one connection, none lost;"
        f" {taken.peak_memory / MIB:.0f} MiB. `debug` with results of the same size: {beside.seconds:.0f} s,"
        f" {beside.peak_memory / MIB:.0f} MiB."
    )


def test_a_token_expires_in_a_loop(machine: Machine, tell: Tell) -> None:
    kept = machine.folder / "kept.json"
    work = {**looped(request(path="services/profile", method="POST"), 1000), "register": "work", "ignore_errors": True}
    keep = {"ansible.builtin.copy": {"content": "{{ work.results | to_json }}", "dest": str(kept)}}
    with start_emulator("--token-lifetime", "3") as server:
        login, logout = login_and_logout(server.url)
        taken = machine.run("expiry", [login, work, logout, keep])

        assert asked(server) == {"apilogin": 1, "profile": 1000, "logout": 1}
        assert server.sessions() == []
    results = json.loads(kept.read_text(encoding="utf-8"))
    failed = [result["failed"] for result in results]
    good = failed.index(True)
    assert 0 < good < 1000
    assert failed == [False] * good + [True] * (1000 - good)
    assert {result["reason"] for result in results[good:]} == {"not_logged_in"}
    assert all("Its token expired at" in result["msg"] for result in results[good:])
    tell(
        f"A token that expires in a loop of 1,000 items: {good} were done, the others failed with `not_logged_in` and"
        f" the time of the expiry; it took {taken.seconds:.0f} s, and nobody logged in again."
    )


def test_a_hundred_pages(machine: Machine, server: Emulator, tell: Tell) -> None:
    login, logout = login_and_logout(server.url)
    form = {"assetPath": "/Load/0/asset{{ item }}.txt", "metadata": "{}"}
    fill: list[Task] = [
        looped(request(path="services/create", method="POST", form=form), 1000),
        {
            **request(
                path="services/copy", method="POST", form={"source": "/Load/0", "target": "/Load/{{ item + 1 }}"}
            ),
            "loop": "{{ range(99) | list }}",
        },
    ]
    machine.run("fill", [login, *fill, logout])

    def search(name: str, query: str) -> Task:
        page = {"q": query, "sort": "assetPath", "num": 1000, "metadataToReturn": "assetPath"}
        dest = str(machine.folder / f"{name}.jsonl")
        return request(path="services/search", query=page, paginate=True, limit=100_000, dest=dest)

    one = machine.run("one", [login, search("one", 'folderPath:"/Load/0"'), logout])
    server.forget_requests()
    all_ = machine.run("all", [login, search("all", 'ancestorPaths:"/Load"'), logout])

    with (machine.folder / "all.jsonl").open(encoding="utf-8") as lines:
        found = [json.loads(line)["id"] for line in lines]
    assert len(set(found)) == len(found) == 100_000
    assert asked(server)["search"] in (100, 101)
    assert one.peak_memory
    assert all_.peak_memory
    # The id of each hit is kept, to notice one that comes twice.
    assert all_.peak_memory < one.peak_memory + 24 * MIB
    tell(
        f"100 pages of 1,000 hits to a file: {all_.seconds:.0f} s, none lost and none twice;"
        f" {all_.peak_memory / MIB:.0f} MiB, and {one.peak_memory / MIB:.0f} MiB for one page."
    )


def test_a_file_above_four_gibibytes(tmp_path: Path, tell: Tell) -> None:
    """More than 32 bits count; it is sparse, and its bytes go over https to a server that throws them away."""
    size = (4 << 30) + 1
    place = sparse(tmp_path / "src", 1, size)
    certificates = Certificates(tmp_path)
    with sink(certificates.issue("sink.pem", "127.0.0.1")) as url:
        session = {"server_url": url, "auth_method": "bearer", "auth_token": "nobody-looks-at-it"}
        options: dict[str, Any] = {
            "session": session,
            "src": str(place),
            "path": "/Zone/Large",
            "ca_path": certificates.path("ca.pem"),
        }
        before, begin = _peak_memory(), time.monotonic()
        result = run(UPLOAD, **options)
        taken, more = time.monotonic() - begin, _peak_memory() - before
    assert (result["counts"]["created"], result["bytes"]) == (1, size)
    assert more < 32 * MIB
    tell(f"A sparse file of 4 GiB and a byte over https: {taken:.0f} s, and {more / MIB:.0f} MiB more than before.")


def _peak_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
