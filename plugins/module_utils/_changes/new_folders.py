# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the folders that a task has to make. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable

from .._dam.asset_finder import AssetFinder
from .._dam.folders import FolderFinder
from .._elvis.client import Client
from .._errors import ElvisError


def missing_folders(client: Client, finder: FolderFinder, paths: Iterable[str]) -> list[str]:
    """Return those of some folders that are not there, each before those in it.

    :raises ElvisError: when an asset has the path of one
    """
    missing = sorted((path for path in paths if finder.find(path) is None), key=lambda path: path.count("/"))
    for path, asset in AssetFinder(client).by_paths(missing).items():
        raise ElvisError(
            f"Cannot make the folder {path} at {client.server_url}: an asset has that path ({asset.id}). Nothing was"
            " made.",
            "conflict",
        )
    return missing
