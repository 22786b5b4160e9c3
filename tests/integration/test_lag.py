# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairs of tasks on a server whose searches lag: in the end there is what the second of them wants.

The pairs run in this process, each in a thread: side by side, playbooks would take longer for a task than the searches
lag. A few of them run in a playbook as well.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from tests.integration.support import Ansible
from tests.support.assets import Dam
from tests.support.emulator import Emulator, start_emulator
from tests.support.operations import result_of
from tests.support.relations import related

LAG = 3.0
SERVER = ("--index-delay", str(int(LAG * 1000)), "--checksum", "latest")
OLD = b"an old file"
URL = "http://127.0.0.1:9/"

Task = Mapping[str, Any]


class Pair(NamedTuple):
    """Two tasks about an asset at /Zone/NAME/a.txt, or what is beside it.

    :param state: returns what there is in the end
    :param wanted: what the second task wants there to be
    """

    tasks: tuple[Task, ...]
    state: Callable[[Dam, str], object]
    wanted: object


def elvis(module: str, **options: Any) -> Task:
    return {f"damops.elvis.elvis_{module}": options}


def file(name: str, content: str) -> Task:
    """Write a file below a folder that the host has."""
    return {"ansible.builtin.copy": {"content": content, "dest": f"{{{{ folder }}}}/{name}", "mode": "0600"}}


def field(name: str) -> Callable[[Dam, str], object]:
    return lambda dam, pair: dam.metadata("*:*")[f"/Zone/{pair}/a.txt"].get(name)


def size(dam: Dam, pair: str) -> object:
    return dam.metadata("*:*")[f"/Zone/{pair}/a.txt"]["fileSize"]["value"]


def names(dam: Dam, pair: str) -> object:
    """Return the names of what lies in the folder of a pair, folders included."""
    return [entry["name"] for entry in dam.post("browse", path=f"/Zone/{pair}", includeExtensions="all")]


def url_of_webhook(dam: Dam, _pair: str) -> object:
    return [webhook["url"] for webhook in dam.get("admin/webhook") if webhook["name"] == "eda"]


