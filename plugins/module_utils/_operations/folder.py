# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes folders of the DAM be there, or not be there. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from .._changes.folder_move import SECONDS, FolderMove, check_move, move_folder
from .._changes.new_folders import missing_folders
from .._dam.asset_finder import AssetFinder
from .._dam.check_outs import refuse_held
from .._dam.folders import FolderFinder, MadeFolders, browse, find_folder, make_folders
from .._dam.processes import process_id_of, wait_for
from .._dam.query import tree_query
from .._dam.write_once import WriteOnce, read_answer
from .._elvis.client import Client, Request
from .._elvis.paths import is_below, is_protected, parse_path
from .._elvis.services import REMOVE
from .._errors import ENDS_TASK, ElvisError
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.operation import Result, session_operation, uncompared
from .._text import counted
from .._work.diffs import diff_of

ARGUMENTS: ArgumentSpec = {
    "paths": {"type": "list", "elements": "str", "required": True, "aliases": ["path"]},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "recursive": {"type": "bool", "default": False},
    "moved_from": {"type": "str"},
    **INDEX_ARGUMENTS,
}

_Entry = dict[str, Any]
_Outcome = tuple[dict[str, _Entry], list[ElvisError]]


def run(call: Call) -> Result:
    """Look at each folder, and make or remove those that are not as they should be."""
    paths = list(dict.fromkeys(parse_path(path) for path in call.options["paths"]))
    if not paths:
        raise ElvisError("paths names no folder.", "bad_request")
    if call.options["moved_from"] is not None:
        return _move(call, paths)
    client = call.opened.client
    is_present = call.options["state"] == "present"
    entries, failures = _make(client, paths, call) if is_present else _remove(client, paths, call)
    folders = [entries[path] for path in paths if path in entries]
    changed = [entry["path"] for entry in folders if entry["changed"]]
    result: Result = {"changed": bool(changed), "folders": folders}
    if call.diff:
        states = ("absent", "present") if is_present else ("present", "absent")
        result["diff"] = [diff_of(path, *({"path": path, "state": state} for state in states)) for path in changed]
    if failures:
        failures[0].done = result
        raise failures[0]
    verb = f"{'would be ' if call.check_mode else ''}{'made' if is_present else 'removed'}"
    return {"msg": f"{client.server_url}: {len(changed)} of {counted(len(paths), 'folder')} {verb}.", **result}


OPERATION = session_operation(ARGUMENTS, shows_its_writes(run), uncompared(folders=[]))


# --- moved


def _move(call: Call, paths: Sequence[str]) -> Result:
    """Make a folder have another path."""
    client = call.opened.client
    if len(paths) > 1 or call.options["state"] == "absent":
        raise ElvisError("moved_from needs exactly one path, and state: present.", "bad_request")
    move = FolderMove(parse_path(call.options["moved_from"], "moved_from"), paths[0])
    check_move(move)
    assets = move_folder(client, move, check_mode=call.check_mode, tell=call.tell)
    if assets is None:
        result: Result = {"changed": False, "folders": [_entry(move.new_path, changed=False)], "diff": []}
        said = f"{move.new_path} is there, and nothing was to be moved"
    else:
        entry = {**_entry(move.new_path, changed=True), "moved_from": move.source, "assets": assets}
        diff = diff_of(move.new_path, {"path": move.source}, {"path": move.new_path})
        result = {"changed": True, "folders": [entry], "diff": [diff]}
        verb = "would be" if call.check_mode else "was"
        said = f"{move.source} {verb} moved to {move.new_path}, with {counted(assets, 'asset')}"
    if not call.diff:
        del result["diff"]
    return {"msg": f"{client.server_url}: {said}.", **result}


# --- present


def _make(client: Client, paths: Sequence[str], call: Call) -> _Outcome:
    # A folder before those in it, or it would be there already, made on the way to them.
    missing = missing_folders(client, FolderFinder(client), paths)
    made = MadeFolders(missing, {}) if call.check_mode else make_folders(client, missing)
    if made.new and not call.check_mode:
        client.own_writes.others.append(lambda: find_folder(client, made.new[-1]) is not None)
    entries = {path: _entry(path, path in made.new) for path in paths if path not in made.failed}
    return entries, list(made.failed.values())


def _entry(path: str, changed: bool) -> _Entry:
    return {"path": path, "changed": changed}


# --- absent


def _remove(client: Client, paths: Sequence[str], call: Call) -> _Outcome:
    for path in paths:
        if is_protected(path):
            raise ElvisError(f"{path} is never removed: it is {'the DAM' if path == '/' else 'a zone'}.", "bad_request")
    entries: dict[str, _Entry] = {}
    failures: list[ElvisError] = []
    for path in paths:
        outcome = _remove_one(client, path, call, entries)
        if isinstance(outcome, ElvisError):
            failures.append(outcome)
            if outcome.reason in ENDS_TASK:
                break
        else:
            entries[path] = outcome
    return entries, failures


def _remove_one(client: Client, path: str, call: Call, before: Mapping[str, _Entry]) -> _Entry | ElvisError:
    """Remove a folder, and return what became of it.

    :param before: what became of those before it: in check mode, they are still there
    """
    try:
        is_gone = any(entry["changed"] and is_below(path, folder) for folder, entry in before.items())
        found = None if is_gone else find_folder(client, path)
        if found is None:
            return _entry(path, changed=False)
        assets = _removable(client, found, call)
        if not call.check_mode:
            if not _remove_folder(client, found, call):
                return _entry(path, changed=False)
            client.own_writes.others.append(partial(_is_gone, client, found))
    except ElvisError as error:
        return error
    return {**_entry(path, changed=True), "assets": assets}


def _removable(client: Client, path: str, call: Call) -> int:
    """Return how many assets go with a folder.

    :raises ElvisError: when it must not be removed
    """
    tree = AssetFinder(client)
    assets = tree.count(tree_query(path))
    if not call.options["recursive"] and (assets or browse(client, path, with_assets=True)):
        raise ElvisError(
            f"Cannot remove {path} at {client.server_url}: it is not empty, and {counted(assets, 'asset')} in it and"
            " in its sub-folders would go with it. Set recursive: true to remove them too.",
            "conflict",
        )
    if assets:
        refuse_held(client, path, f"remove {path}")
    return assets


def _remove_folder(client: Client, path: str, call: Call) -> bool:
    """Have the server remove a folder, and tell whether it was not somebody else who did."""
    request = Request(f"remove the folder {path}", "POST", REMOVE.address, form={"folderPath": path})
    read = partial(read_answer, client=client, what="in it could not be removed")
    once = WriteOnce(client, SECONDS)
    written = once.bring_about(request, read, lambda: None if find_folder(client, path) else {})
    process_id = process_id_of(written.result)
    if process_id:
        wait_for(client, process_id, SECONDS, call.tell)
    return written.is_new


def _is_gone(client: Client, path: str) -> bool:
    return find_folder(client, path) is None and not AssetFinder(client).count(tree_query(path))
