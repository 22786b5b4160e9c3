# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings what lies in a local folder into the DAM: lists, plans, sends, removes. Private to damops.elvis."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from .._dam.asset_finder import AssetFinder, collected
from .._dam.asset_index import AssetIndex, container_extension
from .._dam.assets import Assets, Writing
from .._dam.check_outs import CheckOuts
from .._dam.contents import COMPARED_FIELDS, LEAST_SKEW, Comparison, Proofs
from .._dam.folder_index import FolderIndex
from .._dam.folders import find_folder, make_folders
from .._dam.hits import Hit
from .._dam.originals import Originals
from .._elvis.client import Client
from .._elvis.field_values import stored_otherwise
from .._elvis.paths import pairing_key, parents
from .._errors import ElvisError
from .._files.name_filter import NameFilter
from .._files.put_away import PutAway
from .._files.tree import LocalFile, LocalTree
from .._text import counted, escaped, named
from .captions import Captions
from .diffs import Show, renamed_back
from .drop_folder import DropFolder
from .outcome import Outcome
from .progress import Progress
from .remote_removals import RemoteRemovals
from .removal_limit import RemovalLimit
from .stored import StoredOtherwise
from .transfers import Transfers
from .upload_plan import Step, UploadPlan, UploadRules
from .upload_sender import Done, UploadSender

MOST_NAMED = 5
"""Files that a warning names."""


