# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan of each module: made in check mode, and applied after somebody changed some of what it names."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._changes.bulk_run import BulkRun
from ansible_collections.damops.elvis.plugins.module_utils._changes.metadata_run import MetadataRun
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_bulk import OPERATION as ASSET_BULK
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata_restore import OPERATION as RESTORE
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from ansible_collections.damops.elvis.plugins.module_utils._transfers.upload_run import UploadRun
from ansible_collections.damops.elvis.plugins.module_utils._work.plan import WITHHELD
from tests.conftest import ROOT
from tests.support.assets import Dam, logged_in
from tests.support.emulator import Emulator, start_emulator
from tests.support.gateway import gateway_to
from tests.support.operations import fail, run
from tests.support.transfers import write_files

pytestmark = pytest.mark.usefixtures("no_waiting")

LAG = 0.4
"""Seconds."""
PATHS = [f"/Z/in/{number:02}.jpg" for number in range(20)]


class Planned(NamedTuple):
    """A task, as it is planned and applied.

    :param change: does as somebody else who changes an asset, or file, of the plan
    :param is_done: tells from the metadata of all assets which were changed
    :param others: options of another task of the module
    :param do: does by hand what the task does with an asset
    :param is_final: whether nothing is done while a step is not approved
    :param is_held: whether we have the assets checked out
    :param is_ours: whether we make that change ourselves, since it would be another one if somebody else made it
    :param prepare: does what happened to the assets before
    """

    operation: Operation
    options: Mapping[str, Any]
    change: Callable[[Dam, str], None]
    is_done: Callable[[Mapping[str, Any]], bool]
    others: Mapping[str, Any]
    do: Callable[[Dam, str], None]
    is_final: bool = False
    is_held: bool = False
    is_ours: bool = False
    prepare: Callable[[Dam], object] = bool


def edit(dam: Dam, path: str) -> None:
    dam.post("update", id=dam.ids()[path], metadata=json.dumps({"status": "Odd"}))


def renew(dam: Dam, path: str) -> None:
    dam.post("update", {"Filedata": (path.rpartition("/")[2], b"new")}, id=dam.ids()[path])


def spoil(dam: Dam) -> None:
    """Change all assets by a wrong query."""
    Dam(dam._elvis, "admin", "changemenow").post("updatebulk", q="ancestorPaths:/Z", status="Wrong")


def number(dam: Dam) -> None:
    """Give each asset the number that is in the name of its file."""
    for path, asset in dam.ids().items():
        dam.post("update", id=asset, metadata=json.dumps({"cf_articleNumber": f"7{path[-6:-4]}"}))


def hold(dam: Dam) -> None:
    for asset in dam.ids().values():
        dam.post(f"checkout/{asset}")


def span() -> dict[str, str]:
    """Return the options for a time that contains this test."""
    now = int(1000 * time.time())
    return {"since": str(now - 3_600_000), "until": str(now + 3_600_000)}


def take_away(dam: Dam, path: str) -> None:
    dam.post("move", source=path, target=f"/Other/{path[-6:]}")


def finish(dam: Dam, path: str) -> None:
    dam.post("update", id=dam.ids()[path], metadata=json.dumps({"status": "Done"}))


def files(folder: Path, prefix: str = "") -> str:
    write_files(folder / "src", {f"{prefix}{path[-6:]}": "sent" for path in PATHS})
    return str(folder / "src")


def send(dam: Dam, path: str) -> None:
    dam.post("update", {"Filedata": (path[-6:], b"sent")}, id=dam.ids()[path])


def is_sent(metadata: Mapping[str, Any]) -> bool:
    return bool(metadata) and metadata["fileSize"]["value"] == len("sent")


def rows(folder: Path) -> str:
    src = folder / "rows.csv"
    src.write_text("path,status\n" + "".join(f"{path},Done\n" for path in PATHS))
    return str(src)


