# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Opens a session. Private to damops.elvis."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from .._elvis.advice import NO_SUCH_CALL
from .._elvis.client import Client, Request
from .._elvis.credentials import Credentials, read_credentials
from .._elvis.decoding import as_boolean, load
from .._elvis.logout import ORPHAN, given_back_on_failure
from .._elvis.redaction import encode_cred
from .._elvis.response import ElvisFailure, not_elvis, parse
from .._elvis.services import APILOGIN, LOGIN, PROFILE
from .._elvis.session import SESSION_COOKIES, Session, is_token, read_cookies, value_of
from .._elvis.token import expires_at
from .._errors import CallFailure, ElvisError
from .._http.transport import HttpResponse
from .._task.arguments import ArgumentSpec
from .._task.call import Call
from .._task.extra_headers import refuse_authorization
from .._task.operation import Operation, Result
from .._text import one_line

ARGUMENTS: ArgumentSpec = {
    "server_url": {"type": "str", "required": True},
    "auth_method": {"type": "str", "choices": ["bearer", "cookie"], "default": "bearer"},
    "username": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "cred": {"type": "str", "no_log": True},
    "client_id": {"type": "str"},
    "client_type": {"type": "str"},
    "return_profile": {"type": "bool", "default": False},
    "keep": {"type": "bool", "default": False},
}

SUBMITTED_ONCE = (
    "Check the user name and the password; if the server says so, have the account unlocked or free a licence seat."
    " The login was sent once and is not repeated: Elvis can lock an account after several wrong passwords."
)
FREE_A_SEAT = (
    "Free a licence seat: log out a session that nobody needs, or wait until one ends (by default after 30 minutes"
    " without a request). The login was sent once and is not repeated."
)
UNLOCK = (
    "Have an administrator unlock the account, and find out who sends a wrong password for it. The login was sent once"
    " and is not repeated."
)
_ADVICE = (
    (re.compile(r"\bseat|licen[cs]e|concurrent|lizenz", re.IGNORECASE), FREE_A_SEAT),
    (re.compile(r"\block|gesperrt|verrouill", re.IGNORECASE), UNLOCK),
)
"""What to do about a refusal, by the server's words for it."""
LONGEST_VERSION = 100


Answer = dict[str, Any]


def _token_of(reply: HttpResponse, answer: Answer) -> dict[str, Any]:
    # The token proves the session, and a load balancer's cookie leads to the node that knows it.
    others = [cookie for name, cookie in read_cookies(reply.cookies).items() if name != "authToken"]
    return {"auth_token": answer.get("authToken"), "cookie": "; ".join(others) or None}


def _cookies_of(reply: HttpResponse, answer: Answer) -> dict[str, Any]:
    cookies = read_cookies(reply.cookies)
    if not any(is_token(value_of(cookies.get(name))) for name in SESSION_COOKIES):
        return {}
    token = value_of(cookies.get("authToken"))
    return {"cookie": reply.cookies, "auth_token": token, "csrf_token": answer.get("csrfToken")}


class _Method(NamedTuple):
    """A service that logs in: its path, the option and parameter that it alone has, and what proves its session."""

    path: str
    option: str
    parameter: str
    proof_of: Callable[[HttpResponse, Answer], dict[str, Any]]
    proof: str


METHODS = {
    "bearer": _Method(APILOGIN.address, "client_id", "clientId", _token_of, "an authToken"),
    "cookie": _Method(LOGIN.address, "client_type", "clientType", _cookies_of, "a session cookie"),
}


class _Login(NamedTuple):
    """All that a login needs, known to be usable."""

    auth_method: str
    credentials: Credentials
    form: Mapping[str, str]
    return_profile: bool

    @property
    def request(self) -> Request:
        return Request(
            f"log in as {one_line(self.credentials.username)}",
            "POST",
            METHODS[self.auth_method].path,
            form=self.form,
            advice={"refused": SUBMITTED_ONCE, "not_found": NO_SUCH_CALL},
            outcome_unknown=ORPHAN,
        )


