# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes many assets be what a task wants them to be, and tells what became of each. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._dam.asset_finder import AssetFinder, collected
from .._dam.asset_requests import Writing
from .._dam.assets import Assets, Check
from .._dam.check_outs import CheckOuts
from .._dam.hits import Hit
from .._dam.present import MOST_AT_ONCE, PresentAssets
from .._dam.query import EVERYTHING
from .._elvis.client import Client
from .._errors import ElvisError
from .._work.journal import Journal
from .._work.plan import Step, folder_step, step_of
from .._work.step_threads import StepThreads
from .bulk_aims import Access, Aim, BulkStep, Planned
from .change_limit import ChangeLimit
from .named_assets import find_named, named, record_missing, words_for


@dataclass(frozen=True)
class BulkOrder:
    """What a task wants; the options of elvis_asset_bulk say what each means.

    :param query: finds the assets, and :param names: are their ids or paths; None where the task gives none
    """

    query: str | None
    names: Sequence[str] | None
    except_query: str | None
    aim: Callable[[Access], Aim]
    limit: ChangeLimit
    force: bool
    check_mode: bool
    process_timeout: float


class _Done(NamedTuple):
    """What became of a step.

    :param is_ours: whether this task did it, and not somebody else at the same moment
    """

    error: ElvisError | None = None
    is_ours: bool = True


