# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Moves many assets, ends their check-outs, or removes them. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from .._changes.bulk_aims import Access, Aim, CheckOutEnd, Move, Removal
from .._changes.bulk_run import BulkOrder, BulkRun
from .._changes.change_limit import ChangeLimit
from .._changes.named_assets import read_given_names
from .._changes.placement import Placement
from .._elvis.paths import parse_path
from .._errors import ElvisError
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.many import check_many, counts_in_words, open_for_many, open_journal, read_moment, uncompared_many
from .._task.operation import Result, session_operation
from .._task.plan_options import PLAN_ARGUMENTS, PLAN_CONSTRAINTS, check_plan, open_plan
from .._task.work_arguments import MANY_ARGUMENTS

WHICH = ("query", "ids", "paths")
AIMS = "folder, undo_check_out: true and state: absent"

ARGUMENTS: ArgumentSpec = {
    "query": {"type": "str"},
    "ids": {"type": "list", "elements": "str"},
    "paths": {"type": "list", "elements": "str", "aliases": ["path"]},
    "except_query": {"type": "str"},
    "folder": {"type": "str"},
    "layout": {"type": "str", "choices": ["flat", "tree"], "default": "flat"},
    "base": {"type": "str"},
    "undo_check_out": {"type": "bool", "default": False},
    "checked_out_before": {"type": "str"},
    "timezone": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
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
    """Read what is there, and change what differs."""
    options = call.options
    order = _read(call)
    client = open_for_many(call)
    plans = open_plan(call, client, "elvis_asset_bulk", ARGUMENTS)
    with plans as plan, open_journal(call, client, plan) as journal:
        result = BulkRun(client, order, journal).run(options["concurrency"], stops=options["on_failure"] == "stop")
        result.update(plan.end())
    return {"msg": counts_in_words(call, f"Assets at {client.server_url}", result["counts"]), **result}


def _read(call: Call) -> BulkOrder:
    """Return what is wanted.

    :raises ElvisError: when an option can't work
    """
    options = call.options
    check_many(options)
    check_plan(call)
    limit = ChangeLimit(options["max_change"])
    if options["except_query"] is not None and not options["except_query"].strip():
        raise ElvisError("except_query is empty. Say which assets to leave alone, or leave it out.", "bad_request")
    return BulkOrder(
        query=None if options["query"] is None else limit.read_query(options["query"]),
        names=read_given_names(options["ids"], options["paths"]),
        except_query=options["except_query"],
        aim=_read_aim(options),
        limit=limit,
        force=options["force"],
        check_mode=call.check_mode,
        process_timeout=options["process_timeout"],
    )


def _read_aim(options: TaskOptions) -> Callable[[Access], Aim]:
    """Return what the assets are to be.

    :raises ElvisError: when the task says nothing, or several things, or half of one
    """
    aims = [options["folder"] is not None, options["undo_check_out"], options["state"] == "absent"]
    if sum(aims) != 1:
        given = "several of them" if any(aims) else "none of them"
        raise ElvisError(f"A task needs exactly one of {AIMS}. This one has {given}.", "bad_request")
    before = read_moment(options, "checked_out_before")
    if options["undo_check_out"] != (before is not None):
        raise ElvisError("undo_check_out: true and checked_out_before belong together.", "bad_request")
    base = options["base"]
    if (options["layout"] == "tree") != (base is not None):
        raise ElvisError("layout: tree and base belong together.", "bad_request")
    if options["folder"] is not None:
        folder = parse_path(options["folder"], "folder")
        return partial(Move, placement=Placement(folder, None if base is None else parse_path(base, "base")))
    if base is not None:
        raise ElvisError("layout: tree and base need folder.", "bad_request")
    return Removal if before is None else partial(CheckOutEnd, before=before)


OPERATION = session_operation(ARGUMENTS, shows_its_writes(run), uncompared_many(_read), constraints=CONSTRAINTS)
