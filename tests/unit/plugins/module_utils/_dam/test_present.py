# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else moves and renames assets between the plan of a task and its writes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION as ASSET
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_bulk import OPERATION as BULK
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.assets import Dam
from tests.support.gateway import Refusal, gateway_to
from tests.support.transfers import outcome, write_files
from tests.support.uploads import HERE

NAMES = [f"{number}.jpg" for number in range(6)]
NO_ASSET = {"errorcode": 404, "errorname": "NotFoundException", "message": "There is no such asset."}
Interfere = Callable[[Dam], object]


def move_all(dam: Dam) -> None:
    dam.post("move", source=HERE, target="/Demo Zone/Renamed")


def move_one(dam: Dam) -> None:
    dam.post("move", source=f"{HERE}/0.jpg", target="/Demo Zone/Other/0.jpg")


def rename_one(dam: Dam) -> None:
    dam.post("move", source=f"{HERE}/0.jpg", target=f"{HERE}/renamed.jpg")


MOVES: list[tuple[str, Interfere, list[str], str | None]] = [
    ("the folder is renamed", move_all, [f"/Demo Zone/Renamed/{name}" for name in NAMES], None),
    (
        "an asset is moved",
        move_one,
        ["/Demo Zone/Other/0.jpg", *(f"{HERE}/{name}" for name in NAMES[1:])],
        None,
    ),
    ("an asset is renamed", rename_one, [f"{HERE}/renamed.jpg", *(f"{HERE}/{name}" for name in NAMES[1:])], "back"),
]
moves = pytest.mark.parametrize(
    ("interfere", "paths", "is_renamed"), [row[1:] for row in MOVES], ids=[row[0] for row in MOVES]
)


def while_uploading(dam: Dam, src: Path, interfere: Interfere, service: str, number: int) -> dict[str, Any]:
    """Replace the files of all assets, while somebody interferes right before the n-th call of a service."""
    for name in NAMES:
        dam.create(f"{HERE}/{name}", f"old {name}".encode())
    write_files(src, {name: f"new {name}" for name in NAMES})

    def decide(count: int, asked: str) -> Any:
        if (count, asked) == (number, service):
            interfere(dam)
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        return outcome(UPLOAD, dam, url=gateway.url, src=str(src), path=HERE, concurrency=1)


@pytest.mark.parametrize(("interfere", "paths"), [row[1:3] for row in MOVES], ids=[row[0] for row in MOVES])
def test_a_move_before_the_paths_are_read_again(dam: Dam, src: Path, interfere: Interfere, paths: list[str]) -> None:
    # The second search is the one by ids.
    result = while_uploading(dam, src, interfere, "search", 2)
    assert (result.get("reason"), result["counts"]["updated"], result["changed"]) == (None, 6, True)
    assert [entry["path"] for entry in result["updated"]] == paths
    assert sorted(dam.ids()) == sorted(paths)
    assert not any("renamed_back" in entry for entry in result["updated"])


@moves
def test_a_move_in_the_gap_that_is_left(
    dam: Dam, src: Path, interfere: Interfere, paths: list[str], is_renamed: str | None
) -> None:
    result = while_uploading(dam, src, interfere, "update", 1)
    expected = [f"{HERE}/{name}" for name in NAMES] if is_renamed else paths
    assert (result.get("reason"), result["counts"]["updated"]) == (None, 6)
    assert [entry["path"] for entry in result["updated"]] == expected
    assert sorted(dam.ids()) == sorted(expected)
    back = [entry["renamed_back"] for entry in result["updated"] if "renamed_back" in entry]
    assert back == ([{"from": f"{HERE}/renamed.jpg", "to": f"{HERE}/0.jpg"}] if is_renamed else [])


def test_a_name_that_another_asset_has_by_then_is_a_conflict(dam: Dam, src: Path) -> None:
    def swap(dam: Dam) -> None:
        rename_one(dam)
        dam.create(f"{HERE}/0.jpg", b"of somebody else")

    result = while_uploading(dam, src, swap, "update", 1)
    assert (result["reason"], result["counts"]["updated"], result["changed"]) == ("conflict", 5, True)
    assert sorted(dam.ids()) == sorted([f"{HERE}/renamed.jpg", *(f"{HERE}/{name}" for name in NAMES)])


