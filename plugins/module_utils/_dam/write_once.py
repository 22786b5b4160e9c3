# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends a write, and never one that is done already: a lost answer is looked up before anything is sent again.

Private to damops.elvis.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from .._elvis.client import Client, Request
from .._elvis.response import ElvisFailure, parse
from .._errors import ENDS_TASK, CallFailure, ElvisError, Reason
from .._http.transport import HttpResponse
from .._text import counted
from . import index_lag

T = TypeVar("T")

EXISTS = "AlreadyExists"
"""Part of the name of the exception that tells that a path is taken (documented: PathAlreadyExistsException)."""


_KNOWN_BY_NOW: frozenset[Reason] = frozenset({"conflict", "forbidden", "bad_request"})
"""Reasons for which nothing has to be waited for: a search or the server has just shown what is the matter."""


class Written(NamedTuple):
    """What a write, or a look-up after it, returned.

    :param is_new: whether it was this write that did it
    :param is_reply: whether the server's reply says so, and not a look-up after a lost one
    :param renamed_from: the path that somebody had given the asset meanwhile, and that this write has taken away again
    """

    result: Any
    is_new: bool
    is_reply: bool
    renamed_from: str | None = None


class WriteOnce:
    """Sends the writes of one task; several threads may use it.

    :param process_timeout: the seconds that a write, with all its tries, may take
    """

    def __init__(self, client: Client, process_timeout: float) -> None:
        self._client = client
        self._process_timeout = process_timeout
        self._was_in_vain = False

    def send(
        self,
        request: Request,
        read: Callable[[HttpResponse], Any],
        look_up: Callable[[], Any] | None,
        is_ours: Callable[[Any], bool] = lambda _found: True,
    ) -> Written:
        """Send a write, and again where it was not done, which is looked up first.

        :param look_up: returns what shows that something was done; None where a second time does no harm
        :param is_ours: tells whether what it returns is what this write was to do
        :raises ElvisError: when it is not done
        """
        with self._client.judging(request):
            return self.attempt(request, read, look_up, is_ours)

    def attempt(
        self,
        request: Request,
        read: Callable[[HttpResponse], T],
        look_up: Callable[[], T | None] | None,
        is_ours: Callable[[T], bool] = lambda _found: True,
        *,
        lost_tries: int | None = None,
        is_harmless: bool = False,
    ) -> Written:
        """Do as :meth:`send`, but raise the CallFailure instead of converting it.

        :param lost_tries: how many lost answers are followed by another try, if not as many as the connection allows
        :param is_harmless: whether a second time does no harm, so that nobody waits until a search shows the first
        :raises CallFailure: when it is not done
        :raises ElvisError: when the server can't be asked whether it is
        """
        client = self._client
        tries = client.connection.retries if lost_tries is None else lost_tries
        may_be_done = False
        end = time.monotonic() + self._process_timeout
        while True:
            began = time.monotonic()
            try:
                return Written(client.attempt(request, read), is_new=True, is_reply=True)
            except CallFailure as failure:
                outcome = failure
            is_unknown, is_taken = outcome.delivery == "unknown", _is_taken(outcome)
            hold = outcome.hold if isinstance(outcome, ElvisFailure) else None
            if not (is_unknown or is_taken or hold is not None):
                break
            may_be_done = may_be_done or is_unknown
            client.gate.hold(hold or 0)
            if look_up:
                # The server may work on it as long as it took so far, and the index needs its time.
                is_late = (is_unknown and not is_harmless) or is_taken
                lag = index_lag.longest_lag(client) + time.monotonic() - began if is_late else 0
                with client.judging(request):
                    found = index_lag.look_until(client.gate, time.monotonic() + lag, look_up)
                    if found is not None and is_ours(found):
                        return Written(found, is_new=may_be_done, is_reply=False)
                if found is not None:
                    break
            tries -= hold is None
            if is_taken or tries < 0 or time.monotonic() + (hold or 0) > end:
                break
            client.gate.pause(index_lag.FIRST_LOOK)
        raise outcome

    def bring_about(
        self,
        request: Request,
        read: Callable[[HttpResponse], Any],
        look_up: Callable[[], Any],
        is_ours: Callable[[Any], bool] = lambda _found: True,
    ) -> Written:
        """Do as :meth:`send`, and return what is there where somebody else did it meanwhile, whom the server let win.

        :raises ElvisError: when it is not done, by anybody
        """
        try:
            return self.send(request, read, look_up, is_ours)
        except ElvisError as error:
            found = self.find_after(error, look_up)
            if found is None:
                raise
            return Written(found, is_new=False, is_reply=False)

    def find_after(self, error: ElvisError, look: Callable[[], T | None]) -> T | None:
        """Return what shows that a write that failed is done nevertheless, by somebody else; None where nothing does.

        A search may not know of it yet. Once that was waited for in vain, what failed is looked for without a wait: it
        is the server that refuses all, and nobody else is at work.

        :param look: returns what shows it
        """
        if error.reason in ENDS_TASK:
            return None
        if error.reason in _KNOWN_BY_NOW or self._was_in_vain:
            return look()
        found: T | None = self.wait_for_index(look)
        self._was_in_vain = self._was_in_vain or found is None
        return found

    def wait_for_index(self, look: Callable[[], Any]) -> Any:
        """Return what is found, None when it is not there by the time that the index knows of it."""
        end = time.monotonic() + index_lag.longest_lag(self._client)
        return index_lag.look_until(self._client.gate, end, look)


def read_counts(reply: HttpResponse, client: Client) -> None:
    """Read the reply of a write that counts what it was done for.

    :raises ElvisFailure: when it failed for any
    """
    answer = client.without_secrets(parse(reply), reply.body)
    errors = _errors_of(answer)
    if errors:
        raise ElvisFailure("server", f"HTTP {reply.status}, but errorCount is {errors}", reply)


def read_answer(reply: HttpResponse, client: Client, what: str) -> Any:
    """Return the reply of a write for a folder.

    :param what: the words for what became of the assets that it counts as errors
    :raises ElvisFailure: when it failed for any
    """
    answer = client.without_secrets(parse(reply), reply.body)
    errors = _errors_of(answer)
    if errors:
        raise ElvisFailure("conflict", f"HTTP {reply.status}, but {counted(errors, 'asset')} {what}", reply)
    return answer


def _errors_of(answer: Any) -> int:
    errors = answer.get("errorCount") if isinstance(answer, dict) else None
    return errors if isinstance(errors, int) and errors > 0 else 0


def _is_taken(failure: CallFailure) -> bool:
    error = failure.elvis_error if isinstance(failure, ElvisFailure) else None
    return error is not None and EXISTS in f"{error['errorname']} {error['message']}"
