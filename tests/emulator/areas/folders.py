# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls on folders: createFolder, and /api/folder."""

from __future__ import annotations

from aiohttp import web

from tests.emulator import unknowns
from tests.emulator.server import Call
from tests.emulator.store.asset import Folder
from tests.emulator.store.paths import clean_path, is_below, name_of
from tests.emulator.users.accounts import user_zone
from tests.emulator.web.errors import ElvisError, bad_request, conflict, forbidden, json_reply, not_found


def create_folder(call: Call) -> object:
    """Create every `path`; the reply maps each to what became of it. Documented by the vendor."""
    paths = call.parameters.all("path")
    if not paths:
        raise bad_request("Required parameter 'path' is not present")
    return {path: _create_one(call, path) for path in paths}


def api_create(call: Call) -> object:
    """POST /api/folder with `path` and `metadata`."""
    body = call.parameters.json_body()
    path = _path_of(body.get("path"))
    metadata = _metadata_of(body)
    _refuse_in_foreign_zone(call, path)
    if not call.server.store.add_folder(path, call.user):
        raise conflict(f"Already exists: {path}")
    folder = _at(call, path)
    folder.metadata |= metadata
    return json_reply(_shown(folder), 201)


def api_get_by_path(call: Call) -> object:
    return _shown(_at(call, _path_of(call.parameters.required("path"))))


def api_get(call: Call) -> object:
    return _shown(call.server.store.folder(call.variables[0]))


def api_update(call: Call) -> object:
    """PUT /api/folder/{id}: merges the metadata; renaming a folder is what /services/move is for."""
    folder = call.server.store.folder(call.variables[0])
    _refuse_in_foreign_zone(call, folder.path)
    folder.metadata |= _metadata_of(call.parameters.json_body())
    return _shown(folder)


def api_delete(call: Call) -> object:
    """DELETE /api/folder/{id}: the folder and all that lies in it."""
    store = call.server.store
    folder = store.folder(call.variables[0])
    _refuse_in_foreign_zone(call, folder.path)
    for asset in store.assets_below(folder.path):
        store.remove_asset(asset, call.user)
    store.remove_folder(folder.path, call.user)
    return web.Response(status=unknowns.FOLDER_DELETED_STATUS)


def api_list(call: Call) -> object:
    """The folders directly in a path; the parameters and the shape are a guess."""
    path = clean_path(_given(call, "path"))
    return [_shown(folder) for folder in call.server.store.folders_in(path)]


def api_search(call: Call) -> object:
    """The folders whose path holds a text; the parameters and the shape are a guess."""
    text = _given(call, "q").lower()
    found = call.server.store.folders(lambda folder: text in folder.path.lower())
    start, count = call.parameters.number("start", 0), call.parameters.number("num", 50)
    page = found[start : start + count]
    return {"totalHits": len(found), "hits": [_shown(folder) for folder in page]}


def _create_one(call: Call, text: str) -> str:
    try:
        path = clean_path(text)
        _refuse_in_foreign_zone(call, path)
        return "created" if call.server.store.add_folder(path, call.user) else "already exists"
    except ElvisError as error:
        return "access denied" if error.code == 403 else error.message


def _refuse_in_foreign_zone(call: Call, path: str) -> None:
    # The one permission that is modelled: the zone of another user.
    zones = user_zone("").rstrip("/")
    own = is_below(path, user_zone(call.user)) or not is_below(path, zones) or path == zones
    if not (own or call.server.accounts.is_superuser(call.user)):
        raise forbidden(f"Access denied: {path}")


def _at(call: Call, path: str) -> Folder:
    folder = call.server.store.folder_at(path)
    if not folder:
        raise not_found(f"Folder not found: {path}")
    return folder


def _given(call: Call, name: str) -> str:
    value = call.parameters.text(name) or call.parameters.json_body().get(name, "")
    return value if isinstance(value, str) else ""


def _path_of(value: object) -> str:
    path = clean_path(value) if isinstance(value, str) else ""
    if not path:
        raise bad_request("Required field 'path' is not present")
    return path


def _metadata_of(body: dict[str, object]) -> dict[str, object]:
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict):
        raise bad_request("'metadata' is not an object")
    return metadata


def _shown(folder: Folder) -> dict[str, object]:
    return {
        "id": folder.id,
        "name": name_of(folder.path),
        "path": folder.path,
        "permissions": unknowns.ALL_PERMISSIONS,
        "metadata": folder.metadata,
    }
