# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a new asset goes, and what a new file does to the name of an asset."""

from __future__ import annotations

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.paths import clean_path, free_path, name_of, parent_of
from elvis_emulator.users.accounts import user_zone
from elvis_emulator.web.errors import bad_request, path_exists
from elvis_emulator.web.parameters import Upload

from .metadata import Metadata

_PLACE = ("assetPath", "folderPath", "filename", "name")


def path_of_new_asset(call: Call, metadata: Metadata, upload: Upload | None) -> str:
    """Return the path of an asset that is to be created; what tells it is taken out of the metadata."""
    place = {name: _text(metadata.pop(name, None)) for name in _PLACE}
    named = place["filename"] or place["name"]
    path = call.server.names.clean_path(place["assetPath"])
    if not path:
        folder = call.server.names.clean_path(place["folderPath"]) or user_zone(call.user)
        name = call.server.names.clean(named or (name_of_part(upload) if upload else ""))
        if not name:
            raise bad_request("An asset needs a name: 'assetPath', 'filename', 'name' or a file")
        path = clean_path(f"{folder}/{name}")
    # Documented by the vendor: only a name that the client did not give as metadata is changed.
    is_explicit = bool(named) and not place["assetPath"]
    return _free(call, path, is_explicit)


def path_after_update(call: Call, asset: Asset, metadata: Metadata, upload: Upload | None) -> str:
    """Return the path that an update gives an asset: a file names it, unless the metadata do."""
    place = {name: _text(metadata.pop(name, None)) for name in _PLACE}
    named = place["filename"] or place["name"]
    name = call.server.names.clean(named or (name_of_part(upload) if upload else ""))
    if not name:
        return asset.path
    path = clean_path(f"{parent_of(asset.path)}/{_with_extension(name, asset)}")
    return path if path == asset.path else _free(call, path, bool(named))


def name_of_part(upload: Upload) -> str:
    """Return the name of a file part without the folders that some clients send along."""
    return upload.name.replace("\\", "/").rpartition("/")[2]


def _with_extension(name: str, asset: Asset) -> str:
    # A collection is shown without its extension, and so named by who writes back what they read.
    extension = name_of(asset.path).rpartition(".")[2].lower()
    hidden = extension in unknowns.NAMES_WITHOUT_EXTENSION and not name.lower().endswith(f".{extension}")
    return f"{name}.{extension}" if hidden else name


def _free(call: Call, path: str, is_explicit: bool) -> str:
    taken = call.server.store.is_taken
    if not taken(path):
        return path
    if is_explicit or not call.parameters.flag("autoRename", default=True):
        raise path_exists(path)
    return free_path(path, taken)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
