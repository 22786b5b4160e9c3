# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Looks at a local folder and at the DAM, refuses what can't be sent, and plans the rest. Private to damops.elvis.

All that a task refuses before it sends anything is refused here. So is what a name in the DAM rules out: a container's
extension, or an asset where a folder is here. What the local folder alone decides comes from ``_files/walk``: links,
kinds of files, ages, names.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from .._dam import index_lag
from .._dam.asset_finder import AssetFinder, collected
from .._dam.asset_index import AssetIndex, container_extension
from .._dam.asset_keys import find_by_values
from .._dam.check_outs import CheckOuts
from .._dam.contents import COMPARED_FIELDS, LEAST_SKEW, Comparison
from .._dam.folder_index import FolderIndex
from .._dam.folders import find_folder
from .._dam.hits import Hit
from .._dam.originals import Originals
from .._elvis.client import Client
from .._elvis.paths import pairing_key, parents
from .._files.local_paths import shown_path
from .._files.tree import LeftOut, LocalFile, LocalTree
from .._text import counted, escaped, named, quoted
from .._work.journal import Journal
from .._work.step_threads import StepThreads
from .counterparts import ByField, ByPlace, Counterparts
from .file_matching import NameMatch, match_files
from .upload_order import UploadOrder
from .upload_plan import UploadPlan, UploadStep


class Survey(NamedTuple):
    """What the DAM has, and what is to be done.

    :param assets: those below the folder
    :param missing: the folders that are to be made
    """

    assets: AssetIndex
    missing: Sequence[str]
    steps: Sequence[UploadStep]


class _Sides(NamedTuple):
    """What both sides have.

    :param assets: those in the DAM that may be the files' own
    :param missing: the folders that are to be made
    :param files: those that take part
    """

    assets: AssetIndex
    missing: Sequence[str]
    files: Sequence[LocalFile]
    counterparts: Counterparts


