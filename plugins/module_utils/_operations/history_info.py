# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reports what happened to assets, in the result or in a file. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .._changes.asset_reading import AssetReading, AssetSelection, Row
from .._changes.history_run import ADDRESS, COLUMNS, HistoryRun, Line, Subject
from .._dam.asset_finder import AssetFinder
from .._dam.history import WantedHistory
from .._dam.hits import Hit
from .._elvis.field_values import flat
from .._elvis.paths import parse_path
from .._errors import ElvisError
from .._tables.report import as_valid_text
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.dest_table import DestTable, check_query
from .._task.many import check_parallel, open_for_many, read_span, read_zone
from .._task.operation import Result, session_operation
from .._task.work_arguments import DEST_ARGUMENTS, PARALLEL_ARGUMENTS
from .._text import counted
from .._work.progress import Progress

WHICH = ("query", "paths", "ids")
READ = "Read the history of"
MODE = 0o600
"""Of a new file: it says who did what."""

ARGUMENTS: ArgumentSpec = {
    "query": {"type": "str"},
    "paths": {"type": "list", "elements": "str", "aliases": ["path"]},
    "ids": {"type": "list", "elements": "str"},
    "actions": {"type": "list", "elements": "str", "default": []},
    "users": {"type": "list", "elements": "str", "default": []},
    "since": {"type": "str"},
    "until": {"type": "str"},
    "addresses": {"type": "bool", "default": False},
    **DEST_ARGUMENTS,
    **PARALLEL_ARGUMENTS,
}


class _Order(NamedTuple):
    """What a task wants, known to make sense."""

    selection: AssetSelection
    wanted: WantedHistory
    columns: tuple[str, ...]
    table: DestTable


def run(call: Call) -> Result:
    """Read the histories, and return them or write them to a file."""
    order = _read(call)
    client = open_for_many(call)
    searched, progress = Progress(call.tell), Progress(call.tell)
    reading = AssetReading(AssetFinder(client, more=()), order.selection, searched, _as_row)
    history = HistoryRun(client, order.wanted, call.options["concurrency"], progress)
    lines = history.read(_subjects(order.selection, reading, progress))
    if order.table.path:
        result = {**order.table.write(lines)._asdict(), "events": []}
    else:
        result = {"changed": False, "events": _shown(call, order, lines)}
    found = f"{counted(history.lines, 'line')} on {counted(history.assets, 'asset')}"
    return {
        "msg": f"{client.server_url}: {found}.{order.table.place(changed=result['changed'])}",
        **result,
        "total": history.lines,
        "assets": history.assets,
        "missing": [*reading.missing, *history.missing],
        "log": [*searched.log, *progress.log],
    }


def _simulate(call: Call) -> Result:
    order = _read(call)
    call.warn("The session is simulated, so nothing was read from the server.")
    return {
        "changed": order.table.path is not None,
        "msg": f"Check mode: nothing was sent to {call.opened.session.server_url}.",
        "events": [],
        "total": 0,
        "assets": 0,
        "missing": [],
        "log": [],
    }


OPERATION = session_operation(
    ARGUMENTS, run, _simulate, constraints={"mutually_exclusive": [WHICH], "required_one_of": [WHICH]}
)


def _read(call: Call) -> _Order:
    """Return what the task wants.

    :raises ElvisError: when an option can't be used
    """
    options = call.options
    check_query(options["query"])
    check_parallel(options)
    paths = options["paths"]
    columns = (*COLUMNS, *((ADDRESS,) if options["addresses"] else ()))
    return _Order(
        AssetSelection(options["query"], paths and list(map(parse_path, paths)), options["ids"]),
        _read_wanted(options),
        columns,
        DestTable(call, columns, MODE),
    )


def _read_wanted(options: TaskOptions) -> WantedHistory:
    since, until = read_span(options)
    for name in ("actions", "users"):
        if not all(map(str.strip, options[name])):
            raise ElvisError(f"{name} has an empty element. Leave {name} out to get all of them.", "bad_request")
    actions = tuple(dict.fromkeys(action.strip() for action in options["actions"]))
    return WantedHistory(actions, tuple(options["users"]), since, until)


def _as_row(hit: Hit) -> Row:
    return {"id": hit.id, "path": hit.path}


def _subjects(selection: AssetSelection, reading: AssetReading, progress: Progress) -> Iterator[list[Subject]]:
    """Yield the assets whose histories are wanted, some at a time.

    Ids are not searched: a search finds no asset that was removed, whose history a server may keep.
    """
    if selection.ids is not None:
        subjects = [Subject(asset_id) for asset_id in dict.fromkeys(selection.ids)]
        progress.begin(READ, len(subjects))
        yield subjects
        return
    for number, rows in enumerate(reading.pages()):
        if not number:
            progress.begin(READ, reading.expected)
        yield [Subject(row["id"], row["path"]) for row in rows]


def _shown(call: Call, order: _Order, lines: Iterator[list[Line]]) -> list[Line]:
    """Return lines as a result has them."""
    zone = read_zone(call.options)
    return [
        as_valid_text({name: flat(line[name], zone) for name in order.columns})[0] for batch in lines for line in batch
    ]
