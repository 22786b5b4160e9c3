# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The errors of the collection, in two layers. Private to damops.elvis.

Below the client a :class:`CallFailure` says what happened to one call. The client makes an :class:`ElvisError` of it:
a sentence for a person and a reason for a playbook. What needs no client to be told is an ElvisError at once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypedDict

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
    "program",
    "missing_library",
    "internal",
]


ENDS_TASK: frozenset[Reason] = frozenset({"not_logged_in", "unreachable", "tls", "proxy", "internal"})
"""Reasons for which everything further would fail as well: the session is over, or the server is gone."""


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
    :param is_uncertain: whether a request was sent, and nobody knows what the server made of it
    """

    def __init__(
        self,
        message: str,
        reason: Reason,
        status: int | None = None,
        elvis_error: ErrorReply | None = None,
        *,
        is_uncertain: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason: Reason = reason
        self.status = status
        self.elvis_error = elvis_error
        self.is_uncertain = is_uncertain
        self.warnings: list[str] = []
        self.done: dict[str, Any] = {}
        """What was done before it failed, or tells how, as further keys of the result."""

    def with_note(self, note: str) -> ElvisError:
        """Return the same error with one more sentence at its end."""
        return self._saying(f"{self.message} {note}")

    def at(self, place: str) -> ElvisError:
        """Return the same error with the place of its cause before it."""
        return self._saying(f"{place}: {self.message}")

    def _saying(self, message: str) -> ElvisError:
        other = ElvisError(message, self.reason, self.status, self.elvis_error, is_uncertain=self.is_uncertain)
        other.done = self.done
        return other

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


@contextlib.contextmanager
def kept_on_failure(done: Mapping[str, Any]) -> Iterator[None]:
    """Run a block whose failure says what was changed before it.

    :param done: what was; the block may add to it
    """
    try:
        yield
    except ElvisError as error:
        if done:
            error.done = {**error.done, "changed": True, "changes": {**done, **error.done.get("changes", {})}}
        raise


LINE_BREAK = (
    "That comes from echo, as in echo … | ansible-vault encrypt_string, or from a YAML block. Use printf %s instead of"
    " echo, |- instead of |, or the filter trim."
)
"""What to do about a value that ends in a line break."""


Kind = Literal[
    # No connection, or one that broke.
    "no_connection",
    "name_not_resolved",
    "connection_lost",
    "timeout",
    # TLS.
    "tls",
    "tls_hung_up",
    "tls_not_spoken",
    "tls_too_old",
    "tls_broken",
    "ca_file",
    "certificate",
    "certificate_expired",
    "certificate_not_yet_valid",
    "certificate_of_other_host",
    "certificate_self_signed",
    "certificate_issuer_unknown",
    "client_certificate_file",
    "client_certificate_missing",
    "client_certificate_refused",
    # A proxy.
    "proxy",
    "proxy_malformed",
    "proxy_login",
    "proxy_tls",
    # A Python library that is missing, or not what it seems.
    "library",
    # What was to be sent, and what came back.
    "unsendable",
    "not_http",
    "broken_off",
    "too_large",
    "too_long",
    "unconfirmed",
    "request_too_large",
    # A file on this side.
    "storage",
    "file_changed",
    # What the server answered.
    "refused",
    "not_logged_in",
    "forbidden",
    "not_found",
    "conflict",
    "already_exists",
    "bad_request",
    "not_elvis",
    "server",
    # A search that is read page by page, a process that is waited for.
    "too_many_hits",
    "hits_end_early",
    "hits_changed",
    "still_running",
    "unknown_state",
]
"""What may happen to a call. `_elvis/advice.py` has the reason and the advice for each."""

Delivery = Literal["unsent", "unknown", "answered"]
"""Whether the server got a request: not all of it; nobody knows, nor what it did; it has told."""


class CallFailure(Exception):
    """Why a call has no usable answer. It is never changed.

    :param summary: what happened, in our words; holds no secret
    :param transient: whether another try may help
    :param status: the HTTP status of the answer, when there was one
    :param cookies: the Cookie header that replays what an answer set before it broke off
    """

    def __init__(
        self,
        kind: Kind,
        summary: str,
        delivery: Delivery,
        *,
        transient: bool = False,
        status: int | None = None,
        cookies: str = "",
    ) -> None:
        super().__init__(summary)
        self.kind: Final = kind
        self.summary: Final = summary
        self.delivery: Final = delivery
        self.transient: Final = transient
        self.status: Final = status
        self.cookies: Final = cookies

    def after(self, cookies: str) -> CallFailure:
        """Return the same failure, of an answer that set cookies before it broke off."""
        return CallFailure(
            self.kind, self.summary, self.delivery, transient=self.transient, status=self.status, cookies=cookies
        )


def system_words(error: OSError | ValueError) -> str:
    """Return what the system says of a file that it can't open, read or write, without the file's name."""
    number = getattr(error, "errno", None)
    return os.strerror(number).lower() if number else "no file can have such a name"
