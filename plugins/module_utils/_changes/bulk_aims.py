# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What many assets are to be: in a folder, not checked out, or not there. Private to damops.elvis."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Union

from .._dam.asset_finder import AssetFinder
from .._dam.assets import Assets, Check, check_removable
from .._dam.check_outs import CheckOuts
from .._dam.folders import FolderFinder, make_folders
from .._dam.hits import Hit
from .._elvis.client import Client
from .._elvis.paths import join, name_of, parent_of, trimmed_key
from .._elvis.times import format_time
from .._errors import ElvisError
from .._text import named
from .._work.outcome import Kind
from .new_folders import missing_folders
from .placement import Placement, path_obstacle


class BulkStep(NamedTuple):
    """What is to be done with an asset.

    :param changes: what was before and what is after, by what it is
    :param entry: what its entry in the result has besides
    """

    asset: Hit
    changes: Mapping[str, tuple[Any, Any]]
    entry: Mapping[str, Any]


Planned = Union[BulkStep, ElvisError]
"""What is to be done with an asset, or why it must not be done."""


@dataclass(frozen=True)
class Access:
    """What reads and writes the assets of one task; several threads may use it."""

    client: Client
    finder: AssetFinder
    assets: Assets
    check_outs: CheckOuts


class Aim:
    """What the assets are to be.

    :cvar action: what a plan calls it
    :cvar verb: what happens to an asset on the way there, in a message
    :cvar kind: how such an asset is counted
    :cvar needs_listing: whether its folder must still list an asset right before
    :cvar needs_place: whether an asset must still be at its path right before
    :cvar is_final: whether it is withheld while other steps are not approved
    :cvar may_be_free: whether an asset whose check-out ended meanwhile is still to be changed
    :cvar is_absence: whether an asset that is not there is as it should be
    """

    action = ""
    verb = ""
    kind: Kind = "updated"
    needs_listing = False
    needs_place = True
    is_final = True
    may_be_free = True
    is_absence = False

    def __init__(self, access: Access) -> None:
        self._access = access
        self.missing_folders: list[str] = []

    def step(self, asset: Hit) -> BulkStep | None:
        """Return what is to be done with an asset, None where it is as it should be.

        :raises ElvisError: when it must not be done
        """
        raise NotImplementedError

    def find_done(self, _paths: Iterable[str]) -> dict[str, Hit]:
        """Return the assets that are as they should be, by the paths that they had before."""
        return {}

    def folder_of(self, _step: BulkStep) -> str | None:
        """Return the folder that a step needs, None where it needs none."""
        return None

    def compare(self, steps: Sequence[BulkStep]) -> list[Planned]:
        """Return the steps, each as it is to be done beside the others and what is there.

        :raises ElvisError: when none of them must be done
        """
        return list(steps)

    def prepare(self) -> list[str]:
        """Make what all steps need, and return the folders that were made."""
        return []

    def do(self, step: BulkStep, check: Check) -> bool:
        """Do a step; return whether this call did anything, and not somebody else all of it meanwhile.

        :param check: makes sure, right before each request, that the asset is as it was
        :raises ElvisError: when it is not done
        """
        raise NotImplementedError

    def confirm(self, steps: Sequence[BulkStep]) -> list[ElvisError | None]:
        """Return for each step that was done why it is not done all the same, None where it is."""
        return [None] * len(steps)

    def _refuse_held(self, asset: Hit) -> None:
        refusal = self._access.check_outs.refusal(asset)
        if refusal:
            raise refusal


class Removal(Aim):
    """The assets are not to be there."""

    action = "remove"
    verb = "removed"
    kind: Kind = "removed"
    needs_listing = True
    is_absence = True

    def step(self, asset: Hit) -> BulkStep | None:
        check_removable(self._access.client, asset)
        self._refuse_held(asset)
        return BulkStep(asset, {"state": ("present", "absent")}, {})

    def do(self, step: BulkStep, check: Check) -> bool:
        return self._access.assets.send_removal(step.asset, check)