def run(call: Call) -> Result:
    """Log in once and return the session; in check mode send nothing and return a simulated one."""
    login = _read_login(call)
    client = call.reach(
        call.options["server_url"],
        user=login.credentials,
        secrets=[login.credentials.password, encode_cred(*login.credentials)],
    )
    if call.check_mode:
        simulated = Session.simulate(client.server_url, login.auth_method, login.credentials.username)
        return {**_result(simulated, None), "simulated": True}
    return _open(login, client)


def opens(result: Result) -> Session | None:
    """Return the session in a login's result, None when it is simulated."""
    session = Session.from_option(result["session"])
    return None if session.simulated else session


OPERATION = Operation(ARGUMENTS, run, opens=opens)


def _read_login(call: Call) -> _Login:
    options = call.options
    auth_method = options["auth_method"]
    method = METHODS[auth_method]
    for other in METHODS.values():
        if other is not method and options[other.option] is not None:
            raise ElvisError(
                f"{other.option} can't be used with auth_method {auth_method}. Leave it out.", "bad_request"
            )
    if auth_method == "bearer":
        refuse_authorization(call.connection)
    client_type = options["client_type"]
    if client_type is not None and not client_type.startswith("api_"):
        raise ElvisError("client_type must start with api_, as in api_nightly_import.", "bad_request")
    with call.naming_unread():
        credentials = read_credentials(options)
    optional = {
        method.parameter: options[method.option],
        "returnProfile": "true" if options["return_profile"] and auth_method == "cookie" else None,
    }
    form = {"username": credentials.username, "password": credentials.password}
    form.update({name: value for name, value in optional.items() if value is not None})
    return _Login(auth_method, credentials, form, options["return_profile"])


def _open(login: _Login, client: Client) -> Result:
    granted = _ask(login, client)
    client = client.logged_in(granted.session)
    with given_back_on_failure(client):
        if granted.mistake:
            raise client.error(login.request, granted.mistake)
        session = dataclasses.replace(granted.session, server_version=_version(client, granted.answer))
        return _result(session, _complete(login, client, granted))


def _ask(login: _Login, client: Client) -> _Granted:
    """Send the login, and return what it grants, or what is left of that."""
    try:
        return client.attempt(login.request, lambda reply: _read_grant(login, client.server_url, reply))
    except CallFailure as failure:
        rest = _rest_of_grant(login, client.server_url, failure)
        error = client.error(_advised(login.request, failure), failure)
    if rest is None:
        raise error
    return rest


def _advised(request: Request, failure: CallFailure) -> Request:
    """Return the request of a login with what to do about this failure."""
    words = (isinstance(failure, ElvisFailure) and failure.server_message) or ""
    advice = next((advice for pattern, advice in _ADVICE if pattern.search(words)), SUBMITTED_ONCE)
    return dataclasses.replace(request, advice={**request.advice, "refused": advice})


class _Granted(NamedTuple):
    """A session that the server opened, its whole answer, and what keeps that from being taken for a grant."""

    session: Session
    answer: Answer
    reply: HttpResponse
    mistake: CallFailure | None


def _read_grant(login: _Login, server_url: str, reply: HttpResponse) -> _Granted:
    answer = load(reply)
    mistake = _mistake_in(reply, answer)
    known: Answer = answer if isinstance(answer, dict) else {}
    session = _session_of(login, server_url, reply, known)
    # A JSESSIONID alone comes with pages and refusals too.
    if session and (session.auth_token or ("loginSuccess" in known and as_boolean(known["loginSuccess"]) is not False)):
        return _Granted(session, known, reply, mistake)
    if mistake is None:
        summary = f"it grants the login without {METHODS[login.auth_method].proof} that can be used"
        mistake = not_elvis(reply, summary, delivery="unknown")
    raise mistake


