# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers to the modules over folders and assets in which one part is something else than Elvis puts there."""

from __future__ import annotations

import copy
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations import (
    asset,
    asset_bulk,
    asset_info,
    collection,
    download,
    folder,
    history_info,
    metadata,
    metadata_restore,
    relation,
    upload,
    webhook,
)
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.operations import result_of
from tests.support.scripted import json_reply, scripted_server

Path_ = tuple[Any, ...]

HIT = {
    "id": "a1",
    "originalUrl": "/file/a1",
    "previewUrl": "/preview/a1",
    "metadata": {
        "assetPath": "/Z/in/a.jpg",
        "status": "Old",
        "tags": ["x"],
        "versionNumber": 1,
        "firstExtractedChecksum": "00",
        "fileSize": {"value": 3, "formatted": "3 B"},
        "assetFileModified": {"value": 1521956554000, "formatted": "2018-03-25 07:42:34 +0200"},
        "checkedOut": {"value": 1521956554000, "formatted": "2018-03-25 07:42:34 +0200"},
        "checkedOutBy": "alice",
    },
}
FOUND = {"firstResult": 0, "maxResultHits": 1, "totalHits": 1, "hits": [HIT]}
TWO = {**FOUND, "totalHits": 2, "hits": [HIT, {**HIT, "id": "b1"}]}
MOVED = {**FOUND, "hits": [{**HIT, "metadata": {**HIT["metadata"], "assetPath": "/Z/out/a.jpg"}}]}
CHANGED = {**FOUND, "hits": [{**HIT, "metadata": {**HIT["metadata"], "status": "New"}}]}
BOX = {**FOUND, "hits": [{"id": "c1", "metadata": {"assetPath": "/Z/x.collection", "versionNumber": 1}}]}
HISTORY = {
    "totalHits": 1,
    "hits": [
        {
            "usageStatsRecord": {
                "logDate": 1521956554000,
                "userName": "alice",
                "clientType": "API",
                "remoteAddr": "192.0.2.1",
                "action": "METADATA_UPDATE",
                "assetPath": "/Z/in/a.jpg",
                "changedMetadata": {"status": {"oldValue": "Old", "newValue": "New"}},
            }
        }
    ],
}
NOTHING = {"totalHits": 0, "hits": []}
PING = {"version": "6.107.0", "available": True}
Z = {"name": "Z", "assetPath": "/Z", "directory": True}
OUT = {"name": "out", "assetPath": "/Z/out", "directory": True}
IN_FOLDER = {"name": "a.jpg", "assetPath": "/Z/in/a.jpg", "directory": False}
FOLDER = {"name": "in", "assetPath": "/Z/in", "directory": True}
WEBHOOK = {
    "id": "w1",
    "name": "eda",
    "url": "https://eda.example.com/",
    "eventTypes": ["asset_create"],
    "metadataToReturn": ["status"],
    "triggerMetadataFields": ["status"],
    "foldersAndQuery": {"folders": ["/Z"], "query": "status:Final"},
    "enabled": True,
    "secretToken": "s3cret",
}


class Work(NamedTuple):
    """What a module is answered, call by call, to a task with these options."""

    module: str
    operation: Operation
    answers: Sequence[Any]
    options: Mapping[str, Any]


