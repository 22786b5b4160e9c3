# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Brings what a DAM folder, a query or a list of ids has into a local folder. Private to damops.elvis."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .._dam.asset_finder import AssetFinder, collected
from .._dam.folders import find_folder
from .._dam.hits import Hit
from .._elvis.advice import NOT_THERE
from .._elvis.client import Client
from .._elvis.paths import parse_path
from .._errors import ElvisError, system_words
from .._files.atomic_file import atomic_file
from .._files.local_paths import is_inside
from .._tables.report import ReportOptions
from .._tables.report_file import format_of, open_report
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.many import (
    check_many,
    counts_in_words,
    open_for_many,
    open_journal,
    read_name_filter,
    read_report_options,
    storage_failures,
    uncompared_many,
)
from .._task.operation import Result, session_operation
from .._task.work_arguments import CSV_ARGUMENTS, MANY_ARGUMENTS, NAME_ARGUMENTS
from .._transfers.download_plan import DownloadOrder
from .._transfers.download_run import DownloadRun
from .._transfers.removal_limit import RemovalLimit
from .._work.outcome import Outcome

WHICH = ("path", "query", "ids")

ARGUMENTS: ArgumentSpec = {
    "path": {"type": "str"},
    "query": {"type": "str"},
    "ids": {"type": "list", "elements": "str"},
    "dest": {"type": "path", "required": True},
    "rendition": {"type": "str", "choices": ["original", "preview", "thumbnail"], "default": "original"},
    "layout": {"type": "str", "choices": ["tree", "flat"], "default": "tree"},
    "existing": {"type": "str", "choices": ["update", "keep"], "default": "update"},
    "force": {"type": "bool", "default": False},
    **NAME_ARGUMENTS,
    "recursive": {"type": "bool", "default": True},
    "delete": {"type": "bool", "default": False},
    "max_delete": {"type": "str", "default": "100"},
    "metadata_dest": {"type": "path"},
    "fields": {"type": "list", "elements": "str"},
    **CSV_ARGUMENTS,
    "bom": {"type": "bool", "default": False},
    **MANY_ARGUMENTS,
}
CONSTRAINTS: Mapping[str, Any] = {
    "mutually_exclusive": [WHICH],
    "required_one_of": [WHICH],
    "required_together": [("metadata_dest", "fields")],
}


def run(call: Call) -> Result:
    """Compare the two sides, and bring over what differs; in check mode only tell."""
    options = call.options
    order = _read(call)
    _check_metadata_dest(call)
    client = open_for_many(call)
    with open_journal(call, client) as journal:
        outcome = journal.outcome
        try:
            base = find_folder(client, order.base) if order.base is not None else None
            # As the server spells it, so that what lies in it begins with it.
            download = DownloadRun(client, replace(order, base=base or order.base), journal)
            download.run(_assets(call, client, outcome, base))
        except ElvisError as error:
            raise outcome.broken_off(error) from None
        wrote_metadata = _write_metadata(call, download, outcome) if options["metadata_dest"] else False
        result = outcome.finish()
    return {
        **result,
        "changed": result["changed"] or wrote_metadata,
        "msg": counts_in_words(call, f"{order.dest} from {client.server_url}", result["counts"]),
    }


def _read(call: Call) -> DownloadOrder:
    """Return what the task wants.

    :raises ElvisError: when an option can't be used
    """
    options = call.options
    check_many(options)
    _check_options(options)
    return DownloadOrder(
        dest=options["dest"],
        base=parse_path(options["path"]) if options["path"] is not None else None,
        names=read_name_filter(options),
        rendition=options["rendition"],
        is_flat=options["layout"] == "flat",
        recursive=options["recursive"],
        keeps_existing=options["existing"] == "keep",
        force=options["force"],
        removals=RemovalLimit(options["max_delete"]) if options["delete"] else None,
        own=tuple(path for path in (options["metadata_dest"], options["report"]) if path),
        concurrency=options["concurrency"],
        stops_at_failure=options["on_failure"] == "stop",
        check_mode=call.check_mode,
    )