class Kept(NamedTuple):
    """A file that stays in a drop folder, and why."""

    path: str
    why: str


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
        rules = order.rules
        self._check_outs = CheckOuts(client, force=rules.force, check_in=rules.check_in)
        self._stored = StoredOtherwise(order.rules.is_state)
        self._progress = progress
        self._fields: tuple[str, ...] = ()
        self._blocked: set[str] = set()
        put_away = order.put_away
        self._drop_folder = DropFolder(Proofs(client), put_away) if put_away else None
        self.would_put_away = 0
        self.kept: list[Kept] = []

    def run(self) -> None:
        """Do it.

        :raises ElvisError: when no further file could be sent
        """
        self._tell_left_out()
        captions = self._order.captions
        if captions:
            captions.match(self._tree.files, self._tree.names)
        self._fields = tuple(sorted({*self._order.rules.metadata, *(captions.fields if captions else ())}))
        plain = AssetFinder(self._client, COMPARED_FIELDS)
        writing = replace(self._order.writing, fields=self._fields, settles_later=True)
        self._assets = Assets(self._client, plain, writing, self._check_outs)
        base = find_folder(self._client, self._order.path)
        path = base or self._order.path
        index = AssetIndex(path, self._read(base) if base else [])
        self._tell_clock()
        folders = FolderIndex(self._client, path, base is not None, index)
        files = self._without_conflicts(index)
        folders.find(self._wanted_folders(files))
        with Transfers(
            self._client, self._order.concurrency, self._progress, stops_at_failure=self._order.stops_at_failure
        ) as transfers:
            steps = self._plan(transfers, files, index, folders)
            if captions:
                self._check_captions(captions, steps, index, path)
            self._tell_blind(steps)
            removals = self._removals(index)
            if self._order.check_mode:
                self._predict(transfers, steps, folders.missing)
            else:
                self._send(transfers, steps, folders)
            if removals and self._order.check_mode:
                removals.predict()
            elif removals:
                removals.remove(transfers, self._assets)

    def _check_captions(self, captions: Captions, steps: Sequence[Step], index: AssetIndex, path: str) -> None:
        """Refuse rows that are about other files, and tell which rows and columns a person should look at.

        :raises ElvisError: before anything is sent
        """
        captions.check_fit(index.has, [step.file for step in steps if step.action == "create"])
        if any(step.wanted for step in steps):
            captions.check_whole(index.has)
        captions.tell_new_fields((hit.fields for hit in index.assets), path)
        captions.tell_kept(sum(step.keeps_row for step in steps))

    def _tell_left_out(self) -> None:
        for left in self._tree.skipped:
            self._outcome.add("skipped", path=left.relative, why=left.why)
        for left in self._tree.failed:
            message = f"{left.relative} is not sent: {left.why}."
            self._outcome.refuse(left.reason or "bad_request", message, path=left.relative)
        if self._tree.ahead:
            self._warn(f"The date of {counted(self._tree.ahead, 'file')} is ahead of this machine's clock.")

    def _tell_clock(self) -> None:
        if abs(self._client.clock_ahead) > LEAST_SKEW:
            self._warn(
                f"The server's clock is {self._client.clock_ahead:+.0f} s off this machine's. The comparison of"
                " dates takes that into account."
            )

    def _read(self, base: str) -> list[Hit]:
        captions = self._order.captions
        fields = self._fields if self._order.rules.is_state else sorted(captions.fields) if captions else ()
        remote = AssetFinder(self._client, (*COMPARED_FIELDS, *fields))
        return collected(remote.tree(base))

    def _without_conflicts(self, index: AssetIndex) -> list[LocalFile]:
        """Return the files but those below a folder whose name an asset has: one conflict for them all."""
        for folder in sorted(self._tree.folders):
            if not self._is_blocked(folder) and index.has(pairing_key(folder)):
                self._blocked.add(pairing_key(folder))
                message = f"{escaped(folder)} is a folder here, and an asset in the DAM: nothing of it is sent."
                self._outcome.refuse("conflict", message, path=escaped(folder))
        return [
            file for file in self._tree.files if not self._is_blocked(file.relative) and self._is_file(file.relative)
        ]

    def _is_file(self, relative: str) -> bool:
        """Tell whether a name can be one of a file in the DAM."""
        extension = container_extension(relative)
        if extension:
            why = f"its name is one of a container ({extension}), which holds assets and no file"
            self._outcome.add("skipped", path=escaped(relative), why=why)
        return extension is None

    def _tell_blind(self, steps: Sequence[Step]) -> None:
        """Tell of assets of which nothing shows whether their file is another one."""
        blind = [
            step.asset.path
            for step in steps
            if step.action == "update" and step.asset
            if not step.asset.text("firstExtractedChecksum") and step.asset.number("assetFileModified") is None
        ]
        if blind:
            self._warn(
                "The DAM shows neither a checksum nor a date of these assets, so their files are sent in each run:"
                f" {named(blind)}."
            )

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
        self, transfers: Transfers, files: Sequence[LocalFile], index: AssetIndex, folders: FolderIndex
    ) -> list[Step]:
        order = self._order
        plan = UploadPlan(
            order.rules,
            index,
            folders.paths,
            order.captions,
            self._check_outs,
            Comparison(Originals(self._client), order.rules.checksum, order.rules.existing, self._client.clock_ahead),
            time.time(),
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

    def _removals(self, index: AssetIndex) -> RemoteRemovals | None:
        order = self._order
        if order.removals is None:
            return None
        removals = RemoteRemovals(order.removals, self._tree, index, self._outcome, self._show)
        removals.find(order.names, recursive=order.recursive)
        return removals

    def _predict(self, transfers: Transfers, steps: Sequence[Step], missing: Sequence[str]) -> None:
        """Tell what would be done."""
        self._outcome.folders += missing
        for step, done in zip(steps, transfers.run("Checked", self._foresee, steps, fail=_failed)):
            self._tell(step, done or Done(step, step.asset, error=step.error))
            self.would_put_away += bool(done and not (done.error or done.kept))
        self._tell_kept()
        if transfers.fatal:
            raise transfers.fatal

    def _foresee(self, step: Step) -> Done:
        """Return what would become of a step."""
        is_put_away = self._drop_folder and not step.error
        kept = self._drop_folder.foresee(step) if self._drop_folder and is_put_away else None
        return Done(step, step.asset, kept=kept, error=step.error)

    def _tell_kept(self) -> None:
        """Name the files that stay in a drop folder."""
        if not self.kept:
            return
        named = "; ".join(f"{escaped(kept.path)} ({kept.why})" for kept in self.kept[:MOST_NAMED])
        more = f"; and {len(self.kept) - MOST_NAMED} more" if len(self.kept) > MOST_NAMED else ""
        self._warn(f"These files stay where they are, because nothing proves that the DAM holds them: {named}{more}.")

    def _send(self, transfers: Transfers, steps: Sequence[Step], folders: FolderIndex) -> None:
        """Make the folders, and do the steps."""
        made = make_folders(self._client, folders.missing)
        self._outcome.folders += made.new
        for path, error in made.failed.items():
            self._outcome.fail(error, path=path)
        self._assets.expect_files(step.asset for step in steps if step.asset and step.action == "update")
        sender = UploadSender(
            self._assets,
            self._progress,
            lacking=list(made.failed),
            drop_folder=self._drop_folder,
        )
        done = transfers.run("Uploaded", sender.do, steps, fail=_failed, size=_size)
        self._settle(transfers, sender, done)
        for step, one in zip(steps, done):
            if one:
                self._tell(step, one)
            else:
                self._outcome.left += 1
        self._outcome.bytes = self._progress.bytes
        self._stored.tell(self._warn)
        self._tell_kept()
        if transfers.fatal:
            raise transfers.fatal

    def _settle(self, transfers: Transfers, sender: UploadSender, done: list[Done | None]) -> None:
        """Look up, many at once, what was written without an answer that shows it, and go on with it."""
        waiting = [(number, one) for number, one in enumerate(done) if one and one.unshown]
        writes = [one.unshown[0].result for _number, one in waiting if one.unshown]
        if not writes:
            return
        try:
            found = self._assets.settle(writes)
        except ElvisError as error:
            transfers.end(error)
            found = [error] * len(writes)
        for (number, one), asset in zip(waiting, found):
            done[number] = sender.settle(one, asset)

    def _tell(self, step: Step, done: Done) -> None:
        """Tell what became of one file, or would."""
        asset = done.hit
        entry: dict[str, Any] = {"path": asset.path if asset else step.path, "id": asset.id if asset else None}
        if done.kept:
            self.kept.append(Kept(step.file.relative, done.kept))
            entry["kept"] = done.kept
        if done.error:
            self._outcome.fail(self._with_place(step, done.error), **entry)
        if done.error and not done.is_written:
            return
        if step.action == "unchanged" or not done.is_new:
            self._outcome.add("unchanged", **entry)
        else:
            self._outcome.add(
                "created" if step.action == "create" else "updated",
                **entry,
                bytes=step.file.size if step.sends_file else None,
                compared_by=step.by,
                fields=sorted(step.changes) or None,
                renamed_back=renamed_back(done.renamed_from, entry["path"]),
            )
            changes = dict(step.changes)
            if step.sends_file:
                changes["file"] = ("other content" if step.asset else None, "file")
            self._show(entry["path"], changes)
            if asset and step.wanted and not self._order.check_mode:
                self._note_stored(step, asset)

    def _with_place(self, step: Step, error: ElvisError) -> ElvisError:
        """Return an error with the place of the value in a file that it is about."""
        captions = self._order.captions
        written = {name: value for name, (_before, value) in step.wanted.items()}
        return captions.with_place(error, step.file, written) if captions else error

    def _note_stored(self, step: Step, asset: Hit) -> None:
        sent = {name: value for name, (_before, value) in step.wanted.items()}
        self._stored.add(asset.path, stored_otherwise(asset.fields, sent, sent))


def _failed(step: Step, error: ElvisError) -> Done:
    return Done(step, step.asset, is_written="changes" in error.done, error=error)


def _size(step: Step) -> int:
    return step.file.size if step.sends_file else 0
