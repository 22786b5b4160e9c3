# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes folders, and lists what is in them. Private to damops.elvis.

Asked to make folders, the server answers HTTP 200 in any case, with the outcome of each folder: one of those below, or
why it is not there.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from .._elvis.client import Client, Request
from .._elvis.decoding import as_boolean
from .._elvis.folder_outcomes import CREATED, DENIED, WAS_THERE
from .._elvis.paths import is_below, name_of, parent_of, trimmed_key
from .._elvis.response import ElvisFailure, not_elvis, parse
from .._elvis.services import BROWSE, CREATE_FOLDER
from .._errors import ElvisError, Kind
from .._http.transport import HttpResponse

MOST_AT_ONCE = 100
"""Folders that one call makes; how many a server takes is not documented."""


class FolderEntry(NamedTuple):
    """What lies directly in a folder."""

    name: str
    path: str
    is_folder: bool


def browse(client: Client, folder: str, with_assets: bool = False) -> list[FolderEntry] | None:
    """Return what lies directly in a folder, None when there is no such folder.

    What the server answers for an unknown folder is not documented: an error or an empty list. An empty list is taken
    for an empty folder; look for a folder among the entries of its parent.

    :param with_assets: whether to return all assets too: without, those that are containers come among the folders
    :raises ElvisError: when it can't be listed, and when what is listed lies elsewhere
    """
    # The vendor's page has includeAssets in its address and includeAsset in its table.
    assets = dict.fromkeys(("includeAsset", "includeAssets"), "true" if with_assets else "false")
    extensions = {"includeExtensions": "all"} if with_assets else {}
    form = {"path": folder, "includeFolders": "true", **assets, **extensions}
    request = Request(f"list {folder}", "POST", BROWSE.address, form=form, repeatable=True)
    try:
        entries = client.call(request, lambda reply: _read_entries(reply, client, folder))
    except ElvisError as error:
        if error.reason == "not_found":
            return None
        raise
    return entries if with_assets else [entry for entry in entries if entry.is_folder]


def _read_entries(reply: HttpResponse, client: Client, folder: str) -> list[FolderEntry]:
    answer = client.without_secrets(parse(reply))
    if not isinstance(answer, list):
        raise not_elvis(reply, "a list of the folder's contents was expected")
    entries = []
    for entry in answer:
        path = entry.get("assetPath") if isinstance(entry, dict) else None
        is_folder = as_boolean(entry.get("directory")) if isinstance(path, str) else None
        if not isinstance(path, str) or is_folder is None:
            raise not_elvis(reply, "each entry of a folder was expected to have assetPath and directory")
        # Who walks down the tree would never come to its end.
        if not name_of(path) or not is_below(trimmed_key(path), trimmed_key(folder)):
            raise not_elvis(reply, "each entry of a folder was expected to lie below it")
        entries.append(FolderEntry(name_of(path), path, is_folder))
    return entries


class AssetNames:
    """The names of assets in folders, as ``browse`` lists them: it knows of a write at once (guess); several threads.

    :param fresh_for: the seconds for which a list counts
    """

    def __init__(self, client: Client, fresh_for: float) -> None:
        self._client = client
        self._fresh_for = fresh_for
        self._lock = threading.Lock()
        self._listed: dict[str, tuple[float, set[str]]] = {}

    def has(self, path: str) -> bool:
        """Tell whether an asset, and no folder, has this path.

        :raises ElvisError: when the server can't be asked
        """
        folder = parent_of(path)
        with self._lock:
            listed_at, paths = self._listed.get(folder, (-math.inf, set()))
            if time.monotonic() - listed_at > self._fresh_for:
                entries = browse(self._client, folder, with_assets=True) or ()
                paths = {trimmed_key(entry.path) for entry in entries if not entry.is_folder}
                self._listed[folder] = time.monotonic(), paths
            return trimmed_key(path) in paths


class FolderFinder:
    """Finds folders by their paths, and remembers what it was told."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._listed: dict[str, dict[str, str]] = {}

    def find(self, path: str) -> str | None:
        """Return the path of a folder as the DAM has it, None where there is none."""
        if path == "/":
            return path
        parent = parent_of(path)
        found = self._in(parent, path)
        if found is None and not self._listed[parent] and parent != "/":
            # No folder, or one that is spelled otherwise.
            present = self.find(parent)
            found = self._in(present, path) if present and present != parent else None
        return found

    def _in(self, parent: str, path: str) -> str | None:
        if parent not in self._listed:
            entries = browse(self._client, parent) or ()
            self._listed[parent] = {trimmed_key(entry.path): entry.path for entry in entries}
            # Two that differ in their spelling only are told apart where that is possible.
            self._listed[parent].update({entry.path: entry.path for entry in entries})
        listed = self._listed[parent]
        return listed.get(path) or listed.get(trimmed_key(path))


def find_folder(client: Client, path: str) -> str | None:
    """Return the path of a folder as the DAM has it now, None where there is none."""
    return FolderFinder(client).find(path)


class MadeFolders(NamedTuple):
    """What became of folders that were to be there: those that are new, and why others can't be made."""

    new: list[str]
    failed: dict[str, ElvisError]


def make_folders(client: Client, paths: Sequence[str]) -> MadeFolders:
    """Make folders, those on the way to them included.

    :raises ElvisError: when the server can't be asked
    """
    made = MadeFolders([], {})
    for start in range(0, len(paths), MOST_AT_ONCE):
        batch = paths[start : start + MOST_AT_ONCE]
        new, failed = client.call(_making(batch), partial(_read_outcomes, client=client, asked=batch))
        made.new.extend(new)
        made.failed.update(failed)
    return made


def _making(paths: Sequence[str]) -> Request:
    what = f"the folder {paths[0]}" if len(paths) == 1 else f"{len(paths)} folders"
    # Made once more, a folder is there already.
    return Request(
        f"make {what}", "POST", CREATE_FOLDER.address, form=[("path", path) for path in paths], repeatable=True
    )


def _read_outcomes(reply: HttpResponse, client: Client, asked: Sequence[str]) -> MadeFolders:
    answer = client.without_secrets(parse(reply))
    if not isinstance(answer, dict) or len(answer) < len({trimmed_key(path) for path in asked}):
        raise not_elvis(reply, "a result for each folder was expected")
    # The keys are normalised paths (documented), which need not be spelled as they were asked for.
    by_key = {trimmed_key(path): outcome for path, outcome in answer.items()}
    by_order = dict(zip(asked, answer.values()))
    made = MadeFolders([], {})
    for path in dict.fromkeys(asked):
        outcome = str(by_key.get(trimmed_key(path)) or by_order[path])
        if outcome == CREATED:
            made.new.append(path)
        elif outcome != WAS_THERE:
            kind: Kind = "forbidden" if outcome == DENIED else "bad_request"
            summary = f"HTTP {reply.status}, but it was not made"
            made.failed[path] = client.error(_making([path]), ElvisFailure(kind, summary, reply, outcome))
    return made
