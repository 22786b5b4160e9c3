# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one asset be as it is wanted, or not be there. Private to damops.elvis."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._dam import index_lag
from .._dam.asset_finder import AssetFinder
from .._dam.asset_index import no_file
from .._dam.assets import Assets, Content, Writing
from .._dam.check_outs import CheckOuts
from .._dam.contents import COMPARED_FIELDS, By, Comparison
from .._dam.folders import find_folder
from .._dam.hits import Hit
from .._dam.metadata_values import BadValue, wanted_values
from .._dam.originals import Originals
from .._dam.versions import keeping_metadata
from .._elvis import services
from .._elvis.advice import NOT_THERE
from .._elvis.client import Client, Request
from .._elvis.field_values import differing, is_empty, stored_as, stored_otherwise
from .._elvis.paths import trimmed_key
from .._errors import ElvisError, kept_on_failure, system_words
from .._files.source import LocalSource, shown_path
from .._files.tree import LocalFile
from .upload_plan import content_of

COLLECTION = ".collection"
Changes = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class AssetOrder:
    """What a task wants; the options of elvis_asset say what each means."""

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


class AssetDone(NamedTuple):
    """What became of it, or would.

    :param asset: None where there is none
    :param changes: for each field that differs, the value before and the one after
    :param by: how it was found out that its file has another content
    :param renamed_from: the path that somebody had given it meanwhile, and that the new file has taken away
    """

    asset: Hit | None
    changes: Changes
    created: bool
    by: By | None
    renamed_from: str | None


