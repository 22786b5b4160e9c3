# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Waits for what a server does in the background. Private to damops.elvis."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple

from .._elvis.client import Client, Request
from .._elvis.response import ElvisFailure, not_elvis, parse
from .._elvis.services import PROCESS, PROCESS_CANCEL
from .._errors import ElvisError
from .._http.transport import HttpResponse
from .._text import one_line

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
GROWTH = 1.5

# What a server answers of a process is not published. Of a state, letters count, in lower case.
STATE_KEYS = ("state", "status")
RUNNING = frozenset(
    {
        *("active", "busy", "cancelling", "canceling", "created", "executing", "idle", "initialising", "initializing"),
        *("inprogress", "new", "paused", "pending", "preparing", "processing", "queued", "ready", "running"),
        *("scheduled", "started", "starting", "stopping", "submitted", "suspended", "waiting", "working"),
    }
)
FINISHED = frozenset({"complete", "completed", "done", "finished", "success", "succeeded"})
FAILED = frozenset({"aborted", "canceled", "cancelled", "error", "failed", "failure", "interrupted", "stopped"})
COUNTS = ("progress", "processedCount", "errorCount", "total")
WORDS = ("message", "errorMessage", "error")


class ProcessStatus(NamedTuple):
    """How far a process is, and the reply that says so."""

    reply: HttpResponse
    answer: dict[str, Any]
    state: str

    @property
    def summary(self) -> str:
        counts = (f"{name} {self.answer[name]}" for name in COUNTS if isinstance(self.answer.get(name), (int, float)))
        return ", ".join([self.state, *counts])

    @property
    def server_message(self) -> str | None:
        texts = (self.answer.get(name) for name in WORDS)
        return next((text for text in texts if isinstance(text, str)), None)


def process_id_of(answer: Any) -> str | None:
    """Return the id of the process that a call started, None when it started none."""
    process_id = answer.get("processId") if isinstance(answer, dict) else None
    is_id = isinstance(process_id, (str, int)) and not isinstance(process_id, bool)
    return str(process_id) or None if is_id else None


def wait_for(client: Client, process_id: str, seconds: float, tell: Callable[[str], None]) -> ProcessStatus:
    """Wait until a process has finished, and return how it ended.

    :raises ElvisError: when it failed, when nobody can tell, or when it takes longer than ``seconds``
    """
    name = one_line(client.without_secrets(process_id))[:100]
    request = Request(
        f"wait for the process {name}",
        "POST",
        PROCESS.address,
        form={"processId": process_id},
        repeatable=True,
    )
    look_after = (
        f"The process may go on. Check it with path: {PROCESS.path} and form: {{processId: {name}}};"
        f" {PROCESS_CANCEL.path} ends it."
    )
    end, pause, told = time.monotonic() + seconds, FIRST_PAUSE, ""
    while True:
        try:
            status = client.call(request, lambda reply: _read_status(reply, client))
        except ElvisError as error:
            raise error.with_note(look_after) from None
        if status.summary != told:
            told = status.summary
            tell(f"Process {name}: {told}")
        word = "".join(filter(str.isalpha, status.state.lower()))
        if word in FINISHED:
            return status
        if word in FAILED:
            failure = ElvisFailure("server", f"the process ended: {told}", status.reply, status.server_message)
            raise client.error(request, failure)
        if word not in RUNNING:
            failure = ElvisFailure("unknown_state", f"an unknown state of a process: {told}", status.reply)
            raise client.error(request, failure).with_note(look_after)
        left = end - time.monotonic()
        if left <= 0:
            failure = ElvisFailure("still_running", f"it has not ended within {seconds:.4g} s: {told}", status.reply)
            raise client.error(request, failure).with_note(look_after)
        time.sleep(min(pause, left))
        pause = min(pause * GROWTH, LONGEST_PAUSE)


def _read_status(reply: HttpResponse, client: Client) -> ProcessStatus:
    answer = client.without_secrets(parse(reply))
    states = (answer.get(key) for key in STATE_KEYS) if isinstance(answer, dict) else ()
    state = next((state for state in states if isinstance(state, str)), None)
    if state is None:
        raise not_elvis(reply, "the state of a process was expected")
    return ProcessStatus(reply, answer, one_line(state)[:100])
