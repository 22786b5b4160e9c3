# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one asset be as it is wanted, or not be there. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from .._dam.asset_finder import AssetFinder
from .._dam.asset_requests import Writing
from .._dam.assets import Assets
from .._dam.check_outs import CheckOuts
from .._dam.contents import COMPARED_FIELDS, By
from .._dam.hits import Hit
from .._dam.versions import keeping_metadata
from .._elvis.client import Client
from .._elvis.field_values import stored_as, stored_otherwise
from .._files.source import LocalSource
from .._files.tree import LocalFile
from .._work.diffs import Changes
from .asset_plan import AssetOrder, AssetPlan
from .asset_step import AssetStep, do_step


class AssetDone(NamedTuple):
    """What became of it, or would.

    :param asset: None where there is none
    :param changes: for each field that differs, the value before and the one after
    :param by: how it was found out that its file has another content
    :param renamed_from: the path that somebody had given it meanwhile, and that the new file has taken away
    """

    asset: Hit | None
    changes: Changes
    created: bool = False
    by: By | None = None
    renamed_from: str | None = None


class AssetRun:
    """One task.

    :param warn: takes what a person should know
    """

    def __init__(self, client: Client, order: AssetOrder, warn: Callable[[str], None]) -> None:
        self._client = client
        self._order = order
        self._warn = warn
        self._check_outs = CheckOuts(client, force=order.force, check_in=order.check_in)
        self._plan = AssetPlan(client, order, self._check_outs, warn)

    def find(self, *, waits: bool) -> Hit | None:
        """Return the asset; see :meth:`AssetPlan.find`."""
        return self._plan.find(waits=waits)

    def remove(self) -> AssetDone:
        """Make the asset not be there.

        :raises ElvisError: when it still is
        """
        asset = self._plan.find(waits=False)
        if asset is None:
            return AssetDone(None, {})
        self._plan.check_removal(asset)
        if not (self._order.check_mode or self._assets().remove(asset)):
            return AssetDone(None, {})
        return AssetDone(asset, {"state": ("present", "absent")})

    def run(self) -> AssetDone:
        """Make the asset be as it is wanted.

        :raises ElvisError: when it is not, with all that was done
        """
        asset = self._plan.find(waits=True)
        file = self._plan.file()
        return self._create(file) if asset is None else self._change(asset, file)

    def _create(self, file: LocalFile | None) -> AssetDone:
        step = self._plan.creation()
        sent = {"file": (None, self._order.file)} if self._order.file is not None else {}
        done = AssetDone(None, {"state": ("absent", "present"), **step.wanted, **sent}, created=True)
        if self._order.check_mode:
            return done
        written = do_step(self._assets(), step, _source(file))
        asset: Hit | None = written.result if written else None
        if asset and written and not written.is_new:
            # Somebody else was faster, with the same file.
            return self._change(asset, file)
        self._compare_stored(step, asset)
        return done._replace(asset=asset)

    def _change(self, asset: Hit, file: LocalFile | None) -> AssetDone:
        step = self._plan.change(asset, file)
        moved = {"path": (asset.path, step.move_to)} if step.move_to else {}
        sent = {"file": ("other content", self._order.file)} if step.by else {}
        ends = {name: change for name, change in step.changes.items() if name not in step.wanted}
        done = AssetDone(asset, {**moved, **step.wanted, **sent, **ends}, by=step.by)
        if self._order.check_mode:
            return done
        written = do_step(self._assets(replaces_file=step.sends_file), step, _source(file))
        if written is None:
            return done
        self._compare_stored(step, written.result)
        return done._replace(asset=written.result, renamed_from=written.renamed_from)

    def _compare_stored(self, step: AssetStep, asset: Hit | None) -> None:
        """Warn of values that the server keeps otherwise than it was given them."""
        stored = stored_otherwise(asset.fields, step.metadata, step.metadata) if asset else {}
        for name, value in stored.items():
            self._warn(f"{asset.path if asset else step.path}: {stored_as(name, value)}.")

    def _assets(self, *, replaces_file: bool = False) -> Assets:
        order = self._order
        writing = Writing(
            fields=tuple(order.metadata),
            process_timeout=order.process_timeout,
            keep_metadata=keeping_metadata(self._client, self._warn) if order.keep_metadata and replaces_file else None,
        )
        finder = AssetFinder(self._client, (*COMPARED_FIELDS, *order.metadata))
        return Assets(self._client, finder, writing, self._check_outs)


def _source(file: LocalFile | None) -> LocalSource | None:
    return LocalSource(file, is_checked=True) if file else None
