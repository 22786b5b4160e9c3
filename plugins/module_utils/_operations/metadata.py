# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes many assets have the metadata that rows, or one set for all, give them. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from .._changes.change_limit import ChangeLimit
from .._changes.metadata_run import Job, MetadataRun
from .._changes.metadata_writer import MetadataRules, WantedMetadata
from .._changes.named_assets import read_row_key
from .._changes.rows_in_doubt import find_broken_rows
from .._dam.asset_finder import AssetFinder, collected
from .._dam.asset_keys import field_mistake
from .._dam.query import EVERYTHING
from .._elvis.client import Client
from .._errors import ElvisError
from .._tables.cell_values import BadCell, RowOptions
from .._tables.rows import Key, RowFile, Summary, dam_key
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.many import check_many, open_for_many, open_journal, read_row_options, uncompared_many
from .._task.metadata_option import check_metadata
from .._task.operation import Result, session_operation
from .._task.plan_options import PLAN_ARGUMENTS, PLAN_CONSTRAINTS, check_plan, open_plan
from .._task.work_arguments import MANY_ARGUMENTS, ROW_ARGUMENTS
from .._text import agreeing, as_they_should_be, counted
from .._work.journal import Journal

WHICH = ("assets", "src", "query")

ARGUMENTS: ArgumentSpec = {
    "assets": {
        "type": "list",
        "elements": "dict",
        "options": {
            "id": {"type": "str"},
            "path": {"type": "str"},
            "metadata": {"type": "dict", "required": True},
        },
        "mutually_exclusive": [("id", "path")],
        "required_one_of": [("id", "path")],
    },
    "src": {"type": "path"},
    "query": {"type": "str"},
    "metadata": {"type": "dict"},
    "force": {"type": "bool", "default": False},
    "max_change": {"type": "int"},
    **ROW_ARGUMENTS,
    **PLAN_ARGUMENTS,
    **MANY_ARGUMENTS,
    **INDEX_ARGUMENTS,
}
CONSTRAINTS: Mapping[str, Any] = {
    "mutually_exclusive": [WHICH, *PLAN_CONSTRAINTS["mutually_exclusive"]],
    "required_one_of": [WHICH],
    "required_together": [("query", "metadata"), *PLAN_CONSTRAINTS["required_together"]],
}


def run(call: Call) -> Result:
    """Read what is there, and write what differs."""
    options = call.options
    rules, job = _read(call)
    client = open_for_many(call)
    plans = open_plan(call, client, "elvis_metadata", ARGUMENTS)
    with plans as plan, open_journal(call, client, plan) as journal:
        _check_short_rows(client, call, job)
        result = MetadataRun(client, rules, journal).run(
            job or _by_query(client, options),
            options["concurrency"],
            stops=options["on_failure"] == "stop",
        )
        result.update(plan.end())
    return {"msg": _message(client, call, journal, job.summary if job else None), **result}


def _read(call: Call) -> tuple[MetadataRules, Job | None]:
    """Return how to work, and what is wanted, as far as that is known without the server.

    :raises ElvisError: when the options or the file can't be used
    """
    options = call.options
    check_many(options)
    check_plan(call)
    rows = read_row_options(options)
    _check_key(rows)
    rules = MetadataRules(
        rows, options["src"] is not None, options["force"], call.check_mode, options["process_timeout"]
    )
    if options["src"] is not None:
        return rules, _of_file(call, rows)
    if options["assets"] is not None:
        wanted = _of_task(options["assets"])
        return rules, Job(wanted, len(wanted))
    _read_query(options)
    check_metadata("metadata", options["metadata"])
    return rules, None


def _check_key(rows: RowOptions) -> None:
    """Make sure that the key names a field, or a column that is one.

    :raises ElvisError: when it does not
    """
    mistake = field_mistake(rows.mapping.get(rows.key, rows.key)) if rows.key else None
    if mistake:
        raise ElvisError(
            f"key: {mistake}. Say with mapping what the column is, such as {{{rows.key}: path}}, id or a field.",
            "bad_request",
        )


