# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes the assets that have no counterpart in a local folder. Private to damops.elvis."""

from __future__ import annotations

from .._dam.asset_index import AssetIndex, no_file
from .._dam.assets import Assets
from .._dam.check_outs import CheckOuts
from .._dam.hits import Hit
from .._elvis.paths import pairing_key
from .._errors import ElvisError
from .._files.local_paths import shown_path
from .._files.name_filter import NameFilter
from .._files.tree import LocalTree
from .._work.journal import Journal
from .._work.plan import Step, step_of
from .._work.step_threads import StepThreads
from .removal_limit import RemovalLimit

_GONE = {"state": ("present", "absent")}


class RemoteRemovals:
    """The assets that go.

    :param limit: how many may
    :param tree: what lies in the local folder
    :param index: the assets that are to be like it
    :param check_outs: says which of them must stay
    """

    def __init__(
        self, limit: RemovalLimit, tree: LocalTree, index: AssetIndex, check_outs: CheckOuts, journal: Journal
    ) -> None:
        self._limit = limit
        self._tree = tree
        self._index = index
        self._journal = journal
        self._check_outs = check_outs
        self._outcome = journal.outcome
        self._diffs = journal.diffs
        self._found: list[Hit] = []
        self._refused: list[tuple[Hit, ElvisError]] = []
        self._in_scope = 0

    def find(self, names: NameFilter, *, recursive: bool) -> None:
        """Find them, among those that take part.

        :raises ElvisError: when the server can't be asked who we are
        """
        for asset in self._index.assets:
            relative = self._index.relative(asset)
            if not names.takes(relative, recursive):
                continue
            obstacle = no_file(asset)
            if obstacle:
                self._outcome.add("skipped", path=asset.path, id=asset.id, why=f"it is {obstacle}")
                continue
            self._in_scope += 1
            if self._tree.has(pairing_key(relative)):
                continue
            why = self._tree.shelter(relative)
            if why:
                self._outcome.add("skipped", path=asset.path, id=asset.id, why=why)
                continue
            refusal = self._check_outs.refusal(asset)
            if refusal:
                self._refused.append((asset, refusal))
            else:
                self._found.append(asset)
        self._found.sort(key=lambda asset: asset.path)

    @property
    def steps(self) -> list[Step]:
        """What is to be done, as a plan has it."""
        return [step_of("remove", asset.path, asset, _GONE) for asset in self._found]

    @property
    def has_unfit(self) -> bool:
        """Whether an asset must stay that has no counterpart: somebody else has it checked out."""
        return bool(self._refused)

    def withhold(self) -> bool:
        """Tell of all of them where nothing must be removed because of the plan; return whether that is so."""
        plan = self._journal.plan
        if plan.needs_review or not plan.not_approved:
            return False
        self.tell_refusals()
        return True

    def tell_refusals(self) -> None:
        """Tell of the assets that are not removed because of the plan, and of those that must stay in any case."""
        self._fail_refused()
        plan = self._journal.plan
        for asset, step in zip(self._found, self.steps):
            error = plan.refusal(step) or plan.withheld(asset.path)
            if error:
                self._journal.not_done(error, path=asset.path, id=asset.id)

    def predict(self) -> None:
        """Tell which would be removed.

        :raises ElvisError: when they must not be
        """
        self._check()
        self._fail_refused()
        for asset in self._found:
            self._record(asset)

    def remove(self, threads: StepThreads, assets: Assets) -> None:
        """Remove them.

        :raises ElvisError: when they must not be, or no further one could be
        """
        self._check()
        self._fail_refused()
        if self._refused and threads.stops_at_failure:
            self._outcome.not_started += len(self._found)
            return

        def remove(asset: Hit) -> bool:
            if self._tree.has(pairing_key(self._index.relative(asset))):
                raise ElvisError(f"{asset.path} was not removed: src has a file with that name by now.", "conflict")
            return assets.remove(asset)

        results = threads.run("Removed", remove, self._found, fail=lambda _asset, error: error)
        for asset, result in zip(self._found, results):
            if isinstance(result, ElvisError):
                self._outcome.fail(result, path=asset.path, id=asset.id)
            elif result is None:
                self._outcome.not_started += 1
            elif result:
                self._record(asset)
            else:
                self._outcome.add("unchanged", path=asset.path, id=asset.id)
        if threads.fatal:
            raise threads.fatal

    def _check(self) -> None:
        """Make sure that the assets may be removed.

        :raises ElvisError: when they may not
        """
        self._limit.check(
            len(self._found),
            self._in_scope,
            "asset",
            self._index.folder,
            f"src {shown_path(self._tree.root)}",
            (not self._outcome.is_clean, "something failed before"),
            (not self._tree.is_whole, "not all of src could be read"),
            (not self._tree.names, "src is empty"),
            (
                not (self._tree.has_file and (self._tree.files or self._tree.skipped)),
                "src has no file that takes part",
            ),
        )

    def _fail_refused(self) -> None:
        """Tell of the assets that must stay; the others go."""
        for asset, error in self._refused:
            self._outcome.fail(error, path=asset.path, id=asset.id)

    def _record(self, asset: Hit) -> None:
        self._outcome.add("removed", path=asset.path, id=asset.id)
        self._diffs.add_changes(asset.path, _GONE)
