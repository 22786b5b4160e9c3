# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings a local folder, or a list of files, into the DAM. Private to damops.elvis."""

from __future__ import annotations

from typing import Any

from .._dam.asset_requests import Writing
from .._dam.versions import keeping_metadata
from .._elvis.client import Client
from .._elvis.paths import parse_path
from .._errors import ElvisError
from .._files.name_filter import NameFilter
from .._files.put_away import PutAway
from .._files.tree import LocalTree
from .._files.walk import list_files, list_folder
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.files import expanded
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.many import (
    check_many,
    counts_in_words,
    open_for_many,
    open_journal,
    read_name_filter,
    read_row_options,
    uncompared_many,
)
from .._task.metadata_option import check_metadata
from .._task.operation import Result, session_operation
from .._task.plan_options import PLAN_ARGUMENTS, PLAN_CONSTRAINTS, check_plan, open_plan
from .._task.work_arguments import MANY_ARGUMENTS, NAME_ARGUMENTS, ROW_ARGUMENTS
from .._text import counted
from .._transfers.captions import Captions
from .._transfers.file_matching import NameMatch, read_name_match
from .._transfers.removal_limit import RemovalLimit
from .._transfers.upload_order import UploadOrder, UploadRules
from .._transfers.upload_run import UploadRun

ARGUMENTS: ArgumentSpec = {
    "src": {"type": "raw", "required": True},
    "path": {"type": "str", "required": True},
    "metadata": {"type": "dict", "default": {}},
    "metadata_src": {"type": "path"},
    "metadata_on": {"type": "str", "choices": ["create", "always"], "default": "create"},
    "existing": {"type": "str", "choices": ["update", "keep", "newer"], "default": "update"},
    "checksum": {"type": "bool", "default": True},
    "keep_metadata": {"type": "bool", "default": True},
    "check_in": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    **NAME_ARGUMENTS,
    "recursive": {"type": "bool", "default": True},
    "min_age": {"type": "float", "default": 0},
    "match": {
        "type": "dict",
        "options": {"field": {"type": "str", "required": True}, "pattern": {"type": "str", "required": True}},
    },
    "unmatched": {"type": "str", "choices": ["fail", "skip"], "default": "fail"},
    "delete": {"type": "bool", "default": False},
    "max_delete": {"type": "str", "default": "100"},
    "uploaded": {"type": "str", "choices": ["keep", "remove", "move"], "default": "keep"},
    "move_to": {"type": "path"},
    **PLAN_ARGUMENTS,
    **MANY_ARGUMENTS,
    **INDEX_ARGUMENTS,
    **ROW_ARGUMENTS,
}
OWN = ("metadata_src", "report", "plan_dest", "plan")
"""Files of the task that are not sent, wherever they lie."""
CONSTRAINTS = {
    **PLAN_CONSTRAINTS,
    "required_if": [("uploaded", "move", ["move_to"])],
    "required_by": {"move_to": ["uploaded"]},
}


def run(call: Call) -> Result:
    """Compare the two sides, and bring over what differs; in check mode only tell."""
    options = call.options
    check_plan(call)
    src = _read_src(options["src"])
    _check_options(options, src)
    path = parse_path(options["path"])
    match = _read_match(options, path)
    names = read_name_filter(options)
    tree = _list(src, names, options)
    captions = None
    if options["metadata_src"]:
        bases = [path, *([src] if isinstance(src, str) else [])]
        captions = Captions(options["metadata_src"], bases, read_row_options(options), call.warn, call.tell)
    client = open_for_many(call)
    plans = open_plan(call, client, "elvis_upload", ARGUMENTS)
    with plans as plan, open_journal(call, client, plan) as journal:
        order = _read_order(call, client, src, path, names, match, captions)
        result = UploadRun(client, order, tree, journal).run()
        return _result(call, client, {**result, **plan.end()}, path, tree)


