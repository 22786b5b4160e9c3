# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out what is to be done with each local file. Private to damops.elvis."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

from .._changes.asset_step import AssetStep, content_of, step_for
from .._dam.check_outs import CheckOuts
from .._dam.contents import Comparison
from .._dam.hits import Hit
from .._dam.metadata_values import BadValue, wanted_values
from .._elvis.advice import MEANINGS
from .._elvis.field_values import differing
from .._errors import CallFailure, ElvisError
from .._files.source import LocalSource
from .._files.tree import LocalFile
from .._work.diffs import Changes
from .._work.step_threads import StepThreads
from .captions import Captions
from .counterparts import Counterparts
from .upload_order import UploadRules

MOST_READ_AHEAD = 1024 * 1024
"""Bytes of a file that is read once more than it is sent: that takes no time beside a request."""


class UploadStep(NamedTuple):
    """What is to be done with one file.

    :param todo: what is to be done with its asset
    :param keeps_row: whether the asset differs from the row of the file, and stays as it is
    :param checksum: the MD5 of the file, where it was read
    :param is_gone: whether the file went before it was compared
    """

    file: LocalFile
    todo: AssetStep
    keeps_row: bool = False
    checksum: str | None = None
    is_gone: bool = False

    @property
    def size(self) -> int:
        """How many bytes are sent."""
        return self.file.size if self.todo.sends_file else 0


class UploadPlan:
    """The files of a tree, and the assets that they are to be.

    :param comparison: decides which contents differ
    :param now: the time when the task began
    :param reads_ahead: whether another run may take files away first, so that their checksums are read early
    """

    def __init__(
        self,
        rules: UploadRules,
        counterparts: Counterparts,
        captions: Captions | None,
        check_outs: CheckOuts,
        comparison: Comparison,
        now: float,
        *,
        reads_ahead: bool = False,
    ) -> None:
        self._rules = rules
        self._counterparts = counterparts
        self._captions = captions
        self._check_outs = check_outs
        self._comparison = comparison
        self._now = now
        self._reads_ahead = reads_ahead

    def steps(self, threads: StepThreads, files: Sequence[LocalFile]) -> list[UploadStep]:
        """Return what is to be done with each file.

        :raises ElvisError: when no further one could be compared
        """
        planned = threads.run("Compared", self._plan, files, fail=self._refused)
        if threads.fatal:
            raise threads.fatal
        return [self._unless_folder(step) for step in planned if step]

    def _plan(self, file: LocalFile) -> UploadStep:
        """Return what is to be done with a file; it is read where only its content tells."""
        path = self._counterparts.path_of(file.relative)
        asset, mistake = self._counterparts.find(file.relative)
        if mistake:
            return self._refused(file, ElvisError(f"{path} was left unchanged: {mistake}.", "conflict"))
        wanted, keeps_row = self._metadata(file, asset)
        source = LocalSource(file)
        if asset is None:
            return UploadStep(file, AssetStep(path, "create", wanted=wanted), checksum=self._read_ahead(source))
        try:
            by = self._comparison.differs(content_of(file, source, self._now), asset)
        except CallFailure as failure:
            error = ElvisError(f"{failure.summary}.", MEANINGS[failure.kind].reason)
            return UploadStep(file, AssetStep(path, "failed", asset, error=error), is_gone=source.is_gone)
        return UploadStep(file, step_for(asset, wanted, by, self._check_outs), keeps_row, source.known_checksum)

    def _read_ahead(self, source: LocalSource) -> str | None:
        """Return the MD5 of a file that another run may take away before it is sent, None where it is not read."""
        if self._reads_ahead and source.size <= MOST_READ_AHEAD:
            with contextlib.suppress(CallFailure):
                return source.checksum()
        return None

    def _metadata(self, file: LocalFile, asset: Hit | None) -> tuple[Changes, bool]:
        """Return the metadata that are to be set, and whether the row of the file differs from what then stays.

        :raises ElvisError: when a value can't be one of its field
        """
        present = asset.fields if asset else {}
        if asset and not self._rules.is_state:
            return {}, self._captions is not None and self._captions.differs(file, present)
        described = self._captions.of(file, present) if self._captions else {}
        try:
            for_all = wanted_values(present, self._rules.metadata)
        except BadValue as mistake:
            raise ElvisError(f"metadata: {mistake}.", "bad_request") from None
        return differing(present, {**for_all, **described}), False

    def _unless_folder(self, step: UploadStep) -> UploadStep:
        """Return a step, but refuse to create what has the name of a folder."""
        if step.todo.action != "create" or not self._counterparts.is_folder(step.file.relative):
            return step
        error = ElvisError(f"{step.todo.path} was not sent: a folder in the DAM has that name.", "conflict")
        return self._refused(step.file, error)

    def _refused(self, file: LocalFile, error: ElvisError) -> UploadStep:
        """Return the step for a file with which nothing can be done."""
        return UploadStep(file, AssetStep(self._counterparts.path_of(file.relative), "failed", error=error))