class CheckOutEnd(Aim):
    """The assets are not to be checked out any more.

    :param before: only check-outs that began before this moment count, in milliseconds since 1970
    """

    action = "give_back"
    verb = "given back"
    needs_place = False
    may_be_free = False

    def __init__(self, access: Access, before: int) -> None:
        super().__init__(access)
        self._before = before

    def step(self, asset: Hit) -> BulkStep | None:
        holder, since = asset.checked_out_by, asset.number("checkedOut")
        if not holder or (since is not None and since >= self._before):
            return None
        if since is None:
            raise self._access.check_outs.error_for(asset, f"{holder} has it checked out, and nothing tells since when")
        self._refuse_held(asset)
        entry = {"checked_out_by": holder, "checked_out_since": format_time(since)}
        return BulkStep(asset, {"checkedOutBy": (holder, None)}, entry)

    def do(self, step: BulkStep, check: Check) -> bool:
        try:
            self._access.check_outs.end(step.asset, check)
        except ElvisError as error:
            if self._access.assets.find_free(step.asset, error) is None:
                raise
            return False
        return True


class Move(Aim):
    """The assets are to be in a folder."""

    action = "move"
    verb = "moved"
    is_final = False

    def __init__(self, access: Access, placement: Placement) -> None:
        super().__init__(access)
        self._placement = placement
        self._failed_folders: Mapping[str, ElvisError] = {}

    def step(self, asset: Hit) -> BulkStep | None:
        new_path = self._placement.new_path_of(asset.path)
        if new_path is None:
            return None
        self._refuse_held(asset)
        return _move_step(asset, new_path)

    def find_done(self, paths: Iterable[str]) -> dict[str, Hit]:
        new_paths: dict[str, str] = {}
        for path in paths:
            # What does not lie in the base went nowhere.
            with contextlib.suppress(ElvisError):
                new_paths[path] = self._placement.new_path_of(path) or path
        found = self._access.finder.by_paths(new_paths.values())
        return {path: found[new_path] for path, new_path in new_paths.items() if new_path in found}

    def compare(self, steps: Sequence[BulkStep]) -> list[Planned]:
        self._refuse_twins(steps)
        client = self._access.client
        finder = FolderFinder(client)
        folders = dict.fromkeys(parent_of(_new_path(step)) for step in steps)
        self.missing_folders = missing_folders(client, finder, folders)
        spelled = {folder: finder.find(folder) for folder in folders if folder not in self.missing_folders}
        # In a folder that is not there, no path is taken.
        there = self._access.finder.by_paths(
            new_path for new_path in map(_new_path, steps) if parent_of(new_path) in spelled
        )

        def compare(step: BulkStep) -> Planned:
            folder = spelled.get(parent_of(_new_path(step)))
            if folder is None:
                return step
            step = _move_step(step.asset, join(folder, name_of(_new_path(step))))
            is_folder = finder.find(_new_path(step)) is not None
            other = there.get(_new_path(step))
            return (
                path_obstacle(self._access.check_outs, step.asset, _new_path(step), other, is_folder=is_folder) or step
            )

        return list(map(compare, steps))

    def _refuse_twins(self, steps: Sequence[BulkStep]) -> None:
        by_new_path: dict[str, list[BulkStep]] = {}
        for step in steps:
            by_new_path.setdefault(trimmed_key(_new_path(step)), []).append(step)
        twins = [same for same in by_new_path.values() if len(same) > 1]
        if twins:
            pairs = [f"{' and '.join(step.asset.path for step in same)} to {_new_path(same[0])}" for same in twins]
            raise ElvisError(
                f"Nothing was moved at {self._access.client.server_url}: several assets would get one path. These are"
                f" {named(pairs)}. Narrow the query, rename assets, or keep their folders with layout: tree.",
                "conflict",
            )

    def folder_of(self, step: BulkStep) -> str:
        return parent_of(_new_path(step))

    def prepare(self) -> list[str]:
        made = make_folders(self._access.client, self.missing_folders)
        self._failed_folders = made.failed
        return made.new

    def do(self, step: BulkStep, check: Check) -> bool:
        failure = self._failed_folders.get(parent_of(_new_path(step)))
        if failure:
            raise failure
        return self._access.assets.send_move(step.asset, _new_path(step), check, {})

    def confirm(self, steps: Sequence[BulkStep]) -> list[ElvisError | None]:
        moved = self._access.assets.moved([(step.asset, _new_path(step)) for step in steps])
        return [one if isinstance(one, ElvisError) else None for one in moved]


def _move_step(asset: Hit, new_path: str) -> BulkStep:
    return BulkStep(asset, {"path": (asset.path, new_path)}, {"new_path": new_path})


def _new_path(step: BulkStep) -> str:
    return str(step.entry["new_path"])
