# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Calls an Elvis server and tells what came of it. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import dataclasses
import email.utils
import itertools
import math
import random
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from .._errors import CallFailure, ElvisError, Reason
from .._http.request import Content, HttpRequest, QueryOrForm, Upload
from .._http.transport import ConnectionOptions, HttpResponse, kept_transport
from .advice import Explainer
from .gate import Gate
from .own_writes import OwnWrites
from .redaction import SHORTEST_MASKED, Redactor
from .response import asked_to_wait, hold_of, try_again
from .session import SESSION_COOKIES, Session, read_cookies

T = TypeVar("T")

SLACK = 0.05
"""Seconds by which all tries together may take longer: the first has the whole time-out, and names it when it is over,
whatever it took to get that far."""
FIRST_PAUSE = 0.25
"""Seconds before the second try; doubled for each further one."""

MOST_NAMED = 3
"""Keys that a warning names."""
SHORTEST_IN_DATA = 8
"""A shorter part of a cookie, such as a language, is not a secret: masking it would shred what a server returns."""


@dataclass(frozen=True)
class Request:
    """One call; see :class:`HttpRequest` for what is in its body, and for ``save`` and ``process_timeout``.

    :param purpose: what it is for, as in "Cannot <purpose>: ..."
    :param path: below the server's address, with a leading slash
    :param with_csrf: whether a session that has a CSRF token sends it along
    :param repeatable: whether it may be sent again when the server may have got it
    :param advice: what to do, where that is more than the kind of a failure alone tells
    :param outcome_unknown: what to know when the request was sent and no answer came
    :param check: makes sure, right before each try, that it is still to be sent; it may make calls itself, and
        raises an ElvisError where it is not
    :param ends_session: whether a cookie that comes with the answer is no longer one of the session
    """

    purpose: str
    method: str
    path: str
    query: QueryOrForm = field(default_factory=dict)
    form: QueryOrForm | None = None
    json: Any = None
    upload: Upload | None = None
    save: Callable[[Iterable[bytes]], bytes] | None = None
    content: Content | None = None
    process_timeout: float | None = None
    accept: str = "application/json"
    with_csrf: bool = True
    repeatable: bool = False
    advice: Mapping[Reason, str] = field(default_factory=dict)
    outcome_unknown: str = ""
    check: Callable[[], object] | None = None
    ends_session: bool = False


class Listener(Protocol):
    """Who hears what a person should know of a call, whatever becomes of it."""

    def tell(self, sentence: str, /) -> None:
        """Take a sentence for a person who asked for more output."""

    def warn(self, sentence: str, /) -> None:
        """Take a sentence that a person should read."""

    def note_sent(self, *, may_write: bool) -> None:
        """Take note that a request reached the server, or may have."""


class _Nobody:
    def tell(self, sentence: str, /) -> None:
        pass

    warn = tell

    def note_sent(self, *, may_write: bool) -> None:
        pass


