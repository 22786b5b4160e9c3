# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the options that the modules over many assets share. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from .._elvis.advice import MEANINGS
from .._elvis.client import Client
from .._elvis.times import NoTime, parse_moment, parse_zone
from .._errors import CallFailure, ElvisError
from .._files.atomic_file import AtomicFile, atomic_file
from .._files.name_filter import NameFilter
from .._tables.cell_values import RowOptions
from .._tables.cells import ListFormat
from .._tables.date_formats import DateFormats
from .._tables.report import Format, ReportOptions
from .._tables.text_lines import check_encoding
from .._text import escaped
from .._work.diffs import Diffs
from .._work.journal import Journal
from .._work.outcome import Outcome, nothing_done
from .._work.plan import NO_PLAN, Plan
from .._work.progress import Progress
from .call import Call, TaskOptions
from .connection import LONGEST_TIMEOUT
from .operation import Result, Work, uncompared

MOST_CONNECTIONS = 16
DELIMITERS = {"\\t": "\t", "tab": "\t"}
"""How people write a delimiter that can't be seen."""
FILES = ("src", "metadata_src", "metadata_dest", "report", "plan_dest", "plan")
"""Options that name a file of the task's own."""


def read_delimiter(options: TaskOptions) -> str | None:
    """Return the character between two cells, None where the task doesn't say.

    :raises ElvisError: when it can't be one
    """
    given: str | None = options["delimiter"]
    if not given:
        return None
    delimiter = DELIMITERS.get(given.lower(), given)
    if len(delimiter) != 1 or delimiter in "\"'\r\n\0":
        raise ElvisError("delimiter must be one character, such as ; or \\t, and no quote.", "bad_request")
    return delimiter


def read_row_options(options: TaskOptions) -> RowOptions:
    """Return how the rows of a task's files are to be read.

    :raises ElvisError: when an option can't work
    """
    mapping = {str(column).strip(): field for column, field in options["mapping"].items()}
    if not all(isinstance(field, str) and field for field in mapping.values()):
        raise ElvisError("mapping must give the name of a field for each column.", "bad_request")
    return RowOptions(
        encoding=check_encoding(options["encoding"]),
        delimiter=read_delimiter(options),
        sheet=options["sheet"] or None,
        lists=ListFormat(options["list_separator"]),
        clears=options["empty_cells"] == "clear",
        key=(options["key"] or "").strip() or None,
        mapping=mapping,
        list_fields=frozenset(options["list_fields"]),
        date_fields=frozenset(options["date_fields"]),
        date_formats=DateFormats(options["date_formats"]),
        zone=read_zone(options),
    )


def read_name_filter(options: TaskOptions) -> NameFilter:
    """Return which names take part in a transfer.

    :raises ElvisError: when a pattern can't be one
    """
    return NameFilter(options["patterns"], options["excludes"], default_excludes=options["default_excludes"])


def read_report_options(options: TaskOptions, option: str, form: Format) -> ReportOptions:
    """Return how a report is to be written.

    :param option: the option that names its file
    :raises ElvisError: when an option can't work
    """
    return ReportOptions(
        option=option,
        form=form,
        lists=ListFormat(options["list_separator"]),
        delimiter=read_delimiter(options) or ",",
        encoding=check_encoding(options["encoding"]),
        bom=options["bom"],
        sheet=options["sheet"] or None,
        zone=read_zone(options),
    )


def read_zone(options: TaskOptions) -> tzinfo | None:
    """Return the zone of times, None where the task names none.

    :raises ElvisError: when there is no such zone
    """
    return parse_zone(options["timezone"]) if options["timezone"] else None


def read_moment(options: TaskOptions, name: str) -> int | None:
    """Return the milliseconds since 1970 that an option says: a time, or an age. None when it is not given.

    :raises ElvisError: when it is neither
    """
    if options[name] is None:
        return None
    moment = parse_moment(options[name], read_zone(options), int(1000 * time.time()))
    if isinstance(moment, NoTime):
        raise ElvisError(f"{name} {options[name]!r} {moment.mistake}.", "bad_request")
    return moment


