# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of the collection: a sentence for a person and a reason for a playbook. Private to damops.elvis."""

from __future__ import annotations

import os
from typing import Any, Literal, TypedDict

Reason = Literal[
    "refused",
    "not_logged_in",
    "forbidden",
    "not_found",
    "conflict",
    "bad_request",
    "bad_response",
    "unreachable",
    "timeout",
    "tls",
    "proxy",
    "server",
    "storage",
    "missing_library",
    "internal",
]


ENDS_TASK: frozenset[Reason] = frozenset(
    {"not_logged_in", "unreachable", "timeout", "tls", "proxy", "storage", "missing_library", "internal"}
)
"""Reasons after which a task over many assets does not go on with the next one: it would fail in the same way."""


class ErrorReply(TypedDict):
    """What Elvis itself says of a failed call."""

    errorcode: int
    errorname: str | None
    message: str | None


class ElvisError(Exception):
    """Anything that keeps a task from doing what it was asked to do.

    :param message: what was tried, against which server, what came back and what to do; holds no secret
    :param reason: what a ``rescue`` section can branch on
    :param status: the HTTP status of the reply, when there was one
    :param elvis_error: the error that Elvis itself reported, when it did, fit to be shown
    """

    def __init__(
        self, message: str, reason: Reason, status: int | None = None, elvis_error: ErrorReply | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason: Reason = reason
        self.status = status
        self.elvis_error = elvis_error
        self.warnings: list[str] = []
        self.done: dict[str, Any] = {}
        """What was done before it failed, as further keys of the result."""

    def with_note(self, note: str) -> ElvisError:
        """Return the same error with one more sentence at its end."""
        return ElvisError(f"{self.message} {note}", self.reason, self.status, self.elvis_error)

    def as_result(self) -> dict[str, Any]:
        """Return the keys that a failing task shows.

        These are ``msg``, ``reason``, ``status``, ``elvis_error``, ``warnings`` and what was done before.
        """
        warnings = {"warnings": self.warnings} if self.warnings else {}
        return {
            "msg": self.message,
            "reason": self.reason,
            "status": self.status,
            "elvis_error": self.elvis_error,
            **self.done,
            **warnings,
        }


def refused_options(message: str, module: str) -> ElvisError:
    """Return the error for what Ansible's own validation said of a task's options."""
    # So Ansible calls the key of what a login returned, when the whole of that is taken for the session.
    is_too_much = "session.session" in message
    hint = "session takes only the key session of what the login returned. " if is_too_much else ""
    return ElvisError(
        f"{message.rstrip('.')}. {hint}The options of {module}, and the environment variables that stand in for"
        f" them, are in: ansible-doc {module}",
        "bad_request",
    )


class Problem(Exception):
    """What came back instead of the answer, from below the client, which makes an :class:`ElvisError` of it.

    :param came_back: what came back, in our words
    :param words: what the server said of it, in its own, not yet fit to be shown
    :param leads_to: an address that it named instead, not yet fit to be shown
    :param sent: whether the server may have got the request
    :param lost: whether the server may have done what was asked, and its answer was lost; by default when it may have
        got the request and there is no status
    :param passing: whether another try may fare better
    :param advice: what to do, where that is more than the reason alone tells
    :ivar retry_after: the seconds after which the server wants to be asked again, 0 where it doesn't say
    """

    def __init__(
        self,
        reason: Reason,
        came_back: str,
        words: str | None = None,
        *,
        leads_to: str | None = None,
        status: int | None = None,
        elvis_error: ErrorReply | None = None,
        sent: bool = True,
        lost: bool | None = None,
        passing: bool = False,
        advice: str | None = None,
    ) -> None:
        super().__init__(came_back)
        self.reason: Reason = reason
        self.came_back = came_back
        self.words = words
        self.leads_to = leads_to
        self.status = status
        self.elvis_error = elvis_error
        self.sent = sent
        self.lost = (sent and status is None) if lost is None else lost
        self.passing = passing
        self.retry_after = 0.0
        self.advice = advice


def system_words(error: OSError | ValueError) -> str:
    """Return what the system says of a file that it can't open, read or write, without the file's name."""
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if number else "no file can have such a name"