class Client:
    """One server, reached in one way, as nobody in particular or with a session.

    :param user: what tells one user of the server from another; connections are kept for the same one only
    :param secrets: what is submitted to the server besides the session's own secrets
    :param listener: hears of repeated tries, and of a session that changes on the way
    """

    session: Session | None = None

    def __init__(
        self,
        server_url: str,
        connection: ConnectionOptions,
        session: Session | None = None,
        user: Hashable = None,
        secrets: Iterable[str | None] = (),
        listener: Listener | None = None,
    ) -> None:
        self.server_url = server_url
        self.connection = connection
        self.gate = Gate()
        self.own_writes = OwnWrites()
        self.index_wait = 0.0
        """Seconds for which a task waits, at its end, until a search shows what it wrote."""
        self.throttle_budget = 0.0
        """Seconds for which requests that may be repeated are held back when a gateway allows no more of them for now:
        many at a time take turns then, and to be refused is no failed try. 0 for a single call."""
        self.clock_ahead = 0.0
        """Seconds by which the server's clock is ahead of this machine's, as far as its last answer told."""
        self._date = ""
        self._warned_keys: set[str] = set()
        self._user = user
        self._secrets = tuple(secrets)
        self._listener = listener or _Nobody()
        self._take(session)

    def _take(self, session: Session | None) -> None:
        """Go on with a session, whose secrets are no more to be shown than those of an earlier one."""
        of_earlier = self.session.secrets if self.session else ()
        self.session = session
        of_session = {*of_earlier, *(session.secrets if session else ())}
        redactor = Redactor([*self._secrets, *self.connection.secrets, *of_session])
        self._explainer = Explainer(self.server_url, self.connection, session, redactor)
        submitted = [secret for secret in (*self._secrets, *self.connection.secrets) if secret]
        self._data_redactor = Redactor(
            [secret for secret in submitted if len(secret) >= SHORTEST_MASKED]
            + [secret for secret in of_session if len(secret) >= SHORTEST_IN_DATA]
        )

    @classmethod
    def of(cls, session: Session, connection: ConnectionOptions, listener: Listener | None = None) -> Client:
        """Return the client that works with ``session``."""
        user = session.username or session.secrets
        return cls(session.server_url, connection, session, user=user, listener=listener)

    def logged_in(self, session: Session) -> Client:
        """Return the client that goes on with the session it was given, on the same connection."""
        return Client(self.server_url, self.connection, session, self._user, self._secrets, self._listener)

    def call(self, request: Request, read: Callable[[HttpResponse], T]) -> T:
        """Send a request and return what ``read`` makes of the reply.

        :raises ElvisError: when no reply comes, or ``read`` raises a CallFailure
        """
        with self.judging(request):
            return self.attempt(request, read)

    def attempt(self, request: Request, read: Callable[[HttpResponse], T]) -> T:
        """Do as :meth:`call`, but raise the CallFailure instead of converting it.

        :raises CallFailure: when no reply comes, or ``read`` raises one
        """
        reply = self._send(request)
        self._compare_clocks(reply.headers.get("Date", ""))
        try:
            content = read(reply)
        finally:
            self._warn_of_doubled(request, reply.doubled_keys)
        if reply.cookies and self.session and not request.ends_session:
            self._take_cookies(request, self.session.with_cookies(reply.cookies))
        return content

    def _warn_of_doubled(self, request: Request, keys: set[str]) -> None:
        """Tell once of each key that an object in an answer has several times."""
        new = keys - self._warned_keys
        self._warned_keys |= new
        if new:
            names = ", ".join(self._explainer.fit_to_show(key) for key in sorted(new)[:MOST_NAMED])
            self._listener.warn(
                f"The answer to {request.method} {self.server_url}{request.path} has objects with one key several times"
                f" ({names}). The last value of each counts. Check the server, or what is in front of it."
            )

    def _take_cookies(self, request: Request, session: Session) -> None:
        before, after = (read_cookies(known.cookie) if known else {} for known in (self.session, session))
        if before == after:
            return
        self._take(session)
        renewed = [name for name in sorted(SESSION_COOKIES) if name in before and before[name] != after[name]]
        if renewed:
            self._listener.warn(
                f"The server renewed the session's cookie ({', '.join(renewed)}) in its answer to {request.method}"
                f" {self.server_url}{request.path}. This task goes on with the new one. Later tasks have the old one,"
                " and may not be logged in: log in with auth_method: bearer, whose token is never renewed."
            )

    @contextlib.contextmanager
    def judging(self, request: Request) -> Iterator[None]:
        """Make an ElvisError of the failure of a block that belongs to a request."""
        try:
            yield
        except CallFailure as failure:
            error = self.error(request, failure)
        else:
            return
        raise error

    def _send(self, request: Request) -> HttpResponse:
        """Send a request, and again where that is allowed and may help, all inside the connection's time-out."""
        seconds = self._seconds_for(request)
        end = time.monotonic() + seconds
        pauses, tries = _pauses(self.connection.retries), itertools.count(2)
        held_until = time.monotonic() + self.throttle_budget
        may_have_arrived = False
        while True:
            end += self._wait_for_turn(request)
            message = self._message(request)
            outcome = self._try(message, min(seconds, end + SLACK - time.monotonic()))
            if isinstance(outcome, HttpResponse) or outcome.delivery != "unsent":
                # What only reads is repeatable.
                self._listener.note_sent(may_write=not request.repeatable)
            hold = _hold(request, outcome)
            if hold is not None and time.monotonic() + hold < held_until:
                self.gate.hold(hold)
                end = time.monotonic() + hold + seconds
                continue
            if message.is_transfer:
                # The time-out is for what doesn't move on, and the next try starts again.
                end = time.monotonic() + self.connection.timeout
            pause = max(next(pauses, math.inf), _asked_to_wait(outcome))
            if not _may_repeat(request, outcome) or time.monotonic() + pause >= end:
                break
            may_have_arrived = may_have_arrived or isinstance(outcome, HttpResponse) or outcome.delivery != "unsent"
            self._listener.tell(
                f"{request.method} {self.server_url}{request.path}: {_in_words(outcome)}; try {next(tries)} follows in"
                f" {pause:.2g} s"
            )
            self.gate.hold(_asked_to_wait(outcome))
            self.gate.pause(pause)
        if isinstance(outcome, CallFailure):
            raise outcome
        return dataclasses.replace(outcome, repeated=True) if may_have_arrived else outcome

    def _wait_for_turn(self, request: Request) -> float:
        """Wait until a request may be sent, and return the seconds that its check took.

        What a check has read is old after a pause that the server asked for meanwhile.
        """
        self.gate.go_through()
        if request.check is None:
            return 0.0
        began = time.monotonic()
        request.check()
        while not self.gate.is_open:
            self.gate.go_through()
            request.check()
        return time.monotonic() - began

    def _compare_clocks(self, date: str) -> None:
        if date != self._date:
            self._date = date
            with contextlib.suppress(TypeError, ValueError, IndexError, OverflowError):
                self.clock_ahead = email.utils.parsedate_to_datetime(date).timestamp() - time.time()

    def _seconds_for(self, request: Request) -> float:
        """Return the time of a whole call; that of a transfer has no end as long as it moves on."""
        is_transfer = request.upload is not None or request.save is not None
        return self.connection.timeout if is_transfer else max(self.connection.timeout, request.process_timeout or 0)

    def _message(self, request: Request) -> HttpRequest:
        of_session = self.session.headers if self.session else {}
        headers = {"Accept": request.accept, **self.connection.headers, **of_session}
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
            request.process_timeout,
            request.content,
        )

    def _try(self, message: HttpRequest, seconds: float) -> HttpResponse | CallFailure:
        try:
            return kept_transport(self.server_url, self.connection, self._user).exchange(message, seconds)
        except CallFailure as failure:
            return failure

    def without_secrets(self, data: Any, raw: bytes | None = None) -> Any:
        """Return what a server sent, as JSON has it, fit to be returned: without what it was sent that is secret.

        :param raw: the JSON that it was read from: where that surely holds none, nobody looks at each value
        :raises CallFailure: when it is nothing that a task can return
        """
        if raw is not None and self._data_redactor.finds_nothing(raw):
            return data
        try:
            return self._data_redactor.mask_data(data)
        except RecursionError:
            raise CallFailure("not_elvis", "JSON that is nested too deeply", "unknown") from None

    def error(self, request: Request, failure: CallFailure) -> ElvisError:
        """Return the error that a task shows of the failure of a request."""
        tried = f"Cannot {request.purpose}: {request.method} {self.server_url}{request.path}"
        return self._explainer.explain(failure, tried, request.advice, request.outcome_unknown)


def _may_repeat(request: Request, outcome: HttpResponse | CallFailure) -> bool:
    if isinstance(outcome, HttpResponse):
        return request.repeatable and try_again(outcome)
    return outcome.transient and (request.repeatable or outcome.delivery == "unsent")


def _hold(request: Request, outcome: HttpResponse | CallFailure) -> float | None:
    return hold_of(outcome) if request.repeatable and isinstance(outcome, HttpResponse) else None


def _in_words(outcome: HttpResponse | CallFailure) -> str:
    return outcome.summary if isinstance(outcome, CallFailure) else f"HTTP {outcome.status}"


def _pauses(retries: int) -> Iterator[float]:
    """Yield the seconds to wait before each further try: ever longer, and spread so that clients don't keep step."""
    for number in range(retries):
        yield FIRST_PAUSE * 2**number * random.uniform(0.5, 1)  # noqa: S311 - nothing is guarded by it


def _asked_to_wait(outcome: HttpResponse | CallFailure) -> float:
    return asked_to_wait(outcome) if isinstance(outcome, HttpResponse) else 0
