# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assets and folders, in memory; their files in a temporary folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .errors import conflict, not_found
from .parameters import Upload
from .paths import ancestors_and_self, clean_path, is_below, name_of, parent_of
from .tokens import new_id


@dataclass
class Checkout:
    """Who holds an asset, and since when (ms)."""

    since: int
    user: str
    client_id: str


@dataclass
class Folder:
    id: str
    path: str
    metadata: dict[str, object] = field(default_factory=dict)


@dataclass
class Asset:
    """One asset; its path changes through the store only. Times are in ms since 1970."""

    id: str
    path: str
    creator: str
    created: int
    modifier: str
    modified: int
    metadata: dict[str, object] = field(default_factory=dict)
    file: Path | None = None
    file_size: int = 0
    checkout: Checkout | None = None

    def describe(self) -> dict[str, object]:
        """Every metadata field: the user's, and those that the server keeps."""
        name = name_of(self.path)
        own: dict[str, object] = {
            "id": self.id,
            "name": name,
            "baseName": name.rpartition(".")[0] or name,
            "extension": name.rpartition(".")[2].lower() if "." in name else "",
            "assetPath": self.path,
            "folderPath": parent_of(self.path) or "/",
            "ancestorPaths": ancestors_and_self(parent_of(self.path)),
            "assetCreator": self.creator,
            "assetCreated": self.created,
            "assetModifier": self.modifier,
            "assetModified": self.modified,
            "fileSize": self.file_size,
        }
        if self.checkout:
            own |= {"checkedOut": self.checkout.since, "checkedOutBy": self.checkout.user}
            own["checkedOutOnClient"] = self.checkout.client_id
        return self.metadata | own


# What `Asset.describe` adds; a client can't set it.
SERVER_FIELDS = frozenset(Asset("", "/x", "", 0, "", 0, checkout=Checkout(0, "", "")).describe())


class Store:
    """Assets by id and by path, folders by path."""

    def __init__(self, files: Path) -> None:
        self._files = files
        self._assets: dict[str, Asset] = {}
        self._id_at: dict[str, str] = {}
        self._folders: dict[str, Folder] = {}

    # Assets

    def assets(self) -> Iterator[Asset]:
        return iter(list(self._assets.values()))

    def assets_below(self, folder: str) -> list[Asset]:
        return [asset for asset in self._assets.values() if is_below(asset.path, folder)]

    def asset(self, asset_id: str) -> Asset:
        """Return an asset by its id, or raise a 404."""
        if asset_id not in self._assets:
            raise not_found(f"Asset not found: {asset_id[:100]}")
        return self._assets[asset_id]

    def asset_at(self, path: str) -> Asset | None:
        return self._assets.get(self._id_at.get(path, ""))

    def add_asset(self, path: str, user: str, metadata: dict[str, object], upload: Upload | None) -> Asset:
        """Create an asset with its folders, and take over its file."""
        self._refuse_taken(path)
        now = now_ms()
        asset = Asset(new_id(), path, user, now, user, now)
        self.add_folder(parent_of(path))
        self._assets[asset.id] = asset
        self._id_at[path] = asset.id
        self.change_asset(asset, user, metadata, upload)
        return asset

    def change_asset(self, asset: Asset, user: str, metadata: dict[str, object], upload: Upload | None) -> None:
        """Merge metadata, a null removes a field; replace the file when there is a new one."""
        for name, value in metadata.items():
            if value is None:
                asset.metadata.pop(name, None)
            elif name not in SERVER_FIELDS:
                asset.metadata[name] = value
        if upload:
            self._drop_file(asset)
            asset.file = upload.path.rename(self._files / new_id())
            asset.file_size = upload.size
        asset.modifier, asset.modified = user, now_ms()

    def copy_asset(self, source: Asset, path: str, user: str) -> Asset:
        """Copy an asset and its file."""
        copy = self.add_asset(path, user, dict(source.metadata), None)
        if source.file:
            copy.file = self._files / new_id()
            copy.file.hardlink_to(source.file)
            copy.file_size = source.file_size
        return copy

    def move_asset(self, asset: Asset, path: str) -> None:
        self._refuse_taken(path)
        self.add_folder(parent_of(path))
        del self._id_at[asset.path]
        asset.path = path
        self._id_at[path] = asset.id

    def remove_asset(self, asset: Asset) -> None:
        """Remove an asset; one that is already gone is a 404."""
        self.asset(asset.id)
        self._drop_file(asset)
        del self._assets[asset.id]
        del self._id_at[asset.path]

    def is_taken(self, path: str) -> bool:
        return path in self._id_at or path in self._folders

    def _refuse_taken(self, path: str) -> None:
        if self.is_taken(path):
            raise conflict(f"Already exists: {path}")

    def _drop_file(self, asset: Asset) -> None:
        if asset.file:
            asset.file.unlink(missing_ok=True)
        asset.file, asset.file_size = None, 0

    # Folders

    def folder_at(self, path: str) -> Folder | None:
        return self._folders.get(path)

    def folder(self, folder_id: str) -> Folder:
        """Return a folder by its id, or raise a 404."""
        found = self.folders(lambda folder: folder.id == folder_id)
        if not found:
            raise not_found(f"Folder not found: {folder_id[:100]}")
        return found[0]

    def folders(self, matches: Callable[[Folder], bool]) -> list[Folder]:
        """Every folder that matches, by path."""
        return sorted((folder for folder in self._folders.values() if matches(folder)), key=lambda folder: folder.path)

    def add_folder(self, path: str) -> bool:
        """Create a folder with its ancestors; return whether it is new."""
        steps = ancestors_and_self(clean_path(path))
        for step in steps:
            if step in self._id_at:
                raise conflict(f"An asset has this path: {step}")
        is_new = bool(steps) and steps[-1] not in self._folders
        for step in steps:
            if step not in self._folders:
                self._folders[step] = Folder(new_id(), step)
        return is_new

    def remove_folder(self, path: str) -> None:
        """Remove a folder with the folders in it, as far as they hold no asset."""
        for folder in self.folders(lambda folder: is_below(folder.path, path)):
            if not self.assets_below(folder.path):
                del self._folders[folder.path]


def now_ms() -> int:
    return int(time.time() * 1000)
