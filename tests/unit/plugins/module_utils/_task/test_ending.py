# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the message of a failed task says at its end."""

from __future__ import annotations

import os
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError, Reason
from ansible_collections.damops.elvis.plugins.module_utils._task.call import Call
from ansible_collections.damops.elvis.plugins.module_utils._task.ending import ended

SENT, CHANGED, SESSION = "Nothing was sent.", "Nothing was changed.", "The task got no session."
HERE = f"This task runs on {os.uname().nodename}."


def said(
    reason: Reason,
    requests: str = "",
    *,
    message: str = "No.",
    opens: bool = False,
    uncertain: bool = False,
    **done: Any,
) -> str:
    """Return what is said after a message.

    :param requests: those that reached the server: ``r`` reads, ``w`` may write
    """
    call = Call({})
    for request in requests:
        call.note_sent(may_write=request == "w")
    error = ElvisError(message, reason, is_uncertain=uncertain)
    error.done = done
    return ended(error, call, opens_session=opens).message.removeprefix(message).strip()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (said("bad_request"), SENT),
        (said("bad_request", "r"), CHANGED),
        (said("bad_request", "rw"), CHANGED),
        (said("forbidden", "w"), CHANGED),
        # A server with a fault may have done a part of it, and the first of two writes may be done.
        (said("server", "w"), ""),
        (said("bad_response", "w"), ""),
        (said("bad_request", "ww"), ""),
        (said("server", "r"), CHANGED),
        # Nobody knows.
        (said("unreachable", "w", uncertain=True), HERE),
        (said("bad_request", "w", uncertain=True), ""),
        # What was done is in the message.
        (said("bad_request", "rw", changed=True), ""),
        (said("bad_request", "r", counts={"created": 0, "failed": 2}), ""),
        (said("not_logged_in", "r", counts={"created": 0, "failed": 0}, left=2), ""),
        (said("bad_request", "r", counts={"created": 0, "failed": 0}, left=0, changed=False), CHANGED),
        (said("bad_request", message="It is full: nothing was moved."), ""),
        # A login.
        (said("bad_request", opens=True), SENT),
        (said("refused", "w", opens=True), SESSION),
        (said("server", "w", opens=True), SESSION),
        (said("unreachable", "w", opens=True, uncertain=True), HERE),
        # The machine.
        (said("unreachable"), f"{HERE} {SENT}"),
        (said("tls"), f"{HERE} {SENT}"),
        (said("storage", "r"), f"{HERE} {CHANGED}"),
        (said("storage", message=f"It is full on {os.uname().nodename}."), SENT),
        # What is not the server's.
        (said("program"), ""),
        (said("internal", "r"), ""),
    ],
)
def test_what_is_said(words: str, expected: str) -> None:
    assert words == expected