ASSET = "/Zone/{{ inventory_hostname }}/a.txt"
FOLDER = "/Zone/{{ inventory_hostname }}"
LOCAL = "{{ folder }}/a.txt"
WEBHOOK = {"name": "eda", "event_types": ["asset_create"]}
RELATION = {"type": "related", "from": ASSET, "to": FOLDER + "/x.collection"}
PAIRS = {
    "metadata": Pair(
        (
            elvis("metadata", assets=[{"path": ASSET, "metadata": {"status": "Final"}}]),
            elvis("metadata", assets=[{"path": ASSET, "metadata": {"status": "New"}}]),
        ),
        field("status"),
        "New",
    ),
    "emptied": Pair(
        (
            elvis("asset", path=ASSET, metadata={"description": "one"}),
            elvis("asset", path=ASSET, metadata={"description": ""}),
        ),
        field("description"),
        None,
    ),
    "by_query": Pair(
        (
            elvis("metadata", query='assetPath:"' + ASSET + '"', max_change=9, metadata={"status": "Final"}),
            elvis(
                "metadata",
                query='status:Final AND assetPath:"' + ASSET + '"',
                max_change=100,
                metadata={"status": "Done"},
            ),
        ),
        field("status"),
        "Done",
    ),
    "moved": Pair(
        (
            elvis("asset_bulk", paths=[ASSET], folder=FOLDER + "/out"),
            elvis("asset_bulk", query='ancestorPaths:"' + FOLDER + '/out"', max_change=9, folder=FOLDER),
        ),
        names,
        ["out", "a.txt"],
    ),
    "folder_moved": Pair(
        (
            elvis("asset_bulk", paths=[ASSET], folder=FOLDER + "/in"),
            elvis("folder", path=FOLDER + "/out", moved_from=FOLDER + "/in"),
            elvis("asset_bulk", query='ancestorPaths:"' + FOLDER + '/out"', max_change=9, folder=FOLDER),
        ),
        names,
        ["out", "a.txt"],
    ),
    "collection": Pair(
        (
            elvis("collection", path=FOLDER + "/x.collection", paths=[ASSET]),
            elvis("collection", path=FOLDER + "/x.collection", paths=[ASSET], members_state="absent"),
        ),
        lambda dam, pair: related(dam, dam.ids()[f"/Zone/{pair}/x.collection"], "contains"),
        [],
    ),
    "relation": Pair(
        (
            elvis("collection", path=FOLDER + "/x.collection"),
            elvis("relation", relations=[RELATION]),
            elvis("relation", relations=[RELATION], state="absent"),
        ),
        lambda dam, pair: related(dam, dam.ids()[f"/Zone/{pair}/x.collection"]),
        [],
    ),
    "list": Pair(
        (
            elvis("asset", path=ASSET, metadata={"tags": ["a", "b"]}),
            elvis("asset", path=ASSET, metadata={"tags": ["-a", "-b"]}),
        ),
        field("tags"),
        None,
    ),
    "file": Pair(
        (
            file("a.txt", "a newer file"),
            elvis("asset", path=ASSET, file=LOCAL),
            file("a.txt", OLD.decode()),
            elvis("asset", path=ASSET, file=LOCAL),
        ),
        size,
        len(OLD),
    ),
    "upload": Pair(
        (
            file("a.txt", "a newer file"),
            elvis("upload", src="{{ folder }}", path=FOLDER),
            file("a.txt", OLD.decode()),
            elvis("upload", src="{{ folder }}", path=FOLDER),
        ),
        size,
        len(OLD),
    ),
    "upload_then_mirror": Pair(
        (
            file("a.txt", OLD.decode()),
            file("b.txt", "b"),
            elvis("upload", src="{{ folder }}", path=FOLDER),
            {"ansible.builtin.file": {"path": "{{ folder }}/b.txt", "state": "absent"}},
            elvis("upload", src="{{ folder }}", path=FOLDER, delete=True),
        ),
        names,
        ["a.txt"],
    ),
    "upload_then_absent": Pair(
        (
            file("b.txt", "b"),
            elvis("upload", src=["{{ folder }}/b.txt"], path=FOLDER),
            elvis("asset", path=FOLDER + "/b.txt", state="absent"),
        ),
        names,
        ["a.txt"],
    ),
    "upload_then_metadata": Pair(
        (
            file("b.txt", "b"),
            elvis("upload", src=["{{ folder }}/b.txt"], path=FOLDER, metadata={"status": "Fresh"}),
            elvis(
                "metadata",
                query='status:Fresh AND ancestorPaths:"' + FOLDER + '"',
                max_change=100,
                metadata={"status": "Final"},
            ),
        ),
        lambda dam, pair: dam.metadata("*:*")[f"/Zone/{pair}/b.txt"]["status"],
        "Final",
    ),
    "removal": Pair(
        (
            file("a.txt", "again"),
            elvis("asset", path=ASSET, state="absent"),
            elvis("asset", path=ASSET, file=LOCAL),
        ),
        size,
        len("again"),
    ),
    "removal_then_upload": Pair(
        (
            file("a.txt", OLD.decode()),
            elvis("asset", path=ASSET, state="absent"),
            elvis("upload", src="{{ folder }}", path=FOLDER),
        ),
        names,
        ["a.txt"],
    ),
    "move": Pair(
        (
            elvis("asset", id="{{ id }}", path=FOLDER + "/b.txt"),
            elvis("asset", id="{{ id }}", path=ASSET),
        ),
        names,
        ["a.txt"],
    ),
    "folder": Pair(
        (
            elvis("folder", path=FOLDER + "/sub"),
            elvis("folder", path=FOLDER + "/sub", state="absent"),
        ),
        names,
        ["a.txt"],
    ),
    "folder_again": Pair(
        (
            file("a.txt", OLD.decode()),
            elvis("folder", path=FOLDER, state="absent", recursive=True),
            elvis("upload", src="{{ folder }}", path=FOLDER),
        ),
        names,
        ["a.txt"],
    ),
    "upload_then_folder": Pair(
        (
            file("b.txt", "b"),
            elvis("upload", src=["{{ folder }}/b.txt"], path=FOLDER + "/sub"),
            # With an asset in it, this one has to fail.
            elvis("folder", path=FOLDER + "/sub", state="absent") | {"ignore_errors": True},
        ),
        names,
        ["sub", "a.txt"],
    ),
    "metadata_then_bulk": Pair(
        (
            elvis("metadata", assets=[{"path": ASSET, "metadata": {"status": "Out"}}]),
            elvis("asset_bulk", query='status:Out AND assetPath:"' + ASSET + '"', max_change=9, folder=FOLDER + "/out"),
        ),
        names,
        ["out"],
    ),
    "bulk_removal_then_file": Pair(
        (
            file("a.txt", "again"),
            elvis("asset_bulk", paths=[ASSET], state="absent"),
            elvis("asset", path=ASSET, file=LOCAL),
        ),
        size,
        len("again"),
    ),
    "move_then_metadata": Pair(
        (
            elvis("asset", id="{{ id }}", path=FOLDER + "/b.txt"),
            elvis("metadata", assets=[{"path": FOLDER + "/b.txt", "metadata": {"status": "Final"}}]),
        ),
        lambda dam, pair: dam.metadata("*:*")[f"/Zone/{pair}/b.txt"]["status"],
        "Final",
    ),
    "move_then_upload": Pair(
        (
            file("a.txt", OLD.decode()),
            elvis("asset_bulk", paths=[ASSET], folder=FOLDER + "/out"),
            elvis("upload", src="{{ folder }}", path=FOLDER),
        ),
        names,
        ["out", "a.txt"],
    ),
    "upload_then_members": Pair(
        (
            file("b.txt", "b"),
            elvis("upload", src=["{{ folder }}/b.txt"], path=FOLDER, metadata={"status": "Member"}),
            elvis("collection", path=FOLDER + "/x.collection", query='status:Member AND folderPath:"' + FOLDER + '"'),
        ),
        lambda dam, pair: related(dam, dam.ids()[f"/Zone/{pair}/x.collection"], "contains"),
        ["/Zone/upload_then_members/b.txt"],
    ),
    "relation_again": Pair(
        (
            elvis("collection", path=FOLDER + "/x.collection"),
            elvis("relation", relations=[RELATION]),
            elvis("relation", relations=[RELATION], state="absent"),
            elvis("relation", relations=[RELATION]),
        ),
        lambda dam, pair: related(dam, dam.ids()[f"/Zone/{pair}/x.collection"]),
        ["/Zone/relation_again/a.txt"],
    ),
    "webhook_again": Pair(
        (
            elvis("webhook", url=URL + "one", name="again", event_types=["asset_create"]),
            elvis("webhook", name="again", state="absent"),
            elvis("webhook", url=URL + "two", name="again", event_types=["asset_create"]),
        ),
        lambda dam, _pair: [webhook["url"] for webhook in dam.get("admin/webhook") if webhook["name"] == "again"],
        [URL + "two"],
    ),
    "upload_then_download": Pair(
        (
            file("b.txt", "b"),
            elvis("upload", src="{{ folder }}", path=FOLDER),
            elvis("asset", path=ASSET, state="absent"),
            elvis("download", path=FOLDER, dest="{{ folder }}/out"),
            elvis("upload", src="{{ folder }}/out", path=FOLDER + "/fetched"),
        ),
        lambda dam, pair: sorted(path for path in dam.ids() if path.startswith(f"/Zone/{pair}/fetched/")),
        ["/Zone/upload_then_download/fetched/b.txt"],
    ),
    "webhook": Pair(
        (
            elvis("webhook", url=URL + "one", **WEBHOOK),
            elvis("webhook", url=URL + "two", **WEBHOOK),
        ),
        url_of_webhook,
        [URL + "two"],
    ),
}


