# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan of an upload: its steps, and which of them are done. Private to damops.elvis."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, NamedTuple

from .._dam.asset_finder import AssetFinder
from .._dam.check_outs import CheckOuts
from .._dam.hits import Hit
from .._elvis.advice import MEANINGS
from .._errors import CallFailure, ElvisError
from .._files.source import LocalSource
from .._work.journal import Journal
from .._work.plan import NotApproved, Step, folder_step, step_of
from .._work.step_threads import StepThreads
from .drop_folder import DropFolder
from .remote_removals import RemoteRemovals
from .upload_plan import UploadStep
from .upload_survey import Survey

ACTIONS = {"create": "create", "update": "update", "describe": "update"}


class _Reviewed(NamedTuple):
    """A step, and what a plan has of it: nothing where nothing is done."""

    step: UploadStep
    planned: Sequence[Step] = ()


class UploadReview:
    """What compares the steps of one task with its plan.

    :param finder: reads all fields that the task compares or writes
    :param drop_folder: None where files stay
    """

    def __init__(
        self, finder: AssetFinder, check_outs: CheckOuts, drop_folder: DropFolder | None, journal: Journal
    ) -> None:
        self._finder = finder
        self._check_outs = check_outs
        self._drop_folder = drop_folder
        self._journal = journal
        self._plan = journal.plan
        self._checksums: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    def foresee(self, threads: StepThreads, survey: Survey, removals: RemoteRemovals | None) -> Survey:
        """Give the plan in the making all steps; return what can be done.

        :raises ElvisError: when no further file could be read
        """
        for folder in survey.missing:
            self._plan.foresee(folder_step(folder))
        reviewed = self._review(threads, survey.steps)
        for planned in (planned for one in reviewed for planned in one.planned):
            self._plan.foresee(planned)
        for step in removals.steps if removals else ():
            self._plan.foresee(step)
        return survey._replace(steps=[one.step for one in reviewed])

    def approved(self, threads: StepThreads, survey: Survey, removals: RemoteRemovals | None) -> Survey:
        """Return what is to be done of all that the plan has, and tell of the rest.

        :raises ElvisError: when there is a rest, and the task does not do without it
        """
        plan = self._plan
        new_folders = {folder: plan.refusal(folder_step(folder)) for folder in survey.missing}
        lacks_folders = any(new_folders.values())
        reviewed = self._review(threads, survey.steps)
        refusals = [self._refusal(one) for one in reviewed]
        for step in removals.steps if removals else ():
            plan.refusal(step)
        steps = []
        for one, refusal in zip(reviewed, refusals):
            asset, path = one.step.todo.asset, one.step.todo.path
            needs_new = lacks_folders and path.startswith(tuple(f"{folder}/" for folder in new_folders))
            is_held = one.planned and (needs_new or self._ends_check_out(one.step))
            error = refusal or (plan.withheld(path) if is_held else None)
            if error:
                self._journal.not_done(error, path=path, id=asset.id if asset else None)
            else:
                steps.append(one.step)
        unfit = [step for step in steps if step.todo.error and not step.is_gone]
        is_unfit = unfit or (removals and removals.has_unfit) or self._journal.outcome.failed
        if plan.needs_review and (plan.not_approved or is_unfit):
            self._tell_all(new_folders, unfit, removals)
            raise plan.mismatch()
        return survey._replace(steps=steps, missing=() if lacks_folders else survey.missing)

    def refusal(self, step: UploadStep) -> NotApproved | None:
        """Return why a step must not be done by now, None where it is as it was; several threads may ask.

        :raises ElvisError: when the server can't be asked
        """
        if not self._plan.is_approval or step.todo.action in ("failed", "unchanged"):
            return None
        todo = step.todo
        if todo.asset:
            found: Hit | None = self._finder.by_ids([todo.asset.id]).get(todo.asset.id)
            path = found.path if found else f"{todo.path} (no longer there)"
        else:
            found, path = self._finder.by_paths([todo.path]).get(todo.path), todo.path
        wanted = {name: (found.fields.get(name) if found else None, after) for name, after in todo.metadata.items()}
        now = todo._replace(asset=found, path=path, wanted=wanted)
        return self._plan.refusal(self._write_step(step._replace(todo=now)))

    def checksum(self, step: UploadStep) -> str | None:
        """Return the SHA-256 that a file must have, None where that is not asked for."""
        return self._checksums.get(step.file.relative)

    def kept(self, step: UploadStep) -> str | None:
        """Return why a file stays of which nobody approved that it is put away, None where it is."""
        withheld = self._plan.withheld(step.todo.path)
        return withheld.left_out if withheld else self._kept.get(step.file.relative)

    def _tell_all(
        self,
        new_folders: dict[str, NotApproved | None],
        unfit: Sequence[UploadStep],
        removals: RemoteRemovals | None,
    ) -> None:
        for folder, refusal in new_folders.items():
            if refusal:
                self._journal.not_done(refusal, path=folder)
        for step in unfit:
            if step.todo.error:
                self._journal.not_done(step.todo.error, path=step.todo.path)
        if removals:
            removals.tell_refusals()

    def _refusal(self, reviewed: _Reviewed) -> NotApproved | None:
        return next(filter(None, map(self._plan.refusal, reviewed.planned)), None)

    def _ends_check_out(self, step: UploadStep) -> bool:
        asset = step.todo.asset
        return step.todo.ends_check_out or bool(asset and self._check_outs.of_another(asset))

    def _review(self, threads: StepThreads, steps: Sequence[UploadStep]) -> list[_Reviewed]:
        results = threads.run("Read", self._reviewed, steps, fail=_unfit)
        if threads.fatal:
            raise threads.fatal
        return [one for one in results if one]

    def _reviewed(self, step: UploadStep) -> _Reviewed:
        action = step.todo.action
        if action == "failed" or (action == "unchanged" and not self._goes(step)):
            return _Reviewed(step)
        if action != "describe" or self._drop_folder:
            self._checksums[step.file.relative] = _checksum(step)
        # Two steps: where a task was killed between them, the second is still approved.
        writes = () if action == "unchanged" else (self._write_step(step),)
        return _Reviewed(step, (*writes, self._put_away_step(step)) if self._drop_folder else writes)

    def _goes(self, step: UploadStep) -> bool:
        """Tell whether a file goes although nothing is written."""
        if self._drop_folder is None:
            return False
        why = self._drop_folder.foresee(step)
        if why:
            self._kept[step.file.relative] = why
        return not why

    def _write_step(self, step: UploadStep) -> Step:
        todo = step.todo
        return step_of(ACTIONS[todo.action], todo.path, todo.asset, todo.changes, **self._file_of(step))

    def _put_away_step(self, step: UploadStep) -> Step:
        # Of the asset, only what a plan can know that makes it; that it holds the file is proven right before.
        return step_of("put_away", step.todo.path, None, {}, **self._file_of(step))

    def _file_of(self, step: UploadStep) -> dict[str, Any]:
        checksum = self._checksums.get(step.file.relative)
        return {"file": step.file.relative, "size": step.file.size if checksum else None, "sha256": checksum}


def _checksum(step: UploadStep) -> str:
    """Return the SHA-256 of a file: two files with one MD5, by which Elvis knows a file, can be made on purpose.

    What is sent is compared with it once more, before its last bytes go out.
    """
    found = hashlib.sha256()
    try:
        for chunk in LocalSource(step.file).chunks():
            found.update(chunk)
    except CallFailure as failure:
        raise ElvisError(f"{failure.summary}.", MEANINGS[failure.kind].reason) from None
    return found.hexdigest()


def _unfit(step: UploadStep, error: ElvisError) -> _Reviewed:
    return _Reviewed(step._replace(todo=step.todo._replace(action="failed", error=error)))
