# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Works through all assets whose metadata are wanted, and tells what became of them. Private to damops.elvis."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from .._dam import index_lag
from .._dam.asset_keys import ID, PATH
from .._dam.metadata_requests import MOST_AT_ONCE
from .._elvis.client import Client
from .._elvis.field_values import flat
from .._errors import ElvisError
from .._tables.rows import Key, Summary
from .._work.journal import Journal
from .._work.parallel import Workers
from .._work.plan import why_left_out
from .._work.stored import StoredOtherwise
from .metadata_writer import MetadataDone, MetadataRules, MetadataWriter, WantedMetadata
from .named_assets import record_missing
from .new_fields import NewFields

MOST_CHARACTERS = 1024 * 1024
"""Of the values that one request writes."""


class Job(NamedTuple):
    """What is wanted.

    :param wanted: may be read several times
    :param total: of how many assets
    :param summary: what is in the file that says it
    :param check_limit: makes sure that so many assets may change; None where any number may
    :param take_note: is told what became of each asset
    """

    wanted: Iterable[WantedMetadata]
    total: int
    summary: Summary | None = None
    check_limit: Callable[[int], None] | None = None
    take_note: Callable[[MetadataDone], None] = lambda _done: None


class MetadataRun:
    """One task."""

    def __init__(self, client: Client, rules: MetadataRules, journal: Journal) -> None:
        self._client = client
        self._check_mode = rules.check_mode
        self._ends_check_outs = rules.force
        self._writer = MetadataWriter(client, rules, journal.plan)
        self._journal = journal
        self._outcome = journal.outcome
        self._progress = journal.progress
        self._warn = journal.warn
        self._diffs = journal.diffs
        self._stored = StoredOtherwise(is_state=True)
        self._lag_is_over_at: float | None = None
        self._new_fields = NewFields({})

    def run(self, job: Job, concurrency: int, *, stops: bool) -> dict[str, Any]:
        """Do it, and return the result.

        :param stops: whether the first failure ends the task
        :raises ElvisError: when anything failed, with all that was done
        """
        if job.check_limit:
            try:
                job.check_limit(self._writer.count_changes(list(job.wanted)))
            except ElvisError as error:
                raise self._outcome.broken_off(error) from None
        if self._journal.plan.is_approval:
            # What was found before the limit was checked is read again, just before it is compared with the plan.
            job = job._replace(wanted=_Unread(job.wanted))
        self._new_fields = NewFields(job.summary.fields if job.summary else {})
        finished = 0
        with Workers(concurrency, self._client.gate, self._progress.look) as workers:
            if self._journal.plan.needs_review or (self._journal.plan.is_approval and self._ends_check_outs):
                self._review(workers, job, 2 * concurrency)
            self._progress.begin("Compared" if self._check_mode else "Updated", job.total)
            for window in self._windows(job.wanted, 2 * concurrency):
                done = self._do(workers, window, stops=stops)
                for one in done:
                    self._record(one)
                    job.take_note(one)
                finished += len(done)
                if self._writer.fatal or (stops and self._outcome.failed):
                    break
        self._outcome.not_started = job.total - finished
        if self._stored.words:
            self._warn(self._stored.words)
        if job.summary and self._new_fields.words:
            self._warn(f"{job.summary.where}: no asset had a value in {self._new_fields.words}")
        return self._result()

    def _review(self, workers: Workers, job: Job, most: int) -> None:
        """Compare all with the plan.

        :raises ElvisError: when a step is not in it, or can't be done any more, unless the task does without such steps
        """
        plan = self._journal.plan
        for window in self._windows(job.wanted, most):
            results = workers.run(self._writer.foresee, window)
            if plan.needs_review:
                for done in (one for result in results for one in result or () if one.error):
                    self._record(done)
                    job.take_note(done)
        if self._writer.fatal or self._outcome.failed:
            raise self._outcome.broken_off(self._writer.fatal or plan.mismatch())

    def _windows(self, wanted: Iterable[WantedMetadata], most: int) -> Iterator[list[list[WantedMetadata]]]:
        """Yield some requests' worth at a time; more is read from a file only when these are done."""
        batches = _batches(wanted)
        try:
            while window := list(islice(batches, most)):
                yield window
        except ElvisError as error:
            # A file that can't be read any more.
            self._writer.fatal = self._writer.fatal or error

    def _do(self, workers: Workers, window: Sequence[Sequence[WantedMetadata]], *, stops: bool) -> list[MetadataDone]:
        """Return what became of the assets with which it was begun, in their order."""

        def work(batch: Sequence[WantedMetadata]) -> list[MetadataDone] | None:
            done = self._writer.work(batch)
            self._progress.count(len(done or ()))
            if stops and any(one.error and not why_left_out(one.error) for one in done or ()):
                workers.halt()
            return done

        results = workers.run(work, window)
        done = [one for result in results for one in result or ()]
        missing = {one.wanted.key: one for one in done if one.is_missing}
        if missing and not self._check_mode:
            self._wait_for(workers, missing)
            done = [missing.get(one.wanted.key, one) if one.is_missing else one for one in done]
        return done

    def _wait_for(self, workers: Workers, missing: dict[Key, MetadataDone]) -> None:
        """Look again for what the index may not know yet; what is found takes the place of what was missing.

        All rows wait together: what is missing later had as much time by then.
        """
        if self._lag_is_over_at is None:
            self._lag_is_over_at = time.monotonic() + index_lag.longest_lag(self._client)

        def work(left: Sequence[Key]) -> dict[Key, MetadataDone]:
            if self._writer.fatal:
                # Nothing can be found any more.
                return {key: missing[key] for key in left}
            results = workers.run(self._writer.work, list(_batches(missing[key].wanted for key in left)))
            return {one.wanted.key: one for result in results for one in result or () if not one.is_missing}

        missing.update(index_lag.find_missing(self._client, work, missing, self._lag_is_over_at))

    def _record(self, done: MetadataDone) -> None:
        kind, name = done.wanted.key
        asset = done.asset
        if asset:
            self._new_fields.look(asset.fields)
        entry: dict[str, Any] = {
            "path": asset.path if asset else (name if kind == PATH else None),
            "id": asset.id if asset else (name if kind == ID else None),
            "key": None if kind in (ID, PATH) else {kind: name},
            "assets": list(done.rivals) or None,
            **done.wanted.notes,
        }
        if done.error:
            self._journal.not_done(done.error, **entry)
            if done.freed:
                self._outcome.add("updated", **entry, fields=sorted(done.freed))
                self._diffs.add_changes(entry["path"] or "", done.freed)
        elif done.is_missing:
            words, place = f"asset with the {kind} {name}", done.wanted.place
            record_missing(
                self._outcome, self._client, words, is_absence=False, check_mode=self._check_mode, place=place, **entry
            )
        elif not done.changes:
            self._outcome.add("unchanged", **entry)
        else:
            self._outcome.add("updated", **entry, fields=sorted(done.changes), stored_as=dict(done.stored) or None)
            if done.step:
                self._journal.plan.foresee(done.step)
            self._stored.add(entry["path"], done.stored)
            self._diffs.add_changes(
                entry["path"] or "", {name: (flat(was), wanted) for name, (was, wanted) in done.changes.items()}
            )

    def _result(self) -> dict[str, Any]:
        if self._writer.fatal:
            raise self._outcome.broken_off(self._writer.fatal)
        return self._outcome.finish()


class _Unread:
    """What is wanted, without what was read of the assets before."""

    def __init__(self, wanted: Iterable[WantedMetadata]) -> None:
        self._wanted = wanted

    def __iter__(self) -> Iterator[WantedMetadata]:
        return (one._replace(asset=None) for one in self._wanted)


def _batches(wanted: Iterable[WantedMetadata]) -> Iterator[list[WantedMetadata]]:
    """Yield as many as go into one request."""
    batch: list[WantedMetadata] = []
    characters = 0
    for one in wanted:
        length = sum(len(value) if isinstance(value, str) else 10 for value in one.metadata.values())
        if batch and (len(batch) == MOST_AT_ONCE or characters + length > MOST_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(one)
        characters += length
    if batch:
        yield batch