IN_A_PLAYBOOK = ("metadata", "upload", "relation")
OPERATIONS = "ansible_collections.damops.elvis.plugins.module_utils._operations"


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with start_emulator(*SERVER) as server:
        yield server


@pytest.fixture(scope="module")
def ran(server: Emulator, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dam, dict[str, Future[None]]]]:
    """The state that all pairs left behind, and what came of each."""
    dam = Dam(server, "admin", "changemenow")
    hosts = prepare(dam, tmp_path_factory.mktemp("files"), PAIRS)
    with ThreadPoolExecutor(len(PAIRS)) as threads:
        done = {name: threads.submit(run, dam, PAIRS[name], hosts[name]) for name in PAIRS}
    time.sleep(LAG)
    yield dam, done
    dam.leave()


def prepare(dam: Dam, folder: Path, pairs: Iterable[str]) -> dict[str, dict[str, str]]:
    """Give each pair its asset and its local folder, and return its variables."""
    hosts = {}
    for host in pairs:
        (folder / host).mkdir()
        asset_id = dam.create(f"/Zone/{host}/a.txt", OLD, status="New")
        hosts[host] = {"inventory_hostname": host, "folder": str(folder / host), "id": asset_id}
    time.sleep(LAG)
    return hosts


def run(dam: Dam, pair: Pair, variables: Mapping[str, str]) -> None:
    """Run the tasks of a pair, one right after the other."""
    for task in pair.tasks:
        may_fail = task.get("ignore_errors", False)
        module, options = next(iter(task.items()))
        options = rendered(options, variables)
        if module == "ansible.builtin.copy":
            Path(options["dest"]).write_text(options["content"], encoding="utf-8")
        elif module == "ansible.builtin.file":
            Path(options["path"]).unlink()
        else:
            operation = importlib.import_module(f"{OPERATIONS}.{module.removeprefix('damops.elvis.elvis_')}").OPERATION
            result = result_of(operation, session=dam.session, **options)
            assert ("reason" in result) is may_fail, result