TASKS: dict[str, Callable[[Path], Planned]] = {
    "metadata of a query": lambda _folder: Planned(
        METADATA,
        {"query": "ancestorPaths:/Z", "metadata": {"status": "Done"}, "max_change": 50},
        edit,
        lambda metadata: metadata["status"] == "Done",
        {"max_change": 51},
        finish,
    ),
    "metadata of rows": lambda folder: Planned(
        METADATA,
        {"src": rows(folder)},
        edit,
        lambda metadata: metadata["status"] == "Done",
        {"empty_cells": "clear"},
        finish,
    ),
    "assets that move": lambda _folder: Planned(
        ASSET_BULK,
        {"query": "status:Old", "folder": "/Z/out", "max_change": 50},
        renew,
        lambda metadata: not metadata,
        {"layout": "tree", "base": "/Z"},
        lambda dam, path: dam.post("move", source=path, target=path.replace("/in/", "/out/")),
    ),
    "assets that go": lambda _folder: Planned(
        ASSET_BULK,
        {"query": "status:Old", "state": "absent", "max_change": 50},
        renew,
        lambda metadata: not metadata,
        {"except_query": "status:New"},
        lambda dam, path: dam.post("remove", q=f'assetPath:"{path}"'),
        is_final=True,
    ),
    "files": lambda folder: Planned(
        UPLOAD,
        {"src": files(folder), "path": "/Z/in"},
        take_away,
        is_sent,
        {"metadata_on": "always"},
        send,
    ),
    "files of a drop folder": lambda folder: Planned(
        UPLOAD,
        {"src": files(folder), "path": "/Z/in", "uploaded": "remove"},
        take_away,
        is_sent,
        {"uploaded": "keep"},
        send,
    ),
    "files for assets with a number": lambda folder: Planned(
        UPLOAD,
        {"src": files(folder, "7"), "path": "/Z", "match": {"field": "cf_articleNumber", "pattern": "^(7[0-9]+)"}},
        lambda dam, path: dam.post(f"checkout/{dam.ids()[path]}"),
        is_sent,
        {"unmatched": "skip"},
        send,
        is_ours=True,
        prepare=number,
    ),
    "check-outs that end": lambda _folder: Planned(
        ASSET_BULK,
        {"paths": PATHS, "undo_check_out": True, "checked_out_before": "0s"},
        lambda dam, path: (dam.post(f"undocheckout/{dam.ids()[path]}"), dam.post(f"checkout/{dam.ids()[path]}")),
        lambda metadata: "checkedOutBy" not in metadata,
        {"force": True},
        lambda dam, path: dam.post(f"undocheckout/{dam.ids()[path]}"),
        is_final=True,
        is_held=True,
        is_ours=True,
        prepare=hold,
    ),
    "metadata as they were": lambda _folder: Planned(
        RESTORE,
        {"query": "ancestorPaths:/Z", "users": ["admin"], "max_change": 50, **span()},
        edit,
        lambda metadata: metadata["status"] == "Old",
        {"fields": ["status"]},
        lambda dam, path: dam.post("update", id=dam.ids()[path], metadata=json.dumps({"status": "Old"})),
        prepare=spoil,
    ),
}


COMPARED = {
    id(METADATA): (MetadataRun, "_do"),
    id(RESTORE): (MetadataRun, "_do"),
    id(ASSET_BULK): (BulkRun, "_do"),
    id(UPLOAD): (UploadRun, "_send"),
}
"""What each module does once it has compared all steps with the plan."""


@pytest.fixture(params=TASKS)
def task(request: pytest.FixtureRequest, tmp_path: Path, dam: Dam) -> Planned:
    task = TASKS[request.param](tmp_path)
    task.prepare(dam)
    return task


@pytest.fixture(autouse=True)
def assets(dam: Dam) -> dict[str, str]:
    """The ids of some assets, by their paths."""
    return {path: dam.create(path, status="Old") for path in PATHS}


def plan_of(dam: Dam, task: Planned, folder: Path) -> dict[str, Any]:
    """Make a plan, and return the options that apply it."""
    path = str(folder / "plan.jsonl")
    dam._elvis.forget_requests()
    made = run(task.operation, session=dam.session, check_mode=True, plan_dest=path, **task.options)
    assert dam.writes() == []
    lines = [json.loads(line) for line in Path(path).read_text().splitlines()]
    assert sum(made["plan"]["counts"].values()) == len(lines) - 1 >= len(PATHS)
    paths = [line["path"] for line in lines[1:]]
    assert paths == sorted(paths)
    return {**task.options, "plan": path, "plan_digest": made["plan"]["digest"]}


