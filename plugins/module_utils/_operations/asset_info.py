# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells which assets a query finds, in the result or in a file. Private to damops.elvis."""

from __future__ import annotations

from typing import Any

from .._changes.asset_reading import AssetReading, AssetSelection
from .._dam.asset_finder import AssetFinder
from .._dam.hits import Hit
from .._elvis.field_values import flat
from .._errors import ElvisError
from .._tables.report import as_valid_text
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.dest_table import DestTable, check_query
from .._task.many import read_zone
from .._task.operation import Result, session_operation
from .._task.work_arguments import DEST_ARGUMENTS
from .._text import agreeing, counted
from .._work.progress import Progress

FIELDS = ["id", "assetPath", "name", "fileSize", "assetType", "assetCreated", "assetFileModified", "checkedOutBy"]
WHICH = ("query", "paths", "ids")

ARGUMENTS: ArgumentSpec = {
    "query": {"type": "str"},
    "paths": {"type": "list", "elements": "str", "aliases": ["path"]},
    "ids": {"type": "list", "elements": "str"},
    "fields": {"type": "list", "elements": "str", "default": FIELDS},
    "sort": {"type": "str"},
    "limit": {"type": "int"},
    **DEST_ARGUMENTS,
}

Row = dict[str, Any]


def run(call: Call) -> Result:
    """Read the assets, and return them or write them to a file."""
    table = _check(call)
    fields = _Fields(call)
    reading, progress = _begin(call, fields)
    if table.path:
        result = {**table.write(reading.pages())._asdict(), "assets": []}
    else:
        assets = [as_valid_text(fields.shown(row))[0] for rows in reading.pages() for row in rows]
        result = {"changed": False, "assets": assets}
    where = table.place(changed=result["changed"])
    return _with_message(call, reading, where, {**result, "log": progress.log})


def _simulate(call: Call) -> Result:
    _check(call)
    call.warn("The session is simulated, so nothing was read from the server.")
    return {
        "changed": bool(call.options["dest"]),
        "msg": f"Check mode: nothing was sent to {call.opened.session.server_url}.",
        "assets": [],
        "total": 0,
        "missing": [],
        "log": [],
    }


OPERATION = session_operation(
    ARGUMENTS, run, _simulate, constraints={"mutually_exclusive": [WHICH], "required_one_of": [WHICH]}
)


def _check(call: Call) -> DestTable:
    """Refuse what can't work before anything is sent, and return what writes the file."""
    options = call.options
    check_query(options["query"])
    if options["limit"] is not None and options["limit"] < 1:
        raise ElvisError("limit must be 1 or more.", "bad_request")
    if not options["fields"] or not all(map(str.strip, options["fields"])):
        raise ElvisError("fields must name at least one field, and no empty one.", "bad_request")
    return DestTable(call, list(dict.fromkeys(options["fields"])))


class _Fields:
    """The fields of each asset that a task wants, in order."""

    def __init__(self, call: Call) -> None:
        self.names = list(dict.fromkeys(call.options["fields"]))
        self._zone = read_zone(call.options)

    def row(self, hit: Hit) -> Row:
        """Return what is kept of a hit."""
        return {name: hit.id if name == "id" else hit.fields.get(name) for name in self.names}

    def shown(self, row: Row) -> Row:
        """Return a row as a result has it."""
        return {name: flat(value, self._zone) for name, value in row.items()}


def _begin(call: Call, fields: _Fields) -> tuple[AssetReading, Progress]:
    options = call.options
    selection = AssetSelection(options["query"], options["paths"], options["ids"], options["sort"], options["limit"])
    finder = AssetFinder(call.opened.client, [name for name in fields.names if name != "id"], more=())
    progress = Progress(call.tell)
    return AssetReading(finder, selection, progress, fields.row), progress


def _with_message(call: Call, reading: AssetReading, where: str, result: Result) -> Result:
    limited = f", of which {reading.read} were read" if reading.read < reading.total else ""
    found = f"{counted(reading.total, 'asset')} {agreeing(reading.total, 'was', 'were')} found"
    return {
        "msg": f"{call.opened.session.server_url}: {found}{limited}.{where}",
        **result,
        "total": reading.total,
        "missing": reading.missing,
    }
