# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the folders in the DAM that local folders are to be. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable

from .._elvis.client import Client
from .._elvis.paths import join, name_of, pairing_key, trimmed_key
from .asset_index import AssetIndex
from .folders import browse


class FolderIndex:
    """The folders below one in the DAM.

    :param base: its path
    :param is_there: whether it is there
    :ivar paths: the path of each folder, as the server spells it, by its local path; that of the base by ""
    :ivar missing: those that are not there, each after the one it lies in
    """

    def __init__(self, client: Client, base: str, is_there: bool, index: AssetIndex) -> None:
        self._client = client
        self._index = index
        self._listed: dict[str, dict[str, str]] = {}
        self._absent: set[str] = set() if is_there else {""}
        self.paths: dict[str, str] = {"": base}
        self.missing: list[str] = [] if is_there else [base]

    def find(self, folders: Iterable[str]) -> None:
        """Find these folders; the server is asked only where no asset tells."""
        for relative in sorted(folders):
            above, _slash, name = relative.rpartition("/")
            if relative in self.paths:
                continue
            if above not in self.paths:
                self.find([above])
            path = self._path_of(relative, above, name)
            if path is None:
                path = join(self.paths[above], name)
                self._absent.add(relative)
                if path not in self.missing:
                    self.missing.append(path)
            self.paths[relative] = path

    def _path_of(self, relative: str, above: str, name: str) -> str | None:
        if above in self._absent:
            # Two local folders that are one name in the DAM are one folder.
            key = pairing_key(join(self.paths[above], name))
            return next((path for path in self.missing if pairing_key(path) == key), None)
        known = self._index.folders.get(pairing_key(relative))
        if known:
            return known
        listed = self._list(above)
        return listed.get(pairing_key(name)) or listed.get(trimmed_key(name))

    def is_folder(self, relative: str) -> bool:
        """Tell whether a folder in the DAM has the name that a new file is to have."""
        above, _slash, name = relative.rpartition("/")
        if above in self._absent:
            return False
        return pairing_key(relative) in self._index.folders or pairing_key(name) in self._list(above)

    def _list(self, folder: str) -> dict[str, str]:
        if folder not in self._listed:
            entries = browse(self._client, self.paths[folder]) or ()
            self._listed[folder] = {pairing_key(name_of(entry.path)): entry.path for entry in entries}
        return self._listed[folder]
