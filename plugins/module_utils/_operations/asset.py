# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes one asset have a file and metadata, be at a path, or not be there. Private to damops.elvis."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._changes.asset_plan import AssetOrder
from .._changes.asset_run import AssetDone, AssetRun
from .._dam.asset_requests import Writing
from .._elvis.client import Client
from .._elvis.field_values import flat
from .._elvis.paths import parse_path
from .._errors import ElvisError
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.files import expanded
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.metadata_option import check_metadata
from .._task.operation import Result, session_operation, uncompared
from .._text import escaped
from .._work.diffs import Diffs, renamed_back

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
    **INDEX_ARGUMENTS,
}
CONSTRAINTS: Mapping[str, Any] = {"required_one_of": [("path", "id")]}


def run(call: Call) -> Result:
    """Look at the asset, and change what differs; in check mode only tell."""
    _check(call)
    options = call.options
    order = AssetOrder(
        path=parse_path(options["path"]) if options["path"] is not None else None,
        id=options["id"],
        file=expanded(options["file"]) if options["file"] is not None else None,
        metadata=options["metadata"],
        check_in=options["check_in"],
        force=options["force"],
        keep_metadata=options["keep_metadata"],
        checksum=options["checksum"],
        process_timeout=options["process_timeout"],
        check_mode=call.check_mode,
    )
    client = call.opened.client
    work = AssetRun(client, order, call.warn)
    done = work.remove() if options["state"] == "absent" else work.run()
    return _result(call, client, order, done)


def _check(call: Call) -> None:
    options = call.options
    check_metadata("metadata", options["metadata"])
    if options["path"] is not None:
        parse_path(options["path"])
        if options["path"].endswith("/"):
            raise ElvisError(
                f"path {escaped(options['path'])} ends in a slash, as that of a folder. Give the whole path of the"
                " asset, with its name, or use damops.elvis.elvis_folder for a folder.",
                "bad_request",
            )
    if options["file"] is not None and not os.path.isabs(expanded(options["file"])):  # noqa: PTH117
        raise ElvisError(
            "file must be an absolute path: a relative one depends on where the task runs.",
            "bad_request",
        )
    if options["state"] == "absent" and (options["file"] or options["metadata"]):
        raise ElvisError("state: absent can't be used with file or metadata.", "bad_request")


def _simulate(call: Call) -> Result:
    _check(call)
    return uncompared(asset={}, created=False, changes={}, compared_by=None, renamed_back=None)(call)


def _result(call: Call, client: Client, order: AssetOrder, done: AssetDone) -> Result:
    asset, changes = done.asset, done.changes
    path = asset.path if asset else order.path
    after = {name: value for name, (_was, value) in changes.items() if name in order.metadata}
    present = asset.fields if asset else {}
    shown = {name: after.get(name, flat(present.get(name))) for name in order.metadata}
    diffs = Diffs(call.diff)
    if changes:
        diffs.add_changes(path or "", changes)
    what = ", ".join(changes) or "nothing"
    would = "would change" if call.check_mode else "changed"
    return {
        "changed": bool(changes),
        "msg": f"{path or order.id} at {client.server_url}: {what} {would}.",
        "asset": {"id": asset.id if asset else None, "path": path, "metadata": shown},
        "created": done.created,
        "changes": {name: {"before": was, "after": value} for name, (was, value) in changes.items()},
        "compared_by": done.by,
        "renamed_back": renamed_back(done.renamed_from, path or ""),
        **diffs.as_result(),
    }


OPERATION = session_operation(ARGUMENTS, shows_its_writes(run), _simulate, constraints=CONSTRAINTS)
