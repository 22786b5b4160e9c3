# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings what lies in a local folder into the DAM: lists, plans, sends, removes. Private to damops.elvis."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._elvis.assets import Assets, Writing
from .._elvis.client import Client
from .._elvis.folders import find_folder, make_folders
from .._elvis.hits import Hit, stored_otherwise
from .._elvis.paths import pairing_key
from .._errors import ElvisError
from .._text import escaped
from .captions import Captions
from .check_outs import CheckOuts
from .contents import COMPARED_FIELDS, TOLERANCE
from .local_tree import LocalFile, LocalTree, parents
from .name_filter import NameFilter
from .outcome import Outcome
from .progress import Progress
from .put_away import PutAway
from .remote_folders import RemoteFolders
from .remote_index import RemoteIndex, no_file
from .remote_tree import RemoteTree
from .removal_limit import RemovalLimit
from .stored import StoredOtherwise
from .transfers import Transfers
from .upload_plan import Step, UploadPlan, UploadRules
from .upload_sender import Done, UploadSender


@dataclass(frozen=True)
class UploadOrder:
    """What a task wants; the options of elvis_upload say what each means."""

    path: str
    rules: UploadRules
    names: NameFilter
    writing: Writing
    captions: Captions | None = None
    recursive: bool = True
    removals: RemovalLimit | None = None
    put_away: PutAway | None = None
    makes_empty_folders: bool = True
    concurrency: int = 4
    stops_at_failure: bool = False
    check_mode: bool = False


Show = Callable[[str, Mapping[str, tuple[Any, Any]]], None]


