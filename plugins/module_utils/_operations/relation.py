# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes relations between assets be there, or not be there. Private to damops.elvis."""

from __future__ import annotations

from .._changes.named_assets import read_name
from .._changes.relation_run import RelationRun, WantedRelation
from .._dam.relations import OPPOSITES
from .._elvis.client import Client
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.many import check_many, open_for_many, open_journal, uncompared_many
from .._task.operation import Result, session_operation
from .._task.work_arguments import MANY_ARGUMENTS
from .._text import agreeing, as_they_should_be, counted
from .._work.outcome import Outcome

ARGUMENTS: ArgumentSpec = {
    "relations": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "type": {"type": "str", "choices": list(OPPOSITES), "required": True},
            "from": {"type": "str", "required": True},
            "to": {"type": "str", "required": True},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **MANY_ARGUMENTS,
    **INDEX_ARGUMENTS,
}


def run(call: Call) -> Result:
    """Read what is there, and make or remove what differs."""
    options = call.options
    wanted = _read(call)
    client = open_for_many(call)
    with open_journal(call, client) as journal:
        work = RelationRun(
            client,
            journal,
            is_present=options["state"] == "present",
            check_mode=call.check_mode,
            process_timeout=options["process_timeout"],
        )
        result = work.run(wanted, options["concurrency"], stops=options["on_failure"] == "stop")
    return {"msg": _message(client, call, journal.outcome), **result}


def _read(call: Call) -> list[WantedRelation]:
    """Return what is wanted.

    :raises ElvisError: when an option can't work
    """
    check_many(call.options)
    places = ((f"relations, entry {number}", entry) for number, entry in enumerate(call.options["relations"], 1))
    return [
        WantedRelation(
            entry["type"],
            read_name(entry["from"], f"{place}: from"),
            read_name(entry["to"], f"{place}: to"),
            place,
        )
        for place, entry in places
    ]


def _message(client: Client, call: Call, outcome: Outcome) -> str:
    kind = "created" if call.options["state"] == "present" else "removed"
    counts = outcome.counts
    verb = "would be" if call.check_mode else agreeing(counts[kind], "was", "were")
    done = f"{counted(counts[kind], 'relation')} {verb} {kind}"
    left_out = f", {counts['skipped']} without an asset at an end" if counts["skipped"] else ""
    return f"{client.server_url}: {done}, {as_they_should_be(counts['unchanged'])}{left_out}."


OPERATION = session_operation(ARGUMENTS, shows_its_writes(run), uncompared_many(_read))
