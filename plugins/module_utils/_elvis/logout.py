# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a session for certain, in the ways that Elvis has for it. Private to damops.elvis.

Used by the logout, and by a login that can't hand its session over. It never logs in in order to log out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Literal, NamedTuple
from urllib.parse import urljoin

from .._errors import CallFailure, ElvisError
from .._http.transport import HttpResponse
from .._signals import interrupts_wait
from .client import Client, Request
from .decoding import as_boolean
from .response import ElvisFailure, as_text, not_elvis, parse
from .services import LOGOUT, REDIRECT_LOGOUT, SEARCH

STAYS_OPEN = (
    "it takes a licence seat until the server's idle time-out (30 minutes by default)"
    " or until a superuser disconnects it."
)
LOGGED_OUT_AGAIN = "The session that the server had granted was logged out again."
STILL_OPEN = f"The session that the server had granted is still open: {STAYS_OPEN}"
ORPHAN = f"If the server did open a session, nobody has its token: {STAYS_OPEN}"


def not_from_here(host: str) -> str:
    """Return why a session at an address of loopback, which another machine opened, is not ended from this one."""
    return (
        f"The login ran on {host}, where this address means {host} itself. From here the token would go to another"
        f" server, so it was not sent. Log out on {host}, with elvis_logout in an always section. Until then"
        f" {STAYS_OPEN}"
    )


class Ended(NamedTuple):
    """How a session came to its end.

    :param was_logged_in: whether it was still alive when this began, None when nobody asked
    :param logout_success: whether the server confirmed the logout, None when it was over already
    """

    was_logged_in: bool | None
    logout_success: bool | None


class Redirected(NamedTuple):
    """Where ``/logout`` sends a browser: the HTTP status and the absolute address, None where that answer was lost."""

    status: int | None = None
    url: str | None = None


def end_by_service(client: Client) -> Ended:
    """End the client's session with ``POST /services/logout``.

    :raises ElvisError: when it is not certain that the session is over
    """
    has_cookie = client.session is not None and client.session.auth_method == "cookie"
    request = Request("log out", "POST", LOGOUT.address, repeatable=True, ends_session=True)
    try:
        ended = client.attempt(request, lambda reply: _read_logout(reply, has_csrf=has_cookie))
    except CallFailure as failure:
        error, may_be_over = client.error(request, failure), _says_nothing(failure)
    else:
        if has_cookie and not ended.logout_success and is_logged_in(client):
            end_by_redirect(client, "GET", None)
            confirm_ended(client)
            return Ended(was_logged_in=True, logout_success=True)
        return ended
    if not may_be_over:
        raise error
    return _ask_after(client, error)


def _read_logout(reply: HttpResponse, *, has_csrf: bool) -> Ended:
    # With a cookie, either of them may also mean that the CSRF token is wrong while the session lives on.
    refusals = ("not_logged_in", "forbidden") if has_csrf else ("not_logged_in",)
    try:
        answer = parse(reply)
    except CallFailure as failure:
        if failure.kind not in refusals:
            raise
        # When an earlier try may have arrived, it is that one which ended the session that is gone now.
        return Ended(was_logged_in=reply.repeated, logout_success=None)
    return _read_success(reply, answer)


def _says_nothing(failure: CallFailure) -> bool:
    """Tell whether the session may be over all the same: the answer to a logout is lost, or no refusal."""
    is_refusal = isinstance(failure, ElvisFailure) and failure.reply.status >= 300
    return failure.delivery == "unknown" and failure.kind != "timeout" and not is_refusal


def _ask_after(client: Client, error: ElvisError) -> Ended:
    """Ask once whether a session is over whose logout had no usable answer.

    :raises ElvisError: the error of the logout, when the session lives on or nobody can tell
    """
    try:
        lives_on = is_logged_in(client, once=True)
    except ElvisError as failure:
        raise error.with_note(f"It is not known whether the session is over. {failure.message}") from None
    if lives_on:
        raise error.with_note("The server says that the session is still alive.")
    return Ended(was_logged_in=True, logout_success=True)