class UploadSurvey:
    """One look at both sides.

    :param tree: what lies in the local folder
    """

    def __init__(
        self, client: Client, order: UploadOrder, tree: LocalTree, check_outs: CheckOuts, journal: Journal
    ) -> None:
        self._client = client
        self._order = order
        self._tree = tree
        self._check_outs = check_outs
        self._outcome = journal.outcome
        self._warn = journal.warn

    def take(self, threads: StepThreads) -> Survey:
        """Return what both sides have, and what is to be done.

        :raises ElvisError: when nothing is to be sent, or the server can't be asked
        """
        self._leave_out(self._tree.skipped)
        self._leave_out(self._tree.failed)
        if self._tree.ahead:
            self._warn(f"The date of {counted(self._tree.ahead, 'file')} is ahead of this machine's clock.")
        captions = self._order.captions
        if captions:
            captions.match(self._tree.files, self._tree.names)
        base = find_folder(self._client, self._order.path)
        path = base or self._order.path
        match = self._order.match
        sides = self._by_field(match, path) if match else self._by_place(path, is_there=base is not None)
        self._compare_clocks()
        index = sides.assets
        steps = self._plan(sides.counterparts).steps(threads, sides.files)
        if captions:
            captions.check_fit(index.has, [step.file for step in steps if step.todo.action == "create"])
            if any(step.todo.wanted for step in steps):
                captions.check_whole(index.has)
            captions.warn_of_new_fields((hit.fields for hit in index.assets), path)
            captions.warn_of_kept_rows(sum(step.keeps_row for step in steps))
        self._warn_of_blind(steps)
        return Survey(index, sides.missing, steps)

    def _by_place(self, path: str, *, is_there: bool) -> _Sides:
        """Return what both sides have, where each file is the asset at its place.

        :param path: the folder in the DAM
        """
        index = AssetIndex(path, collected(self._finder().tree(path)) if is_there else [])
        blocked = self._blocked(index)
        files = list(self._files(blocked))
        folders = FolderIndex(self._client, path, is_there, index)
        folders.find(self._wanted_folders(files, blocked))
        # Where patterns take nothing, the folder itself is not made either.
        missing = folders.missing if files or self._order.makes_empty_folders else ()
        return _Sides(index, missing, files, ByPlace(index, folders))

    def _by_field(self, match: NameMatch, path: str) -> _Sides:
        """Return what both sides have, where the name of a file says which asset it is for."""
        finder = self._finder(match.field)

        def find(values: Sequence[str]) -> dict[str, Sequence[Hit]]:
            return find_by_values(finder, match.field, values, path)

        def find_all(values: Sequence[str]) -> dict[str, Sequence[Hit]]:
            found = find(values)
            # What is skipped now, the next run sends.
            if not (match.skips or self._order.check_mode):
                missing = [value for value in values if value not in found]
                found.update(index_lag.find_missing(self._client, find, missing))
            return found

        files = list(self._files(()))
        matched = match_files(match, files, find_all)
        self._leave_out(matched.left_out)
        taken = [file for file in files if file.relative in matched.assets]
        return _Sides(AssetIndex(path, matched.assets.values()), (), taken, ByField(matched.assets))

    def _leave_out(self, files: Iterable[LeftOut]) -> None:
        """Record what takes no part."""
        for left in files:
            if left.reason is None:
                self._outcome.add("skipped", path=left.relative, why=left.why)
            else:
                message = f"{self._place(left.relative)} is not sent to {self._order.path}: {left.why}."
                rivals: dict[str, Any] = {"assets": list(left.rivals)} if left.rivals else {}
                self._outcome.refuse(left.reason, message, path=left.relative, **rivals)

    def _place(self, relative: str) -> str:
        """Return where a file lies; that of a list of files is named by its name alone."""
        root = shown_path(self._tree.root)
        return quoted(relative if root == "/" else f"{root}/{relative}")

    def _finder(self, *more: str) -> AssetFinder:
        """Return what finds assets with the fields that are compared."""
        order, captions = self._order, self._order.captions
        fields = order.fields if order.rules.is_state else sorted(captions.fields) if captions else ()
        return AssetFinder(self._client, (*COMPARED_FIELDS, *fields, *more))

    def _compare_clocks(self) -> None:
        if abs(self._client.clock_ahead) > LEAST_SKEW:
            self._warn(
                f"The server's clock is {self._client.clock_ahead:+.0f} s off this machine's. The comparison of"
                " dates takes that into account."
            )

    def _blocked(self, index: AssetIndex) -> set[str]:
        """Return the keys of the folders whose names assets have: one conflict for all that lies in such a folder."""
        blocked: set[str] = set()
        for folder in sorted(self._tree.folders):
            if not _is_in(folder, blocked) and index.has(pairing_key(folder)):
                blocked.add(pairing_key(folder))
                message = f"{escaped(folder)} is a folder here, and an asset in the DAM: nothing of it is sent."
                self._outcome.refuse("conflict", message, path=escaped(folder))
        return blocked

    def _files(self, blocked: Collection[str]) -> Iterator[LocalFile]:
        """Yield the files that can be assets."""
        for file in self._tree.files:
            extension = container_extension(file.relative)
            if _is_in(file.relative, blocked):
                continue
            if extension is None:
                yield file
                continue
            why = f"its name is one of a container ({extension}), which holds assets and no file"
            self._outcome.add("skipped", path=escaped(file.relative), why=why)

    def _wanted_folders(self, files: Sequence[LocalFile], blocked: Collection[str]) -> set[str]:
        wanted = {folder for file in files for folder in parents(file.relative)}
        if self._order.makes_empty_folders:
            wanted.update(folder for folder in self._tree.folders if not _is_in(folder, blocked))
        return wanted

    def _plan(self, counterparts: Counterparts) -> UploadPlan:
        client, rules = self._client, self._order.rules
        comparison = Comparison(Originals(client), rules.checksum, rules.existing, client.clock_ahead)
        reads_ahead = self._order.put_away is not None and not self._order.check_mode
        return UploadPlan(
            rules,
            counterparts,
            self._order.captions,
            self._check_outs,
            comparison,
            time.time(),
            reads_ahead=reads_ahead,
        )

    def _warn_of_blind(self, steps: Sequence[UploadStep]) -> None:
        """Name the assets of which nothing shows whether their file is another one."""
        blind = [
            step.todo.asset.path
            for step in steps
            if step.todo.action == "update" and step.todo.asset
            if not step.todo.asset.text("firstExtractedChecksum")
            and step.todo.asset.number("assetFileModified") is None
        ]
        if blind:
            self._warn(
                "The DAM shows neither a checksum nor a date of these assets, so their files are sent in each run:"
                f" {named(blind)}."
            )


def _is_in(relative: str, folders: Collection[str]) -> bool:
    """Tell whether a path is one of these folders, which are keys, or lies in one."""
    return bool(folders) and any(pairing_key(name) in folders for name in (*parents(relative), relative))
