# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings what lies in a local folder into the DAM: surveys, sends, removes. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from .._dam.asset_finder import AssetFinder
from .._dam.assets import Assets
from .._dam.check_outs import CheckOuts
from .._dam.contents import COMPARED_FIELDS, Proofs
from .._dam.folders import make_folders
from .._elvis.client import Client
from .._errors import ElvisError
from .._files.tree import LocalTree
from .._work.idle_names import warn_of_idle
from .._work.journal import Journal
from .._work.plan import NO_PLAN
from .._work.step_threads import StepThreads
from .drop_folder import DropFolder
from .gone_files import GoneFiles
from .remote_removals import RemoteRemovals
from .upload_order import UploadOrder
from .upload_plan import UploadStep
from .upload_record import UploadRecord
from .upload_review import UploadReview
from .upload_sender import Gone, UploadDone, UploadSender
from .upload_survey import Survey, UploadSurvey


class UploadRun:
    """One task.

    :param tree: what lies in the local folder
    """

    def __init__(self, client: Client, order: UploadOrder, tree: LocalTree, journal: Journal) -> None:
        check_outs = CheckOuts(client, force=order.rules.force, check_in=order.rules.check_in)
        writing = replace(order.writing, fields=tuple(order.fields), settles_later=True)
        self._client = client
        self._check_outs = check_outs
        self._order = order
        self._tree = tree
        self._journal = journal
        self._survey = UploadSurvey(client, order, tree, check_outs, journal)
        key = order.match.field if order.match else None
        finder = AssetFinder(client, (*COMPARED_FIELDS, *([key] if key else ())))
        self._assets = Assets(client, finder, writing, check_outs, key)
        self._gone_files = GoneFiles(client, finder)
        self._drop_folder = DropFolder(Proofs(client), order.put_away) if order.put_away else None
        compared = AssetFinder(client, (*COMPARED_FIELDS, *order.fields))
        self._review = UploadReview(compared, check_outs, self._drop_folder, journal)
        self._record = UploadRecord(order, journal)

    def run(self) -> dict[str, Any]:
        """Do it, and return the result.

        :raises ElvisError: when anything failed, with all that was done
        """
        outcome = self._journal.outcome
        try:
            with StepThreads(
                self._client,
                self._order.concurrency,
                self._journal.progress,
                stops_at_failure=self._order.stops_at_failure,
            ) as threads:
                self._bring_over(threads)
        except ElvisError as error:
            raise outcome.broken_off(error) from None
        return outcome.finish()

    def _bring_over(self, threads: StepThreads) -> None:
        survey = self._survey.take(threads)
        removals = self._removals(survey)
        warn_of_idle(self._order.names, self._journal, removes=removals is not None)
        if self._journal.plan.is_approval:
            survey = self._review.approved(threads, survey, removals)
        elif self._order.check_mode and self._journal.plan is not NO_PLAN:
            survey = self._review.foresee(threads, survey, removals)
        do = self._foresee if self._order.check_mode else self._send
        do(threads, survey)
        self._record.end()
        if threads.fatal:
            raise threads.fatal
        if removals is None or removals.withhold():
            return
        if self._order.check_mode:
            removals.predict()
        else:
            removals.remove(threads, self._assets)

    def _removals(self, survey: Survey) -> RemoteRemovals | None:
        order = self._order
        if order.removals is None:
            return None
        removals = RemoteRemovals(order.removals, self._tree, survey.assets, self._check_outs, self._journal)
        removals.find(order.names, recursive=order.recursive)
        return removals

    def _foresee(self, threads: StepThreads, survey: Survey) -> None:
        """Find out what would be done."""

        def foresee(step: UploadStep) -> UploadDone:
            is_put_away = self._drop_folder and not step.todo.error
            kept = self._drop_folder.foresee(step) if self._drop_folder and is_put_away else None
            gone = Gone(step.checksum) if step.is_gone else None
            return UploadDone(step, step.todo.asset, kept=kept, gone=gone, error=step.todo.error)

        self._journal.outcome.folders += survey.missing
        done_of = self._gone_files.judge(threads, threads.run("Checked", foresee, survey.steps, fail=_failed))
        for step, done in zip(survey.steps, done_of):
            self._record.foresee(step, done)

    def _send(self, threads: StepThreads, survey: Survey) -> None:
        """Make the folders, and do the steps."""
        outcome, steps = self._journal.outcome, survey.steps
        made = make_folders(self._client, survey.missing)
        outcome.folders += made.new
        for path, error in made.failed.items():
            outcome.fail(error, path=path)
        self._assets.expect_files(step.todo.asset for step in steps if step.todo.asset and step.todo.action == "update")
        sender = UploadSender(self._assets, self._journal, made.failed, self._drop_folder, self._review)
        done = threads.run("Uploaded", sender.do, steps, fail=_failed, size=lambda step: step.size)
        settled = self._settled(threads, sender, done)
        for step, one in zip(steps, self._gone_files.judge(threads, settled)):
            if one:
                self._record.add(step, one)
            else:
                outcome.not_started += 1
        outcome.bytes = self._journal.progress.bytes

    def _settled(
        self, threads: StepThreads, sender: UploadSender, done: Sequence[UploadDone | None]
    ) -> list[UploadDone | None]:
        """Look up, many at once, what was written without an answer that shows it, and go on with it."""
        waiting = [(number, one) for number, one in enumerate(done) if one and one.unshown]
        writes = [one.unshown[0].result for _number, one in waiting if one.unshown]
        settled = list(done)
        if not writes:
            return settled
        try:
            found = self._assets.settle(writes)
        except ElvisError as error:
            threads.end(error)
            found = [error] * len(writes)
        for (number, one), asset in zip(waiting, found):
            settled[number] = sender.settle(one, asset)
        return settled


def _failed(step: UploadStep, error: ElvisError) -> UploadDone:
    return UploadDone(step, step.todo.asset, is_written="changes" in error.done, error=error)
