# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying and moving assets and folders."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from elvis_emulator.processes import Work
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.paths import clean_path, free_path, is_below, moved, name_of
from elvis_emulator.store.query import parse_query
from elvis_emulator.web.errors import bad_request, not_found, path_exists

from .bulk import run
from .checkout import refuse_if_held_by_other

FOLDER_POLICIES = ("AUTO_RENAME", "MERGE", "THROW_EXCEPTION")
FILE_POLICIES = ("AUTO_RENAME", "OVERWRITE", "OVERWRITE_IF_NEWER", "REMOVE_SOURCE", "THROW_EXCEPTION", "DO_NOTHING")

Transfer = Callable[[Asset, str], None]


def copy(call: Call) -> object:
    """Copy an asset or a folder; documented by the vendor."""

    def transfer(asset: Asset, path: str) -> None:
        call.server.store.copy_asset(asset, path, call.user)

    return _transfer(call, transfer, removes_source=False)


def move(call: Call) -> object:
    """Move or rename an asset or a folder; documented by the vendor."""

    def transfer(asset: Asset, path: str) -> None:
        refuse_if_held_by_other(call, asset)
        call.server.store.move_asset(asset, path, call.user)

    return _transfer(call, transfer, removes_source=True)


def _transfer(call: Call, transfer: Transfer, removes_source: bool) -> object:
    source = clean_path(call.parameters.required("source"))
    target = call.server.names.clean_path(call.parameters.required("target"))
    if not (source and target):
        raise bad_request("The root can't be copied or moved")
    file_policy = _policy(call, "fileReplacePolicy", FILE_POLICIES)
    place = partial(_place, call, transfer, file_policy, removes_source)
    asset = call.server.store.asset_at(source)
    if not asset:
        return _transfer_folder(call, place, source, target, removes_source)
    if call.server.store.folder_at(target):
        target = f"{target}/{name_of(source)}"
    # Of one asset a failure is told as it is, not counted.
    there = call.server.store.asset_at(target)
    if file_policy == "THROW_EXCEPTION" and there and there is not asset:
        raise path_exists(target)
    if removes_source:
        refuse_if_held_by_other(call, asset)
    return run(call, Work([partial(place, asset, target)]))


def _transfer_folder(
    call: Call, place: Callable[[Asset, str], None], source: str, target: str, removes_source: bool
) -> object:
    store = call.server.store
    if not store.folder_at(source):
        raise not_found(f"Neither an asset nor a folder: {source}")
    if is_below(target, source):
        raise bad_request("A folder can't be copied or moved into itself")
    target = _target_folder(call, target)
    query = call.parameters.text("filterQuery").strip()
    wanted = {document.id for document in store.search(parse_query(query), node=call.node)} if query else None
    flat = call.parameters.flag("flattenFolders")
    steps = []
    for asset in store.assets_below(source):
        if wanted is None or asset.id in wanted:
            path = f"{target}/{name_of(asset.path)}" if flat else moved(asset.path, source, target)
            steps.append(partial(place, asset, path))
    if not flat:
        for folder in store.folders_below(source):
            store.add_folder(moved(folder.path, source, target), call.user)
    store.add_folder(target, call.user)
    finish = partial(store.remove_folder, source, call.user) if removes_source else lambda: None
    return run(call, Work(steps, finish))


def _target_folder(call: Call, target: str) -> str:
    policy = _policy(call, "folderReplacePolicy", FOLDER_POLICIES)
    if policy == "MERGE" or not call.server.store.is_taken(target):
        return target
    if policy == "THROW_EXCEPTION":
        raise path_exists(target)
    return free_path(target, call.server.store.is_taken)


def _policy(call: Call, name: str, known: tuple[str, ...]) -> str:
    policy = call.parameters.text(name).strip() or "AUTO_RENAME"
    if policy not in known:
        raise bad_request(f"Unknown {name}")
    return policy


def _place(call: Call, transfer: Transfer, policy: str, removes_source: bool, asset: Asset, path: str) -> None:
    """Bring one asset to a path; the policy (documented by the vendor) decides when that is taken."""
    store = call.server.store
    there = store.asset_at(path)
    if policy == "AUTO_RENAME" and path != asset.path:
        path = free_path(path, store.is_taken)
    elif there and there is not asset:
        if policy == "DO_NOTHING" or (policy == "OVERWRITE_IF_NEWER" and asset.modified <= there.modified):
            return
        if policy == "REMOVE_SOURCE":
            if removes_source:
                refuse_if_held_by_other(call, asset)
                store.remove_asset(asset, call.user)
            return
        if policy in ("OVERWRITE", "OVERWRITE_IF_NEWER"):
            refuse_if_held_by_other(call, there)
            store.remove_asset(there, call.user)
    transfer(store.asset(asset.id), path)
