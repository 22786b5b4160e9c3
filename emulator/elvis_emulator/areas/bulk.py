# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls on many assets: update, remove, and the processes that do so in the background."""

from __future__ import annotations

from functools import partial

from elvis_emulator.processes import Work
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.paths import clean_path
from elvis_emulator.web.errors import ElvisError, bad_request, not_found

from .checkout import refuse_if_held_by_other
from .hits import Hits
from .metadata import Metadata, given_metadata, metadata_of_row, with_modifications
from .naming import path_after_update
from .relations import query


def update_bulk(call: Call) -> object:
    """Change the metadata of what a query finds, or of each row of an array; documented by the vendor."""
    if not call.parameters.all("q") and call.parameters.body.lstrip()[:1] == b"[":
        return _update_rows(call)
    assets = call.server.store.found(query(call, call.parameters.required("q")), call.node)
    metadata = given_metadata(call.parameters)
    return run(call, Work([partial(_update, call, asset, metadata) for asset in assets]))


def remove(call: Call) -> object:
    """Remove what `q`, `ids` or `folderPath` names; the first of them counts. Documented by the vendor."""
    store, parameters = call.server.store, call.parameters
    if parameters.text("q").strip():
        assets = store.found(query(call, parameters.text("q")), call.node)
        return run(call, Work([partial(_remove, call, asset) for asset in assets]))
    ids = [asset_id.strip() for value in parameters.all("ids") for asset_id in value.split(",") if asset_id.strip()]
    if ids:
        # An id that nobody knows is counted as an error, it does not stop the others.
        return run(call, Work([partial(_remove_by_id, call, asset_id) for asset_id in ids]))
    path = clean_path(parameters.required("folderPath"))
    if not path or not store.folder_at(path):
        raise not_found(f"Folder not found: {path or '/'}")
    steps = [partial(_remove, call, asset) for asset in store.assets_below(path)]
    return run(call, Work(steps, partial(store.remove_folder, path, call.user)))


def process_info(call: Call) -> object:
    """How far an `async` call is; the reply's shape is a guess."""
    return call.server.processes.find(call.parameters.required("processId")).status()


def process_cancel(call: Call) -> object:
    """Stop an `async` call; the reply's shape is a guess."""
    process = call.server.processes.find(call.parameters.required("processId"))
    call.server.processes.cancel(process)
    return process.status()


def run(call: Call, work: Work) -> object:
    """Do work and return its counts, or its process where the caller says `async`."""
    return call.server.processes.run(work, in_background=call.parameters.flag("async"))


def _update_rows(call: Call) -> object:
    """Answer with what was updated. A guess: a row whose asset is not there, or is held by others, is left out."""
    hits = Hits(call)
    updated = []
    for asset_id, metadata in [metadata_of_row(row) for row in call.parameters.json_array()]:
        asset = call.server.store.find(asset_id)
        if asset is None:
            continue
        try:
            _update(call, asset, metadata)
        except ElvisError as failure:
            if failure.code == bad_request("").code:
                raise
            continue
        updated.append(hits.show(asset.document))
    return updated


def _update(call: Call, asset: Asset, metadata: Metadata) -> None:
    refuse_if_held_by_other(call, asset)
    metadata = dict(metadata)
    path = path_after_update(call, asset, metadata, None)
    if call.parameters.flag("parseMetadataModifications", default=True):
        metadata = with_modifications(asset, metadata)
    if path != asset.path:
        call.server.store.move_asset(asset, path, call.user)
    call.server.store.change_asset(asset, call.user, metadata)


def _remove_by_id(call: Call, asset_id: str) -> None:
    _remove(call, call.server.store.asset(asset_id))


def _remove(call: Call, asset: Asset) -> None:
    refuse_if_held_by_other(call, asset)
    call.server.store.remove_asset(asset, call.user)