def end_by_redirect(client: Client, method: Literal["GET", "POST"], success_url: str | None) -> Redirected:
    """End the client's session with ``/logout``, as a browser does, and return where it is sent; it is not followed.

    :raises ElvisError: when the server answers anything but a redirect
    """
    parameters = {} if success_url is None else {"logoutSuccessUrl": success_url}
    request = Request(
        "log out with a redirect",
        method,
        REDIRECT_LOGOUT.address,
        query=parameters if method == "GET" else {},
        form=parameters if method == "POST" else None,
        repeatable=True,
        ends_session=True,
    )

    def read(reply: HttpResponse) -> Redirected:
        location = reply.headers.get("Location")
        if not 300 <= reply.status < 400 or not location:
            parse(reply)
            raise not_elvis(reply, "a redirect was expected")
        try:
            url = urljoin(client.server_url + request.path, as_text(location))
        except ValueError:
            summary = f"HTTP {reply.status}, a redirect to an address that can't be read"
            raise ElvisFailure("not_elvis", summary, reply) from None
        return Redirected(reply.status, client.without_secrets(url))

    try:
        return client.attempt(request, read)
    except CallFailure as failure:
        error, may_be_over = client.error(request, failure), _says_nothing(failure)
    if not may_be_over:
        raise error
    _ask_after(client, error)
    return Redirected()


@contextlib.contextmanager
def given_back_on_failure(client: Client) -> Iterator[None]:
    """Log the client's session out again when a block fails, so that nobody has to wait for its time-out.

    SystemExit is not a failure: that is how a module ends once its result is written.
    """
    try:
        yield
    except SystemExit:
        raise
    except ElvisError as error:
        failure = _give_back(client)
        raise error.with_note(f"{STILL_OPEN} {failure.message}" if failure else LOGGED_OUT_AGAIN) from None
    except KeyboardInterrupt:
        _give_back(client)
        raise
    except BaseException as error:
        # A task's time-out, or the other end of the output that is gone.
        failure = _give_back(client)
        if failure:
            raise failure.with_note(f"{type(error).__name__} ended the task after its login. {STILL_OPEN}") from None
        raise


def is_logged_in(client: Client, *, once: bool = False) -> bool:
    """Ask the server whether the client's session is alive.

    A search that only counts is cheap and needs no CSRF token, so the answer tells of the session and of nothing else.

    :param once: whether not to ask again when no answer comes
    :raises ElvisError: when the server does not tell
    """
    request = Request(
        "ask whether the session is alive",
        "GET",
        SEARCH.address,
        query={"q": "id:0", "num": "0"},
        repeatable=not once,
        with_csrf=False,
    )
    try:
        client.call(request, _read_search)
    except ElvisError as error:
        if error.reason == "not_logged_in":
            return False
        raise
    return True


def confirm_ended(client: Client) -> None:
    """Ask the server whether the session is over.

    :raises ElvisError: when it is still alive
    """
    if is_logged_in(client):
        raise ElvisError(
            f"The session at {client.server_url} is still alive: after the logout, {SEARCH.path} still answers it as"
            " logged in. Ask a superuser to disconnect it in the console, and look for a cache or a second server"
            " behind the load balancer.",
            "server",
        )


def _give_back(client: Client) -> ElvisError | None:
    """End the client's session, and return what kept it from being ended."""
    try:
        with interrupts_wait():
            end_by_service(client)
    except ElvisError as failure:
        return failure
    return None


def _read_success(reply: HttpResponse, answer: object) -> Ended:
    success = as_boolean(answer.get("logoutSuccess")) if isinstance(answer, dict) else None
    if success is False:
        raise ElvisFailure("server", f"HTTP {reply.status} with logoutSuccess: false", reply)
    if success is not True:
        raise not_elvis(reply, "logoutSuccess: true was expected", delivery="unknown")
    return Ended(was_logged_in=True, logout_success=True)


def _read_search(reply: HttpResponse) -> None:
    answer = parse(reply)
    if not isinstance(answer, dict) or not isinstance(answer.get("totalHits"), int):
        raise not_elvis(reply, "a count of hits was expected")
