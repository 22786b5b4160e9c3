# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings what the DAM has into a local folder: plans, fetches, removes. Private to damops.elvis."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from .._dam.contents import Proofs
from .._dam.hits import Hit
from .._elvis.client import Client
from .._elvis.paths import pairing_key
from .._errors import CallFailure, ElvisError, system_words
from .._files.draft import DISK_LOST
from .._files.local_paths import shown_path
from .._files.places import LocalPlaces, Place
from .._files.source import LocalSource
from .._files.tree import LocalFile
from .._text import named
from .._work.idle_names import warn_of_idle
from .._work.journal import Journal
from .._work.step_threads import StepThreads
from .download_plan import DownloadOrder, DownloadPlan, DownloadStep
from .file_fetch import FileFetch
from .local_removals import LocalRemovals


class DownloadRun:
    """One run: from what the DAM has to what lies in a local folder."""

    def __init__(self, client: Client, order: DownloadOrder, journal: Journal) -> None:
        self._client = client
        self._order = order
        self._journal = journal
        self._outcome = journal.outcome
        self._progress = journal.progress
        self._warn = journal.warn
        self._places = LocalPlaces(order.dest)
        self._proofs = Proofs(client)
        self._plan = DownloadPlan(order, self._places, self._leave_out, self._is_stored)
        self._is_disk_lost = False
        self._sizes: list[str] = []
        self._undatable: list[str] = []
        self.files: list[tuple[str, Hit]] = []

    def run(self, assets: Iterable[Hit]) -> None:
        """Do it.

        :raises ElvisError: when no further file could be fetched
        """
        everything = list(assets)
        steps = self._plan.plan(everything)
        self.files = [(step.relative, step.asset) for step in steps if not step.error]
        removals = self._removals(everything, steps)
        warn_of_idle(self._order.names, self._journal, removes=removals is not None)
        if self._order.check_mode:
            self._outcome.folders += map(shown_path, self._missing(steps))
            for step in steps:
                self._record(step)
            self._warn_of_oddities()
            if removals:
                removals.predict()
            return
        with StepThreads(
            self._client, self._order.concurrency, self._progress, stops_at_failure=self._order.stops_at_failure
        ) as threads:
            self._fetch_all(threads, steps)
            if removals:
                removals.remove(self._client)

    def _removals(self, assets: Sequence[Hit], steps: Sequence[DownloadStep]) -> LocalRemovals | None:
        if self._order.removals is None:
            return None
        there = {pairing_key(self._plan.relative(asset)) for asset in assets}
        removals = LocalRemovals(
            self._order.removals,
            self._order,
            there,
            self._journal,
            is_anything_fetched=bool(steps),
        )
        removals.find(self._places.root)
        return removals

    def _leave_out(self, asset: Hit, why: str) -> None:
        self._outcome.add("skipped", path=asset.path, id=asset.id, why=why)

    def _is_stored(self, asset: Hit, file: LocalFile) -> bool:
        try:
            checksum = LocalSource(file).checksum()
        except CallFailure:
            return False
        return self._proofs.found(asset, checksum) is None

    def _missing(self, steps: Sequence[DownloadStep]) -> list[bytes]:
        """Return the folders that have to be made for what is fetched."""
        wanted = {os.path.dirname(step.place.path) for step in steps if step.place and step.is_due}  # noqa: PTH120
        return [
            folder
            for folder in self._places.missing
            if any(one == folder or one.startswith(folder + b"/") for one in wanted)
        ]

    def _fetch_all(self, threads: StepThreads, steps: Sequence[DownloadStep]) -> None:
        self._places.remove_old_parts()
        unmade = self._make_folders(steps)
        plan = self._plan
        fetch = FileFetch(self._client, plan.url, plan.size, self._progress.add, self._lose_disk)

        def do(step: DownloadStep) -> DownloadStep:
            if step.is_due and step.place and not step.error:
                _check_folder(step.place, unmade)
                return step._replace(fetched=fetch.fetch(step.asset, step.place))
            return step

        def fail(step: DownloadStep, error: ElvisError) -> DownloadStep:
            if self._is_disk_lost:
                threads.end(error)
            return step._replace(error=error)

        for done in threads.run("Downloaded", do, steps, fail=fail, size=self._size):
            if done:
                self._record(done)
            else:
                self._outcome.not_started += 1
        self._outcome.bytes = self._progress.bytes
        self._warn_of_oddities()
        if threads.fatal:
            raise threads.fatal

    def _make_folders(self, steps: Sequence[DownloadStep]) -> dict[bytes, ElvisError]:
        """Make the folders that are missing; return those that can't be made, and why.

        :raises ElvisError: when nothing could be written
        """
        unmade: dict[bytes, ElvisError] = {}
        for folder in self._missing(steps):
            try:
                self._places.make(folder)
            except OSError as problem:  # noqa: PERF203 - each may fail for itself
                error = ElvisError(f"{shown_path(folder)} can't be made: {system_words(problem)}.", "storage")
                if problem.errno in DISK_LOST or folder == self._places.root:
                    raise error from None
                unmade[folder] = error
            else:
                self._outcome.folders.append(shown_path(folder))
        return unmade

    def _size(self, step: DownloadStep) -> int:
        return (self._plan.size(step.asset) or 0) if step.is_due else 0

    def _lose_disk(self) -> None:
        self._is_disk_lost = True

    def _record(self, step: DownloadStep) -> None:
        entry = {"path": step.asset.path, "id": step.asset.id}
        dest = shown_path(step.place.path) if step.place else None
        if step.error:
            self._outcome.fail(step.error, **entry, dest=dest)
        elif not step.is_due:
            self._outcome.add("unchanged", **entry, dest=dest)
        else:
            there = step.place is not None and step.place.found is not None
            size = step.fetched.size if step.fetched else self._plan.size(step.asset)
            self._outcome.add(
                "updated" if there else "created",
                **entry,
                dest=dest,
                bytes=size,
                file_size=self._odd_size(step),
                compared_by=step.by,
            )
            self._journal.diffs.add_changes(dest or "", {"state": ("other content" if there else "absent", "file")})

    def _odd_size(self, step: DownloadStep) -> int | None:
        """Return the size that the DAM shows, where that of the file is another one."""
        fetched = step.fetched
        if fetched and not fetched.has_date:
            self._undatable.append(step.asset.path)
        if fetched is None or fetched.shown in (None, fetched.size):
            return None
        self._sizes.append(f"{step.asset.path} ({fetched.size} instead of {fetched.shown} bytes)")
        return fetched.shown

    def _warn_of_oddities(self) -> None:
        """Tell once of each kind of file that is not as the DAM shows it."""
        for what, names in (
            (
                "Files have another size than the DAM shows, as a server leaves them that writes texts into them",
                self._sizes,
            ),
            ("The disk can't keep the dates of files, which have the nearest one that it can", self._undatable),
            ("Assets have no assetFileModified, so that their files are compared by size alone", self._plan.undated),
        ):
            if names:
                self._warn(f"{what}: {named(names)}.")


def _check_folder(place: Place, unmade: Mapping[bytes, ElvisError]) -> None:
    for folder, error in unmade.items():
        if place.path.startswith(folder + b"/"):
            raise error
