# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells which assets a query finds, in the result or in a file. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from .._dam.asset_finder import MOST_HITS, STABLE_ORDER, AssetFinder, Page
from .._dam.hits import Hit
from .._elvis.field_values import flat
from .._elvis.paths import parse_path
from .._errors import ElvisError
from .._files.atomic_file import atomic_file
from .._tables.report import ReportOptions, as_valid_text
from .._tables.report_file import format_of, open_report
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.many import read_report_options, read_zone, storage_failures
from .._task.operation import Result, session_operation
from .._task.work_arguments import CSV_ARGUMENTS
from .._work.progress import Progress
from .._work.spool import Spool

FIELDS = ["id", "assetPath", "name", "fileSize", "assetType", "assetCreated", "assetFileModified", "checkedOutBy"]
WHICH = ("query", "path", "ids")

ARGUMENTS: ArgumentSpec = {
    "query": {"type": "str"},
    "path": {"type": "list", "elements": "str"},
    "ids": {"type": "list", "elements": "str"},
    "fields": {"type": "list", "elements": "str", "default": FIELDS},
    "sort": {"type": "str"},
    "limit": {"type": "int"},
    "dest": {"type": "path"},
    "format": {"type": "str", "choices": ["csv", "jsonl", "json", "xlsx"]},
    **CSV_ARGUMENTS,
    "bom": {"type": "bool", "default": False},
}

Row = dict[str, Any]


def run(call: Call) -> Result:
    """Read the assets, and return them or write them to a file."""
    options = call.options
    _check(call)
    reading = _Reading(call)
    if not options["dest"]:
        assets = [as_valid_text(reading.shown(row))[0] for rows in reading.pages() for row in rows]
        return _told(call, reading, {"changed": False, "assets": assets})
    return _told(call, reading, {**_write(call, reading), "assets": []})


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


def _check(call: Call) -> None:
    """Refuse what can't work before anything is sent."""
    options = call.options
    if options["query"] is not None and not options["query"].strip():
        raise ElvisError("query is empty. Say what to find, such as assetType:jpg.", "bad_request")
    if options["limit"] is not None and options["limit"] < 1:
        raise ElvisError("limit must be 1 or more.", "bad_request")
    if not options["fields"] or not all(map(str.strip, options["fields"])):
        raise ElvisError("fields must name at least one field, and no empty one.", "bad_request")
    report = _report_options(call)
    if options["dest"]:
        open_report(options["dest"], lambda _data: None, options["fields"], report)


def _report_options(call: Call) -> ReportOptions:
    """Return how to write ``dest``; without one, the options must be such as could be used.

    :raises ElvisError: when an option can't work
    """
    options = call.options
    form = format_of(options["dest"] or "", options["format"], None if options["dest"] else "csv")
    return read_report_options(options, "dest", form)


class _Reading:
    """What a task asks for, and what came of it."""

    def __init__(self, call: Call) -> None:
        self._options = call.options
        self._zone = read_zone(call.options)
        self.fields: Sequence[str] = list(dict.fromkeys(call.options["fields"]))
        fields = [name for name in self.fields if name != "id"]
        self._tree = AssetFinder(call.opened.client, fields, more=())
        self.progress = Progress(call.tell)
        self.total = self.read = 0
        self.missing: list[str] = []

    def pages(self) -> Iterator[list[Row]]:
        """Yield the assets, some at a time, those of a search once it was read whole."""
        limit = self._options["limit"]
        total = 0
        with Spool() as spool:
            for page in self._found():
                if not total:
                    self.progress.begin("Read", min(page.total, limit or page.total))
                total = page.total
                if page.place == "first":
                    yield from self._counted(spool.take())
                elif page.place == "again":
                    spool.clear()
                if self.read == limit:
                    break
                spool.add([self._row(hit) for hit in page.hits])
                self.progress.count(len(page.hits))
                self.progress.look()
            yield from self._counted(spool.take())
        self.total = total if self.read == limit else self.read

    def _counted(self, batches: Iterable[list[Row]]) -> Iterator[list[Row]]:
        """Yield no more rows than are wanted, and count them."""
        limit = self._options["limit"]
        for batch in batches:
            rows = batch[: None if limit is None else limit - self.read]
            self.read += len(rows)
            yield rows

    def _found(self) -> Iterator[Page]:
        options, tree = self._options, self._tree
        if options["query"] is None:
            yield self._named()
            return
        limit, sort = options["limit"], options["sort"]
        is_short = limit is not None and limit <= MOST_HITS
        if is_short or sort:
            yield from tree.pages(options["query"], _with_tie_breaker(sort), limit)
        else:
            # More than a server returns are read folder by folder, in no order.
            yield from tree.tree("/", options["query"])

    def _named(self) -> Page:
        """Return the assets that are named one by one, in that order."""
        ids = self._options["ids"]
        wanted = list(dict.fromkeys(ids if ids is not None else map(parse_path, self._options["path"])))
        found = self._tree.by_ids(wanted) if ids is not None else self._tree.by_paths(wanted)
        self.missing = [name for name in wanted if name not in found]
        return Page(len(found), [found[name] for name in wanted if name in found])

    def _row(self, hit: Hit) -> Row:
        fields = hit.fields
        return {name: hit.id if name == "id" else fields.get(name) for name in self.fields}

    def shown(self, row: Row) -> Row:
        """Return a row as a result has it."""
        return {name: flat(value, self._zone) for name, value in row.items()}


def _with_tie_breaker(sort: str | None) -> str:
    if not sort:
        return STABLE_ORDER
    names = {entry.strip().partition("-")[0] for entry in sort.split(",")}
    return sort if "id" in names else f"{sort},id-asc"


def _write(call: Call, reading: _Reading) -> Result:
    """Write the assets to the file; until it is whole, what is there stays."""
    options = call.options
    with atomic_file(options["dest"], only_compare=call.check_mode) as file, storage_failures():
        with open_report(options["dest"], file.write, reading.fields, _report_options(call)) as report:
            for rows in reading.pages():
                report.add(rows)
            report.end()
        saved = file.keep()
    if report.replaced:
        call.warn(
            f"{options['dest']}: U+FFFD stands for a NUL or half of a character, which no file of text should hold,"
            f" {report.replaced} times."
        )
    return saved._asdict()


def _told(call: Call, reading: _Reading, result: Result) -> Result:
    where = f" The list is in {result['dest']}." if "dest" in result and not call.check_mode else ""
    limited = f", of which {reading.read} were read" if reading.read < reading.total else ""
    found = f"{reading.total} {'asset was' if reading.total == 1 else 'assets were'} found"
    return {
        "msg": f"{call.opened.session.server_url}: {found}{limited}.{where}",
        **result,
        "total": reading.total,
        "missing": reading.missing,
        "log": reading.progress.log,
    }