def somebody(dam: Dam, task: Planned) -> Dam:
    return dam if task.is_ours else Dam(dam._elvis, "api", "api")


def done(dam: Dam, task: Planned) -> list[str]:
    return [path for path in PATHS if task.is_done(dam.metadata("*:*").get(path, {}))]


def test_nothing_else_than_the_plan_is_done(dam: Dam, task: Planned, assets: dict[str, str], tmp_path: Path) -> None:
    options = plan_of(dam, task, tmp_path)
    task.change(somebody(dam, task), PATHS[7])
    dam._elvis.forget_requests()
    last = dam._elvis.last_event()

    error = fail(task.operation, session=dam.session, **options)
    assert error.reason == "conflict"
    assert [entry["path"] for entry in error.done["failures"]] == [PATHS[7]]
    assert error.done["plan"]["not_approved"] == 1
    assert dam.writes() == []
    assert done(dam, task) == []

    result = run(task.operation, session=dam.session, plan_mismatch="skip", **options)
    left_out = {entry["path"]: entry["why"] for entry in result["left_out"]}
    assert left_out.pop(PATHS[7]) == "not_approved"
    rest = [path for path in PATHS if path != PATHS[7]]
    if task.is_final:
        assert sorted(left_out) == rest
        assert set(left_out.values()) == {WITHHELD}
        assert dam.writes() == []
    else:
        assert left_out == {}
        assert done(dam, task) == rest
    assert {event["id"] for event in dam._elvis.events_since(last) if event["action"] != "FOLDER_CREATE"} == (
        set() if task.is_final else {assets[path] for path in rest}
    )

    # What an interrupted task left to do is done with the same plan; here nothing is left.
    again = run(task.operation, session=dam.session, plan_mismatch="skip", **options)
    assert not again["changed"]


def test_a_plan_is_applied_whole(dam: Dam, task: Planned, tmp_path: Path) -> None:
    options = plan_of(dam, task, tmp_path)
    checked = run(task.operation, session=dam.session, check_mode=True, **options)
    result = run(task.operation, session=dam.session, **options)
    assert checked["counts"] == result["counts"]
    assert result["plan"]["not_approved"] == 0
    assert done(dam, task) == PATHS
    assert not run(task.operation, session=dam.session, **options)["changed"]


def test_what_is_left_of_a_plan_is_done_with_it(dam: Dam, task: Planned, tmp_path: Path) -> None:
    options = plan_of(dam, task, tmp_path)
    for path in PATHS[:10]:
        task.do(dam, path)
    result = run(task.operation, session=dam.session, **options)
    assert result["plan"]["not_approved"] == 0
    assert sum(result["counts"][kind] for kind in ("created", "updated", "removed")) == 10
    assert done(dam, task) == PATHS


def test_another_plan_is_refused_before_anything_is_sent(dam: Dam, task: Planned, tmp_path: Path) -> None:
    options = plan_of(dam, task, tmp_path)
    plan = Path(options["plan"])
    whole = plan.read_bytes()
    refused: list[dict[str, Any]] = [{"plan_digest": "0" * 64}, {"plan_digest": "0"}, {"plan": f"{plan}.not"}]
    refused.extend([{"session": {**dam.session, "username": "bob"}}, {"plan": plan.name}, task.others])
    dam._elvis.forget_requests()
    for other in refused:
        fail(task.operation, **{"session": dam.session, **options, **other})
    for content in (whole[:-2], whole.replace(b"/Z/in/07", b"/Z/in/08")):
        plan.write_bytes(content)
        assert "not the file" in fail(task.operation, session=dam.session, **options).message
    head, steps = whole.split(b"\n", 1)
    for name in ("module", "server", "user"):
        content = json.dumps({**json.loads(head), name: "another"}).encode() + b"\n" + steps
        plan.write_bytes(content)
        of_another = {**options, "plan_digest": hashlib.sha256(content).hexdigest()}
        assert "made for another task" in fail(task.operation, session=dam.session, **of_another).message
    assert dam._elvis.requests() == []
    plan.write_bytes(whole)
    run(task.operation, session=dam.session, **options)