class BulkRun:
    """One task."""

    def __init__(self, client: Client, order: BulkOrder, journal: Journal) -> None:
        self._client = client
        self._order = order
        self._journal = journal
        self._outcome = journal.outcome
        self._finder = AssetFinder(client)
        self._present = PresentAssets(client, self._finder, order.query, order.except_query)
        check_outs = CheckOuts(client, force=order.force)
        assets = Assets(client, self._finder, Writing(process_timeout=order.process_timeout), check_outs)
        self._aim = order.aim(Access(client, self._finder, assets, check_outs))
        self._check_outs = check_outs
        self._is_other_than_before = False
        self._has_unfit = False
        self._outcome.add_keys(lambda: {"changed": True} if self._is_other_than_before else {})

    def run(self, concurrency: int, *, stops: bool) -> dict[str, Any]:
        """Do it, and return the result.

        :param stops: whether the first failure ends the task
        :raises ElvisError: when anything failed, with all that was done
        """
        try:
            steps = self._approved(self._plan())
        except ElvisError as error:
            raise self._outcome.broken_off(error) from None
        if self._order.check_mode:
            self._outcome.folders += self._aim.missing_folders
            for folder in self._aim.missing_folders:
                self._journal.plan.foresee(folder_step(folder))
            for step in steps:
                self._journal.plan.foresee(self._step_of(step))
                self._record(step, _Done())
        elif steps:
            self._do(steps, concurrency, stops=stops)
        return self._outcome.finish()

    # --- what is to be done

    def _plan(self) -> list[BulkStep]:
        """Return what is to be done, and tell of the assets with which nothing is.

        :raises ElvisError: when nothing must be done at all
        """
        hits = self._find()
        wanted = self._without_excepted(hits)
        planned = [(hit, self._step(hit)) for hit in wanted]
        steps = [step for _hit, step in planned if isinstance(step, BulkStep)]
        compared = iter(self._aim.compare(steps) if steps else ())
        planned = [(hit, next(compared) if isinstance(step, BulkStep) else step) for hit, step in planned]
        steps = [step for _hit, step in planned if isinstance(step, BulkStep)]
        if self._order.query is not None:
            what = f"assets would be {self._aim.verb}"
            self._order.limit.check_found(len(hits), len(steps), what, lambda: self._finder.count(EVERYTHING))
        for hit, step in planned:
            if isinstance(step, ElvisError):
                self._has_unfit = True
                self._outcome.fail(step, path=hit.path, id=hit.id)
            elif step is None:
                self._outcome.add("unchanged", path=hit.path, id=hit.id)
        return steps

    def _step(self, hit: Hit) -> Planned | None:
        try:
            return self._aim.step(hit)
        except ElvisError as error:
            return error

    def _without_excepted(self, hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits without those of the query for exceptions, which is read whole.

        :raises ElvisError: when it can't be
        """
        if self._order.except_query is None or not hits:
            return list(hits)
        excepted = {hit.id for hit in collected(self._finder.tree("/", self._order.except_query))}
        return [hit for hit in hits if hit.id not in excepted]

    def _find(self) -> list[Hit]:
        """Return the assets that the task names, and tell of those that are not there."""
        order = self._order
        if order.query is not None:
            return collected(self._finder.tree("/", order.query))
        names = list(dict.fromkeys(order.names or ()))
        found = find_named(self._client, names, waits=False)
        done = self._aim.find_done([name for name in names if name not in found and name.startswith("/")])
        found.update(done)
        waits = not (self._aim.is_absence or order.check_mode)
        found.update(find_named(self._client, [name for name in names if name not in found], waits=waits))
        for name in names:
            if name not in found:
                self._record_missing(name)
        return list({found[name].id: found[name] for name in names if name in found}.values())

    def _record_missing(self, name: str) -> None:
        is_absence, check_mode = self._aim.is_absence, self._order.check_mode
        record_missing(
            self._outcome, self._client, words_for(name), is_absence=is_absence, check_mode=check_mode, **named(name)
        )

    # --- what is approved

    def _approved(self, steps: Sequence[BulkStep]) -> Sequence[BulkStep]:
        """Return the steps that the plan of the task has, and tell of the others.

        :raises ElvisError: when there are others, and the task does not do without them
        """
        plan = self._journal.plan
        if not plan.is_approval:
            return steps
        # All of them before the first is withheld because of another one.
        new_folders = {folder: plan.refusal(folder_step(folder)) for folder in self._aim.missing_folders}
        refusals = [plan.refusal(self._step_of(step)) for step in steps]
        approved = []
        lacks_folders = any(new_folders.values())
        for step, refusal in zip(steps, refusals):
            is_held = self._aim.is_final or self._check_outs.of_another(step.asset)
            needs_new = lacks_folders and self._aim.folder_of(step) in new_folders
            error = refusal or (plan.withheld(step.asset.path) if is_held or needs_new else None)
            if error:
                self._journal.not_done(error, path=step.asset.path, id=step.asset.id)
            else:
                approved.append(step)
        if plan.needs_review and (plan.not_approved or self._has_unfit):
            for folder, refusal in new_folders.items():
                if refusal:
                    self._journal.not_done(refusal, path=folder)
            raise plan.mismatch()
        if lacks_folders:
            self._aim.missing_folders = []
        return approved

    def _step_of(self, step: BulkStep) -> Step:
        return step_of(self._aim.action, step.asset.path, step.asset, step.changes, **step.entry)

    # --- what is done

    def _do(self, steps: Sequence[BulkStep], concurrency: int, *, stops: bool) -> None:
        """Do the steps.

        :raises ElvisError: when no further one could be done
        """
        self._outcome.not_started = len(steps)
        if stops and self._outcome.failed:
            return
        self._outcome.folders += self._aim.prepare()
        self._present.expect([step.asset.id for step in steps])
        with StepThreads(self._client, concurrency, self._journal.progress, stops_at_failure=stops) as threads:

            def do(step: BulkStep) -> _Done:
                return _Done(is_ours=self._aim.do(step, self._guard(step, threads)))

            results = threads.run(self._aim.verb.capitalize(), do, steps, fail=lambda _step, error: _Done(error))
            begun = [(step, done) for step, done in zip(steps, results) if done]
            errors = self._confirm(threads, [step for step, done in begun if done.is_ours and not done.error])
            for step, done in begun:
                self._outcome.not_started -= 1
                self._record(step, done._replace(error=done.error or errors.get(step.asset.id)))
        if threads.fatal:
            raise self._outcome.broken_off(threads.fatal)

    def _guard(self, step: BulkStep, threads: StepThreads) -> Check:
        """Return what makes sure that an asset is as it was; where it can't be read, nothing more is changed."""
        aim = self._aim
        guard = self._present.guard(
            step.asset, is_listed=aim.needs_listing, is_placed=aim.needs_place, may_be_free=aim.may_be_free
        )

        def check() -> None:
            try:
                guard()
            except ElvisError as error:
                if error.reason != "conflict":
                    threads.end(error)
                raise

        return check

    def _confirm(self, threads: StepThreads, steps: Sequence[BulkStep]) -> dict[str, ElvisError]:
        """Return why steps that were done are not done all the same, by the ids of their assets."""
        batches = [steps[start : start + MOST_AT_ONCE] for start in range(0, len(steps), MOST_AT_ONCE)]
        results: list[list[ElvisError | None] | None] = threads.run(
            "Confirmed", self._aim.confirm, batches, fail=lambda batch, error: [error] * len(batch)
        )
        pairs = [(step, error) for batch, errors in zip(batches, results) for step, error in zip(batch, errors or ())]
        return {step.asset.id: error for step, error in pairs if error}

    def _record(self, step: BulkStep, done: _Done) -> None:
        asset = step.asset
        if done.error:
            changes = done.error.done.get("changes")
            self._is_other_than_before = self._is_other_than_before or bool(changes)
            self._outcome.fail(done.error, path=asset.path, id=asset.id, changes=changes)
            return
        if not done.is_ours:
            self._outcome.add("unchanged", path=asset.path, id=asset.id)
            return
        self._outcome.add(self._aim.kind, path=asset.path, id=asset.id, **step.entry)
        self._journal.diffs.add_changes(asset.path, step.changes)