class UploadRun:
    """One run: from what lies in a folder to what the DAM has.

    :param tree: what lies in it
    :param outcome: is told what became of each file
    :param warn: takes what a person should know
    :param show: is told of each asset that changes, or would: its path, and what was before and is after
    """

    def __init__(
        self,
        client: Client,
        order: UploadOrder,
        tree: LocalTree,
        outcome: Outcome,
        progress: Progress,
        warn: Callable[[str], None],
        show: Show,
    ) -> None:
        self._client = client
        self._order = order
        self._tree = tree
        self._outcome = outcome
        self._warn = warn
        self._show = show
        self._check_outs = CheckOuts(client)
        self._stored = StoredOtherwise(order.rules.is_state)
        self._progress = progress
        self._fields: tuple[str, ...] = ()
        self._blocked: set[str] = set()
        self._in_scope = 0
        self.would_put_away = 0

    def run(self) -> None:
        """Do it.

        :raises ElvisError: when no further file could be sent
        """
        self._tell_left_out()
        captions = self._order.captions
        if captions:
            captions.match(self._tree.files, self._tree.names)
        self._fields = tuple(sorted({*self._order.rules.metadata, *(captions.fields if captions else ())}))
        plain = RemoteTree(self._client, COMPARED_FIELDS)
        writing = replace(self._order.writing, fields=self._fields)
        self._assets = Assets(self._client, plain.by_paths, plain.by_ids, writing)
        self._sender = UploadSender(self._order.rules, self._assets, self._check_outs, self._progress)
        base = find_folder(self._client, self._order.path)
        path = base or self._order.path
        index = RemoteIndex(path, self._read(base) if base else [])
        self._tell_clock()
        folders = RemoteFolders(self._client, path, base is not None, index)
        files = self._without_conflicts(index)
        folders.find(self._wanted_folders(files))
        with Transfers(
            self._client, self._order.concurrency, self._progress, stops_at_failure=self._order.stops_at_failure
        ) as transfers:
            steps = self._plan(transfers, files, index, folders)
            removals = self._find_removals(index) if self._order.removals else []
            if self._order.check_mode:
                self._predict(steps, folders.missing, removals)
            else:
                self._send(transfers, steps, folders)
                self._remove(transfers, removals, index)

    def _tell_left_out(self) -> None:
        for left in self._tree.skipped:
            self._outcome.add("skipped", path=left.relative, why=left.why)
        for left in self._tree.failed:
            message = f"{left.relative} is not sent: {left.why}."
            self._outcome.refuse(left.reason or "bad_request", message, path=left.relative)
        if self._tree.ahead:
            self._warn(f"{self._tree.ahead} files have a date that is ahead of this machine's clock.")

    def _tell_clock(self) -> None:
        if abs(self._client.clock_ahead) > 2 * TOLERANCE:
            self._warn(
                f"The server's clock is {self._client.clock_ahead:+.0f} s off this machine's. The comparison of"
                " dates takes that into account."
            )

    def _read(self, base: str) -> list[Hit]:
        fields = self._fields if self._order.rules.is_state else ()
        remote = RemoteTree(self._client, (*COMPARED_FIELDS, *fields))
        return [hit for page in remote.tree(base) for hit in page.hits]

    def _without_conflicts(self, index: RemoteIndex) -> list[LocalFile]:
        """Return the files but those below a folder whose name an asset has: one conflict for them all."""
        for folder in sorted(self._tree.folders):
            if not self._is_blocked(folder) and index.has(pairing_key(folder)):
                self._blocked.add(pairing_key(folder))
                message = f"{escaped(folder)} is a folder here, and an asset in the DAM: nothing of it is sent."
                self._outcome.refuse("conflict", message, path=escaped(folder))
        return [file for file in self._tree.files if not self._is_blocked(file.relative)]

    def _is_blocked(self, relative: str) -> bool:
        if not self._blocked:
            return False
        return any(pairing_key(name) in self._blocked for name in (*parents(relative), relative))

    def _wanted_folders(self, files: Sequence[LocalFile]) -> set[str]:
        wanted = {folder for file in files for folder in parents(file.relative)}
        if self._order.makes_empty_folders:
            wanted.update(folder for folder in self._tree.folders if not self._is_blocked(folder))
        return wanted

    def _plan(
        self, transfers: Transfers, files: Sequence[LocalFile], index: RemoteIndex, folders: RemoteFolders
    ) -> list[Step]:
        order = self._order
        plan = UploadPlan(
            order.rules,
            index,
            folders.paths,
            order.captions,
            self._check_outs,
            clock_ahead=self._client.clock_ahead,
            now=time.time(),
        )
        planned = transfers.run("Compared", plan.plan, files, fail=plan.refused)
        if transfers.fatal:
            raise transfers.fatal
        return [
            plan.refused(step.file, plan.meets_folder(step.path))
            if step.action == "create" and folders.is_folder(step.file.relative)
            else step
            for step in planned
            if step
        ]

    def _predict(self, steps: Sequence[Step], missing: Sequence[str], removals: Sequence[Hit]) -> None:
        """Tell what would be done."""
        self._outcome.folders += missing
        for step in steps:
            self._tell(step, Done(step, step.asset, error=step.error))
            self.would_put_away += step.error is None and (step.same or step.sends_file)
        self._check_removals(removals)
        for asset in removals:
            self._tell_removed(asset)

    def _send(self, transfers: Transfers, steps: Sequence[Step], folders: RemoteFolders) -> None:
        """Make the folders, and do the steps."""
        made = make_folders(self._client, folders.missing)
        self._outcome.folders += made.new
        for path, error in made.failed.items():
            self._outcome.fail(error, path=path)
        lacking = tuple(f"{path}/" for path in made.failed)
        done = transfers.run("Uploaded", self._do(lacking), steps, fail=_failed, size=_size)
        for step, one in zip(steps, done):
            if one:
                self._tell(step, one)
            else:
                self._outcome.left += 1
        self._outcome.bytes = self._progress.bytes
        self._stored.tell(self._warn)
        if self._order.put_away:
            self._order.put_away.tell(self._warn)
        if transfers.fatal:
            raise transfers.fatal

    def _do(self, lacking: tuple[str, ...]) -> Callable[[Step], Done]:
        """Return what does one step; ``lacking`` are the folders that could not be made."""

        def do(step: Step) -> Done:
            if step.action == "failed":
                return Done(step, step.asset, error=step.error)
            if lacking and step.path.startswith(lacking):
                raise ElvisError(f"{step.path} was not sent: its folder could not be made.", "forbidden")
            done = self._sender.send(step) if step.action != "unchanged" else None
            done = done or Done(step, step.asset, checksum=step.checksum)
            if self._order.put_away and done.hit and done.checksum:
                try:
                    self._order.put_away(step.file, done.hit, done.checksum)
                except ElvisError as error:
                    done = done._replace(error=error)
            return done

        return do

    def _tell(self, step: Step, done: Done) -> None:
        """Tell what became of one file, or would."""
        asset = done.hit
        entry: dict[str, Any] = {"path": asset.path if asset else step.path, "id": asset.id if asset else None}
        if done.error:
            self._outcome.fail(done.error, **entry)
        elif step.action == "unchanged" or not done.is_new:
            self._outcome.add("unchanged", **entry)
        else:
            self._outcome.add(
                "created" if step.action == "create" else "updated",
                **entry,
                bytes=step.file.size if step.sends_file else None,
                compared_by=step.by,
                fields=sorted(step.changes) or None,
            )
            changes = dict(step.changes)
            if step.sends_file:
                changes["file"] = ("other content" if step.asset else None, "file")
            self._show(entry["path"], changes)
            if asset and step.wanted and not self._order.check_mode:
                self._note_stored(step, asset)

    def _note_stored(self, step: Step, asset: Hit) -> None:
        sent = {name: value for name, (_before, value) in step.wanted.items()}
        self._stored.add(asset.path, stored_otherwise(asset.fields, sent, sent))

    def _find_removals(self, index: RemoteIndex) -> list[Hit]:
        """Return the assets that have no counterpart here."""
        removals = []
        for asset in index.assets:
            relative = index.relative(asset)
            if not self._order.names.takes(relative, self._order.recursive):
                continue
            obstacle = no_file(asset)
            if obstacle:
                self._outcome.add("skipped", path=asset.path, id=asset.id, why=f"it is {obstacle}")
                continue
            self._in_scope += 1
            if self._tree.has(pairing_key(relative)):
                continue
            empty = next((name for name in parents(relative) if pairing_key(name) in self._tree.empty), None)
            if empty:
                why = (
                    f"{escaped(empty)} is empty here, like a mount point without its disk: nothing below it is removed"
                )
                self._outcome.add("skipped", path=asset.path, id=asset.id, why=why)
            else:
                removals.append(asset)
        return sorted(removals, key=lambda asset: asset.path)

    def _check_removals(self, removals: Sequence[Hit]) -> None:
        """Make sure that the assets may be removed.

        :raises ElvisError: when they may not
        """
        if not (removals and self._order.removals):
            return
        mistakes = (
            (not self._outcome.is_clean, "something failed before"),
            (not self._tree.is_whole, "not all of src could be read"),
            (not self._tree.names, "src is empty"),
        )
        for is_made, mistake in mistakes:
            if is_made:
                raise ElvisError(
                    f"{len(removals)} assets have no counterpart in src, and were not removed: {mistake}.", "conflict"
                )
        self._order.removals.check(len(removals), self._in_scope, "assets")

    def _remove(self, transfers: Transfers, removals: Sequence[Hit], index: RemoteIndex) -> None:
        self._check_removals(removals)

        def remove(asset: Hit) -> Hit:
            if self._tree.has(pairing_key(index.relative(asset))):
                raise ElvisError(
                    f"{asset.path} was not removed: a file with its name has appeared in src meanwhile.", "conflict"
                )
            self._assets.remove(asset)
            return asset

        results = transfers.run("Removed", remove, removals, fail=lambda _asset, error: error)
        for asset, result in zip(removals, results):
            if isinstance(result, ElvisError):
                self._outcome.fail(result, path=asset.path, id=asset.id)
            elif result:
                self._tell_removed(asset)
            else:
                self._outcome.left += 1
        if transfers.fatal:
            raise transfers.fatal

    def _tell_removed(self, asset: Hit) -> None:
        self._outcome.add("removed", path=asset.path, id=asset.id)
        self._show(asset.path, {"state": ("present", "absent")})


def _failed(step: Step, error: ElvisError) -> Done:
    return Done(step, step.asset, error=error)


def _size(step: Step) -> int:
    return step.file.size if step.sends_file else 0
