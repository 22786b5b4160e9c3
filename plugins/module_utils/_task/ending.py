# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Says how every message of a failed task ends: what was done before it failed, and on which machine.

Private to damops.elvis.
"""

from __future__ import annotations

import os

from .._errors import ElvisError, Reason
from .call import Call

OF_MACHINE: frozenset[Reason] = frozenset({"unreachable", "timeout", "tls", "proxy", "storage", "missing_library"})
"""Reasons for which another machine might have done it."""
_REFUSED: frozenset[Reason] = frozenset(
    {"refused", "not_logged_in", "forbidden", "not_found", "conflict", "bad_request"}
)
"""Reasons for which a server that answered has done nothing."""
_NOT_OF_SERVER: frozenset[Reason] = frozenset({"program", "internal"})
SAID = "othing was "
"""In a message that says already what was not done."""


def ended(error: ElvisError, call: Call, *, opens_session: bool) -> ElvisError:
    """Return the error of a task with what its message has to say at its end.

    :param opens_session: whether the task is to open a session; one that it opened before it failed is ended by now
    """
    machine = os.uname().nodename
    if error.reason in OF_MACHINE and machine not in error.message:
        error = error.with_note(f"This task runs on {machine}.")
    if error.is_uncertain or SAID in error.message:
        return error
    if not call.has_asked and error.reason not in _NOT_OF_SERVER:
        return error.with_note("Nothing was sent.")
    if opens_session:
        return error.with_note("The task got no session.")
    return error.with_note("Nothing was changed.") if _is_nothing_done(error, call) else error


def _is_nothing_done(error: ElvisError, call: Call) -> bool:
    """Tell whether it is certain that the task did nothing, and its message does not say so in numbers."""
    counts = error.done.get("counts", {}).values()
    if any((error.done.get("changed"), error.done.get("left"), *counts)) or error.reason in _NOT_OF_SERVER:
        return False
    return call.writes == 0 or (call.writes == 1 and error.reason in _REFUSED)
