# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells whether a session is alive and whose it is, or whether a server is up. Private to damops.elvis."""

from __future__ import annotations

import contextlib
from datetime import datetime, timezone
from typing import Any, TypeVar

from .._elvis import services
from .._elvis.advice import NO_SUCH_CALL
from .._elvis.client import Client, Request
from .._elvis.decoding import as_boolean
from .._elvis.logout import is_logged_in
from .._elvis.response import not_elvis, parse
from .._elvis.session import Session
from .._errors import ElvisError
from .._http.transport import HttpResponse
from .._task.arguments import SESSION_ARGUMENTS, SESSION_CONSTRAINTS, ArgumentSpec
from .._task.call import Call
from .._task.operation import Operation, Result, in_session
from .._text import TIME_FORMAT

T = TypeVar("T")

ARGUMENTS: ArgumentSpec = {
    **SESSION_ARGUMENTS,
    "ping": {"type": "bool", "default": False},
}

PING = Request(
    "ask whether the server is up", "GET", services.PING.address, repeatable=True, advice={"not_found": NO_SUCH_CALL}
)
PROFILE = Request("ask whose session it is", "POST", services.PROFILE.address, repeatable=True)


def run(call: Call) -> Result:
    """Ask the server; with a simulated session send nothing."""
    answer = _ping(call) if call.options["ping"] else _look_at_session(call)
    return {"changed": False, **answer}


OPERATION = Operation(ARGUMENTS, run, constraints=SESSION_CONSTRAINTS)


def _ping(call: Call) -> Result:
    options = call.options
    session = call.session if options["session"] is not None or options["auth_token"] is not None else None
    server_url = session.server_url if session else options["server_url"]
    if not server_url:
        raise ElvisError(
            "ping needs a server: give server_url, set the environment variable ELVIS_SERVER_URL, or pass on a"
            " session.",
            "bad_request",
        )
    # Not with the session, whose idle time-out would start again.
    client = call.reach(server_url)
    if session and session.simulated:
        unknown = dict.fromkeys(("available", "state", "server_version"))
        return {"msg": "Check mode: nothing was sent.", **unknown, "simulated": True}
    answer = _ask_state(client)
    state = "available" if answer["available"] else "not available"
    return {"msg": f"The server {client.server_url} is {state}.", **answer}


def _ask_about_session(call: Call) -> Result:
    session, client = call.opened
    return _ask(client, session)


def _simulate(call: Call) -> Result:
    answer = {"alive": True, **_describe(call.session, {}), "elvis_error": None}
    return {"msg": "Check mode: nothing was sent; the session is simulated.", **answer}


def _without_session(_call: Call) -> Result:
    return {"msg": "No session was given.", "alive": False, **_describe(None, {}), "elvis_error": None}


_look_at_session = in_session(_ask_about_session, _simulate, _without_session)


def _ask(client: Client, session: Session) -> Result:
    profile, refusal = _ask_profile(client)
    alive = refusal is None or _lives_on(client, session, refusal)
    known = _describe(session, profile)
    if alive and not known["server_version"]:
        # That is not a reason to fail where something in front of the server lets no ping through.
        with contextlib.suppress(ElvisError):
            known["server_version"] = _ask_state(client)["server_version"]
    return {
        "msg": f"The session at {client.server_url} {_verdict(alive, refusal)}.",
        "alive": alive,
        **known,
        "elvis_error": refusal.elvis_error if refusal else None,
    }


def _verdict(alive: bool, refusal: ElvisError | None) -> str:
    if not alive:
        return "is over: it was logged out, was idle for too long or has expired"
    return f"is alive, but the server does not show whose it is ({refusal.reason})" if refusal else "is alive"


def _ask_profile(client: Client) -> tuple[dict[str, Any], ElvisError | None]:
    """Return the profile of who is logged in, or the refusal to show it."""
    try:
        return client.call(PROFILE, lambda reply: _read_object(reply, client)), None
    except ElvisError as error:
        if error.reason not in ("not_logged_in", "forbidden"):
            raise
        return {}, error


def _lives_on(client: Client, session: Session, refusal: ElvisError) -> bool:
    # With a cookie it may be the CSRF token that was refused, and nobody is forbidden anything who is not logged in.
    may_live = session.auth_method == "cookie" or refusal.reason == "forbidden"
    return may_live and is_logged_in(client)


def _ask_state(client: Client) -> Result:
    def read(reply: HttpResponse) -> Result:
        answer = _read_object(reply, client)
        available = as_boolean(answer.get("available"))
        if available is None:
            raise not_elvis(reply, "available was expected to be true or false")
        return {
            "available": available,
            "state": _only(str, answer.get("state")),
            "server_version": _only(str, answer.get("version")),
        }

    return client.call(PING, read)


def _read_object(reply: HttpResponse, client: Client) -> dict[str, Any]:
    answer = client.without_secrets(parse(reply))
    if not isinstance(answer, dict):
        raise not_elvis(reply, "an object was expected")
    return answer


def _only(kind: type[T], value: object) -> T | None:
    """Return what a server says of itself where it is of the kind that the module's page promises."""
    return value if isinstance(value, kind) else None


def _describe(session: Session | None, profile: dict[str, Any]) -> Result:
    """Return what is known of a session: from the server's profile, and from the session itself."""
    expiry = session.expiry if session else None
    left = expiry - datetime.now(tz=timezone.utc) if expiry else None
    return {
        "username": _only(str, profile.get("username")) or (session.username if session else None),
        "groups": _only(list, profile.get("groups")),
        "authorities": _only(list, profile.get("authorities")),
        "expires_at": expiry.strftime(TIME_FORMAT) if expiry else None,
        "expires_in": max(0, int(left.total_seconds())) if left else None,
        "server_version": session.server_version if session else None,
    }
