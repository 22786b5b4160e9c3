# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out what is to be done with each local file. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from .._dam.check_outs import CheckOuts
from .._dam.contents import By, Comparison, LocalContent
from .._dam.hits import Hit
from .._dam.metadata_values import BadValue, wanted_values
from .._elvis.advice import MEANINGS
from .._elvis.field_values import differing
from .._errors import CallFailure, ElvisError
from .._files.source import LocalSource
from .._files.tree import LocalFile
from .captions import Captions
from .counterparts import Counterparts
from .transfers import Transfers
from .upload_order import UploadRules

Action = Literal["create", "update", "describe", "unchanged", "failed"]


class Step(NamedTuple):
    """What is to be done with one file.

    :param asset: what is in the DAM
    :param wanted: the metadata that are to be set, with those that are there
    :param by: how it was found out that the content is another one
    :param ends_check_out: whether a check-out of ours is to end
    :param keeps_row: whether the asset differs from the row of the file, and stays as it is
    """

    file: LocalFile
    path: str
    action: Action
    asset: Hit | None = None
    wanted: Mapping[str, tuple[Any, Any]] = {}
    by: By | None = None
    ends_check_out: bool = False
    keeps_row: bool = False
    error: ElvisError | None = None

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """What changes about the asset but its content: for each field the value before and the one after."""
        ends = {"checkedOutBy": (self.asset.checked_out_by, None)} if self.asset and self.ends_check_out else {}
        return {**self.wanted, **ends}

    @property
    def metadata(self) -> dict[str, Any]:
        """The values that are to be set."""
        return {name: value for name, (_before, value) in self.wanted.items()}

    @property
    def sends_file(self) -> bool:
        return self.action in ("create", "update")


class UploadPlan:
    """The files of a tree, and the assets that they are to be.

    :param comparison: decides which contents differ
    :param now: the time when the task began
    """

    def __init__(
        self,
        rules: UploadRules,
        counterparts: Counterparts,
        captions: Captions | None,
        check_outs: CheckOuts,
        comparison: Comparison,
        now: float,
    ) -> None:
        self._rules = rules
        self._counterparts = counterparts
        self._captions = captions
        self._check_outs = check_outs
        self._comparison = comparison
        self._now = now

    def steps(self, transfers: Transfers, files: Sequence[LocalFile]) -> list[Step]:
        """Return what is to be done with each file.

        :raises ElvisError: when no further one could be compared
        """
        planned = transfers.run("Compared", self._plan, files, fail=self._refused)
        if transfers.fatal:
            raise transfers.fatal
        return [self._unless_folder(step) for step in planned if step]

    def _plan(self, file: LocalFile) -> Step:
        """Return what is to be done with a file; it is read where only its content tells."""
        path = self._counterparts.path_of(file.relative)
        asset, mistake = self._counterparts.find(file.relative)
        if mistake:
            return self._refused(file, ElvisError(f"{path} was left unchanged: {mistake}.", "conflict"))
        wanted, keeps_row = self._metadata(file, asset)
        if asset is None:
            return Step(file, path, "create", wanted=wanted)
        try:
            by = self._comparison.differs(content_of(file, self._now), asset)
        except CallFailure as failure:
            return self._refused(file, ElvisError(f"{failure.summary}.", MEANINGS[failure.kind].reason))
        ends = self._check_outs.ends_own(asset)
        if not (by or wanted or ends):
            return Step(file, asset.path, "unchanged", asset, keeps_row=keeps_row)
        refusal = self._check_outs.refusal(asset)
        if refusal:
            return Step(file, asset.path, "failed", asset, error=refusal)
        return Step(file, asset.path, "update" if by else "describe", asset, wanted, by, ends, keeps_row)

    def _metadata(self, file: LocalFile, asset: Hit | None) -> tuple[Mapping[str, tuple[Any, Any]], bool]:
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

    def _unless_folder(self, step: Step) -> Step:
        """Return a step, but refuse to create what has the name of a folder."""
        if step.action != "create" or not self._counterparts.is_folder(step.file.relative):
            return step
        error = ElvisError(f"{step.path} was not sent: a folder in the DAM has that name.", "conflict")
        return self._refused(step.file, error)

    def _refused(self, file: LocalFile, error: ElvisError) -> Step:
        """Return the step for a file with which nothing can be done."""
        return Step(file, self._counterparts.path_of(file.relative), "failed", error=error)


def content_of(file: LocalFile, now: float) -> LocalContent:
    """Return a file as it is compared with assets."""
    return LocalContent(file.size, file.dated(now), LocalSource(file).checksum)
