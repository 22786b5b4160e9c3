# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks that are killed with SIGKILL in the middle: the next run does the rest, and does nothing twice.

`_transfers/test_killed_uploads.py` has the uploads that empty a folder.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_bulk import OPERATION as ASSET_BULK
from ansible_collections.damops.elvis.plugins.module_utils._operations.collection import OPERATION as COLLECTION
from ansible_collections.damops.elvis.plugins.module_utils._operations.folder import OPERATION as FOLDER
from ansible_collections.damops.elvis.plugins.module_utils._operations.history_info import OPERATION as HISTORY_INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.relation import OPERATION as RELATION
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.assets import Dam
from tests.support.killed import kill_at
from tests.support.operations import result_of
from tests.support.relations import related
from tests.support.transfers import write_files

pytestmark = pytest.mark.usefixtures("no_waiting")

NUMBER = 24
STEPS = 9
NAMES = [f"{number:02}.jpg" for number in range(NUMBER)]
IN = [f"/Z/in/{name}" for name in NAMES]
PAGE, BOX = "/Z/page.indd", "/Z/box.collection"


@dataclass(frozen=True)
class Job:
    """A task with as many steps as there are assets.

    :param step: the service that one is a call of; None for one whose address ends in the id of an asset
    :param kind: how one is counted
    :param done: returns for which assets the server has it
    """

    operation: Operation
    options: Mapping[str, Any]
    step: str | None
    kind: str
    done: Callable[[Dam], set[str]]
    prepare: Callable[[Dam], object] = lambda _dam: None


def names_below(dam: Dam, query: str) -> set[str]:
    return {path.rpartition("/")[2] for path in dam.metadata(query)}


def is_related(start: str, type_: str) -> Callable[[Dam], set[str]]:
    def done(dam: Dam) -> set[str]:
        ids = dam.ids()
        return {path.rpartition("/")[2] for path in related(dam, ids[start], type_)} if start in ids else set()

    return done


def relate_all(start: str, type_: str) -> Callable[[Dam], None]:
    def prepare(dam: Dam) -> None:
        other = dam.create(start, None)
        for path, asset_id in dam.ids().items():
            if path != start:
                dam.post("createRelation", relationType=type_, target1Id=other, target2Id=asset_id)

    return prepare


def check_out_all(dam: Dam) -> None:
    for asset_id in dam.ids().values():
        dam.post(f"checkout/{asset_id}")


def without(done: Callable[[Dam], set[str]]) -> Callable[[Dam], set[str]]:
    return lambda dam: set(NAMES) - done(dam)


FOUND = {"query": "status:Old", "max_change": NUMBER}
RELATIONS = [{"type": "references", "from": PAGE, "to": path} for path in IN]
JOBS = {
    "moved": Job(
        ASSET_BULK,
        {**FOUND, "folder": "/Z/out"},
        "move",
        "updated",
        lambda dam: names_below(dam, 'folderPath:"/Z/out"'),
    ),
    "removed": Job(
        ASSET_BULK, {**FOUND, "state": "absent"}, "remove", "removed", without(lambda dam: names_below(dam, "*:*"))
    ),
    "given back": Job(
        ASSET_BULK,
        {**FOUND, "undo_check_out": True, "checked_out_before": "0s"},
        None,
        "updated",
        without(lambda dam: names_below(dam, "checkedOutBy:*")),
        check_out_all,
    ),
    "related": Job(
        RELATION,
        {"relations": RELATIONS},
        "createRelation",
        "created",
        is_related(PAGE, "references"),
        lambda dam: dam.create(PAGE),
    ),
    "no longer related": Job(
        RELATION,
        {"relations": RELATIONS, "state": "absent"},
        "removeRelation",
        "removed",
        without(is_related(PAGE, "references")),
        relate_all(PAGE, "references"),
    ),
    "collected": Job(
        COLLECTION,
        {"path": BOX, "paths": IN, "members_state": "pure"},
        "createRelation",
        "created",
        is_related(BOX, "contains"),
    ),
    "no longer collected": Job(
        COLLECTION,
        {"path": BOX, "paths": IN, "members_state": "absent"},
        "removeRelation",
        "removed",
        without(is_related(BOX, "contains")),
        relate_all(BOX, "contains"),
    ),
}


