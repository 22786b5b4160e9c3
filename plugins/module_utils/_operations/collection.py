# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the members of a collection. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._changes.change_limit import ChangeLimit
from .._changes.collection_run import CollectionOrder, CollectionRun
from .._changes.named_assets import read_name, read_names
from .._dam.asset_index import COLLECTION
from .._elvis.client import Client
from .._errors import ElvisError
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.many import check_many, open_for_many, open_journal, uncompared_many
from .._task.metadata_option import check_metadata
from .._task.operation import Result, session_operation
from .._task.work_arguments import MANY_ARGUMENTS
from .._text import counted, escaped

WHICH = ("query", "ids", "paths")

ARGUMENTS: ArgumentSpec = {
    "path": {"type": "str"},
    "id": {"type": "str"},
    "query": {"type": "str"},
    "ids": {"type": "list", "elements": "str"},
    "paths": {"type": "list", "elements": "str"},
    "members_state": {"type": "str", "choices": ["present", "absent", "pure"], "default": "present"},
    "max_change": {"type": "int", "default": 100},
    "metadata": {"type": "dict", "default": {}},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **MANY_ARGUMENTS,
    **INDEX_ARGUMENTS,
}
CONSTRAINTS: Mapping[str, Any] = {
    "mutually_exclusive": [("path", "id"), WHICH],
    "required_one_of": [("path", "id")],
}


def run(call: Call) -> Result:
    """Read what is there, and change what differs."""
    options = call.options
    order = _read(call)
    client = open_for_many(call)
    with open_journal(call, client) as journal:
        work = CollectionRun(client, order, journal)
        if options["state"] == "absent":
            result = work.remove()
        else:
            result = work.run(options["concurrency"], stops=options["on_failure"] == "stop")
    return {"msg": _message(client, call, order, result), **result}


def _read(call: Call) -> CollectionOrder:
    """Return what is wanted.

    :raises ElvisError: when an option can't work
    """
    options = call.options
    check_many(options)
    check_metadata("metadata", options["metadata"])
    lists = [name for name in WHICH if options[name] is not None]
    if options["state"] == "absent" and (lists or options["metadata"]):
        raise ElvisError("state: absent can't be used with query, ids, paths or metadata.", "bad_request")
    if options["members_state"] != "present" and options["state"] == "present" and not lists:
        raise ElvisError(
            f"members_state: {options['members_state']} needs a list of members. Give query, ids or paths.",
            "bad_request",
        )
    if options["query"] is not None and not options["query"].strip():
        raise ElvisError("query is empty. Say what to find, such as status:New.", "bad_request")
    return CollectionOrder(
        name=_name(options),
        metadata=options["metadata"],
        query=options["query"],
        names=_members(options),
        members_state=options["members_state"],
        limit=ChangeLimit(options["max_change"]),
        check_mode=call.check_mode,
        process_timeout=options["process_timeout"],
    )


def _name(options: Mapping[str, Any]) -> str:
    if options["id"] is not None:
        return read_name(options["id"], "id", "id")
    path = read_name(options["path"], "path", "path")
    if not path.lower().endswith(COLLECTION):
        raise ElvisError(f"path {escaped(path)} does not end in {COLLECTION}, as a collection's does.", "bad_request")
    return path


def _members(options: Mapping[str, Any]) -> Sequence[str] | None:
    for option, kind in (("ids", "id"), ("paths", "path")):
        if options[option] is not None:
            return read_names(options[option], option, kind)
    return None


def _message(client: Client, call: Call, order: CollectionOrder, result: Mapping[str, Any]) -> str:
    would = "Check mode, this would be done: " if call.check_mode else ""
    counts = result["counts"]
    itself = f"{', '.join(result['changes'])} changed" if result["changes"] else "unchanged itself"
    members = f"{counted(counts['created'], 'member')} added, {counts['removed']} removed"
    return f"{would}{order.name} at {client.server_url}: {itself}; {members}."


OPERATION = session_operation(
    ARGUMENTS, shows_its_writes(run), uncompared_many(_read, collection={}, changes={}), constraints=CONSTRAINTS
)
