# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls an Elvis server and tells what came of it. Private to damops.elvis."""

from __future__ import annotations

import dataclasses
import email.utils
import math
import random
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, TypeVar

from .._errors import ElvisError, ErrorReply, Problem, Reason
from .._http.request import HttpRequest, QueryOrForm, Upload
from .._http.transport import ConnectionOptions, HttpResponse, kept_transport, proxy_between
from .._text import TIME_FORMAT
from .gate import Gate
from .redaction import Redactor
from .response import try_again
from .server_url import place_of_proxy, without_query
from .session import Session

T = TypeVar("T")

FIRST_PAUSE = 0.25
"""Seconds before the second try; doubled for each further one."""

SHORTEST_IN_DATA = 8
"""A shorter part of a cookie, such as a language, is no secret: masking it would shred what a server returns."""

ADVICE: dict[Reason, str] = {
    "refused": "Check the user name and the password.",
    "not_logged_in": "The session is over (it was logged out, was idle for too long or has expired), or it is not one"
    " of this server. Log in again.",
    "forbidden": "Check what this user may do in Elvis.",
    "not_found": "Check the path, and whether server_url needs a path prefix.",
    "conflict": "Something else is working on the same object: try again later.",
    "bad_request": "Check the method and the parameters of the call against the server's version.",
    "bad_response": "Check that server_url is the address of the Elvis server itself, with its path prefix if it has"
    " one, and not that of a portal or a sign-on proxy in front of it.",
    "unreachable": "Check server_url (the port, http or https), the name resolution and the firewall, and whether the"
    " server is running.",
    "timeout": "Check that the server is running and not overloaded, or give it more time with the option timeout.",
    "tls": "Check the server's certificate; name the CA that issued it with ca_path.",
    "proxy": "Check the proxy: the option proxy, or the variables HTTP_PROXY, HTTPS_PROXY and NO_PROXY.",
    "server": "The server, or a proxy in front of it, is in trouble: look into its log, try again later.",
    "storage": "Look after the disk of the machine that runs this task.",
}


@dataclass(frozen=True)
class Request:
    """One call; see :class:`HttpRequest` for what travels in its body, and for ``save`` and ``patience``.

    :param purpose: what it is for, as in "Cannot <purpose>: ..."
    :param path: below the server's address, with a leading slash
    :param with_csrf: whether a session that has a CSRF token sends it along
    :param repeatable: whether it may be sent again when the server may have got it
    :param advice: what to do, where that is more than the reason alone tells
    :param if_lost: what to know when the request was sent and no answer came
    """

    purpose: str
    method: str
    path: str
    query: QueryOrForm = field(default_factory=dict)
    form: QueryOrForm | None = None
    json: Any = None
    upload: Upload | None = None
    save: Callable[[Iterable[bytes]], bytes] | None = None
    patience: float | None = None
    accept: str = "application/json"
    with_csrf: bool = True
    repeatable: bool = False
    advice: Mapping[Reason, str] = field(default_factory=dict)
    if_lost: str = ""


