# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The assets that local files are, or are to be: by their place, or by a field. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from .._dam.asset_index import AssetIndex, Paired
from .._dam.folder_index import FolderIndex
from .._dam.hits import Hit
from .._elvis.paths import join


class Counterparts(Protocol):
    """The assets of local files; each file is named by its path below the local folder."""

    def find(self, relative: str) -> Paired:
        """Return the asset of a file."""

    def path_of(self, relative: str) -> str:
        """Return the path in the DAM that a file has, or is to have."""

    def is_folder(self, relative: str) -> bool:
        """Tell whether a folder in the DAM has that path."""


@dataclass(frozen=True)
class ByPlace:
    """Each file is the asset at its own place below the folder in the DAM."""

    assets: AssetIndex
    folders: FolderIndex

    def find(self, relative: str) -> Paired:
        return self.assets.find(relative)

    def path_of(self, relative: str) -> str:
        folder, _slash, name = relative.rpartition("/")
        return join(self.folders.paths[folder], name)

    def is_folder(self, relative: str) -> bool:
        return self.folders.is_folder(relative)


@dataclass(frozen=True)
class ByField:
    """Each file is for an asset that a field has named, wherever that is."""

    assets: Mapping[str, Hit]

    def find(self, relative: str) -> Paired:
        return Paired(self.assets[relative])

    def path_of(self, relative: str) -> str:
        return self.assets[relative].path

    def is_folder(self, relative: str) -> bool:  # noqa: ARG002 - an asset is no folder
        return False