class OneAsset:
    """One asset, and what is wanted of it.

    :param warn: takes what a person should know
    """

    def __init__(self, client: Client, order: AssetOrder, warn: Callable[[str], None]) -> None:
        self._client = client
        self._order = order
        self._warn = warn
        self._remote = AssetFinder(client, (*COMPARED_FIELDS, *order.metadata))
        self._check_outs = CheckOuts(client, force=order.force, check_in=order.check_in)
        self._changes: dict[str, tuple[Any, Any]] = {}
        self._renamed_from: str | None = None

    def remove(self) -> AssetDone:
        """Make the asset not be there."""
        asset = self._find(waits=False)
        if asset is None:
            return self._done(None)
        if self._other_path(asset):
            raise self._check_outs.left(asset, f"it is the asset {asset.id}, and path is {self._order.path}")
        self._changes["state"] = ("present", "absent")
        self._refuse_held(asset)
        if not self._order.check_mode:
            self._assets().remove(self._check_outs.free(asset))
        return self._done(asset)

    def bring_about(self) -> AssetDone:
        """Make the asset be as it is wanted."""
        asset = self._find(waits=True)
        file = self._file()
        return self._create(file) if asset is None else self._adapt(asset, file)

    def _wanted(self, present: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values that fields are to have.

        :raises ElvisError: when one of them can't
        """
        try:
            return wanted_values(present, self._order.metadata)
        except BadValue as mistake:
            raise ElvisError(f"metadata: {mistake}. Nothing was sent.", "bad_request") from None

    def _adapt(self, asset: Hit, file: LocalFile | None) -> AssetDone:
        move_to = self._other_path(asset)
        wanted = differing(asset.fields, self._wanted(asset.fields))
        by = self._compare(file, asset)
        if move_to:
            self._changes["path"] = (asset.path, move_to)
            self._check_target(move_to, asset)
        self._changes.update(wanted)
        if by:
            self._changes["file"] = ("other content", self._order.file)
        if self._changes:
            self._refuse_held(asset)
        if self._check_outs.ends_own(asset):
            self._changes["checkedOutBy"] = (asset.checked_out_by, None)
        if not self._changes or self._order.check_mode:
            return self._done(asset, by=by)
        return self._done(self._write(asset, file, by, wanted, move_to), by=by)

    def _write(self, asset: Hit, file: LocalFile | None, by: By | None, wanted: Changes, move_to: str | None) -> Hit:
        content = _content(file) if file and by else None
        assets = self._assets(replaces_file=content is not None)
        done: dict[str, Any] = {}
        if move_to:
            free = self._check_outs.free_noting(asset, done)
            with kept_on_failure(done):
                moved = assets.move(free, move_to)
            done["path"] = {"before": asset.path, "after": move_to}
            asset = moved
        values = {name: value for name, (_was, value) in wanted.items()}
        with kept_on_failure(done):
            written = assets.change(asset, content, values, ends_check_out="checkedOutBy" in self._changes)
        if written:
            asset, self._renamed_from = written.result, written.renamed_from
            self._tell_stored(asset, wanted)
        return asset

    def _create(self, file: LocalFile | None) -> AssetDone:
        if self._order.path is None:
            raise ElvisError(
                f"There is no asset with the id {self._order.id} at {self._client.server_url}. {NOT_THERE}", "not_found"
            )
        is_collection = self._order.path.lower().endswith(COLLECTION)
        if self._order.file is None and not is_collection:
            raise ElvisError(
                f"There is no asset {self._order.path} at {self._client.server_url}. {NOT_THERE} To make one,"
                f" give file; only a collection ({COLLECTION}) has none.",
                "not_found",
            )
        values = self._wanted({})
        wanted = {name: (None, value) for name, value in values.items() if not is_empty(value)}
        self._changes = {"state": ("absent", "present"), **wanted}
        if self._order.file is not None:
            self._changes["file"] = (None, self._order.file)
        if self._order.check_mode:
            return self._done(None, created=True)
        content = _content(file) if file else None
        created = self._assets().create(
            self._order.path, content, {name: value for name, (_was, value) in wanted.items()}
        )
        asset: Hit = created.result
        if not created.is_new:
            # Somebody else was faster, with the same file.
            self._changes = {}
            return self._adapt(asset, file)
        self._tell_stored(asset, wanted)
        return self._done(asset, created=True)

    def _find(self, *, waits: bool) -> Hit | None:
        """Return the asset, None where there is none.

        :param waits: whether to wait for what an earlier task may just have made; what is missing at a path is made
        """
        asset_id = self._order.id
        if asset_id is None:
            asset = self._remote.by_paths([self._order.path or ""]).get(self._order.path or "")
            if asset is None:
                self._refuse_folder()
            return asset
        found = self._remote.by_ids([asset_id]).get(asset_id)
        if found is None and waits and not self._order.check_mode:
            found = index_lag.find_missing(self._client, self._remote.by_ids, [asset_id]).get(asset_id)
        return found

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

    def _other_path(self, asset: Hit) -> str | None:
        """Return the path that is wanted, None where the asset has it."""
        path = self._order.path
        return path if path and trimmed_key(asset.path) != trimmed_key(path) else None

    def _file(self) -> LocalFile | None:
        """Return the file, as it is now; in check mode an earlier task may be what makes it.

        :raises ElvisError: when it can't be sent
        """
        path = self._order.file
        if path is None:
            return None
        # A link is followed: the task names it.
        place = os.path.realpath(path.encode("utf-8", "surrogateescape"))
        try:
            found = os.lstat(place)
        except FileNotFoundError:
            if self._order.check_mode:
                self._warn(f"{path} is not there: a run without check mode needs it.")
                return None
            where = f"It is looked for on the machine that runs this task, {os.uname().nodename}."
            raise ElvisError(f"file {path} is not there. {where}", "bad_request") from None
        except OSError as error:
            raise ElvisError(f"file {path} can't be read: {system_words(error)}.", "storage") from None
        file = LocalFile.of(place, os.path.basename(path), found)  # noqa: PTH119 - bytes beside it
        if not file.is_unchanged(found):
            raise ElvisError(f"file {shown_path(place)} is not a regular file.", "bad_request")
        return file

    def _compare(self, file: LocalFile | None, asset: Hit) -> By | None:
        if self._order.file is None:
            return None
        obstacle = no_file(asset)
        if obstacle and "container" in obstacle:
            raise self._check_outs.left(asset, f"it is {obstacle}, which takes no file")
        if file is None or obstacle:
            return "date"
        comparison = Comparison(Originals(self._client), self._order.checksum, "update", self._client.clock_ahead)
        with self._client.judging(Request(f"send {self._order.file}", "POST", services.UPDATE.address)):
            return comparison.differs(content_of(file, time.time()), asset)

    def _check_target(self, target: str, asset: Hit) -> None:
        self._refuse_folder()
        other = self._remote.by_paths([target]).get(target)
        if other and other.id != asset.id:
            raise self._check_outs.left(asset, f"it can't be moved to {target}, where another asset is ({other.id})")

    def _refuse_held(self, asset: Hit) -> None:
        refusal = self._check_outs.refusal(asset)
        if refusal:
            raise refusal

    def _tell_stored(self, asset: Hit, wanted: Changes) -> None:
        sent = {name: value for name, (_was, value) in wanted.items()}
        for name, value in stored_otherwise(asset.fields, sent, sent).items():
            self._warn(f"{asset.path}: {stored_as(name, value)}.")

    def _assets(self, *, replaces_file: bool = False) -> Assets:
        order = self._order
        writing = Writing(
            fields=tuple(order.metadata),
            process_timeout=order.process_timeout,
            keep_metadata=keeping_metadata(self._client, self._warn) if order.keep_metadata and replaces_file else None,
        )
        return Assets(self._client, self._remote, writing, self._check_outs)

    def _done(self, asset: Hit | None, *, created: bool = False, by: By | None = None) -> AssetDone:
        return AssetDone(asset, self._changes, created, by, self._renamed_from)


def _content(file: LocalFile) -> Content:
    source = LocalSource(file, is_checked=True)
    return Content(source, source.checksum)