def rendered(value: Any, variables: Mapping[str, str]) -> Any:
    """Return options with their variables filled in."""
    if isinstance(value, dict):
        return {name: rendered(item, variables) for name, item in value.items()}
    if isinstance(value, list):
        return [rendered(item, variables) for item in value]
    for name, text in variables.items():
        value = value.replace(f"{{{{ {name} }}}}", text) if isinstance(value, str) else value
    return value


@pytest.mark.parametrize("pair", PAIRS)
def test_there_is_what_the_second_task_wants(ran: tuple[Dam, dict[str, Future[None]]], pair: str) -> None:
    dam, done = ran
    done[pair].result()
    assert PAIRS[pair].state(dam, pair) == PAIRS[pair].wanted


def test_so_there_is_after_a_playbook(installed: Ansible, server: Emulator, tmp_path: Path) -> None:
    """Each pair is a host, which does not wait for the others."""
    dam = Dam(server, "admin", "changemenow")
    names = {f"played_{name}": name for name in IN_A_PLAYBOOK}
    hosts = prepare(dam, tmp_path, names)
    for host, name in names.items():
        (tmp_path / f"{host}.yml").write_text(yaml.safe_dump(list(PAIRS[name].tasks)), encoding="utf-8")
    inventory, playbook = tmp_path / "inventory.yml", tmp_path / "playbook.yml"
    of_hosts = {host: {**variables, "ansible_python_interpreter": sys.executable} for host, variables in hosts.items()}
    for variables in of_hosts.values():
        del variables["inventory_hostname"]
    inventory.write_text(yaml.safe_dump({"all": {"hosts": of_hosts}}), encoding="utf-8")
    playbook.write_text(yaml.safe_dump([play(dam, server)]), encoding="utf-8")
    played = installed.playbook(playbook, "--inventory", str(inventory), "--forks", str(len(names)))
    assert played.returncode == 0, played.output
    time.sleep(LAG)
    for host, name in names.items():
        assert PAIRS[name].state(dam, host) == PAIRS[name].wanted
    dam.leave()


def play(dam: Dam, server: Emulator) -> dict[str, Any]:
    """Return the play in which each host runs the tasks of its pair."""
    return {
        "hosts": "all",
        "connection": "local",
        "gather_facts": False,
        "strategy": "free",
        "module_defaults": {
            "group/damops.elvis.elvis": {"server_url": server.url, "auth_token": dam.session["auth_token"]}
        },
        "tasks": [{"ansible.builtin.include_tasks": "{{ inventory_hostname }}.yml"}],
    }
