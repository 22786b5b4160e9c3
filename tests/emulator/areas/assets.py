# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls on single assets: search, browse, create, update, check out, download."""

from __future__ import annotations

from aiohttp import web

from tests.emulator import unknowns
from tests.emulator.server import Call
from tests.emulator.store.asset import Asset, Checkout
from tests.emulator.store.kinds import content_type_of
from tests.emulator.store.paths import clean_path, free_path, name_of
from tests.emulator.store.query import parse_query
from tests.emulator.store.store import now_ms
from tests.emulator.users.accounts import user_zone
from tests.emulator.web.errors import ElvisError, bad_request, conflict, not_found
from tests.emulator.web.parameters import Parameters, json_object

from .hits import Hits, hit

DEFAULT_HITS = 50

# Parameters of create and update that are no metadata.
CONTROL_PARAMETERS = frozenset(
    {
        "Filedata",
        "metadata",
        "metadataToReturn",
        "id",
        "name",
        "assetPath",
        "folderPath",
        "clientId",
        "async",
        "nextUrl",
    }
    | {"parseMetadataModifications", "clearCheckoutState", "autoRename", "csrfToken"}
)

# Documented by the vendor: what browse shows of files when it is not told otherwise.
CONTAINERS = frozenset({"collection", "dossier", "task"})


def search(call: Call) -> object:
    """Find assets; documented by the vendor."""
    start, count = call.parameters.number("start", 0), call.parameters.number("num", DEFAULT_HITS)
    found = call.server.store.search(parse_query(call.parameters.required("q")), call.parameters.text("sort"))
    hits = Hits(call)
    return {
        "firstResult": start,
        "maxResultHits": count,
        "totalHits": len(found),
        "hits": [hits.show(document) for document in found[start : start + count]],
        "facets": {},
    }


def browse(call: Call) -> object:
    """List what lies directly in a folder; documented by the vendor."""
    store, parameters = call.server.store, call.parameters
    path = clean_path(parameters.text("path"))
    if unknowns.BROWSE_UNKNOWN_FOLDER_FAILS and path and not store.folder_at(path):
        raise not_found(f"Folder not found: {path}")
    entries: list[dict[str, object]] = []
    if parameters.flag("includeFolders", default=True):
        entries += [_entry(folder.path, directory=True) for folder in store.folders_in(path)]
    if parameters.flag("includeAsset", default=True):
        wanted = _wanted_extensions(parameters)
        folder = store.folder_at(path)
        names = sorted(folder.assets, key=str.lower) if folder else []
        entries += [
            _entry(f"{path}/{name}", directory=False)
            for name in names
            if wanted is None or name.rpartition(".")[2].lower() in wanted
        ]
    return entries


def create(call: Call) -> object:
    """Create an asset, with or without a file; documented by the vendor."""
    metadata = _metadata(call.parameters)
    upload = call.parameters.upload("Filedata")
    wanted = {name: str(metadata.pop(name, None) or "") for name in ("assetPath", "folderPath", "name")}
    wanted = {name: call.parameters.text(name) or value for name, value in wanted.items()}
    path = clean_path(wanted["assetPath"])
    if not path:
        name = wanted["name"] or (upload.name if upload else "")
        folder = clean_path(wanted["folderPath"]) or user_zone(call.user)
        path = clean_path(f"{folder}/{name.replace('/', '_')}")
        if path == folder:
            raise bad_request("An asset needs a name: 'assetPath', 'name' or a file")
    if call.parameters.flag("autoRename", default=True):
        path = free_path(path, call.server.store.is_taken)
    asset = call.server.store.add_asset(path, call.user, metadata, upload)
    return hit(call, asset)


def update(call: Call) -> object:
    """Change an asset's metadata or file; a new file gives it back. Documented by the vendor."""
    asset = call.server.store.asset(call.parameters.required("id"))
    metadata, upload = _metadata(call.parameters), call.parameters.upload("Filedata")
    if upload:
        _refuse_if_held_by_other(call, asset, unknowns.CHECKED_OUT_BY_OTHER_CODE)
    call.server.store.change_asset(asset, call.user, metadata, upload)
    if upload and call.parameters.flag("clearCheckoutState", default=True):
        call.server.store.give_back(asset, call.user)
    return hit(call, asset)


def checkout(call: Call) -> object:
    """Reserve an asset for this user and client; documented by the vendor."""
    asset = call.server.store.asset(call.variables[0])
    _refuse_if_held_by_other(call, asset, unknowns.CHECKED_OUT_BY_OTHER_CODE)
    if not asset.checkout:
        call.server.store.check_out(asset, Checkout(now_ms(), call.user, call.logged_in.client_id))
    return _checkout_state(asset.checkout)


def undo_checkout(call: Call) -> object:
    """Give an asset back; a superuser may do it for others."""
    asset = call.server.store.asset(call.variables[0])
    if not call.server.accounts.is_superuser(call.user):
        _refuse_if_held_by_other(call, asset, unknowns.UNDO_CHECKOUT_BY_OTHER_CODE)
    call.server.store.give_back(asset, call.user)
    return _checkout_state(None)


def download(call: Call) -> web.StreamResponse:
    """The file of an asset, at its `originalUrl`."""
    asset = call.server.store.asset(call.variables[0])
    if not (call.logged_in and asset.file):
        raise not_found("The asset has no file")
    return web.FileResponse(asset.file.path, headers={"Content-Type": content_type_of(name_of(asset.path))})


def _metadata(parameters: Parameters) -> dict[str, object]:
    """What a call says about an asset: bare fields, and over them the JSON of `metadata`."""
    bare: dict[str, object] = {
        name: value for name, value in parameters.query + parameters.form if name not in CONTROL_PARAMETERS
    }
    text = parameters.text("metadata")
    return bare | (json_object(text) if text.strip() else {})


def _wanted_extensions(parameters: Parameters) -> frozenset[str] | None:
    text = parameters.text("includeExtensions").strip().lower()
    if text == "all":
        return None
    return frozenset(extension.strip(" .") for extension in text.split(",")) if text else CONTAINERS


def _entry(path: str, directory: bool) -> dict[str, object]:
    return {"name": name_of(path), "assetPath": path, "directory": directory}


def _refuse_if_held_by_other(call: Call, asset: Asset, code: int) -> None:
    holder = asset.checkout
    # Documented by the vendor: only the client that checked an asset out may check it in.
    if holder and (holder.user, holder.client_id) != (call.user, call.logged_in.client_id):
        message = f"Checked out by {holder.user}"
        raise conflict(message) if code == 409 else ElvisError(code, "AccessDeniedException", message)


def _checkout_state(state: Checkout | None) -> dict[str, object]:
    return {
        "checkedOut": state and state.since,
        "checkedOutBy": state and state.user,
        "checkedOutOnClient": state and state.client_id,
    }
