# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one asset have a file and metadata, be at a path, or not be there. Private to damops.elvis."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from typing import Any

from .._elvis import services
from .._elvis.assets import Assets, Content, Writing
from .._elvis.client import Client, Request
from .._elvis.hits import Hit, differing, flat, is_empty, stored_as, stored_otherwise
from .._elvis.metadata_values import resulting
from .._elvis.paths import parse_path, trimmed_key
from .._elvis.versions import keeps_metadata
from .._errors import ElvisError, system_words
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.files import expanded
from .._task.metadata_option import check_metadata
from .._task.operation import Result, session_operation, uncompared
from .._work.check_outs import CheckOuts
from .._work.contents import COMPARED_FIELDS, By, Contents
from .._work.diffs import Diffs
from .._work.local_source import LocalSource, shown_path
from .._work.local_tree import LocalFile
from .._work.remote_index import no_file
from .._work.remote_tree import RemoteTree, wait_for_index

COLLECTION = ".collection"
Changes = dict[str, tuple[Any, Any]]

ARGUMENTS: ArgumentSpec = {
    "path": {"type": "str"},
    "id": {"type": "str"},
    "file": {"type": "str"},
    "metadata": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "check_in": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "keep_metadata": {"type": "bool", "default": True},
    "checksum": {"type": "bool", "default": True},
    "process_timeout": {"type": "float", "default": Writing.process_timeout},
}
CONSTRAINTS: Mapping[str, Any] = {"required_one_of": [("path", "id")]}


def run(call: Call) -> Result:
    """Look at the asset, and change what differs; in check mode only tell."""
    _check(call)
    one = _OneAsset(call, call.open().client)
    return one.remove() if call.options["state"] == "absent" else one.bring_about()


def _check(call: Call) -> None:
    options = call.options
    check_metadata("metadata", options["metadata"])
    if options["path"] is not None:
        parse_path(options["path"])
    if options["file"] is not None and not os.path.isabs(expanded(options["file"])):  # noqa: PTH117
        raise ElvisError(
            "file must be an absolute path: a relative one depends on where the task runs.",
            "bad_request",
        )
    if options["state"] == "absent" and (options["file"] or options["metadata"]):
        raise ElvisError("state: absent can't be used with file or metadata.", "bad_request")


def _simulate(call: Call) -> Result:
    _check(call)
    return uncompared(asset={}, created=False, changes={}, compared_by=None)(call)


OPERATION = session_operation(ARGUMENTS, run, _simulate, constraints=CONSTRAINTS)