def _check_options(options: TaskOptions) -> None:
    is_tree = options["path"] is not None and options["layout"] == "tree" and options["rendition"] == "original"
    mistakes = (
        (
            not Path(options["dest"]).is_absolute(),
            "dest must be an absolute path: a relative one depends on where the task runs",
        ),
        (
            options["delete"] and not is_tree,
            "delete needs path, layout: tree and originals: nothing else tells what should not be there",
        ),
        (
            options["delete"] and os.path.realpath(options["dest"]) == "/",
            "delete can't be used with the root of the file system as dest",
        ),
        (options["query"] is not None and not options["query"].strip(), "query is empty"),
    )
    for is_made, mistake in mistakes:
        if is_made:
            raise ElvisError(f"{mistake}.", "bad_request")


def _assets(call: Call, client: Client, outcome: Outcome, base: str | None) -> Iterable[Hit]:
    """Return what is to be fetched; in check mode an earlier task may be what makes it.

    :param base: the folder that is wanted, None where it is not there
    :raises ElvisError: when it is not there
    """
    options = call.options
    remote = AssetFinder(client, ("assetFileModified", "fileSize", *(options["fields"] or ())))
    if options["ids"] is not None:
        found = remote.by_ids(options["ids"])
        missing = [asset_id for asset_id in options["ids"] if asset_id not in found]
        if missing and call.check_mode:
            for asset_id in missing:
                outcome.add("skipped", path=None, id=asset_id, why="there is no such asset yet")
        elif missing:
            ids = ", ".join(missing[:10])
            raise ElvisError(f"There is no asset with the id {ids} at {client.server_url}. {NOT_THERE}", "not_found")
        return found.values()
    if options["query"] is not None:
        return collected(remote.tree("/", options["query"]))
    path = parse_path(options["path"])
    if base is None and call.check_mode:
        outcome.add("skipped", path=path, why="there is no such folder yet")
        return []
    if base is None:
        raise ElvisError(f"There is no folder {path} at {client.server_url}. {NOT_THERE}", "not_found")
    return collected(remote.tree(base))


def _write_metadata(call: Call, download: DownloadRun, outcome: Outcome) -> bool:
    """Write the metadata of the files beside them, as elvis_upload reads them; tell whether that changed anything.

    :raises ElvisError: when they can't be written, with all that was done
    """
    try:
        _make_dest(call, outcome)
        with storage_failures():
            return _write_rows(call, download)
    except ElvisError as error:
        raise outcome.broken_off(error) from None


def _check_metadata_dest(call: Call) -> None:
    """Make sure that the metadata can be written, before anything is fetched.

    :raises ElvisError: when they can't
    """
    path, dest = call.options["metadata_dest"], call.options["dest"]
    if path:
        open_report(path, lambda _data: None, ["path", *call.options["fields"]], _report_options(call.options))
    # What lies in dest may get its folder by the files that are fetched.
    if path and (Path(path).parent.exists() or not is_inside(path, dest)):
        with atomic_file(path, only_compare=call.check_mode, option="metadata_dest"):
            pass


def _report_options(options: TaskOptions) -> ReportOptions:
    """Return how the metadata are written.

    :raises ElvisError: when an option can't work
    """
    return read_report_options(options, "metadata_dest", format_of(options["metadata_dest"], None, "csv"))


def _make_dest(call: Call, outcome: Outcome) -> None:
    """Make the folder that the file of metadata lies in, where there was nothing to fetch into it."""
    dest = call.options["dest"]
    is_missing = not Path(dest).exists() and dest not in outcome.folders
    if not is_missing or not is_inside(call.options["metadata_dest"], dest):
        return
    if not call.check_mode:
        try:
            Path(dest).mkdir(parents=True)
        except OSError as error:
            raise ElvisError(f"dest {dest} can't be made: {system_words(error)}.", "storage") from None
    outcome.folders.append(dest)


def _write_rows(call: Call, download: DownloadRun) -> bool:
    options = call.options
    columns = ["path", *dict.fromkeys(options["fields"])]
    with atomic_file(options["metadata_dest"], only_compare=call.check_mode, option="metadata_dest") as draft:
        with open_report(options["metadata_dest"], draft.write, columns, _report_options(options)) as report:
            report.add(
                {"path": relative, **{name: hit.fields.get(name) for name in columns[1:]}}
                for relative, hit in download.files
            )
            report.end()
        return draft.keep().changed


OPERATION = session_operation(ARGUMENTS, run, uncompared_many(_read), constraints=CONSTRAINTS)
