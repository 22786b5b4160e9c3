# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""One play for each work module on a server that is unkind: each task does what it says, and a second time nothing.

`make chaos` runs this with new seeds. `--chaos SEED` repeats one that failed.
"""

from __future__ import annotations

import os
import secrets
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.integration.support import SECONDS_TO_RUN, Ansible, Run
from tests.support.emulator import Emulator, start_emulator

FILES = 12
SERVER = ("--webhook-attempts", "1")
KNOWN_SEED, SHORT_LAG = "known", ("--index-delay", "100-500")
"""What every run of the tests has."""
SECONDS_OF_A_SEED = 60

Task = Mapping[str, Any]
BASE = "/Zone/{{ inventory_hostname }}"
LOCAL = "{{ folder }}"


def elvis(module: str, *, changed: bool | None = None, that: str = "true", **options: Any) -> list[Task]:
    """Return a task, and one that checks its result.

    :param changed: whether it has to change something; None where it can't
    :param that: what else its result, which is called `done`, has to be
    """
    conditions = [that] if changed is None else [f"done is {'' if changed else 'not '}changed", that]
    return [
        {f"damops.elvis.elvis_{module}": {"session": "{{ elvis.session }}", **options}, "register": "done"},
        {"ansible.builtin.assert": {"that": conditions, "quiet": True, "fail_msg": "{{ done | to_json }}"}},
    ]


def twice(module: str, *, that: str = "true", **options: Any) -> list[Task]:
    """Return a task that has to change something, and the same once more, which must not."""
    return [*elvis(module, changed=True, that=that, **options), *elvis(module, changed=False, **options)]


def repeated(until: str) -> Task:
    """Return the keywords of a task that is run again until it says so."""
    return {"until": until, "retries": 30, "delay": 0.5}


def write(name: str, content: str) -> Task:
    return {"ansible.builtin.copy": {"content": content, "dest": f"{LOCAL}/{name}", "mode": "0600"}}


WEBHOOK = {"name": "unkind", "event_types": ["asset_create"], "enabled": False}
NAMES = [f"{BASE}/{number}.txt" for number in range(FILES)]
RELATIONS = [{"type": "references", "from": NAMES[0], "to": name} for name in NAMES[1:3]]
UPLOAD = elvis("upload", changed=True, that=f"done.counts.created == {FILES}", src=f"{LOCAL}/in", path=BASE)
CHECKED_OUT = [
    *elvis("asset_info", query=f'ancestorPaths:"{BASE}"', fields=["id"]),
    {
        "damops.elvis.elvis_request": {
            "session": "{{ elvis.session }}",
            "path": "services/checkout/{{ item }}",
            "method": "POST",
        },
        "loop": "{{ done.assets | map(attribute='id') }}",
        **repeated("taken is success"),
        "register": "taken",
    },
    {
        "damops.elvis.elvis_asset_info": {
            "session": "{{ elvis.session }}",
            "query": f'checkedOutBy:* AND ancestorPaths:"{BASE}"',
        },
        **repeated(f"seen.total == {FILES}"),
        "register": "seen",
    },
]
"""What elvis_request writes is neither sent again nor waited for."""
PLAYS: Mapping[str, list[Task]] = {
    "folder": [
        *twice("folder", path=[f"{BASE}/a", f"{BASE}/b/c"]),
        *twice("folder", path=f"{BASE}/d", moved_from=f"{BASE}/b"),
        *twice("folder", path=f"{BASE}/a", state="absent"),
        *elvis("folder", path=f"{BASE}/a", changed=True),
        *twice("folder", path=BASE, state="absent", recursive=True),
    ],
    "asset": [
        write("a.txt", "one"),
        *twice("asset", path=f"{BASE}/a.txt", file=f"{LOCAL}/a.txt", metadata={"tags": ["villa", "sunny"]}),
        {"ansible.builtin.set_fact": {"id": "{{ done.asset.id }}"}},
        *twice("asset", path=f"{BASE}/a.txt", metadata={"status": "Final", "description": "one"}),
        *twice("asset", path=f"{BASE}/a.txt", metadata={"status": "New", "description": ""}),
        *twice("asset", id="{{ id }}", path=f"{BASE}/b.txt"),
        *elvis(
            "asset_info",
            that="done.assets | map(attribute='status') == ['New']",
            path=[f"{BASE}/b.txt"],
            fields=["status"],
        ),
        *twice("asset", path=f"{BASE}/b.txt", state="absent"),
    ],
    "asset_bulk": [
        *UPLOAD,
        *twice(
            "asset_bulk",
            query=f'ancestorPaths:"{BASE}"',
            folder=f"{BASE}/out",
            max_change=FILES,
            that=f"done.counts.updated == {FILES}",
        ),
        *CHECKED_OUT,
        *twice(
            "asset_bulk",
            query=f'ancestorPaths:"{BASE}"',
            max_change=FILES,
            undo_check_out=True,
            checked_out_before="0s",
            that=f"done.counts.updated == {FILES}",
        ),
        *twice(
            "asset_bulk",
            query=f'ancestorPaths:"{BASE}"',
            state="absent",
            max_change=FILES,
            that=f"done.counts.removed == {FILES}",
        ),
    ],
    "collection": [
        *UPLOAD,
        *twice("collection", path=f"{BASE}/x.collection", paths=NAMES, that=f"done.counts.created == {FILES}"),
        *twice("collection", path=f"{BASE}/x.collection", paths=NAMES[:1], members_state="pure"),
        *twice("collection", path=f"{BASE}/x.collection", state="absent"),
        *elvis("asset_info", that=f"done.total == {FILES}", query=f'ancestorPaths:"{BASE}"'),
    ],
    "relation": [
        *UPLOAD,
        *twice("relation", relations=RELATIONS, that="done.counts.created == 2"),
        *twice("relation", relations=RELATIONS, state="absent", that="done.counts.removed == 2"),
    ],
    "match": [
        *UPLOAD,
        *elvis(
            "metadata",
            changed=True,
            assets=[{"path": path, "metadata": {"headline": str(number)}} for number, path in enumerate(NAMES)],
        ),
        *twice(
            "upload",
            src=f"{LOCAL}/in",
            path=BASE,
            match={"field": "headline", "pattern": "(.*)[.]txt"},
            unmatched="skip",
            metadata={"status": "Final"},
            metadata_on="always",
            that=f"done.counts.updated == {FILES}",
        ),
    ],
    "asset_info": [
        *UPLOAD,
        *elvis("asset_info", that=f"done.total == {FILES}", query=f'ancestorPaths:"{BASE}"'),
        *elvis("asset_info", that="done.total == 2", path=[f"{BASE}/0.txt", f"{BASE}/1.txt"]),
    ],
    "history_info": [
        *UPLOAD,
        *elvis("history_info", that=f"done.assets == {FILES}", query=f'ancestorPaths:"{BASE}"', actions=["CREATE"]),
    ],
    "metadata": [
        *UPLOAD,
        *twice(
            "metadata",
            assets=[
                {"path": f"{BASE}/{number}.txt", "metadata": {"status": "New", "tags": ["b", "a"]}}
                for number in range(FILES)
            ],
            that=f"done.counts.updated == {FILES}",
        ),
        *twice(
            "metadata", query=f'status:New AND ancestorPaths:"{BASE}"', max_change=100, metadata={"status": "Final"}
        ),
        *elvis("asset_info", that=f"done.total == {FILES}", query=f'status:Final AND ancestorPaths:"{BASE}"'),
    ],
    "metadata_restore": [
        *UPLOAD,
        *elvis("metadata", changed=True, query=f'ancestorPaths:"{BASE}"', max_change=FILES, metadata={"status": "New"}),
        *twice(
            "metadata_restore",
            query=f'ancestorPaths:"{BASE}"',
            max_change=FILES,
            users=["admin"],
            since="1h",
            until="0s",
            that=f"done.counts.updated == {FILES}",
        ),
        *elvis("asset_info", that="done.total == 0", query=f'status:* AND ancestorPaths:"{BASE}"'),
    ],
    "upload": [
        *twice(
            "upload",
            src=f"{LOCAL}/in",
            path=BASE,
            metadata={"status": "New", "tags": ["b", "a"]},
            metadata_on="always",
            that=f"done.counts.created == {FILES}",
        ),
        {"ansible.builtin.file": {"path": f"{LOCAL}/in/0.txt", "state": "absent"}},
        *twice("upload", src=f"{LOCAL}/in", path=BASE, delete=True, that="done.counts.removed == 1"),
        *elvis("asset_info", that=f"done.total == {FILES - 1}", query=f'ancestorPaths:"{BASE}"'),
    ],
    "drop_folder": [
        *elvis("upload", changed=True, src=f"{LOCAL}/in", path=BASE, uploaded="remove"),
        *elvis("asset_info", that=f"done.total == {FILES}", query=f'ancestorPaths:"{BASE}"'),
        {"ansible.builtin.find": {"paths": f"{LOCAL}/in"}, "register": "left"},
        {"ansible.builtin.assert": {"that": "left.matched == 0"}},
    ],
    "download": [
        *UPLOAD,
        *twice("download", path=BASE, dest=f"{LOCAL}/out", that=f"done.counts.created == {FILES}"),
        *elvis("download", path=BASE, dest=f"{LOCAL}/small", rendition="thumbnail", changed=True),
    ],
    "webhook": [
        *twice("webhook", url="http://127.0.0.1:9/one", **WEBHOOK),
        *twice("webhook", url="http://127.0.0.1:9/two", **WEBHOOK),
        *twice("webhook", name="unkind", state="absent"),
    ],
    "command": elvis("command", argv=["cat"], that="'auth_token' in done.stdout", changed=True),
}


class Played(NamedTuple):
    """What came of all plays, and what the server saw of them."""

    run: Run
    versions: Counter[int]
    sessions: int


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run all tests with each seed, which the names of the tests show."""
    new = [str(secrets.randbelow(10**9)) for _number in range(metafunc.config.getoption("new_seeds"))]
    seeds = [*metafunc.config.getoption("chaos"), *new]
    metafunc.parametrize(
        "played", seeds or [KNOWN_SEED], indirect=True, scope="module", ids=lambda seed: f"seed {seed}"
    )


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest, installed: Ansible, tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Each play is a host, and they run side by side."""
    folder = tmp_path_factory.mktemp("unkind")
    lag, seconds = (SHORT_LAG, SECONDS_TO_RUN) if request.param == KNOWN_SEED else ((), SECONDS_OF_A_SEED)
    hosts = {name: {"folder": str(folder / name), "ansible_python_interpreter": sys.executable} for name in PLAYS}
    for name, tasks in PLAYS.items():
        prepare(folder, name, tasks)
    (folder / "inventory.yml").write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    with start_emulator("--chaos", request.param, *SERVER, *lag) as server:
        playbook = folder / "playbook.yml"
        playbook.write_text(yaml.safe_dump(plays(server)), encoding="utf-8")
        arguments = ("--inventory", str(folder / "inventory.yml"), "--forks", str(len(PLAYS)))
        run = installed.playbook(playbook, *arguments, may_warn=True, seconds=seconds)
        versions = Counter(asset["version"] for asset in server.assets())
        return Played(run, versions, len(server.sessions()))


def prepare(folder: Path, name: str, tasks: list[Task]) -> None:
    (folder / name / "in").mkdir(parents=True)
    for number in range(FILES):
        file = folder / name / "in" / f"{number}.txt"
        file.write_text(f"{name} {number}", encoding="utf-8")
        # Older than a minute, as what a night job finds.
        os.utime(file, (file.stat().st_mtime - 100,) * 2)
    (folder / f"{name}.yml").write_text(yaml.safe_dump(tasks), encoding="utf-8")


def plays(server: Emulator) -> list[dict[str, Any]]:
    return [
        {
            "hosts": "all",
            "connection": "local",
            "gather_facts": False,
            "strategy": "free",
            "tasks": [
                {
                    "damops.elvis.elvis_login": {
                        "server_url": server.url,
                        "username": "admin",
                        "password": "changemenow",
                    },
                    "register": "elvis",
                },
                {
                    "block": [{"ansible.builtin.include_tasks": "{{ inventory_hostname }}.yml"}],
                    "always": [{"damops.elvis.elvis_logout": {"session": "{{ elvis.session }}"}}],
                },
            ],
        }
    ]


@pytest.mark.parametrize("module", PLAYS)
def test_each_task_does_what_it_says(played: Played, module: str) -> None:
    (recap,) = [line for line in played.run.stdout.splitlines() if line.startswith(f"{module} ")]
    assert "failed=0" in recap, played.run.output


def test_nothing_was_stored_twice(played: Played) -> None:
    assert set(played.versions) == {1}


def test_no_session_is_left(played: Played) -> None:
    assert played.sessions == 0
