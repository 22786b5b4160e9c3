# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls on many assets: update, remove, copy, move, and the processes that do so in the background."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.emulator.processes import Work
from tests.emulator.server import Call
from tests.emulator.store.asset import Asset
from tests.emulator.store.paths import clean_path, free_path, is_below, moved, name_of
from tests.emulator.store.query import parse_query
from tests.emulator.web.errors import bad_request, conflict, not_found
from tests.emulator.web.parameters import json_object

Transfer = Callable[[Asset, str], None]


def update_bulk(call: Call) -> object:
    """Change the metadata of what a query finds; documented by the vendor."""
    metadata = json_object(call.parameters.required("metadata"))
    assets = call.server.store.found(parse_query(call.parameters.required("q")))
    change = call.server.store.change_asset
    return _run(call, Work([partial(change, asset, call.user, metadata) for asset in assets]))


def remove(call: Call) -> object:
    """Remove what `q`, `ids` or `folderPath` names; documented by the vendor."""
    store, parameters = call.server.store, call.parameters
    given = [name for name in ("q", "ids", "folderPath") if parameters.text(name).strip()]
    if len(given) != 1:
        raise bad_request("Give exactly one of 'q', 'ids' and 'folderPath'")
    if given == ["folderPath"]:
        path = clean_path(parameters.text("folderPath"))
        if not store.folder_at(path):
            raise not_found(f"Folder not found: {path}")
        steps = [partial(store.remove_asset, asset, call.user) for asset in store.assets_below(path)]
        return _run(call, Work(steps, partial(store.remove_folder, path, call.user)))
    if given == ["ids"]:
        ids = [asset_id.strip() for value in parameters.all("ids") for asset_id in value.split(",")]
        # An id that nobody knows is counted as an error, it does not stop the others.
        return _run(call, Work([partial(_remove_by_id, call, asset_id) for asset_id in ids if asset_id]))
    assets = store.found(parse_query(parameters.text("q")))
    return _run(call, Work([partial(store.remove_asset, asset, call.user) for asset in assets]))


def copy(call: Call) -> object:
    """Copy an asset or a folder; documented by the vendor."""

    def transfer(asset: Asset, path: str) -> None:
        call.server.store.copy_asset(asset, path, call.user)

    return _transfer_all(call, transfer, removes_source=False)


def move(call: Call) -> object:
    """Move or rename an asset or a folder; documented by the vendor."""

    def transfer(asset: Asset, path: str) -> None:
        call.server.store.move_asset(asset, path, call.user)

    return _transfer_all(call, transfer, removes_source=True)


def process_info(call: Call) -> object:
    """How far an `async` call is; the reply's shape is a guess."""
    return call.server.processes.find(call.parameters.required("processId")).status()


def process_cancel(call: Call) -> object:
    """Stop an `async` call; the reply's shape is a guess."""
    process = call.server.processes.find(call.parameters.required("processId"))
    call.server.processes.cancel(process)
    return process.status()


def _run(call: Call, work: Work) -> object:
    return call.server.processes.run(work, in_background=call.parameters.flag("async"))


def _remove_by_id(call: Call, asset_id: str) -> None:
    call.server.store.remove_asset(call.server.store.asset(asset_id), call.user)


def _transfer_all(call: Call, transfer: Transfer, removes_source: bool) -> object:
    source, target = (clean_path(call.parameters.required(name)) for name in ("source", "target"))
    if not (source and target):
        raise bad_request("The root can't be copied or moved")
    asset = call.server.store.asset_at(source)
    if asset:
        if call.server.store.folder_at(target):
            target = f"{target}/{name_of(source)}"
        place = partial(_place, call, transfer, asset, target, removes_source)
        return _run(call, Work([place]))
    return _transfer_folder(call, transfer, source, target, removes_source)


def _transfer_folder(call: Call, transfer: Transfer, source: str, target: str, removes_source: bool) -> object:
    store = call.server.store
    if not store.folder_at(source):
        raise not_found(f"Neither an asset nor a folder: {source}")
    if is_below(target, source):
        raise bad_request("A folder can't be copied or moved into itself")
    target = _target_folder(call, target)
    query = call.parameters.text("filterQuery").strip()
    wanted = {document.id for document in store.search(parse_query(query))} if query else None
    flat = call.parameters.flag("flattenFolders")
    steps = []
    for asset in store.assets_below(source):
        if wanted is None or asset.id in wanted:
            path = f"{target}/{name_of(asset.path)}" if flat else moved(asset.path, source, target)
            steps.append(partial(_place, call, transfer, asset, path, removes_source))
    if not flat:
        for folder in store.folders_below(source):
            store.add_folder(moved(folder.path, source, target), call.user)
    store.add_folder(target, call.user)
    return _run(call, Work(steps, partial(store.remove_folder, source, call.user) if removes_source else lambda: None))


def _target_folder(call: Call, target: str) -> str:
    policy = call.parameters.text("folderReplacePolicy") or "AUTO_RENAME"
    if policy not in ("AUTO_RENAME", "MERGE", "THROW_EXCEPTION"):
        raise bad_request("Unknown folderReplacePolicy")
    if policy == "MERGE" or not call.server.store.is_taken(target):
        return target
    if policy == "THROW_EXCEPTION":
        raise conflict(f"Already exists: {target}")
    return free_path(target, call.server.store.is_taken)


def _place(call: Call, transfer: Transfer, asset: Asset, path: str, removes_source: bool) -> None:
    """Bring one asset to a path; `fileReplacePolicy` (documented by the vendor) decides when that is taken."""
    store = call.server.store
    policy = call.parameters.text("fileReplacePolicy") or "AUTO_RENAME"
    there = store.asset_at(path)
    if policy == "AUTO_RENAME" and path != asset.path:
        path = free_path(path, store.is_taken)
    elif there and there is not asset:
        if policy == "DO_NOTHING" or (policy == "OVERWRITE_IF_NEWER" and asset.modified <= there.modified):
            return
        if policy == "REMOVE_SOURCE":
            if removes_source:
                store.remove_asset(asset, call.user)
            return
        if policy in ("OVERWRITE", "OVERWRITE_IF_NEWER"):
            store.remove_asset(there, call.user)
    transfer(store.asset(asset.id), path)
