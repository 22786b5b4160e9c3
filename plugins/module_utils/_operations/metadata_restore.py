# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes back what wrong changes did to the metadata of many assets. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._changes.change_limit import ChangeLimit
from .._changes.metadata_writer import MetadataRules
from .._changes.named_assets import read_given_names
from .._changes.restore_run import FIELD_COUNTS, LISTS, RestoreOrder, RestoreRun
from .._dam.asset_keys import field_mistake
from .._dam.damage import OF_SERVER
from .._dam.history import WantedHistory
from .._errors import ElvisError
from .._tables.cell_values import RowOptions
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.many import check_many, open_for_many, open_journal, read_span, uncompared_many
from .._task.operation import Result, session_operation
from .._task.plan_options import PLAN_ARGUMENTS, PLAN_CONSTRAINTS, check_plan, open_plan
from .._task.work_arguments import MANY_ARGUMENTS
from .._text import counted

WHICH = ("query", "ids", "paths")

ARGUMENTS: ArgumentSpec = {
    "query": {"type": "str"},
    "ids": {"type": "list", "elements": "str"},
    "paths": {"type": "list", "elements": "str", "aliases": ["path"]},
    "users": {"type": "list", "elements": "str", "required": True},
    "since": {"type": "str", "required": True},
    "until": {"type": "str", "required": True},
    "timezone": {"type": "str"},
    "fields": {"type": "list", "elements": "str", "default": []},
    "force": {"type": "bool", "default": False},
    "max_change": {"type": "int"},
    **PLAN_ARGUMENTS,
    **MANY_ARGUMENTS,
    **INDEX_ARGUMENTS,
}
CONSTRAINTS: Mapping[str, Any] = {
    **PLAN_CONSTRAINTS,
    "mutually_exclusive": [WHICH, *PLAN_CONSTRAINTS["mutually_exclusive"]],
    "required_one_of": [WHICH],
}


def run(call: Call) -> Result:
    """Read the histories, and set back what can be set back."""
    options = call.options
    order = _read(call)
    client = open_for_many(call)
    plans = open_plan(call, client, "elvis_metadata_restore", ARGUMENTS)
    with plans as plan, open_journal(call, client, plan) as journal:
        work = RestoreRun(client, order, journal)
        result = work.run(options["concurrency"], stops=options["on_failure"] == "stop")
        result.update(plan.end())
    return {"msg": _message(client.server_url, work.field_counts, check_mode=call.check_mode), **result}


def _read(call: Call) -> RestoreOrder:
    """Return what is wanted.

    :raises ElvisError: when an option can't work
    """
    options = call.options
    check_many(options)
    check_plan(call)
    limit = ChangeLimit(options["max_change"])
    return RestoreOrder(
        query=None if options["query"] is None else limit.read_query(options["query"]),
        names=read_given_names(options["ids"], options["paths"]),
        wrong=_read_wrong(options),
        fields=_read_fields(options),
        limit=limit,
        rules=MetadataRules(
            RowOptions(), force=options["force"], check_mode=call.check_mode, process_timeout=options["process_timeout"]
        ),
    )


def _read_wrong(options: TaskOptions) -> WantedHistory:
    since, until = read_span(options)
    users = options["users"]
    if not users or not all(map(str.strip, users)):
        raise ElvisError("users must name the users whose changes are taken back.", "bad_request")
    return WantedHistory(users=tuple(users), since=since, until=until)


def _read_fields(options: TaskOptions) -> frozenset[str]:
    fields = frozenset(name.strip() for name in options["fields"])
    mistakes = [*filter(None, map(field_mistake, sorted(fields)))]
    if mistakes:
        raise ElvisError(f"fields: {mistakes[0]}.", "bad_request")
    of_server = sorted(fields & OF_SERVER)
    if of_server:
        raise ElvisError(f"fields: the server itself sets {', '.join(of_server)}. Leave it out.", "bad_request")
    return fields


def _message(server_url: str, counts: Mapping[str, int], *, check_mode: bool) -> str:
    would = "Check mode, this would be done: " if check_mode else ""
    found = [f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number]
    fields = f"{counted(sum(counts.values()), 'field')} changed by mistake: {', '.join(found)}"
    return f"{would}{server_url}: {fields if found else 'no change to take back'}."


OPERATION = session_operation(
    ARGUMENTS,
    shows_its_writes(run),
    uncompared_many(_read, field_counts=dict.fromkeys(FIELD_COUNTS, 0), **{name: [] for name in LISTS}),
    constraints=CONSTRAINTS,
)
