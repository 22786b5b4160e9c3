# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one interface to all assets and folders. They are in memory, their files in a temporary folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

from elvis_emulator.unkind.fates import Fates
from elvis_emulator.web.errors import conflict, not_found, path_exists
from elvis_emulator.web.parameters import Upload

from .asset import Asset, Folder, Version
from .changes import changes_of, merge
from .document import Checkout, Document
from .embedded import can_embed, packet, texts_in
from .events import Event, Listener
from .files import Files, StoredFile
from .index import Indexes
from .paths import ancestors_and_self, clean_path, name_of, parent_of
from .query import Query
from .rules import StoreRules

Watcher = Callable[[Asset | Folder, bool], None]
"""Gets what changed, and whether it is gone."""


class Store:
    """Assets by id and by path, folders as a tree. Every change goes through here, so that the index knows of it."""

    def __init__(self, files: Files, rules: StoreRules, fates: Fates, nodes: int) -> None:
        self.files = files
        self._rules = rules
        self._fates = fates
        self._index = Indexes(nodes, rules.index_delay, fates)
        self._folder_index = Indexes(nodes, rules.index_delay, fates)
        self._assets: dict[str, Asset] = {}
        self._root = Folder(fates.new_id(""), "")
        self._folders: dict[str, Folder] = {"": self._root}
        self._folder_ids: dict[str, Folder] = {}
        self._listeners: list[Listener] = []
        self._watchers: list[Watcher] = []

    @property
    def index_delays(self) -> list[float]:
        """The seconds by which the search of each node lags."""
        return self._index.delays

    def watch(self, watcher: Watcher) -> None:
        """Have every asset and folder told that is new, changed or gone, whatever the reason."""
        self._watchers.append(watcher)

    def listen(self, listener: Listener) -> None:
        """Have every event told from now on, after the change."""
        self._listeners.append(listener)

    def close(self) -> None:
        self.files.close()

    # Finding

    def __len__(self) -> int:
        return len(self._assets)

    def assets(self) -> Iterator[Asset]:
        return iter(list(self._assets.values()))

    def latest(self, count: int) -> list[Asset]:
        """The assets that were made last, the newest first."""
        return list(islice(reversed(self._assets.values()), count))

    def find(self, asset_id: str) -> Asset | None:
        return self._assets.get(asset_id)

    def asset(self, asset_id: str) -> Asset:
        """Return an asset by its id, or raise a 404."""
        if asset_id not in self._assets:
            raise not_found(f"Asset not found: {asset_id[:100]}")
        return self._assets[asset_id]

    def asset_at(self, path: str) -> Asset | None:
        folder = self._folders.get(parent_of(path))
        return folder.assets.get(name_of(path)) if folder else None

    def assets_below(self, path: str) -> list[Asset]:
        """Every asset in a folder and in the folders in it."""
        return [asset for folder in self.folders_below(path) for asset in folder.assets.values()]

    def search(self, query: Query, sort: str = "", node: int = 0) -> list[Document]:
        """Return what the index of a node has for a query, in order. What was just written may not be in there yet."""
        return self._index.of(node).search(query, sort)

    def found(self, query: Query, node: int) -> list[Asset]:
        """Return the assets that a query finds on a node, as far as they are still there."""
        found = (self._assets.get(document.id) for document in self.search(query, node=node))
        return [asset for asset in found if asset]

    def is_taken(self, path: str) -> bool:
        return path in self._folders or self.asset_at(path) is not None

    # Assets

    def add_asset(self, path: str, user: str, metadata: dict[str, object], upload: Upload | None) -> Asset:
        """Create an asset with its folders, and take over its file."""
        if not upload:
            return self._add(path, user, metadata, None, "asset_create")
        return self._add(path, user, texts_in(upload.data) | metadata, self.files.keep(upload), "asset_create")

    def change_asset(
        self,
        asset: Asset,
        user: str,
        metadata: dict[str, object],
        upload: Upload | None = None,
        keeps_version: bool = True,
        keeps_metadata: bool = False,
        checks_in: bool = True,
    ) -> None:
        """Merge metadata, a null removes a field; put a new file in the place of the old one.

        The texts inside a new file win over those of the asset, unless its metadata are to be kept.
        """
        if upload and not keeps_metadata:
            metadata = texts_in(upload.data) | metadata
        changes = changes_of(asset, metadata)
        if upload:
            self._replace_file(asset, user, self.files.keep(upload), keeps_version)
            if checks_in:
                asset.checkout = None
        merge(asset, changes)
        self._embed(asset)
        asset.modifier, asset.modified = user, now_ms()
        self.reindex(asset)
        self._tell("asset_checkin" if upload else "asset_update_metadata", user, asset, changed=changes)

    def remove_version(self, asset: Asset, version: Version) -> None:
        """Remove an old version and its file."""
        asset.versions = tuple(other for other in asset.versions if other is not version)
        self.files.drop(version.file)
        self.reindex(asset)

    def promote(self, asset: Asset, user: str, version: Version) -> None:
        """Make the file of an old version the current one; that counts as a new version."""
        if version.file:
            self._replace_file(asset, user, self.files.share(version.file), keeps_version=True)
        asset.modifier, asset.modified = user, now_ms()
        self.reindex(asset)
        self._tell("asset_promote", user, asset)

    def copy_asset(self, source: Asset, path: str, user: str) -> Asset:
        """Copy an asset and its file."""
        file = self.files.share(source.file) if source.file else None
        return self._add(path, user, dict(source.metadata), file, "asset_create_by_copy", source)

    def move_asset(self, asset: Asset, path: str, user: str) -> None:
        self._refuse_taken(path)
        self.add_folder(parent_of(path), user)
        is_rename = parent_of(path) == parent_of(asset.path)
        changed: dict[str, tuple[object, object]] = {"assetPath": (asset.path, path)}
        del self._folders[parent_of(asset.path)].assets[name_of(asset.path)]
        asset.path = path
        self._folders[parent_of(path)].assets[name_of(path)] = asset
        self.reindex(asset)
        self._tell("asset_rename" if is_rename else "asset_move", user, asset, changed=changed)

    def remove_asset(self, asset: Asset, user: str) -> None:
        """Remove an asset; one that is already gone is a 404."""
        self.asset(asset.id)
        del self._assets[asset.id]
        del self._folders[parent_of(asset.path)].assets[name_of(asset.path)]
        self._index.drop(asset)
        self._show(asset, is_gone=True)
        self._tell("asset_remove", user, asset)
        for file in asset.files():
            self.files.drop(file)

    def check_out(self, asset: Asset, checkout: Checkout) -> None:
        asset.checkout = checkout
        self.reindex(asset)
        self._tell("asset_checkout", checkout.user, asset)

    def give_back(self, asset: Asset, user: str) -> None:
        """End a checkout without a new file."""
        if asset.checkout is None:
            return
        asset.checkout = None
        self.reindex(asset)
        self._tell("asset_undo_checkout", user, asset)

    def reindex(self, asset: Asset) -> None:
        """An asset has changed: searches are to see it."""
        asset.forget_document()
        self._index.put(asset)
        self._show(asset)

    def restore_asset(self, asset: Asset) -> None:
        """Take in an asset as it was in another process. Nobody is told, as nothing happens to it."""
        self._assets[asset.id] = asset
        self._folders[parent_of(asset.path)].assets[name_of(asset.path)] = asset
        self._index.put(asset)

    # Folders

    def folder_at(self, path: str) -> Folder | None:
        return self._folders.get(path)

    def folder(self, folder_id: str) -> Folder:
        """Return a folder by its id, or raise a 404."""
        if folder_id not in self._folder_ids:
            raise not_found(f"Folder not found: {folder_id[:100]}")
        return self._folder_ids[folder_id]

    def search_folders(self, query: Query, node: int) -> list[Folder]:
        """Return the folders that a query finds on a node, by path."""
        documents = self._folder_index.of(node).search(query, "path-asc")
        found = (self._folder_ids.get(document.id) for document in documents)
        return [folder for folder in found if folder]

    def change_folder(self, folder: Folder, metadata: dict[str, object]) -> None:
        """Merge metadata into a folder's, a null removes a field."""
        folder.metadata = {name: value for name, value in (folder.metadata | metadata).items() if value is not None}
        self._folder_index.put(folder)
        self._show(folder)

    def restore_folder(self, folder: Folder) -> None:
        """Take in a folder as it was in another process, after the one that it is in."""
        if not folder.path:
            self._root.id, self._root.metadata = folder.id, folder.metadata
            return
        self._folders[folder.path] = self._folder_ids[folder.id] = folder
        self._folders[parent_of(folder.path)].folders[name_of(folder.path)] = folder
        self._folder_index.put(folder)

    def folders_in(self, path: str) -> list[Folder]:
        """The folders directly in a folder, by path."""
        folder = self._folders.get(path)
        return sorted(folder.folders.values(), key=lambda folder: folder.path) if folder else []

    def folders_below(self, path: str) -> list[Folder]:
        """A folder and all the folders in it, each before those in it; empty when there is no such folder."""
        start = self._folders.get(path)
        found = [start] if start else []
        for folder in found:
            found += folder.folders.values()
        return found

    def add_folder(self, path: str, user: str) -> bool:
        """Create a folder with its ancestors; return whether it is new."""
        if path in self._folders:
            return False
        steps = ancestors_and_self(clean_path(path))
        for step in steps:
            if self.asset_at(step):
                raise conflict(f"An asset has this path: {step}")
        is_new = bool(steps) and steps[-1] not in self._folders
        for step in steps:
            if step not in self._folders:
                folder = Folder(self._new_id(step), step)
                self._folders[step] = self._folder_ids[folder.id] = folder
                self._folders[parent_of(step)].folders[name_of(step)] = folder
                self._folder_index.put(folder)
                self._show(folder)
                self._tell("folder_create", user, folder=folder)
        return is_new

    def remove_folder(self, path: str, user: str) -> None:
        """Remove a folder with the folders in it, as far as they hold no asset."""
        for folder in reversed(self.folders_below(path)):
            if folder.path and not folder.folders and not folder.assets:
                del self._folders[folder.path], self._folder_ids[folder.id]
                del self._folders[parent_of(folder.path)].folders[name_of(folder.path)]
                self._folder_index.drop(folder)
                self._show(folder, is_gone=True)
                self._tell("folder_remove", user, folder=folder)

    # Inside

    def _add(
        self,
        path: str,
        user: str,
        metadata: dict[str, object],
        file: StoredFile | None,
        event: str,
        source: Asset | None = None,
    ) -> Asset:
        self._refuse_taken(path)
        now = now_ms()
        asset = Asset(self._new_id(path), path, user, now, user, now)
        changes = changes_of(asset, metadata)
        self.add_folder(parent_of(path), user)
        merge(asset, changes)
        if file:
            asset.file, asset.file_modified, asset.first_checksum = file, now, file.checksum
        self._embed(asset)
        self._assets[asset.id] = asset
        self._folders[parent_of(path)].assets[name_of(path)] = asset
        self.reindex(asset)
        self._tell(event, user, asset, changed=changes, source=source)
        self._tell_of_preview(asset, user)
        return asset

    def _new_id(self, path: str) -> str:
        # The fates don't know what an earlier process drew.
        while (made := self._fates.new_id(path)) in self._assets or made in self._folder_ids:
            pass
        return made

    def _show(self, what: Asset | Folder, is_gone: bool = False) -> None:
        for watcher in self._watchers:
            watcher(what, is_gone)

    def _embed(self, asset: Asset) -> None:
        embeds = self._rules.embeds == "all" or (self._rules.embeds == "texts" and can_embed(asset.metadata))
        if embeds and asset.file:
            asset.file = self.files.with_tail(asset.file, packet(asset.metadata))

    def _replace_file(self, asset: Asset, user: str, file: StoredFile, keeps_version: bool) -> None:
        now = now_ms()
        if keeps_version:
            asset.versions += (Version(asset.version, asset.file, user, now, asset.metadata),)
        else:
            self.files.drop(asset.file)
        if asset.file:
            # The first file of a placeholder is its first version.
            asset.version += 1
        asset.file, asset.file_modified = file, now
        if not asset.first_checksum or self._checksum_follows(asset):
            asset.first_checksum = file.checksum

    def _checksum_follows(self, asset: Asset) -> bool:
        rule = self._rules.checksum
        return rule == "latest" or (rule == "mixed" and self._fates.choose("checksum", asset.path, (False, True)))

    def _refuse_taken(self, path: str) -> None:
        if self.is_taken(path):
            raise path_exists(path)

    def _tell_of_preview(self, asset: Asset, user: str) -> None:
        # A sample of the vendor's waits for this.
        if asset.file and asset.file.is_picture:
            self._tell("asset_update_metadata", user, asset, changed={"previewState": ("no", "yes")})

    def _tell(
        self,
        type_: str,
        user: str,
        asset: Asset | None = None,
        folder: Folder | None = None,
        changed: dict[str, tuple[object, object]] | None = None,
        source: Asset | None = None,
    ) -> None:
        if self._listeners:
            event = Event(type_, user, now_ms(), asset, folder, source, changed or {})
            for listener in self._listeners:
                listener(event)


def now_ms() -> int:
    return int(time.time() * 1000)