WORKS = {
    "found": Work("elvis_asset_info", asset_info.OPERATION, [FOUND], {"ids": ["a1"], "fields": ["status", "tags"]}),
    "a report": Work("elvis_asset_info", asset_info.OPERATION, [FOUND], {"query": "x", "dest": "{folder}/x.csv"}),
    "a history": Work("elvis_history_info", history_info.OPERATION, [HISTORY], {"ids": ["a1"], "addresses": True}),
    "a file of histories": Work(
        "elvis_history_info", history_info.OPERATION, [FOUND, HISTORY], {"query": "x", "dest": "{folder}/x.csv"}
    ),
    "a folder": Work("elvis_folder", folder.OPERATION, [[], [Z], NOTHING, {"/Z/in": "created"}], {"path": ["/Z/in"]}),
    "no folder": Work(
        "elvis_folder", folder.OPERATION, [[FOLDER], NOTHING, [], {}], {"path": ["/Z/in"], "state": "absent"}
    ),
    "another folder": Work(
        "elvis_folder",
        folder.OPERATION,
        [[FOLDER], [Z], NOTHING, NOTHING, NOTHING, {}, [OUT], [OUT], NOTHING],
        {"path": ["/Z/out"], "moved_from": "/Z/in"},
    ),
    "an asset": Work(
        "elvis_asset", asset.OPERATION, [FOUND, HIT], {"path": "/Z/in/a.jpg", "metadata": {"status": "New"}}
    ),
    "no asset": Work("elvis_asset", asset.OPERATION, [FOUND, FOUND, {}], {"id": "a1", "state": "absent"}),
    "a move": Work(
        "elvis_asset_bulk",
        asset_bulk.OPERATION,
        [FOUND, [], [Z], NOTHING, {**NOTHING, "totalHits": 9}, {"/Z/out": "created"}, FOUND, {}, {}, MOVED],
        {"query": "x", "folder": "/Z/out", "force": True},
    ),
    "a removal": Work(
        "elvis_asset_bulk",
        asset_bulk.OPERATION,
        [FOUND, FOUND, [IN_FOLDER], {}, {}],
        {"ids": ["a1"], "state": "absent", "force": True},
    ),
    "a check-out that ends": Work(
        "elvis_asset_bulk",
        asset_bulk.OPERATION,
        [FOUND, FOUND, {}],
        {"ids": ["a1"], "undo_check_out": True, "checked_out_before": "1h", "force": True},
    ),
    "metadata": Work(
        "elvis_metadata",
        metadata.OPERATION,
        [FOUND, [HIT]],
        {"query": "x", "max_change": 1, "metadata": {"status": "New", "tags": ["+y"]}},
    ),
    "a restoration": Work(
        "elvis_metadata_restore",
        metadata_restore.OPERATION,
        [FOUND, HISTORY, CHANGED, CHANGED, {}, HIT],
        {"ids": ["a1"], "users": ["alice"], "since": "2018-03-25T00:00Z", "until": "2018-03-26T00:00Z", "force": True},
    ),
    "an upload": Work(
        "elvis_upload",
        upload.OPERATION,
        [PING, [FOLDER], FOUND, [], HIT],
        {"src": "{folder}/src", "path": "/Z/in", "concurrency": 1},
    ),
    "a new file": Work(
        "elvis_upload",
        upload.OPERATION,
        [PING, [], [Z], {"/Z/in": "created"}, HIT],
        {"src": "{folder}/src", "path": "/Z/in", "metadata": {"status": "New"}, "uploaded": "remove"},
    ),
    "a mirror": Work(
        "elvis_upload",
        upload.OPERATION,
        [PING, [FOLDER], {**FOUND, "hits": [{**HIT, "id": "b1"}]}, FOUND, {}],
        {"src": "{folder}/src", "path": "/Z/in", "delete": True, "max_delete": "100%"},
    ),
    "a download": Work(
        "elvis_download",
        download.OPERATION,
        [[FOLDER], FOUND, {"errorcode": 404, "message": "gone"}],
        {"path": "/Z/in", "dest": "{folder}/dest"},
    ),
    "a relation": Work(
        "elvis_relation",
        relation.OPERATION,
        [TWO, NOTHING, NOTHING, {}],
        {"relations": [{"type": "contains", "from": "a1", "to": "b1"}]},
    ),
    "no relation": Work(
        "elvis_relation",
        relation.OPERATION,
        [TWO, {**FOUND, "hits": [{**HIT, "relation": {"relationId": "r1"}}]}, {"processedCount": 1, "errorCount": 0}],
        {"relations": [{"type": "contains", "from": "b1", "to": "a1"}], "state": "absent"},
    ),
    "a collection": Work(
        "elvis_collection",
        collection.OPERATION,
        [BOX, {**FOUND, "hits": [{**HIT, "relation": {"relationId": "r1"}}]}, TWO, BOX, NOTHING, NOTHING, {}, {}],
        {"id": "c1", "query": "x", "concurrency": 1},
    ),
    "a webhook": Work(
        "elvis_webhook",
        webhook.OPERATION,
        [[WEBHOOK], WEBHOOK],
        {"name": "eda", "url": "https://eda.example.com/", "event_types": ["asset_remove"]},
    ),
    "no webhook": Work("elvis_webhook", webhook.OPERATION, [[WEBHOOK], {}], {"name": "eda", "state": "absent"}),
}
ODD_TEXT = "\ud800\u202e\x00\x1b[2J"
VALUES: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 1e300, 10**30),
    *("", "true", "{{ 1 }}", "/", "../..", "x" * 100_000),
    *([], [None], [[]], [{"id": 7}], {}, {"value": []}, {"value": 10**30, "formatted": "2018-03-25 07:42"}, {"": {}}),
]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for that never comes."""
    monkeypatch.setattr(index_lag, "INDEX_LAG", 0)
    monkeypatch.setattr(index_lag, "FIRST_LOOK", 0.001)


def paths_in(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Yield the place of each part of an answer, and that of the whole."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths_in(item, (*path, key))


def changed(answers: Sequence[Any], path: Path_, value: Any) -> list[Any]:
    """Return the answers with another value at one place."""
    copied = copy.deepcopy(list(answers))
    place: Any = copied
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copied


def promised_types(module: str) -> dict[str, str]:
    """Return the type of each key of a module's result, by its page."""
    page = importlib.import_module(f"ansible_collections.damops.elvis.plugins.modules.{module}").RETURN
    return {key: about["type"] for key, about in yaml.safe_load(page).items() if about["type"] != "raw"}