@pytest.mark.parametrize("is_removed", [True, False])
def test_an_asset_that_is_removed_once_it_has_its_file(dam: Dam, src: Path, is_removed: bool) -> None:
    """The local file may be the last one, so it stays. A server may also deny a history that is there."""
    dam.create(f"{HERE}/0.jpg", b"old")
    write_files(src, {"0.jpg": "new"})

    def decide(_count: int, asked: str) -> Any:
        if asked != "history":
            return "pass"
        if is_removed:
            dam.post("remove", ids=dam.ids()[f"{HERE}/0.jpg"])
        return Refusal(404, {"Content-Type": "application/json"}, json.dumps(NO_ASSET).encode())

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(UPLOAD, dam, url=gateway.url, src=str(src), path=HERE, uploaded="remove")
    expected = ("conflict", 1, True) if is_removed else (None, 0, False)
    assert (result.get("reason"), result["counts"]["failed"], (src / "0.jpg").exists()) == expected


def test_paths_are_read_again_a_hundred_at_once(dam: Dam, src: Path) -> None:
    names = [f"{number:03}.jpg" for number in range(130)]
    for name in names:
        dam.create(f"{HERE}/{name}", b"old")
    write_files(src, dict.fromkeys(names, "new"))
    searches = []
    for kind in ("updated", "unchanged"):
        dam._elvis.forget_requests()
        assert outcome(UPLOAD, dam, src=str(src), path=HERE)["counts"][kind] == 130
        searches.append(sum(seen["path"].endswith("/search") for seen in dam._elvis.requests()))
    # Hits that seem to move while they are read are read once more.
    assert searches[0] - searches[1] in (2, 3)


@pytest.mark.parametrize("service", ["search", "update"])
def test_one_asset(dam: Dam, tmp_path: Path, service: str) -> None:
    asset_id = dam.create(f"{HERE}/0.jpg", b"old")
    write_files(tmp_path, {"new.jpg": "new"})

    def decide(_count: int, asked: str) -> Any:
        is_last = service == "update" or any(seen["path"].endswith("/search") for seen in dam._elvis.requests())
        if asked == service and is_last and f"{HERE}/0.jpg" in dam.ids():
            rename_one(dam)
        return "pass"

    dam._elvis.forget_requests()
    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(ASSET, dam, url=gateway.url, id=asset_id, file=f"{tmp_path}/new.jpg")
    expected = f"{HERE}/renamed.jpg" if service == "search" else f"{HERE}/0.jpg"
    assert (result["asset"]["path"], list(dam.ids())) == (expected, [expected])
    assert result["renamed_back"] == (
        None if service == "search" else {"from": f"{HERE}/renamed.jpg", "to": f"{HERE}/0.jpg"}
    )


def test_metadata_alone_leave_the_name_alone(dam: Dam, src: Path) -> None:
    for name in NAMES:
        dam.create(f"{HERE}/{name}", name.encode())
    write_files(src, {name: name for name in NAMES})

    def decide(count: int, asked: str) -> Any:
        if (count, asked) == (1, "update"):
            rename_one(dam)
        return "pass"

    options = {"metadata": {"headline": "One"}, "metadata_on": "always", "concurrency": 1}
    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(UPLOAD, dam, url=gateway.url, src=str(src), path=HERE, **options)
    assert (result.get("reason"), result["counts"]["updated"]) == (None, 6)
    assert f"{HERE}/renamed.jpg" in dam.ids()


def test_an_old_rename_is_nobody_s_loss(dam: Dam, src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 0.2)
    dam.create(f"{HERE}/0.jpg", b"old")
    rename_one(dam)
    dam.post("move", source=f"{HERE}/renamed.jpg", target=f"{HERE}/0.jpg")
    time.sleep(2)
    write_files(src, {"0.jpg": "new"})
    (entry,) = outcome(UPLOAD, dam, src=str(src), path=HERE)["updated"]
    assert "renamed_back" not in entry


ARCHIVE = "/Demo Zone/Archive/0.jpg"


def archive(dam: Dam) -> None:
    dam.post("move", source=f"{HERE}/0.jpg", target=ARCHIVE)