def _rest_of_grant(login: _Login, server_url: str, failure: CallFailure) -> _Granted | None:
    """Return what came of an answer before it broke off, None when that proves no session."""
    reply = HttpResponse(failure.status or 0, {}, b"", failure.cookies)
    # Whatever service was asked: the token of an answer that lacks its body is in a cookie, or it is lost.
    session = _session_of(login._replace(auth_method="cookie"), server_url, reply, {})
    if session is None or session.auth_token is None:
        return None
    mistake = CallFailure(failure.kind, failure.summary, "answered", status=failure.status)
    return _Granted(session, {}, reply, mistake)


def _mistake_in(reply: HttpResponse, answer: Any) -> CallFailure | None:
    """Return why an answer grants no login, None when it does."""
    if isinstance(answer, dict) and as_boolean(answer.get("loginSuccess")) is False:
        fault = answer.get("loginFaultMessage")
        words = fault if isinstance(fault, str) else None
        return ElvisFailure("refused", "the server refused the login", reply, words)
    try:
        parse(reply)
    except ElvisFailure as failure:
        return failure.as_kind("refused") if failure.kind == "not_logged_in" else failure
    if not isinstance(answer, dict) or as_boolean(answer.get("loginSuccess")) is not True:
        return not_elvis(reply, "loginSuccess was expected to be true or false")
    return None


def _session_of(login: _Login, server_url: str, reply: HttpResponse, answer: Answer) -> Session | None:
    """Return the session that an answer proves, whatever else it says; None when it proves none."""
    proof = METHODS[login.auth_method].proof_of(reply, answer)
    # A value that is not a token is left out; the session, or what follows, tells whether it is needed.
    usable = {name: value for name, value in proof.items() if name == "cookie" or is_token(value)}
    try:
        return Session(
            server_url=server_url,
            auth_method=login.auth_method,
            username=one_line(login.credentials.username),
            expires_at=expires_at(usable.get("auth_token", "")),
            **usable,
        )
    except ElvisError:
        return None


def _version(client: Client, answer: Answer) -> str | None:
    version = answer.get("serverVersion")
    # What is cut off may be a part of a secret, so that is masked first.
    masked = client.without_secrets(one_line(version)) if isinstance(version, str) else None
    return masked and str(masked)[:LONGEST_VERSION]


def _complete(login: _Login, client: Client, granted: _Granted) -> dict[str, Any] | None:
    """Return the profile when it was asked for, and refuse what is missing from a session that is already open."""
    session, answer = granted.session, granted.answer
    if session.cookie and answer.get("csrfToken") is not None and session.csrf_token is None:
        summary = f"HTTP {granted.reply.status}, a granted login whose csrfToken can't be used"
        raise client.error(login.request, ElvisFailure("not_elvis", summary, granted.reply))
    if not login.return_profile:
        return None
    profile = answer.get("userProfile")
    if not isinstance(profile, dict):
        request = Request("read the profile", "POST", PROFILE.address, repeatable=True)
        return client.call(request, lambda reply: _read_profile(client, reply))
    with client.judging(login.request):
        return _fit_to_return(client, profile)


def _read_profile(client: Client, reply: HttpResponse) -> dict[str, Any]:
    profile = parse(reply)
    if not isinstance(profile, dict):
        raise not_elvis(reply, "a profile was expected")
    return _fit_to_return(client, profile)


def _fit_to_return(client: Client, profile: dict[str, Any]) -> dict[str, Any]:
    masked: dict[str, Any] = client.without_secrets(profile)
    return masked


def _result(session: Session, profile: dict[str, Any] | None) -> Result:
    known = f" (Elvis {session.server_version})" if session.server_version else ""
    until = f", until {session.expires_at}" if session.expires_at else ""
    done = "Check mode: nothing was sent; would log in" if session.simulated else "Logged in"
    return {
        "changed": True,
        "msg": f"{done} to {session.server_url} as {session.username}{known}{until}.",
        "session": session.as_option(),
        "headers": session.headers,
        "server_version": session.server_version,
        "user_profile": profile,
    }
