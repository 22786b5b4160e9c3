# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls on folders: createFolder, and /api/folder."""

from __future__ import annotations

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Folder
from elvis_emulator.store.paths import clean_path, is_below, name_of
from elvis_emulator.store.query import parse_query
from elvis_emulator.users.accounts import user_zone
from elvis_emulator.web.errors import ElvisError, bad_request, forbidden, json_reply, not_found, path_exists

from .checkout import refuse_if_held_by_other

DEFAULT_SIZE = 10


def create_folder(call: Call) -> object:
    """Create every `path`; the reply maps each, as it is stored, to what became of it. Documented by the vendor."""
    paths = call.parameters.all("path")
    if not paths:
        raise bad_request("Required parameter 'path' is not present")
    results: dict[str, str] = {}
    for path in paths:
        cleaned, result = _create_one(call, path)
        # One that was named twice has been created, though it was there at the second time.
        results.setdefault(cleaned, result)
    return results


def api_create(call: Call) -> object:
    """POST /api/folder with `path` and `metadata`."""
    body = call.parameters.json_body()
    path = _path_of(call, body.get("path"))
    metadata = _metadata_of(body)
    _refuse_in_foreign_zone(call, path)
    if not call.server.store.add_folder(path, call.user):
        raise path_exists(path)
    folder = _at(call, path)
    call.server.store.change_folder(folder, metadata)
    return json_reply(_shown(call, folder, body.get("metadataToReturn")), 201)


def api_get_by_path(call: Call) -> object:
    path = clean_path(call.parameters.required("path"))
    return _shown(call, _at(call, path), call.parameters.text("metadataToReturn"))


def api_get(call: Call) -> object:
    return _shown(call, call.server.store.folder(call.variables[0]), call.parameters.text("metadataToReturn"))


def api_update(call: Call) -> object:
    """PUT /api/folder/{id}: merges the metadata; renaming a folder is what /services/move is for."""
    folder = call.server.store.folder(call.variables[0])
    _refuse_in_foreign_zone(call, folder.path)
    body = call.parameters.json_body()
    call.server.store.change_folder(folder, _metadata_of(body))
    return _shown(call, folder, body.get("metadataToReturn"))


def api_delete(call: Call) -> object:
    """DELETE /api/folder/{id}: the folder and all that lies in it."""
    store = call.server.store
    folder = store.folder(call.variables[0])
    _refuse_in_foreign_zone(call, folder.path)
    assets = store.assets_below(folder.path)
    for asset in assets:
        refuse_if_held_by_other(call, asset)
    for asset in assets:
        store.remove_asset(asset, call.user)
    shown = _shown(call, folder)
    store.remove_folder(folder.path, call.user)
    return json_reply(shown, unknowns.FOLDER_DELETED_STATUS)


def api_list(call: Call) -> object:
    """The folders directly in the one with an `id`, or in the root."""
    folder_id = _given(call, "id")
    path = call.server.store.folder(folder_id).path if folder_id else ""
    return _page(call, call.server.store.folders_in(path))


def api_search(call: Call) -> object:
    """The folders that `q` finds, in the query syntax of assets; which fields a folder has is a guess."""
    query = _given(call, "q")
    if not query:
        raise bad_request("Required parameter 'q' is not present")
    return _page(call, call.server.store.search_folders(parse_query(query), call.node))


def _page(call: Call, folders: list[Folder]) -> dict[str, object]:
    start, size = _number(call, "from", 0), _number(call, "size", DEFAULT_SIZE)
    fields = _given(call, "metadataToReturn")
    return {
        "folders": [_shown(call, folder, fields) for folder in folders[start : start + size]],
        "total": len(folders),
    }


def _create_one(call: Call, text: str) -> tuple[str, str]:
    path = text
    try:
        path = call.server.names.clean_path(text)
        _refuse_in_foreign_zone(call, path)
        return path, "created" if call.server.store.add_folder(path, call.user) else "already exists"
    except ElvisError as error:
        return path, "access denied" if error.code == 403 else error.message


def _refuse_in_foreign_zone(call: Call, path: str) -> None:
    if not _may_change(call, path):
        raise forbidden(f"Access denied: {path}")


def _may_change(call: Call, path: str) -> bool:
    """The one permission that is modelled: the zone of another user is read only."""
    zones = user_zone("").rstrip("/")
    own = is_below(path, user_zone(call.user)) or not is_below(path, zones) or path == zones
    return own or call.server.accounts.is_superuser(call.user)


def _at(call: Call, path: str) -> Folder:
    folder = call.server.store.folder_at(path)
    if not folder:
        raise not_found(f"Folder not found: {path}")
    return folder


def _given(call: Call, name: str) -> str:
    """Return a text that came as a parameter or in a JSON object."""
    value = call.parameters.text(name) or call.parameters.json_body().get(name, "")
    return value if isinstance(value, str) else ""


def _number(call: Call, name: str, default: int) -> int:
    value = call.parameters.json_body().get(name)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return call.parameters.number(name, default)


def _path_of(call: Call, value: object) -> str:
    path = call.server.names.clean_path(value) if isinstance(value, str) else ""
    if not path:
        raise bad_request("Required field 'path' is not present")
    return path


def _metadata_of(body: dict[str, object]) -> dict[str, object]:
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise bad_request("'metadata' is not an object")
    return metadata


def _shown(call: Call, folder: Folder, fields: object = None) -> dict[str, object]:
    """Show a folder, with the metadata that are asked for; with all of them unless told otherwise."""
    wanted = fields.split(",") if isinstance(fields, str) else fields
    metadata = folder.metadata
    if isinstance(wanted, list) and wanted not in ([], [""], ["all"]):
        metadata = {name: value for name, value in metadata.items() if name in wanted}
    return {
        "id": folder.id,
        "name": name_of(folder.path),
        "path": folder.path,
        "permissions": unknowns.ALL_PERMISSIONS if _may_change(call, folder.path) else unknowns.FOREIGN_PERMISSIONS,
        "metadata": metadata,
    }