def rename_within(dam: Dam) -> None:
    dam.post("move", source=f"{HERE}/0.jpg", target=f"{HERE}/old 0.jpg")


def move_there_and_back(dam: Dam) -> None:
    archive(dam)
    dam.post("move", source=ARCHIVE, target=f"{HERE}/0.jpg")


REMOVALS: list[tuple[str, Any, dict[str, Any]]] = [
    ("by its path", ASSET, {"path": f"{HERE}/0.jpg", "state": "absent"}),
    ("among many", BULK, {"paths": [f"{HERE}/0.jpg"], "state": "absent"}),
    ("of a mirror", UPLOAD, {"src": "{src}", "path": HERE, "delete": True, "max_delete": "50%"}),
]


@pytest.mark.parametrize(("operation", "options"), [row[1:] for row in REMOVALS], ids=[row[0] for row in REMOVALS])
@pytest.mark.parametrize(
    ("interfere", "is_removed"), [(archive, False), (rename_within, False), (move_there_and_back, True)]
)
def test_an_asset_in_whose_place_another_one_was_put_is_not_removed(
    dam: Dam, src: Path, operation: Any, options: dict[str, Any], interfere: Interfere, is_removed: bool
) -> None:
    """Its folder lists that path, and no search knows yet that it is another asset's."""
    old = dam.create(f"{HERE}/0.jpg", b"old")
    dam.create(f"{HERE}/1.jpg", b"1.jpg")
    write_files(src, {"1.jpg": "1.jpg"})
    known: list[bytes] = []

    def lag(body: bytes) -> bytes:
        if not known:
            known.append(body)
            interfere(dam)
            if not is_removed:
                dam.create(f"{HERE}/0.jpg", b"of somebody else")
        return known[0]

    with gateway_to(dam._elvis.url, lambda _count, service: lag if service == "search" else "pass") as gateway:
        given = {name: src.as_posix() if value == "{src}" else value for name, value in options.items()}
        result = outcome(operation, dam, url=gateway.url, index_wait=0, **given)
    assert (result.get("changed", False), result.get("reason")) == (is_removed, None if is_removed else "conflict")
    assert (old in dam.ids().values()) is not is_removed
    assert is_removed or "and another asset has its path" in result["msg"]


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        (ASSET, {"id": "{id}", "path": f"{HERE}/new.jpg"}),
        (BULK, {"ids": ["{id}"], "folder": "/Demo Zone/Other"}),
    ],
    ids=["one", "many"],
)
@pytest.mark.parametrize("interfere", [archive, rename_within])
def test_an_asset_that_was_put_in_the_place_of_another_one_is_not_moved(
    dam: Dam, operation: Any, options: dict[str, Any], interfere: Interfere
) -> None:
    """The server moves what has a path, whatever its id is."""
    dam.folder("/Demo Zone/Other")
    old = dam.create(f"{HERE}/0.jpg", b"old")
    known: list[bytes] = []
    after: dict[str, str] = {}

    def lag(body: bytes) -> bytes:
        if not known and old.encode() in body:
            known.append(body)
            interfere(dam)
            dam.create(f"{HERE}/0.jpg", b"of somebody else")
            after.update(dam.ids())
        return known[0] if known else body

    with gateway_to(dam._elvis.url, lambda _count, service: lag if service == "search" else "pass") as gateway:
        given = json.loads(json.dumps(options).replace("{id}", old))
        result = outcome(operation, dam, url=gateway.url, index_wait=0, **given)
    assert (result.get("changed", False), result["reason"], dam.ids()) == (False, "conflict", after), result
    assert "and another asset has its path" in result["msg"]


def test_a_history_that_nobody_may_read_keeps_no_asset(dam: Dam) -> None:
    paths = [f"{HERE}/{name}" for name in NAMES]
    for path in paths:
        dam.create(path)
    refused = Refusal(403, {}, b'{"errorcode": 403, "message": "No right"}')
    with gateway_to(dam._elvis.url, lambda _count, service: refused if service == "history" else "pass") as gateway:
        result = outcome(BULK, dam, url=gateway.url, paths=paths, state="absent", concurrency=1)
        assert (result["counts"]["removed"], gateway.calls["history"]) == (len(paths), 1)