@pytest.mark.parametrize("name", JOBS)
def test_the_next_run_does_the_rest(dam: Dam, name: str) -> None:
    job = JOBS[name]
    for path in IN:
        dam.create(path, status="Old")
    job.prepare(dam)
    ids = set(dam.ids().values())

    kill_at(
        dam, job.operation, STEPS, lambda called: called == job.step or (not job.step and called in ids), **job.options
    )

    done = job.done(dam)
    assert 1 < len(done) < NUMBER
    result, again = (result_of(job.operation, session=dam.session, **job.options) for _run in range(2))
    assert (result.get("reason"), result["counts"][job.kind], job.done(dam)) == (None, NUMBER - len(done), set(NAMES))
    assert (again.get("reason"), again["changed"]) == (None, False)


def test_files_that_are_matched_are_stored_once(dam: Dam, src: Path) -> None:
    for number, path in enumerate(IN):
        dam.create(path, b"before", cf_articleNumber=str(10_000_000 + number))
    write_files(src, {f"{10_000_000 + number}.jpg": f"picture {number}" for number in range(NUMBER)})
    match = {"field": "cf_articleNumber", "pattern": r"(\d{8})"}
    options: dict[str, Any] = {"src": str(src), "path": "/Z", "match": match}

    kill_at(dam, UPLOAD, STEPS, lambda called: called == "update", **options)

    def versions() -> list[int]:
        return [metadata["versionNumber"] for _path, metadata in sorted(dam.metadata("*:*").items())]

    stored = versions().count(2)
    assert 1 < stored < NUMBER
    result, again = (result_of(UPLOAD, session=dam.session, **options) for _run in range(2))
    assert (result.get("reason"), result["counts"]["updated"], versions()) == (None, NUMBER - stored, [2] * NUMBER)
    assert again["changed"] is False
    assert [dam.download(asset_id) for _path, asset_id in sorted(dam.ids().items())] == [
        f"picture {number}".encode() for number in range(NUMBER)
    ]


@pytest.mark.parametrize(
    ("service", "is_sent"), [("createFolder", True), ("move", False), ("move", True)], ids=["parent", "before", "after"]
)
def test_a_folder_is_moved_once(dam: Dam, service: str, is_sent: bool) -> None:
    for path in IN:
        dam.create(path)
    options: dict[str, Any] = {"path": ["/Z/new/place"], "moved_from": "/Z/in"}

    kill_at(dam, FOLDER, 1, lambda called: called == service, is_sent=is_sent, **options)

    has_moved = service == "move" and is_sent
    places = {f"/Z/new/place/{name}" if has_moved else f"/Z/in/{name}" for name in NAMES}
    assert set(dam.ids()) == places
    result, again = (result_of(FOLDER, session=dam.session, **options) for _run in range(2))
    assert (result.get("reason"), result["changed"], again["changed"]) == (None, not has_moved, False)
    assert set(dam.ids()) == {f"/Z/new/place/{name}" for name in NAMES}


def test_the_report_of_yesterday_stays_until_that_of_today_is_whole(dam: Dam, tmp_path: Path) -> None:
    dest = tmp_path / "history.csv"
    dest.write_text("of yesterday\n", encoding="utf-8")
    for path in IN:
        dam.post("update", id=dam.create(path), metadata=json.dumps({"status": "Final"}))
    options: dict[str, Any] = {"query": "status:Final", "actions": ["METADATA_UPDATE"], "dest": str(dest)}

    kill_at(dam, HISTORY_INFO, STEPS, lambda called: called == "history", **options)

    assert dest.read_text(encoding="utf-8") == "of yesterday\n"
    result, again = (result_of(HISTORY_INFO, session=dam.session, **options) for _run in range(2))
    assert (result["total"], result["changed"], again["changed"]) == (NUMBER, True, False)
    with dest.open(encoding="utf-8", newline="") as file:
        assert {row["path"] for row in csv.DictReader(file)} == set(IN)