def _of_file(call: Call, rows: RowOptions) -> Job:
    file = RowFile(call.options["src"], rows, read_row_key)
    summary = file.check()
    for words in summary.warnings:
        call.warn(words)
    return Job(_WantedRows(file), summary.rows, summary)


class _WantedRows:
    """What the rows of a file want; each iteration reads the file."""

    def __init__(self, file: RowFile) -> None:
        self._file = file

    def __iter__(self) -> Iterator[WantedMetadata]:
        place = self._file.place
        return (
            WantedMetadata(row.key, row.cells, place=place(row), places=partial(place, row))
            for row in self._file.rows()
        )


def _check_short_rows(client: Client, call: Call, job: Job | None) -> None:
    """Refuse a file in which a line break without quotes cuts rows in two.

    :raises ElvisError: before anything is written; in check mode an earlier task may be what makes the assets
    """
    if job is None or job.summary is None or not job.summary.after_short:
        return
    mistake = find_broken_rows(client, job.summary.after_short, waits=not call.check_mode)
    if mistake and call.check_mode:
        call.warn(f"{job.summary.where}: {mistake}.")
    elif mistake:
        raise ElvisError(f"{job.summary.where} is refused: {mistake}.", "bad_request")


def _of_task(assets: Iterable[Mapping[str, Any]]) -> list[WantedMetadata]:
    found: dict[Key, WantedMetadata] = {}
    for number, asset in enumerate(assets, 1):
        place = f"assets, entry {number}"
        kind = "id" if asset["id"] is not None else "path"
        try:
            key = dam_key(kind, asset[kind].strip())
        except BadCell as mistake:
            raise ElvisError(f"{place}: {mistake}.", "bad_request") from None
        check_metadata(place, asset["metadata"])
        first = found.setdefault(key, WantedMetadata(key, {}, place=place))
        for name, value in asset["metadata"].items():
            if first.metadata.get(name, value) != value:
                raise ElvisError(
                    f"{place}: {name} differs from {first.place}, for the same asset.",
                    "bad_request",
                )
        found[key] = first._replace(metadata={**first.metadata, **asset["metadata"]})
    return list(found.values())


def _read_query(options: TaskOptions) -> tuple[str, ChangeLimit]:
    limit = ChangeLimit(options["max_change"])
    return limit.read_query(options["query"]), limit


def _by_query(client: Client, options: TaskOptions) -> Job:
    query, limit = _read_query(options)
    # All of them before the first write, which may change what the query finds.
    finder = AssetFinder(client, options["metadata"])
    hits = collected(finder.tree("/", query))

    def check_limit(changes: int) -> None:
        limit.check_found(len(hits), changes, "assets would be updated", lambda: finder.count(EVERYTHING))

    wanted = [WantedMetadata(("id", hit.id), options["metadata"], hit) for hit in hits]
    return Job(wanted, len(hits), check_limit=check_limit)


def _message(client: Client, call: Call, journal: Journal, summary: Summary | None) -> str:
    counts = journal.outcome.counts
    verb = "would be" if call.check_mode else agreeing(counts["updated"], "was", "were")
    updated = f"{counted(counts['updated'], 'asset')} {verb} updated"
    why = "left out" if journal.plan.is_approval else "not there"
    skipped = f", {counts['skipped']} {agreeing(counts['skipped'], 'is', 'are')} {why}" if counts["skipped"] else ""
    notes = " ".join(summary.remarks) if summary else ""
    return f"{client.server_url}: {updated}, {as_they_should_be(counts['unchanged'])}{skipped}. {notes}".rstrip()


OPERATION = session_operation(ARGUMENTS, shows_its_writes(run), uncompared_many(_read), constraints=CONSTRAINTS)
