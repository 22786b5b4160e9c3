# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out what is to be done with the one asset that a task names. Private to damops.elvis.

All that a task refuses before it sends anything is refused here.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .._dam import index_lag
from .._dam.asset_finder import AssetFinder
from .._dam.asset_index import COLLECTION, no_file
from .._dam.assets import check_removable
from .._dam.check_outs import CheckOuts
from .._dam.contents import COMPARED_FIELDS, By, Comparison
from .._dam.folders import find_folder
from .._dam.hits import Hit
from .._dam.metadata_values import BadValue, wanted_values
from .._dam.originals import Originals
from .._elvis import services
from .._elvis.advice import NOT_THERE
from .._elvis.client import Client, Request
from .._elvis.field_values import differing
from .._elvis.paths import name_of, trimmed_key
from .._errors import ElvisError
from .._files.source import LocalSource
from .._files.tree import LocalFile, named_file
from .._work.diffs import Changes
from .asset_step import AssetStep, content_of, step_for
from .placement import path_obstacle


@dataclass(frozen=True)
class AssetOrder:
    """What a task wants; the options of elvis_asset say what each means.

    :param ending: what the name of an asset must end in that is given by its id; nothing for any asset
    """

    path: str | None
    id: str | None
    file: str | None
    metadata: Mapping[str, Any]
    check_in: bool
    force: bool
    keep_metadata: bool
    checksum: bool
    process_timeout: float
    check_mode: bool
    ending: str = ""


class AssetPlan:
    """One asset, and what is wanted of it.

    :param warn: takes what a person should know
    """

    def __init__(self, client: Client, order: AssetOrder, check_outs: CheckOuts, warn: Callable[[str], None]) -> None:
        self._client = client
        self._order = order
        self._check_outs = check_outs
        self._warn = warn
        self._finder = AssetFinder(client, (*COMPARED_FIELDS, *order.metadata))

    def find(self, *, waits: bool) -> Hit | None:
        """Return the asset, None where there is none.

        :param waits: whether to wait for what an earlier task may just have made; what is missing at a path is made
        :raises ElvisError: when its path is one of a folder, or its name has not the ending that is wanted
        """
        asset_id, path = self._order.id, self._order.path or ""
        if asset_id is None:
            asset = self._finder.by_paths([path]).get(path)
            if asset is None:
                self._refuse_folder()
            return asset
        found = self._finder.by_ids([asset_id]).get(asset_id)
        if found is None and waits and not self._order.check_mode:
            found = index_lag.find_missing(self._client, self._finder.by_ids, [asset_id]).get(asset_id)
        self._refuse_ending(found)
        return found

    def file(self) -> LocalFile | None:
        """Return the file, as it is now; in check mode an earlier task may be what makes it.

        :raises ElvisError: when it can't be sent
        """
        path = self._order.file
        file = named_file(path) if path is not None else None
        if path is None or file:
            return file
        if not self._order.check_mode:
            where = f"It is looked for on the machine that runs this task, {os.uname().nodename}."
            raise ElvisError(f"file {path} is not there. {where}", "bad_request")
        self._warn(f"{path} is not there: a run without check mode needs it.")
        return None

    def creation(self) -> AssetStep:
        """Return how to make the asset.

        :raises ElvisError: when it can't be made
        """
        path, server_url = self._order.path, self._client.server_url
        if path is None:
            raise ElvisError(
                f"There is no asset with the id {self._order.id} at {server_url}. {NOT_THERE}", "not_found"
            )
        if self._order.file is None and not path.lower().endswith(COLLECTION):
            raise ElvisError(
                f"There is no asset {path} at {server_url}. {NOT_THERE} To make one, give file; only a collection"
                f" ({COLLECTION}) has none.",
                "not_found",
            )
        return AssetStep(path, "create", wanted=self._differing({}))

    def change(self, asset: Hit, file: LocalFile | None) -> AssetStep:
        """Return how to make the asset be as it is wanted.

        :raises ElvisError: when it must not be changed
        """
        move_to = self._other_path(asset)
        wanted = self._differing(asset.fields)
        by = self._compare(file, asset)
        if move_to:
            self._refuse_taken(move_to, asset)
        step = step_for(asset, wanted, by, self._check_outs, move_to=move_to)
        if step.error:
            raise step.error
        return step

    def check_removal(self, asset: Hit) -> None:
        """Make sure that the asset may be removed.

        :raises ElvisError: when it may not
        """
        if self._other_path(asset):
            raise self._check_outs.error_for(asset, f"it is the asset {asset.id}, and path is {self._order.path}")
        check_removable(self._client, asset)
        refusal = self._check_outs.refusal(asset)
        if refusal:
            raise refusal

    def _differing(self, present: Mapping[str, Any]) -> Changes:
        """Return the metadata that are to be set.

        :raises ElvisError: when a value can't be one of its field
        """
        try:
            return differing(present, wanted_values(present, self._order.metadata))
        except BadValue as mistake:
            raise ElvisError(f"metadata: {mistake}.", "bad_request") from None

    def _other_path(self, asset: Hit) -> str | None:
        """Return the path that is wanted, None where the asset has it."""
        path = self._order.path
        return path if path and trimmed_key(asset.path) != trimmed_key(path) else None

    def _compare(self, file: LocalFile | None, asset: Hit) -> By | None:
        if self._order.file is None:
            return None
        obstacle = no_file(asset)
        if obstacle and "container" in obstacle:
            raise self._check_outs.error_for(asset, f"it is {obstacle}, which takes no file")
        if file is None or obstacle:
            return "date"
        comparison = Comparison(Originals(self._client), self._order.checksum, "update", self._client.clock_ahead)
        with self._client.judging(Request(f"send {self._order.file}", "POST", services.UPDATE.address)):
            return comparison.differs(content_of(file, LocalSource(file), time.time()), asset)

    def _refuse_ending(self, asset: Hit | None) -> None:
        ending = self._order.ending
        if asset and not name_of(asset.path).lower().endswith(ending):
            raise ElvisError(
                f"{asset.id} at {self._client.server_url} is {asset.path}, whose name does not end in {ending}. Give"
                " the id of an asset whose name does.",
                "bad_request",
            )

    def _refuse_folder(self) -> None:
        """Make sure that the path is none of a folder, into which the server would move an asset.

        :raises ElvisError: when it is
        """
        path = self._order.path
        if path and find_folder(self._client, path):
            raise ElvisError(
                f"{path} at {self._client.server_url} is a folder. Give the whole path of the asset, with its name, or"
                " use damops.elvis.elvis_folder for a folder. Nothing was changed.",
                "conflict",
            )

    def _refuse_taken(self, move_to: str, asset: Hit) -> None:
        """Make sure that the asset can get a path.

        :raises ElvisError: when a folder or another asset has it
        """
        other = self._finder.by_paths([move_to]).get(move_to)
        is_folder = find_folder(self._client, move_to) is not None
        obstacle = path_obstacle(self._check_outs, asset, move_to, other, is_folder=is_folder)
        if obstacle:
            raise obstacle
