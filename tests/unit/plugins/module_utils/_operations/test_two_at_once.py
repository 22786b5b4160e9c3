# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same task runs twice at once, and the other run is faster: docs/guides/two_at_once.md says what comes of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.webhook import OPERATION as WEBHOOK
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.gateway import Fate, gateway_to
from tests.support.operations import result_of
from tests.support.transfers import outcome, write_files

pytestmark = pytest.mark.usefixtures("no_waiting")

ZONE = "/Demo Zone"
FILES = {"1.jpg": "one", "2.jpg": "two"}
PATHS = [f"{ZONE}/{name}" for name in FILES]


def nothing(_dam: Dam) -> None:
    """A server that has no asset."""


def assets(dam: Dam) -> None:
    for path in PATHS:
        dam.create(path, b"as it was", status="New")


def with_box(dam: Dam) -> None:
    assets(dam)
    dam.create(f"{ZONE}/Box.collection", None)


def with_members(dam: Dam) -> None:
    with_box(dam)
    ids = dam.ids()
    for path in PATHS:
        dam.post(
            "createRelation", relationType="contains", target1Id=ids[f"{ZONE}/Box.collection"], target2Id=ids[path]
        )


@dataclass(frozen=True)
class Case:
    """A task, the call before which the other run does all of it, and what then comes of the task.

    :param reason: why it fails; None if it does not
    :param writes: how many assets, folders or relations it writes although the other run did
    """

    name: str
    options: Mapping[str, Any]
    before: str
    reason: str | None = None
    prepare: Callable[[Dam], None] = nothing
    writes: int = 0


LIST = {"relations": [{"type": "contains", "from": f"{ZONE}/Box.collection", "to": path} for path in PATHS]}
CASES = {
    "elvis_upload": Case("upload", {"src": "{tmp}/here", "path": ZONE, "concurrency": 1}, "create"),
    "elvis_upload, a new version": Case(
        "upload", {"src": "{tmp}/here", "path": ZONE, "concurrency": 1}, "update", prepare=assets, writes=2
    ),
    "elvis_upload, uploaded": Case(
        "upload", {"src": "{tmp}/here", "path": ZONE, "uploaded": "remove", "concurrency": 1}, "create"
    ),
    "elvis_download": Case(
        "download", {"path": ZONE, "dest": "{tmp}/there", "concurrency": 1}, "1.jpg", reason="conflict", prepare=assets
    ),
    "elvis_asset": Case("asset", {"path": PATHS[0], "file": "{tmp}/here/1.jpg"}, "create"),
    "elvis_asset, absent": Case("asset", {"path": PATHS[0], "state": "absent"}, "remove", prepare=assets),
    "elvis_asset_bulk, folder": Case(
        "asset_bulk", {"paths": PATHS, "folder": f"{ZONE}/Done", "concurrency": 1}, "move", prepare=assets
    ),
    "elvis_asset_bulk, absent": Case(
        "asset_bulk", {"paths": PATHS, "state": "absent", "concurrency": 1}, "remove", prepare=assets
    ),
    "elvis_metadata": Case(
        "metadata",
        {"query": "status:New", "metadata": {"status": "Done"}, "max_change": 9},
        "updatebulk",
        prepare=assets,
        writes=2,
    ),
    "elvis_folder": Case("folder", {"paths": [f"{ZONE}/A"]}, "createFolder"),
    "elvis_folder, absent": Case(
        "folder",
        {"paths": [ZONE + "/B"], "state": "absent", "recursive": True},
        "remove",
        prepare=lambda dam: dam.folder(f"{ZONE}/B"),
    ),
    "elvis_folder, moved_from": Case(
        "folder",
        {"paths": [f"{ZONE}/C"], "moved_from": f"{ZONE}/B"},
        "move",
        prepare=lambda dam: dam.folder(f"{ZONE}/B"),
    ),
    "elvis_collection": Case(
        "collection", {"path": f"{ZONE}/Box.collection", "paths": PATHS}, "createRelation", prepare=with_box
    ),
    "elvis_collection, new": Case(
        "collection", {"path": f"{ZONE}/Box.collection", "paths": PATHS}, "create", prepare=assets
    ),
    "elvis_relation": Case("relation", LIST, "createRelation", prepare=with_box),
    "elvis_relation, absent": Case("relation", {**LIST, "state": "absent"}, "removeRelation", prepare=with_members),
}


def written(result: Mapping[str, Any]) -> int:
    if "counts" in result:
        return sum(result["counts"][name] for name in ("created", "updated", "removed"))
    return int(result["changed"])


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_other_run_does_all_of_it_first(case: Case, dam: Dam, tmp_path: Path) -> None:
    case.prepare(dam)
    write_files(tmp_path / "here", FILES)
    options = {k: v.format(tmp=tmp_path) if isinstance(v, str) else v for k, v in case.options.items()}
    operation: Operation = import_module(
        f"ansible_collections.damops.elvis.plugins.module_utils._operations.{case.name}"
    ).OPERATION
    others: list[dict[str, Any]] = []
    stored: list[dict[str, str]] = []
    lock = threading.Lock()

    def be_faster(_number: int, service: str) -> Fate:
        # Other connections of the task wait for that.
        with lock:
            if service == case.before and not others:
                others.append(outcome(operation, dam, **options))
                stored.append(dam.ids())
        return "pass"

    with gateway_to(dam._elvis.url, be_faster) as gateway:
        result = outcome(operation, dam, url=gateway.url, **options)
    assert (others[0].get("reason"), others[0]["changed"]) == (None, True)
    assert (result.get("reason"), written(result)) == (case.reason, case.writes), result
    assert dam.ids() == stored[0]


def test_two_that_register_a_webhook_make_two_of_one_name(one_elvis: Emulator) -> None:
    admin = Dam(one_elvis, "admin", "changemenow")
    options = {"name": "twice", "url": "http://127.0.0.1:9/", "event_types": ["asset_create"]}

    def register(server_url: str) -> dict[str, Any]:
        return result_of(WEBHOOK, session={**admin.session, "server_url": server_url}, **options)

    def be_faster(number: int, service: str) -> Fate:
        # The first call lists them, the second one registers one.
        if (number, service) == (2, "webhook"):
            assert register(one_elvis.url)["changed"] is True
        return "pass"

    with gateway_to(one_elvis.url, be_faster) as gateway:
        assert register(gateway.url)["changed"] is True
    assert register(one_elvis.url)["reason"] == "conflict"
    for webhook in admin.get("admin/webhook"):
        gone = result_of(WEBHOOK, session=admin.session, id=webhook["id"], state="absent")
        assert gone["changed"] is True
    admin.leave()