def test_no_plan_is_made_outside_of_check_mode_or_of_a_simulated_session(
    dam: Dam, task: Planned, tmp_path: Path
) -> None:
    dam._elvis.forget_requests()
    options = {**task.options, "plan_dest": str(tmp_path / "plan")}
    assert "check mode" in fail(task.operation, session=dam.session, **options).message
    simulated = {**dam.session, "simulated": True}
    assert "simulated" in fail(task.operation, session=simulated, check_mode=True, **options).message
    assert not (tmp_path / "plan").exists()
    assert dam._elvis.requests() == []


def test_no_plan_is_made_of_what_fails(dam: Dam, task: Planned, tmp_path: Path) -> None:
    if task.is_held:
        dam.post(f"undocheckout/{dam.ids()[PATHS[3]]}")
    Dam(dam._elvis, "admin", "changemenow").post(f"checkout/{dam.ids()[PATHS[3]]}")
    error = fail(task.operation, session=dam.session, check_mode=True, plan_dest=str(tmp_path / "p"), **task.options)
    assert "No plan was written" in error.message
    assert not (tmp_path / "p").exists()


def test_what_changes_right_before_it_is_written_is_left(
    dam: Dam, task: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changes an asset after all were compared with the plan."""
    run_class, name = COMPARED[id(task.operation)]
    go_on = getattr(run_class, name)

    def changed_before(run: Any, *arguments: Any, **more: Any) -> Any:
        task.change(somebody(dam, task), PATHS[0])
        return go_on(run, *arguments, **more)

    options = plan_of(dam, task, tmp_path)
    monkeypatch.setattr(run_class, name, changed_before)
    error = fail(task.operation, session=dam.session, **options)
    assert [entry["path"] for entry in error.done["failures"]] == PATHS[:1]
    assert done(dam, task) == PATHS[1:]


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        (METADATA, {"query": "ancestorPaths:/Z", "metadata": {"status": "Done"}}),
        (ASSET_BULK, {"query": "ancestorPaths:/Z", "folder": "/Z"}),
    ],
)
def test_no_check_out_of_another_ends_beside_a_step_that_is_not_approved(
    dam: Dam, tmp_path: Path, operation: Operation, options: Mapping[str, Any]
) -> None:
    admin = Dam(dam._elvis, "admin", "changemenow")
    for path in (PATHS[3], PATHS[18]):
        admin.post(f"checkout/{dam.ids()[path]}")
    forced = TASKS["metadata of a query"](tmp_path)._replace(
        operation=operation, options={"force": True, "max_change": 50, **options}
    )
    plan = plan_of(dam, forced, tmp_path)
    renew(dam, PATHS[7])
    edit(dam, PATHS[7])
    result = run(operation, session=dam.session, plan_mismatch="skip", **plan)
    assert {entry["path"]: entry["why"] for entry in result["left_out"]} == {
        PATHS[3]: WITHHELD,
        PATHS[7]: "not_approved",
        PATHS[18]: WITHHELD,
    }
    assert result["counts"]["updated"] == 17
    held = [path for path, metadata in dam.metadata("*:*").items() if metadata.get("checkedOutBy") == "admin"]
    assert sorted(held) == [PATHS[3], PATHS[18]]


def test_no_folder_is_made_that_is_not_approved(dam: Dam, tmp_path: Path) -> None:
    dam.folder("/Z/out")
    task = TASKS["assets that move"](tmp_path)
    options = plan_of(dam, task, tmp_path)
    dam.post("remove", folderPath="/Z/out")
    dam._elvis.forget_requests()
    error = fail(ASSET_BULK, session=dam.session, **options)
    assert [entry["path"] for entry in error.done["failures"]] == ["/Z/out"]
    result = run(ASSET_BULK, session=dam.session, plan_mismatch="skip", **options)
    assert (result["changed"], result["counts"]["skipped"], dam.writes()) == (False, 20, [])


def upload(dam: Dam, tmp_path: Path, **options: Any) -> dict[str, Any]:
    """Make a plan of an upload into a new folder beside one asset that goes with ``delete``; return what applies it."""
    write_files(tmp_path / "src", {"new/a.jpg": "a", "new/b.jpg": "b"})
    dam.create("/Z/up/old.jpg")
    task = TASKS["files"](tmp_path)._replace(options={"src": str(tmp_path / "src"), "path": "/Z/up", **options})
    return {**plan_of(dam, task, tmp_path), "session": dam.session}


def test_a_file_that_is_another_one_is_not_sent(dam: Dam, tmp_path: Path) -> None:
    options = upload(dam, tmp_path, delete=True, max_delete="100%")
    steps = [json.loads(line) for line in Path(options["plan"]).read_text().splitlines()[1:]]
    assert [(step["action"], step["path"]) for step in steps if "/in/" not in step["path"]][-4:] == [
        ("create_folder", "/Z/up/new"),
        ("create", "/Z/up/new/a.jpg"),
        ("create", "/Z/up/new/b.jpg"),
        ("remove", "/Z/up/old.jpg"),
    ]
    write_files(tmp_path / "src", {"new/a.jpg": "x"})
    dam._elvis.forget_requests()
    error = fail(UPLOAD, **options)
    assert [entry["path"] for entry in error.done["failures"]] == ["/Z/up/new/a.jpg"]
    assert dam.writes() == []
    result = run(UPLOAD, plan_mismatch="skip", **options)
    assert {entry["path"]: entry["why"] for entry in result["left_out"]} == {
        "/Z/up/new/a.jpg": "not_approved",
        "/Z/up/old.jpg": WITHHELD,
    }
    assert {"/Z/up/new/b.jpg", "/Z/up/old.jpg"} <= dam.ids().keys()
    write_files(tmp_path / "src", {"new/a.jpg": "a"})
    assert run(UPLOAD, **options)["counts"]["removed"] == 1


def test_an_asset_that_is_to_go_and_that_somebody_has_checked_out_by_now(dam: Dam, tmp_path: Path) -> None:
    options = upload(dam, tmp_path, delete=True, max_delete="100%")
    Dam(dam._elvis, "admin", "changemenow").post(f"checkout/{dam.ids()['/Z/up/old.jpg']}")
    dam._elvis.forget_requests()
    error = fail(UPLOAD, **options)
    assert [entry["path"] for entry in error.done["failures"]] == ["/Z/up/old.jpg"]
    assert "admin has it checked out" in error.message
    assert "The plan" in error.message
    assert "0 steps" not in error.message
    assert dam.writes() == []
    write_files(tmp_path / "src", {"later.jpg": "c"})
    error = fail(UPLOAD, plan_mismatch="skip", **options)
    assert [entry["path"] for entry in error.done["failures"]] == ["/Z/up/old.jpg"]
    assert [entry["path"] for entry in error.done["left_out"]] == ["/Z/up/later.jpg"]
    assert error.done["counts"]["created"] == 22
    assert "/Z/up/old.jpg" in dam.ids()


def test_a_file_that_came_later_is_not_sent_and_none_is_put_away(dam: Dam, tmp_path: Path) -> None:
    options = upload(dam, tmp_path, uploaded="remove")
    write_files(tmp_path / "src", {"later.jpg": "c"})
    result = run(UPLOAD, plan_mismatch="skip", **options)
    assert [entry["path"] for entry in result["left_out"]] == ["/Z/up/later.jpg"]
    assert (result["counts"]["created"], result["put_away"]) == (22, 0)
    assert {entry["why"] for entry in result["kept"]} == {WITHHELD}
    (tmp_path / "src/later.jpg").unlink()
    task = TASKS["files"](tmp_path)._replace(options={"src": options["src"], "path": "/Z/up", "uploaded": "remove"})
    again = plan_of(dam, task, tmp_path)
    assert run(UPLOAD, session=dam.session, **again)["put_away"] == 22
    assert [path for path in (tmp_path / "src").rglob("*") if path.is_file()] == []


def test_no_file_is_sent_where_somebody_has_put_another_asset(
    dam: Dam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = UploadRun._send

    def taken(run: UploadRun, *arguments: Any) -> None:
        dam.create("/Z/up/new/a.jpg")
        send(run, *arguments)

    options = upload(dam, tmp_path)
    monkeypatch.setattr(UploadRun, "_send", taken)
    error = fail(UPLOAD, **options)
    assert [entry["path"] for entry in error.done["failures"]] == ["/Z/up/new/a.jpg"]


def test_no_file_is_sent_that_was_replaced_unseen(dam: Dam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its size, its dates and its number on the disk are what they were."""
    send = UploadRun._send

    def replaced(run: UploadRun, *arguments: Any) -> None:
        write_files(tmp_path / "src", {"new/a.jpg": "x"})
        send(run, *arguments)

    options = upload(dam, tmp_path)
    monkeypatch.setattr(UploadRun, "_send", replaced)
    error = fail(UPLOAD, **options)
    assert [entry["path"] for entry in error.done["failures"]] == ["/Z/up/new/a.jpg"]
    assert "/Z/up/new/a.jpg" not in dam.ids()


CHILD = """
import json, sys
import tests.conftest
from ansible_collections.damops.elvis.plugins.module_utils._changes import metadata_run
from tests.support.operations import run
from tests.unit.plugins.module_utils._operations import test_plan
name, options = json.load(sys.stdin)
metadata_run.MOST_AT_ONCE = 4
run(getattr(test_plan, name), tell=lambda line: None, **options)
"""
"""Does a task in a process of its own, with small requests, so that there are several."""
KILLED = {
    "metadata of a query": ("METADATA", "updatebulk", 2),
    "assets that move": ("ASSET_BULK", "move", 6),
    "files": ("UPLOAD", "update", 6),
    "files of a drop folder": ("UPLOAD", "update", 6),
    "metadata as they were": ("RESTORE", "updatebulk", 2),
}
"""What is killed, and at which of its requests."""


@pytest.mark.parametrize("name", KILLED)
def test_a_run_that_is_killed_is_ended_with_the_same_plan(dam: Dam, tmp_path: Path, name: str) -> None:
    operation, wanted, count = KILLED[name]
    child: list[subprocess.Popen[str]] = []

    def decide(number: int, service: str) -> Any:
        if (number, service) == (count, wanted) and child:
            child[0].send_signal(signal.SIGKILL)
        return "pass"

    task = TASKS[name](tmp_path)
    task.prepare(dam)
    with gateway_to(dam._elvis.url, decide) as gateway:
        # A plan is for one address of a server.
        dam.session["server_url"] = gateway.url
        options = {**plan_of(dam, task, tmp_path), "session": dam.session, "concurrency": 1}
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", CHILD]
        child.append(subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True, env=environment))
        child[0].communicate(json.dumps([operation, options]))
        assert child[0].returncode == -signal.SIGKILL
        number_done = len(done(dam, task))
        assert 0 < number_done < len(PATHS)
        result = run(task.operation, **options)
        assert result["plan"]["not_approved"] == 0
        assert result["counts"]["updated"] <= len(PATHS) - number_done + 1
        assert done(dam, task) == PATHS
        assert name != "files of a drop folder" or not [*(tmp_path / "src").iterdir()]
        assert not run(task.operation, **options)["changed"]


@pytest.fixture(scope="module")
def lagging() -> Iterator[Emulator]:
    with start_emulator("--index-delay", str(int(1000 * LAG))) as emulator:
        yield emulator


@pytest.mark.parametrize("name", KILLED)
def test_a_plan_on_a_server_whose_search_lags(
    monkeypatch: pytest.MonkeyPatch, lagging: Emulator, tmp_path: Path, name: str
) -> None:
    """The second task would find what it should be done with already, if the first had not waited."""
    monkeypatch.undo()
    with logged_in(lagging) as slow:
        for path in PATHS:
            slow.create(path, status="Old")
        time.sleep(LAG)
        task = TASKS[name](tmp_path)
        task.prepare(slow)
        time.sleep(LAG)
        options = {**plan_of(slow, task, tmp_path), "session": slow.session}
        result = run(task.operation, **options)
        assert result["plan"]["not_approved"] == 0
        again = run(task.operation, **options)
        assert (again["changed"], again["plan"]["not_approved"]) == (False, 0)
        assert done(slow, task) == PATHS