def _read_order(
    call: Call,
    client: Client,
    src: str | list[str],
    path: str,
    names: NameFilter,
    match: NameMatch | None,
    captions: Captions | None,
) -> UploadOrder:
    options = call.options
    put_away = PutAway(options["move_to"], src) if options["uploaded"] != "keep" else None
    return UploadOrder(
        path=path,
        rules=UploadRules(
            metadata=options["metadata"],
            is_state=options["metadata_on"] == "always",
            existing=options["existing"],
            checksum=options["checksum"],
            force=options["force"],
            check_in=options["check_in"],
        ),
        names=names,
        writing=Writing(
            process_timeout=options["process_timeout"],
            keep_metadata=keeping_metadata(client, call.warn) if options["keep_metadata"] else None,
        ),
        match=match,
        captions=captions,
        recursive=options["recursive"],
        removals=RemovalLimit(options["max_delete"]) if options["delete"] else None,
        put_away=put_away,
        makes_empty_folders=names.takes_all and isinstance(src, str),
        concurrency=options["concurrency"],
        stops_at_failure=options["on_failure"] == "stop",
        check_mode=call.check_mode,
    )


def _result(call: Call, client: Client, result: Result, path: str, tree: LocalTree) -> Result:
    left_out = f", and patterns leave {counted(tree.unfit, 'file')} out" if tree.unfit else ""
    return {
        **result,
        "changed": result["changed"] or result["put_away"] > 0,
        "msg": counts_in_words(call, f"{path} at {client.server_url}", result["counts"], left_out),
    }


OPERATION = session_operation(
    ARGUMENTS,
    shows_its_writes(run),
    uncompared_many(check_plan, put_away=0, kept=[]),
    constraints=CONSTRAINTS,
)


def _read_src(src: Any) -> str | list[str]:
    """Return the folder, or the files.

    :raises ElvisError: when it is neither
    """
    if isinstance(src, str) and src.strip():
        return expanded(src)
    if isinstance(src, list) and all(isinstance(item, str) and item for item in src):
        return [expanded(item) for item in src]
    raise ElvisError("src must be the path of a folder, or a list of paths of files.", "bad_request")


def _check_options(options: TaskOptions, src: str | list[str]) -> None:
    check_many(options)
    check_metadata("metadata", options["metadata"])
    is_list = isinstance(src, list)
    mistakes = (
        (
            isinstance(src, str) and not src.startswith("/"),
            "src must be an absolute path: a relative one depends on where the task runs",
        ),
        (options["delete"] and is_list, "delete needs a folder in src: a list of files says nothing about the others"),
        (
            options["delete"] and options["uploaded"] != "keep",
            "delete can't be used with uploaded: the next run would find src empty, and remove all that was stored",
        ),
        (options["match"] and options["delete"], "delete can't be used with match: the files are for some assets only"),
        (
            options["match"]
            and (options["metadata"] or options["metadata_src"])
            and options["metadata_on"] == "create",
            "with match no asset is new, so metadata would never be set. Use metadata_on: always",
        ),
        (options["min_age"] < 0, "min_age must be 0 or more"),
        (options["move_to"] and options["uploaded"] != "move", "move_to needs uploaded: move"),
    )
    for is_made, mistake in mistakes:
        if is_made:
            raise ElvisError(f"{mistake}.", "bad_request")


def _read_match(options: TaskOptions, path: str) -> NameMatch | None:
    match = options["match"]
    skips = options["unmatched"] == "skip"
    return read_name_match(match["field"], match["pattern"], skips=skips, folder=path) if match else None


def _list(src: str | list[str], names: NameFilter, options: TaskOptions) -> LocalTree:
    common = {
        "min_age": options["min_age"],
        "own": [path for path in tuple(options[name] for name in OWN) if path],
        # What is put away must be the file itself, and not what a link leads to.
        "follows_links": options["uploaded"] == "keep",
    }
    if isinstance(src, list):
        return list_files(src, names, **common)
    return list_folder(src, names, recursive=options["recursive"], **common)