def read_span(options: TaskOptions) -> tuple[int | None, int | None]:
    """Return the first millisecond of the time that a task names, and the first after it; None where it names none.

    :raises ElvisError: when the end is not later than the beginning
    """
    since, until = (read_moment(options, name) for name in ("since", "until"))
    if since is not None and until is not None and until <= since:
        raise ElvisError(f"until {options['until']} is not later than since {options['since']}.", "bad_request")
    return since, until


def check_many(options: TaskOptions) -> None:
    """Check the options that every module over many assets has.

    :raises ElvisError: when one can't work
    """
    check_parallel(options)
    _check_files(options)


def check_parallel(options: TaskOptions) -> None:
    """Check the options that every module with several connections has.

    :raises ElvisError: when one can't work
    """
    if not 1 <= options["concurrency"] <= MOST_CONNECTIONS:
        raise ElvisError(f"concurrency must be from 1 to {MOST_CONNECTIONS}.", "bad_request")
    if not 0 < options["process_timeout"] <= LONGEST_TIMEOUT:
        raise ElvisError(f"process_timeout must be more than 0 and at most {LONGEST_TIMEOUT} seconds.", "bad_request")


def _check_files(options: TaskOptions) -> None:
    """Make sure that the task does not write over a file of its own.

    :raises ElvisError: when it would
    """
    seen: dict[str, str] = {}
    for name in FILES:
        path = options.get(name)
        if isinstance(path, str) and path:
            twin = seen.setdefault(os.path.realpath(path), name)
            if twin != name:
                raise ElvisError(
                    f"{twin} and {name} are one file, {escaped(path)}, and one would overwrite the other. Give each a"
                    " name of its own.",
                    "bad_request",
                )


def open_for_many(call: Call) -> Client:
    """Return the client of a task that sends many requests at a time.

    :raises ElvisError: when there is no session, or the options don't lead to a server
    """
    client = call.opened.client
    client.throttle_budget = call.options["process_timeout"]
    return client


def uncompared_many(read: Callable[[Call], object], **keys: Any) -> Work:
    """Return what ``uncompared`` does, for a module over many assets.

    :param read: reads the options; a task that can't be meant is refused with a simulated session as well
    """

    def simulate(call: Call) -> Result:
        read(call)
        return uncompared(**nothing_done(), **keys, log=[])(call)

    return simulate


def counts_in_words(call: Call, what: str, counts: Mapping[str, int], left_out: str = "") -> str:
    """Return the sentence on what a task did, or would do.

    :param what: the two sides
    :param left_out: what took no part and is not counted, which matters where nothing else did
    """
    would = "Check mode, this would be done: " if call.check_mode else ""
    done = ", ".join(f"{number} {kind}" for kind, number in counts.items() if number) or f"nothing to do{left_out}"
    return f"{would}{what}: {done}."


def report_file(call: Call) -> contextlib.AbstractContextManager[AtomicFile | None]:
    """Return the file that the option ``report`` names, to be opened; None in check mode, which writes nothing.

    Opening it raises an ElvisError when it can't be written.
    """
    path = call.options["report"]
    if not path or call.check_mode:
        return contextlib.nullcontext()
    return atomic_file(path, only_compare=False, option="report")


@contextlib.contextmanager
def open_journal(call: Call, client: Client, plan: Plan = NO_PLAN) -> Iterator[Journal]:
    """Give what a run writes down what it does in.

    :raises ElvisError: when the file that the option ``report`` names can't be written
    """
    progress, diffs = Progress(call.tell), Diffs(call.diff)

    def more() -> dict[str, Any]:
        return {"log": progress.log, **diffs.as_result(), **plan.as_result()}

    with report_file(call) as report:
        yield Journal(Outcome(report, more, client.server_url), progress, diffs, call.warn, plan)


@contextlib.contextmanager
def storage_failures() -> Iterator[None]:
    """Run a block that writes files here.

    :raises ElvisError: when that can't be done
    """
    try:
        yield
    except CallFailure as failure:
        reason, advice = MEANINGS[failure.kind]
        error = ElvisError(f"{failure.summary}. {advice}", reason)
    else:
        return
    raise error
