# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Browsing folders."""

from __future__ import annotations

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset, Folder
from elvis_emulator.store.paths import clean_path, is_below, name_of
from elvis_emulator.web.errors import bad_request, not_found
from elvis_emulator.web.parameters import Parameters

# Documented by the vendor: what browse shows of files when it is not told otherwise.
CONTAINERS = frozenset({"collection", "dossier", "task"})


def browse(call: Call) -> object:
    """List what lies directly in a folder, all of it; documented by the vendor."""
    if not call.parameters.all("path"):
        raise bad_request("Required parameter 'path' is not present")
    path = _folder(call.parameters.text("path"))
    start = _folder(call.parameters.text("fromRoot")) if call.parameters.all("fromRoot") else path
    if unknowns.BROWSE_UNKNOWN_FOLDER_FAILS and path and not call.server.store.folder_at(path):
        raise not_found(f"Folder not found: {path}")
    return _entries(call, start if is_below(path, start) else path, path)


def _entries(call: Call, folder: str, down_to: str) -> list[dict[str, object]]:
    """Return what lies in a folder; the folders on the way down to a path have their children with them."""
    store, parameters = call.server.store, call.parameters
    entries: list[dict[str, object]] = []
    if parameters.flag("includeFolders", default=True):
        for inner in store.folders_in(folder):
            entry = _entry(inner.path, inner)
            if is_below(down_to, inner.path):
                # That the children come along is documented, the name of the list is a guess.
                entry["children"] = _entries(call, inner.path, down_to)
            entries.append(entry)
    # The page has the one name in its address and the other in its table.
    named = "includeAsset" if parameters.all("includeAsset") else "includeAssets"
    if parameters.flag(named, default=True):
        wanted = _wanted_extensions(parameters)
        there = store.folder_at(folder)
        assets = sorted(there.assets.items(), key=lambda pair: pair[0].lower()) if there else []
        entries += [
            _entry(asset.path, asset)
            for name, asset in assets
            if wanted is None or name.rpartition(".")[2].lower() in wanted
        ]
    return entries


def _wanted_extensions(parameters: Parameters) -> frozenset[str] | None:
    text = parameters.text("includeExtensions").strip().lower()
    if text == "all":
        return None
    return frozenset(extension.strip(" .") for extension in text.split(",")) if text else CONTAINERS


def _folder(text: str) -> str:
    """Return the path of a folder. Seen in a PHP client's tests: a dot is the folder itself, alone it is the root."""
    return clean_path("/".join(part for part in text.split("/") if part.strip() != "."))


def _entry(path: str, container: Asset | Folder) -> dict[str, object]:
    """Three are documented by the vendor. The others are in a TypeScript client's types; their values are guesses."""
    name = name_of(path)
    is_folder = isinstance(container, Folder)
    stem, _dot, extension = name.rpartition(".")
    is_container = not is_folder and extension.lower() in CONTAINERS
    if stem and not is_folder and extension.lower() in unknowns.NAMES_WITHOUT_EXTENSION:
        name = stem
    return {
        "name": name,
        "assetPath": path,
        "directory": is_folder,
        "collection": is_container and extension.lower() == "collection",
        "browsable": is_folder or is_container,
        "containerId": container.id,
        "permissionMask": unknowns.ALL_PERMISSIONS,
        "removing": False,
    }
