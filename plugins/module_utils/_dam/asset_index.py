# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the asset that a local name stands for, among those below a folder. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .._elvis.paths import is_below, name_of, pairing_key, parents, trimmed_key
from .._text import escaped
from .hits import Hit

COLLECTION = ".collection"
"""How the name of a collection ends."""
CONTAINERS = frozenset({"collection", "dossier", "task"})
"""Extensions of assets that hold other assets and no file (documented)."""


class Paired(NamedTuple):
    """The asset that a local name stands for; ``mistake`` tells why there is none though the name is taken."""

    asset: Hit | None
    mistake: str | None = None


class AssetIndex:
    """The assets below a folder, found by what they are called below it, however that is spelled.

    :param folder: their folder, as the server spells it
    """

    def __init__(self, folder: str, hits: Iterable[Hit]) -> None:
        self.assets = [hit for hit in hits if is_below(hit.path, folder)]
        self.folder = folder
        self._start = len(folder.rstrip("/")) + 1
        self._by_key: dict[str, list[Hit]] = {}
        self._by_trimmed: dict[str, list[Hit]] = {}
        self.folders: dict[str, str] = {}
        for hit in self.assets:
            relative = self.relative(hit)
            self._by_key.setdefault(pairing_key(relative), []).append(hit)
            # One whose name has blanks stands for that name alone.
            if trimmed_key(relative) == pairing_key(relative):
                self._by_trimmed.setdefault(trimmed_key(relative), []).append(hit)
        for hit in self.assets:
            below, _slash, _name = self.relative(hit).rpartition("/")
            if below and pairing_key(below) not in self.folders:
                for relative in (*parents(below), below):
                    self.folders.setdefault(pairing_key(relative), hit.path[: self._start] + relative)

    def relative(self, hit: Hit) -> str:
        """Return the path of an asset below the folder."""
        return hit.path[self._start :]

    def find(self, relative: str) -> Paired:
        """Return the asset that has a local file's name."""
        key = pairing_key(relative)
        # A server that trims names knows it without its blanks.
        found = self._by_key.get(key) or self._by_trimmed.get(trimmed_key(relative), [])
        exact = [hit for hit in found if self.relative(hit) == relative]
        if len(found) > 1 and not exact:
            names = ", ".join(escaped(self.relative(hit)) for hit in found)
            return Paired(None, f"the DAM has several assets of that name: {names}")
        asset = next(iter(exact or found), None)
        obstacle = asset and no_file(asset)
        return Paired(None, f"in the DAM that name has {obstacle}") if obstacle else Paired(asset)

    def has(self, key: str) -> bool:
        """Tell whether there is an asset with this pairing key."""
        return key in self._by_key


def container_extension(path: str) -> str | None:
    """Return the extension of what holds assets and no file, None when that is not what a name is one of."""
    extension = name_of(path).rpartition(".")[2].lower()
    return extension if extension in CONTAINERS and extension != name_of(path).lower() else None


def no_file(asset: Hit) -> str | None:
    """Return what an asset is that has no file, None when it has one."""
    extension = container_extension(asset.path)
    if extension:
        return f"a container ({extension})"
    return None if asset.original_url else "an asset without a file"
