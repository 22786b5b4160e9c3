# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a task that wrote something only when the server shows it. Private to damops.elvis."""

from __future__ import annotations

from .._dam import index_lag
from .._elvis.gate import GateShut
from .._errors import ENDS_TASK, ElvisError
from .._work.stored import StoredOtherwise
from .arguments import ArgumentSpec
from .call import Call
from .connection import LONGEST_TIMEOUT
from .operation import Result, Work

INDEX_ARGUMENTS: ArgumentSpec = {"index_wait": {"type": "float", "default": index_lag.INDEX_LAG}}
"""Every module that writes has these."""


def shows_its_writes(work: Work) -> Work:
    """Return work after which a search shows what was written, also where not all of it succeeded."""

    def run(call: Call) -> Result:
        seconds = call.options["index_wait"]
        if not 0 <= seconds <= LONGEST_TIMEOUT:
            raise ElvisError(f"index_wait must be from 0 to {LONGEST_TIMEOUT} seconds.", "bad_request")
        call.opened.client.index_wait = seconds
        try:
            result = work(call)
        except ElvisError as error:
            if error.reason not in ENDS_TASK and error.reason != "timeout":
                _wait(call)
            raise
        _wait(call)
        return result

    return run


def _wait(call: Call) -> None:
    client = call.opened.client
    seconds = client.index_wait
    if not (seconds and client.own_writes):
        return
    try:
        unseen = index_lag.wait_for_own_writes(client)
    except GateShut:
        # The work was broken off.
        return
    except ElvisError as error:
        call.warn(f"Whether a search shows what this task wrote is not known: {error.message}")
        return
    stored = StoredOtherwise(is_state=False)
    for path, values in unseen.otherwise.items():
        stored.add(path, values)
    if stored.words:
        call.warn(
            f"{stored.words} Only a search shows that. A task that compares these values writes them in each run."
        )
    if unseen.number:
        call.warn(
            f"{client.server_url} does not show {unseen.number} of {len(client.own_writes)} writes of this task after"
            f" {seconds:g} s (index_wait). A later task may find the state before them. Set a larger index_wait to wait"
            " longer."
        )
