# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what a task says that it did with the journal of the emulated server, whether the task fails or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from ansible_collections.damops.elvis.plugins.module_utils._errors import ENDS_TASK
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION as ASSET
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_bulk import OPERATION as ASSET_BULK
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_info import OPERATION as ASSET_INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.folder import OPERATION as FOLDER
from ansible_collections.damops.elvis.plugins.module_utils._operations.history_info import OPERATION as HISTORY_INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.emulator import RUNNING, Emulator

Result = Mapping[str, Any]
READERS = (ASSET_INFO, DOWNLOAD, HISTORY_INFO)
COUNTERS = (UPLOAD, METADATA, ASSET_BULK)
WRITERS = (*COUNTERS, ASSET, FOLDER)
CHANGES = frozenset({"CHECKIN", "METADATA_UPDATE", "MOVE", "RENAME", "UNDO_CHECKOUT", "COPY_VERSION"})
OF_SERVER = ["previewState"]
"""What the server itself changes of an asset, once it has made a picture of it."""


class Written(NamedTuple):
    """What a user has written: the ids of assets, and the paths of folders that were made or removed."""

    created: set[str]
    updated: set[str]
    removed: set[str]
    folders: set[str]


@contextmanager
def told_truly(
    operation: Operation, options: Mapping[str, Any], *, check_mode: bool
) -> Iterator[Callable[[Result], None]]:
    """Give what compares the result of a task with the server's journal.

    It compares nothing where somebody else wrote meanwhile: the test itself, or another task.
    """
    emulator = _emulator_of(options) if operation in (*READERS, *WRITERS) else None
    if emulator is None:
        yield lambda _result: None
        return
    with emulator.lock:
        is_alone = not emulator.tasks
        emulator.tasks.append(operation)
        emulator.others.append("a task")
        others = len(emulator.others)
    before = emulator.last_event()

    def compare(result: Result) -> None:
        if is_alone and len(emulator.others) == others:
            user = options["session"].get("username", "alice")
            events = [event for event in emulator.events_since(before) if event["user"] == user]
            check(operation, result, written(events), check_mode=check_mode)

    try:
        yield compare
    finally:
        emulator.tasks.remove(operation)


def _emulator_of(options: Mapping[str, Any]) -> Emulator | None:
    session = options.get("session")
    return RUNNING.get(str(session.get("server_url"))) if isinstance(session, Mapping) else None


def written(events: list[dict[str, Any]]) -> Written:
    """Return what came of events. An asset that was made and removed again counts as neither."""
    found = Written(set(), set(), set(), set())
    for event in events:
        action, asset_id = event["action"], event["id"]
        if action in ("FOLDER_CREATE", "FOLDER_REMOVE"):
            found.folders.add(event["path"])
        elif action in ("CREATE", "COPY"):
            found.created.add(asset_id)
        elif action == "REMOVE":
            found.updated.discard(asset_id)
            if asset_id in found.created:
                found.created.discard(asset_id)
            else:
                found.removed.add(asset_id)
        elif action in CHANGES and event["changed"] != OF_SERVER and asset_id not in found.created:
            found.updated.add(asset_id)
    return found


def check(operation: Operation, result: Result, found: Written, *, check_mode: bool) -> None:
    """Compare what a task says with what was written."""
    if check_mode or operation in READERS:
        assert not any(found), (found, result)
    if operation in WRITERS and not check_mode:
        is_changed = any(found) or result.get("put_away", 0) > 0
        assert result.get("changed", False) == is_changed, (found, result)
    if operation in COUNTERS and not check_mode:
        counts = result.get("counts", {})
        for kind in ("created", "updated", "removed"):
            assert counts.get(kind, 0) == len(getattr(found, kind)), (kind, found, result)
    check_reason(result)


def check_reason(result: Result) -> None:
    """Compare the reason and the message of a failed task with its first failure."""
    failures = result.get("failures") or []
    if "counts" in result:
        assert bool(result["counts"]["failed"]) <= (result.get("reason") is not None), result
    if failures and result["reason"] not in ENDS_TASK:
        first = failures[0]
        assert result["reason"] == first["reason"], (first, result["msg"])
        assert result["msg"].startswith(first["message"]), (first, result["msg"])