class Client:
    """One server, reached in one way, as nobody in particular or with a session.

    :param user: what tells one user of the server from another; connections are kept for the same one only
    :param secrets: what is submitted to the server besides the session's own secrets
    """

    def __init__(
        self,
        server_url: str,
        connection: ConnectionOptions,
        session: Session | None = None,
        user: Hashable = None,
        secrets: Iterable[str | None] = (),
    ) -> None:
        self.server_url = server_url
        self.session = session
        self.connection = connection
        self.gate = Gate()
        self._user = user
        self._secrets = tuple(secrets)
        of_session = session.secrets if session else ()
        self._redactor = Redactor([*self._secrets, *connection.secrets, *of_session])
        self._data_redactor = Redactor(secret for secret in of_session if len(secret) >= SHORTEST_IN_DATA)

    @classmethod
    def of(cls, session: Session, connection: ConnectionOptions) -> Client:
        """Return the client that works with ``session``."""
        return cls(session.server_url, connection, session, user=session.username or session.secrets)

    def logged_in(self, session: Session) -> Client:
        """Return the client that goes on with the session it was given, on the same connection."""
        return Client(self.server_url, self.connection, session, self._user, self._secrets)

    def call(self, request: Request, read: Callable[[HttpResponse], T]) -> T:
        """Send a request and return what ``read`` makes of the reply.

        :raises ElvisError: when no reply comes, or ``read`` raises a Problem
        """
        try:
            return self.attempt(request, read)
        except Problem as problem:
            failure = self.failure(request, problem)
        raise failure

    def attempt(self, request: Request, read: Callable[[HttpResponse], T]) -> T:
        """Do the same for who can make something of a Problem.

        :raises Problem: when no reply comes, or ``read`` raises one
        """
        reply = self._send(request)
        try:
            return read(reply)
        except Problem as problem:
            problem.retry_after = _asked_to_wait(reply)
            raise

    def _send(self, request: Request) -> HttpResponse:
        """Send a request, and again where that is allowed and may help, all inside the connection's time-out."""
        end = time.monotonic() + self.connection.timeout
        pauses = _pauses(self.connection.retries)
        may_have_arrived = False
        while True:
            self.gate.go_through()
            message = self._message(request)
            outcome = self._try(message, end - time.monotonic())
            if message.is_transfer:
                # The time-out is for what doesn't move on, and the next try begins anew.
                end = time.monotonic() + self.connection.timeout
            pause = max(next(pauses, math.inf), _asked_to_wait(outcome))
            if not _may_repeat(request, outcome) or time.monotonic() + pause >= end:
                break
            may_have_arrived = may_have_arrived or isinstance(outcome, HttpResponse) or outcome.sent
            self.gate.hold(_asked_to_wait(outcome))
            self.gate.pause(pause)
        if isinstance(outcome, Problem):
            raise outcome
        return dataclasses.replace(outcome, repeated=may_have_arrived)

    def _message(self, request: Request) -> HttpRequest:
        headers = {"Accept": request.accept, **(self.session.headers if self.session else {})}
        if not request.with_csrf:
            headers.pop("X-CSRF-TOKEN", None)
        return HttpRequest(
            request.method,
            self.server_url + request.path,
            headers,
            request.query,
            request.form,
            request.json,
            request.upload,
            request.save,
            request.patience,
        )

    def _try(self, message: HttpRequest, seconds: float) -> HttpResponse | Problem:
        try:
            return kept_transport(self.server_url, self.connection, self._user).exchange(message, seconds)
        except Problem as problem:
            return problem

    def without_secrets(self, data: Any) -> Any:
        """Return what a server sent, as JSON has it, fit to be returned: without the session's own secrets.

        :raises Problem: when it is nothing that a task can return
        """
        try:
            return self._data_redactor.mask_data(data)
        except RecursionError:
            raise Problem("bad_response", "JSON that is nested too deeply") from None

    def failure(self, request: Request, problem: Problem) -> ElvisError:
        """Return the error that a task shows: what was tried, where, what came back, what to do."""
        words = f": {self._redactor.quote(problem.words)}" if problem.words else ""
        # What is cut off an address may be a part of a secret, so that is masked first.
        address = without_query(self._redactor.mask(problem.leads_to or ""))
        leads_to = f", to: {self._redactor.quote(address)}" if address else ""
        came_back = f"{problem.came_back}{leads_to}{words}".rstrip(".")
        sentences = (
            f"Cannot {request.purpose}: {request.method} {self.server_url}{request.path}: {came_back}.",
            request.advice.get(problem.reason) or problem.advice or ADVICE.get(problem.reason),
            self._expiry() if problem.reason == "not_logged_in" else None,
            self._proxy() if problem.reason == "proxy" else None,
            request.if_lost if problem.lost else None,
        )
        message = " ".join(filter(None, sentences))
        return ElvisError(message, problem.reason, problem.status, self._fit_to_show(problem.elvis_error))

    def _expiry(self) -> str | None:
        expiry = self.session.expiry if self.session else None
        if expiry is None:
            return None
        tense = "expired" if expiry <= datetime.now(tz=timezone.utc) else "would have expired"
        return f"Its token {tense} at {expiry.strftime(TIME_FORMAT)}."

    def _proxy(self) -> str | None:
        place = place_of_proxy(proxy_between(self.connection, self.server_url) or "")
        whose = "the option proxy" if self.connection.proxy else "the environment"
        return f"The proxy is {place}, from {whose}." if place else None

    def _fit_to_show(self, error: ErrorReply | None) -> ErrorReply | None:
        if error is None:
            return None
        name, message = (words and self._redactor.quote(words) for words in (error["errorname"], error["message"]))
        return ErrorReply(errorcode=error["errorcode"], errorname=name, message=message)


def _may_repeat(request: Request, outcome: HttpResponse | Problem) -> bool:
    if isinstance(outcome, HttpResponse):
        return request.repeatable and try_again(outcome)
    return outcome.passing and (request.repeatable or not outcome.sent)


def _pauses(retries: int) -> Iterator[float]:
    """Yield the seconds to wait before each further try: ever longer, and spread so that clients don't keep step."""
    for number in range(retries):
        yield FIRST_PAUSE * 2**number * random.uniform(0.5, 1)  # noqa: S311 - nothing is guarded by it


def _asked_to_wait(outcome: HttpResponse | Problem) -> float:
    """Return the seconds that a reply's Retry-After (a number or a date) asks for, 0 when it can't be read."""
    asked = outcome.headers.get("Retry-After", "") if isinstance(outcome, HttpResponse) else ""
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        return (email.utils.parsedate_to_datetime(asked) - datetime.now(tz=timezone.utc)).total_seconds()
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0
