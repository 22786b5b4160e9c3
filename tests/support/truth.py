# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares what a task says that it did with the journal of the emulated server, whether the task fails or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set as AbstractSet
from contextlib import contextmanager
from typing import Any, NamedTuple

from ansible_collections.damops.elvis.plugins.module_utils._errors import ENDS_TASK
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION as ASSET
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_bulk import OPERATION as ASSET_BULK
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_info import OPERATION as ASSET_INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.collection import OPERATION as COLLECTION
from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.folder import OPERATION as FOLDER
from ansible_collections.damops.elvis.plugins.module_utils._operations.history_info import OPERATION as HISTORY_INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata_restore import (
    OPERATION as METADATA_RESTORE,
)
from ansible_collections.damops.elvis.plugins.module_utils._operations.relation import OPERATION as RELATION
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.webhook import OPERATION as WEBHOOK
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.emulator import RUNNING, Emulator

Result = Mapping[str, Any]
READERS = (ASSET_INFO, DOWNLOAD, HISTORY_INFO)
COUNTERS = (UPLOAD, METADATA, METADATA_RESTORE, ASSET_BULK)
RELATORS = (RELATION, COLLECTION)
WRITERS = (*COUNTERS, *RELATORS, ASSET, FOLDER)
CHANGES = frozenset({"CHECKIN", "METADATA_UPDATE", "MOVE", "RENAME", "UNDO_CHECKOUT", "COPY_VERSION"})
REGISTERED = ("id", "name", "url", "eventTypes", "enabled")
"""What a webhook is, as far as the server shows it."""
OF_SERVER = ["previewState"]
"""What the server itself changes of an asset, once it has made a picture of it."""


class Written(NamedTuple):
    """What a user has written: the ids of assets and relations, and the paths of folders that were made or removed."""

    created: set[str]
    updated: set[str]
    removed: set[str]
    folders: set[str]
    related: set[str]
    unrelated: set[str]


class Unlogged(NamedTuple):
    """What a server holds of which its journal says nothing: the ids of relations, and the webhooks."""

    relations: set[str]
    webhooks: list[dict[str, Any]]

    @classmethod
    def of(cls, emulator: Emulator, operation: Operation) -> Unlogged:
        relations = emulator.relations() if operation in RELATORS else ()
        webhooks = emulator.webhooks() if operation is WEBHOOK else ()
        # Whether its events arrive is another matter.
        registered = [{name: webhook[name] for name in REGISTERED} for webhook in webhooks]
        return cls({row["id"] for row in relations}, registered)


@contextmanager
def told_truly(
    operation: Operation, options: Mapping[str, Any], *, check_mode: bool
) -> Iterator[Callable[[Result], None]]:
    """Give what compares the result of a task with the server's journal.

    It compares nothing where somebody else wrote meanwhile: the test itself, or another task.
    """
    emulator = _emulator_of(options) if operation in (*READERS, *WRITERS, WEBHOOK) else None
    if emulator is None:
        yield lambda _result: None
        return
    with emulator.lock:
        is_alone = not emulator.tasks
        emulator.tasks.append(operation)
        emulator.others.append("a task")
        others = len(emulator.others)
    before, unlogged = emulator.last_event(), Unlogged.of(emulator, operation)

    def compare(result: Result) -> None:
        if is_alone and len(emulator.others) == others:
            user = options["session"].get("username", "alice")
            events = [event for event in emulator.events_since(before) if event["user"] == user]
            now = Unlogged.of(emulator, operation)
            check(operation, result, written(events, unlogged.relations, now.relations), check_mode=check_mode)
            if unlogged.webhooks != now.webhooks:
                assert not check_mode, result
                assert result.get("changed", False), result

    try:
        yield compare
    finally:
        emulator.tasks.remove(operation)


def _emulator_of(options: Mapping[str, Any]) -> Emulator | None:
    session = options.get("session")
    return RUNNING.get(str(session.get("server_url"))) if isinstance(session, Mapping) else None


def written(
    events: list[dict[str, Any]], before: AbstractSet[str] = frozenset(), after: AbstractSet[str] = frozenset()
) -> Written:
    """Return what came of events. An asset that was made and removed again counts as neither.

    :param before: the relations that were there before, and those after
    """
    found = Written(set(), set(), set(), set(), set(after - before), set(before - after))
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
        _check_counts(result, {"created": found.created, "updated": found.updated, "removed": found.removed})
    # What is removed leaves its relations.
    if operation in RELATORS and not check_mode and not found.removed:
        _check_counts(result, {"created": found.related, "removed": found.unrelated})
    check_reason(result)


def _check_counts(result: Result, found: Mapping[str, AbstractSet[str]]) -> None:
    counts = result.get("counts", {})
    for kind, ids in found.items():
        assert counts.get(kind, 0) == len(ids), (kind, found, result)


def check_reason(result: Result) -> None:
    """Compare the reason and the message of a failed task with its first failure."""
    failures = result.get("failures") or []
    if "counts" in result:
        assert bool(result["counts"]["failed"]) <= (result.get("reason") is not None), result
    if failures and result["reason"] not in ENDS_TASK:
        first = failures[0]
        assert result["reason"] == first["reason"], (first, result["msg"])
        assert result["msg"].startswith(first["message"]), (first, result["msg"])
