# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads and writes the plan of a task. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._dam.check_outs import CheckOuts
from .._elvis.client import Client
from .._errors import ElvisError
from .._files.atomic_file import atomic_file
from .._work.plan import NO_PLAN, ApprovedPlan, Head, Plan, PlanDraft, shown_options
from .._work.plan_file import check_head, read_plan
from .._work.sorted_lines import SortedLines
from .arguments import ArgumentSpec
from .call import Call, TaskOptions
from .index_wait import INDEX_ARGUMENTS
from .many import storage_failures
from .work_arguments import MANY_ARGUMENTS

PLAN_ARGUMENTS: ArgumentSpec = {
    "plan_dest": {"type": "path"},
    "plan": {"type": "path"},
    "plan_digest": {"type": "str"},
    "plan_mismatch": {"type": "str", "choices": ["fail", "skip"], "default": "fail"},
}
"""Every module that makes plans has these."""
PLAN_CONSTRAINTS = {
    "mutually_exclusive": [("plan_dest", "plan")],
    "required_together": [("plan", "plan_digest")],
}
HOW = frozenset({*MANY_ARGUMENTS, *INDEX_ARGUMENTS, *PLAN_ARGUMENTS})
"""Options that say how a task works, and not what it does. All others stand in its plan."""
MODE = 0o600
_DIGEST = re.compile("[0-9a-f]{64}")


def check_plan(call: Call) -> None:
    """Check the options for plans.

    :raises ElvisError: when one can't work
    """
    options = call.options
    given = next((name for name in ("plan_dest", "plan") if options[name] is not None), None)
    if given is None:
        return
    if not Path(options[given]).is_absolute():
        raise ElvisError(
            f"{given} must be the absolute path of a file on the machine that runs the task.",
            "bad_request",
        )
    if call.opened.session.simulated:
        raise ElvisError(
            f"{given} needs a real session, and a login in check mode simulated this one: nothing could be compared."
            " Give the login check_mode: false. No plan was written.",
            "bad_request",
        )
    if given == "plan_dest" and not call.check_mode:
        raise ElvisError(
            f"plan_dest {options['plan_dest']} is for check mode, and this task runs for real. Run it with --check, or"
            " with check_mode: true.",
            "bad_request",
        )
    if given == "plan" and not _DIGEST.fullmatch(_digest(options)):
        raise ElvisError(
            "plan_digest must be 64 hexadecimal digits: plan.digest in the result of the task that made the plan.",
            "bad_request",
        )


def open_plan(
    call: Call, client: Client, module: str, arguments: ArgumentSpec
) -> contextlib.AbstractContextManager[Plan]:
    """Return the plan of a task, to be opened: one in the making, an approved one, or none.

    :param module: the name of the module, and :param arguments: its options
    :raises ElvisError: when the plan can't be read, or was made for another task; opening it, when it can't be written
    """
    head = {"module": module, "server": client.server_url, "options": _planned_options(call.options, arguments)}
    if call.options["plan_dest"]:
        return _draft(call, client, head)
    if call.options["plan"]:
        return contextlib.nullcontext(_approved(call.options, client, head))
    return contextlib.nullcontext(NO_PLAN)


@contextlib.contextmanager
def _draft(call: Call, client: Client, head: Head) -> Iterator[Plan]:
    path = call.options["plan_dest"]
    whole = {**head, "user": _user(client)}
    try:
        with storage_failures(), atomic_file(path, False, "plan_dest", MODE) as file, SortedLines() as lines:
            yield PlanDraft(file, whole, lines)
    except ElvisError as failure:
        error = failure.with_note(f"No plan was written to {path}.")
    else:
        return
    raise error


def _approved(options: TaskOptions, client: Client, head: Head) -> Plan:
    path, digest = options["plan"], _digest(options)
    found = read_plan(path, digest)
    check_head(path, found.head, head)
    check_head(path, found.head, {"user": _user(client)})
    return ApprovedPlan(path, digest, found.steps, skips=options["plan_mismatch"] == "skip")


def _user(client: Client) -> str:
    """Return whose session this is; the server is asked only when the session does not say.

    :raises ElvisError: when nobody says
    """
    user = CheckOuts(client).own_name()
    if not user:
        raise ElvisError(f"{client.server_url} does not say whose session this is, and a plan needs it.", "bad_request")
    return user


def _planned_options(options: TaskOptions, arguments: ArgumentSpec) -> dict[str, Any]:
    names = [name for name, spec in arguments.items() if name not in HOW and not spec.get("no_log")]
    return shown_options({name: options[name] for name in names})


def _digest(options: TaskOptions) -> str:
    return str(options["plan_digest"]).strip().lower()