def outcome_of(work: Work, answers: Sequence[Any], folder: Path) -> dict[str, Any]:
    """Return the result of a task, or of its failure."""
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src/a.jpg").write_text("abc", encoding="utf-8")
    options: dict[str, Any] = {
        name: value.replace("{folder}", str(folder)) if isinstance(value, str) else value
        for name, value in work.options.items()
    }
    with scripted_server(*(json_reply(200, answer) for answer in answers)) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "token-of-alice", "username": "bob"}
        return result_of(work.operation, diff=True, session=session, retries=0, timeout=10, **options)


AT_ONCE = 3
"""Values that each part is tried with, besides an odd text; parts that are alike are tried with others each."""

PARTS = [(name, path) for name, work in WORKS.items() for path in paths_in(list(work.answers)) if path != ()]


@pytest.mark.parametrize(("name", "path"), PARTS, ids=[f"{name}: {'.'.join(map(str, path))}" for name, path in PARTS])
def test_a_result_is_what_the_page_promises(name: str, path: Path_, tmp_path: Path) -> None:
    work = WORKS[name]
    inner = tmp_path / "a/b/c"
    inner.mkdir(parents=True)
    start = AT_ONCE * PARTS.index((name, path))
    for value in (ODD_TEXT, *(VALUES[(start + number) % len(VALUES)] for number in range(AT_ONCE))):
        result = outcome_of(work, changed(work.answers, path, value), inner)
        assert result.get("reason") != "internal", (value, result)
        assert result["msg"].isprintable(), value
        json.dumps(result, allow_nan=False).encode()
        for key, promised in promised_types(work.module).items():
            assert result.get(key) is None or type(result[key]).__name__ == promised, (value, key, result[key])
        # Nothing is ever written beside the folder.
        assert set(tmp_path.rglob("*")) <= {inner, *inner.parents, *inner.rglob("*")}