class _OneAsset:
    """One asset, and what is wanted of it."""

    def __init__(self, call: Call, client: Client) -> None:
        options = call.options
        self._call = call
        self._client = client
        self._metadata: dict[str, Any] = options["metadata"]
        self._path = parse_path(options["path"]) if options["path"] is not None else None
        self._remote = RemoteTree(client, (*COMPARED_FIELDS, *self._metadata))
        self._check_outs = CheckOuts(client)
        self._source = expanded(options["file"]) if options["file"] is not None else None
        self._changes: Changes = {}

    def remove(self) -> Result:
        """Make the asset not be there."""
        asset = self._find()
        if asset is not None and self._path and trimmed_key(asset.path) != trimmed_key(self._path):
            raise self._left(asset, f"it is the asset {asset.id}, and path is {self._path}")
        if asset is None:
            return self._result(None, created=False, by=None)
        self._changes["state"] = ("present", "absent")
        self._check_free(asset)
        if not self._call.check_mode:
            self._free(asset)
            self._assets().remove(self._fresh(asset))
        return self._result(asset, created=False, by=None)

    def bring_about(self) -> Result:
        """Make the asset be as it is wanted."""
        asset = self._find()
        file = self._file()
        if asset is None:
            return self._create(file)
        move_to = self._path if self._path and trimmed_key(asset.path) != trimmed_key(self._path) else None
        wanted = differing(
            asset.fields,
            {name: resulting(asset.fields.get(name), value) for name, value in self._metadata.items()},
        )
        by = self._compare(file, asset)
        ends_check_out = self._call.options["check_in"] and asset.checked_out_by is not None
        if move_to:
            self._changes["path"] = (asset.path, move_to)
            self._check_target(move_to, asset)
        self._changes.update(wanted)
        if by:
            self._changes["file"] = ("other content", self._source)
        if self._changes:
            self._check_free(asset)
        if ends_check_out and not self._check_outs.of_another(asset):
            self._changes["checkedOutBy"] = (asset.checked_out_by, None)
        if not self._changes or self._call.check_mode:
            return self._result(asset, created=False, by=by)
        return self._result(self._write(asset, file, by, wanted, move_to), created=False, by=by)

    def _write(self, asset: Hit, file: LocalFile | None, by: By | None, wanted: Changes, move_to: str | None) -> Hit:
        content = _content(file) if file and by else None
        assets = self._assets(replaces_file=content is not None)
        self._free(asset)
        ends_check_out = "checkedOutBy" in self._changes
        if move_to:
            asset = assets.move(self._fresh(asset), move_to)
        if content or wanted:
            asset = assets.update(
                asset,
                content,
                {name: value for name, (_was, value) in wanted.items()},
                ends_check_out=ends_check_out and content is not None,
            )
            self._tell_stored(asset, wanted)
        if ends_check_out and not content:
            # There is no new file to check in, so that nothing is lost.
            self._check_outs.undo(asset)
        return asset

    def _create(self, file: LocalFile | None) -> Result:
        options = self._call.options
        if self._path is None:
            raise ElvisError(
                f"There is no asset with the id {options['id']} at {self._client.server_url}.", "not_found"
            )
        is_collection = self._path.lower().endswith(COLLECTION)
        if self._source is None and not is_collection:
            raise ElvisError(
                f"There is no asset {self._path} at {self._client.server_url}, and a new one needs a file. Only a"
                f" collection ({COLLECTION}) has none.",
                "not_found",
            )
        values = {name: resulting(None, value) for name, value in self._metadata.items()}
        wanted = {name: (None, value) for name, value in values.items() if not is_empty(value)}
        self._changes = {"state": ("absent", "present"), **wanted}
        if self._source is not None:
            self._changes["file"] = (None, self._source)
        if self._call.check_mode:
            return self._result(None, created=True, by=None)
        content = _content(file) if file else None
        asset, is_new = self._assets().create(
            self._path, content, {name: value for name, (_was, value) in wanted.items()}
        )
        if not is_new:
            # Somebody else was faster, with the same file.
            return self.bring_about() if self._find() else self._result(asset, created=False, by=None)
        self._tell_stored(asset, wanted)
        return self._result(asset, created=True, by=None)

    def _find(self) -> Hit | None:
        """Return the asset, None where there is none."""
        options = self._call.options
        asset_id: str | None = options["id"]
        if asset_id is None:
            return self._remote.by_paths([self._path or ""]).get(self._path or "")
        found = self._remote.by_ids([asset_id]).get(asset_id)
        if found is None and options["state"] == "present" and not self._call.check_mode:
            # An earlier task may just have made it; one that is missing at a path is made.
            found = wait_for_index(self._remote.by_ids, [asset_id]).get(asset_id)
        return found

    def _fresh(self, asset: Hit) -> Hit:
        """Return the asset without the check-out that was just ended."""
        if self._check_outs.of_another(asset):
            fields = {name: value for name, value in asset.fields.items() if not name.startswith("checkedOut")}
            return asset._replace(fields=fields)
        return asset

    def _file(self) -> LocalFile | None:
        """Return the file, as it is now; in check mode an earlier task may be what makes it.

        :raises ElvisError: when it can't be sent
        """
        path = self._source
        if path is None:
            return None
        # A link is followed: the task names it.
        place = os.path.realpath(path.encode("utf-8", "surrogateescape"))
        try:
            found = os.lstat(place)
        except FileNotFoundError:
            if self._call.check_mode:
                self._call.warn(f"{path} is not there: a run without check mode needs it.")
                return None
            raise ElvisError(f"file {path} is not there.", "bad_request") from None
        except OSError as error:
            raise ElvisError(f"file {path} can't be read: {system_words(error)}.", "storage") from None
        file = LocalFile.of(place, os.path.basename(path), found)  # noqa: PTH119 - bytes beside it
        if not file.is_unchanged(found):
            raise ElvisError(f"file {shown_path(place)} is not a regular file.", "bad_request")
        return file

    def _compare(self, file: LocalFile | None, asset: Hit) -> By | None:
        options = self._call.options
        if self._source is None:
            return None
        obstacle = no_file(asset)
        if obstacle and "container" in obstacle:
            raise self._left(asset, f"it is {obstacle}, which takes no file")
        if file is None or obstacle:
            return "date"
        contents = Contents(options["checksum"], "update", self._client.clock_ahead, time.time())
        with self._client.judging(Request(f"send {options['file']}", "POST", services.UPDATE.address)):
            return contents.compare(file, asset)[0]

    def _check_target(self, target: str, asset: Hit) -> None:
        other = self._remote.by_paths([target]).get(target)
        if other and other.id != asset.id:
            raise self._left(asset, f"it can't be moved to {target}, where another asset is ({other.id})")

    def _check_free(self, asset: Hit) -> None:
        holder = None if self._call.options["force"] else self._check_outs.of_another(asset)
        if holder:
            raise self._left(asset, f"{holder}. force: true ends that check-out first")

    def _free(self, asset: Hit) -> None:
        if self._check_outs.of_another(asset):
            self._check_outs.undo(asset)

    def _left(self, asset: Hit, why: str) -> ElvisError:
        return ElvisError(f"{asset.path} at {self._client.server_url} was left unchanged: {why}.", "conflict")

    def _assets(self, *, replaces_file: bool = False) -> Assets:
        options = self._call.options
        keeps = keeps_metadata(self._client) if options["keep_metadata"] and replaces_file else None
        if keeps is False:
            self._call.warn(
                "This server is older than 6.107 and has no keepMetadata: when a file is replaced, the texts embedded"
                " in the new one overwrite what was edited."
            )
        writing = Writing(
            fields=tuple(self._metadata),
            process_timeout=options["process_timeout"],
            keep_metadata=True if keeps else None,
        )
        return Assets(self._client, self._remote.by_paths, self._remote.by_ids, writing)

    def _tell_stored(self, asset: Hit, wanted: Changes) -> None:
        sent = {name: value for name, (_was, value) in wanted.items()}
        for name, value in stored_otherwise(asset.fields, sent, sent).items():
            self._call.warn(f"{asset.path}: {stored_as(name, value)}.")

    def _result(self, asset: Hit | None, *, created: bool, by: By | None) -> Result:
        path = asset.path if asset else self._path
        after = {name: value for name, (_was, value) in self._changes.items() if name in self._metadata}
        present = asset.fields if asset else {}
        shown = {name: after.get(name, flat(present.get(name))) for name in self._metadata}
        diffs = Diffs(self._call.diff)
        if self._changes:
            diffs.add_changes(path or "", self._changes)
        what = ", ".join(self._changes) or "nothing"
        would = "would change" if self._call.check_mode else "changed"
        return {
            "changed": bool(self._changes),
            "msg": f"{path or self._call.options['id']} at {self._client.server_url}: {what} {would}.",
            "asset": {"id": asset.id if asset else None, "path": path, "metadata": shown},
            "created": created,
            "changes": {name: {"before": was, "after": value} for name, (was, value) in self._changes.items()},
            "compared_by": by,
            **diffs.as_result(),
        }


def _content(file: LocalFile) -> Content:
    source = LocalSource(file, is_checked=True)
    return Content(source, source.checksum)
