# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logging in and out, and the profile."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.users.sessions import Method, SeatsExhaustedError, Session, auth_cookie
from elvis_emulator.web.errors import ElvisError, bad_request, forbidden, json_reply
from elvis_emulator.web.parameters import Parameters


def apilogin(call: Call) -> web.Response:
    """Log in for a Bearer token; documented by the vendor."""
    credentials = _credentials(call.parameters, unknowns.APILOGIN_READS_CRED)
    session = _log_in(call, credentials, "bearer", client_type="API")
    if isinstance(session, str):
        return _refusal(session)
    return json_reply(_acceptance() | {"authToken": session.token})


def login(call: Call) -> web.Response:
    """Log in for a cookie and a CSRF token; documented by the vendor."""
    given = call.parameters.text("clientType")
    client_type = given if given.startswith("api_") else unknowns.DEFAULT_LOGIN_CLIENT_TYPE
    session = _log_in(call, _credentials(call.parameters, reads_cred=True), "cookie", client_type)
    if isinstance(session, str):
        return _refusal(session)
    reply = _acceptance() | {"csrfToken": session.csrf_token}
    if call.parameters.flag("returnProfile"):
        reply["userProfile"] = call.server.accounts.profile(session.user)
    response = json_reply(reply)
    response.headers.add("Set-Cookie", auth_cookie(session))
    return response


def oauth_token(call: Call) -> web.Response:
    """Log in as OAuth's client credentials do, for a user whom the client names; seen in the vendor's plug-in.

    Each account of this server may be a client. What is refused has a real status.
    """
    if call.parameters.text("grant_type") != "client_credentials":
        raise bad_request("Only grant_type=client_credentials is known")
    client, secret = _basic(call.request.headers.get("Authorization", ""))
    if call.server.accounts.why_refused(client, secret):
        raise ElvisError(401, "InvalidClientException", "Bad client credentials")
    user = call.parameters.text("impersonator_id") or client
    if not call.server.accounts.knows(user):
        raise forbidden(f"Unknown user: {user[:100]}")
    session = _open(call, user, "bearer", client_type="API")
    if isinstance(session, str):
        raise forbidden(session)
    lifetime = int(call.server.options.token_lifetime)
    body = {"access_token": session.token, "token_type": unknowns.TOKEN_TYPE, "expires_in": lifetime}
    return json_reply(body)


def logout(call: Call) -> object:
    """End the session; documented by the vendor."""
    call.server.sessions.close(call.logged_in)
    return {"logoutSuccess": True}


def redirect_logout(call: Call) -> web.Response:
    """End the session, if there is one, and redirect; documented by the vendor for browsers."""
    if call.session:
        call.server.sessions.close(call.session)
    landing_page = call.server.options.prefix + call.server.options.landing_page
    target = call.parameters.text("logoutSuccessUrl") or landing_page
    # Percent-encoded as far as a header needs it; an address that is right comes out unchanged.
    location = quote(target, safe=":/?#[]@!$&'()*+,;=%~", errors="replace")
    return web.Response(status=unknowns.LOGOUT_REDIRECT_STATUS, headers={"Location": location})


def profile(call: Call) -> object:
    """The profile of who is logged in; documented by the vendor."""
    return call.server.accounts.profile(call.user)


def _log_in(call: Call, credentials: tuple[str, str], method: Method, client_type: str) -> Session | str:
    """Return a new session, or the sentence that tells why there is none."""
    user, password = credentials
    accounts = call.server.accounts
    return accounts.why_refused(user, password) or _open(call, user, method, client_type)


def _open(call: Call, user: str, method: Method, client_type: str) -> Session | str:
    client_id, details = call.parameters.text("clientId"), call.server.accounts.token_details(user)
    try:
        return call.server.sessions.open(user, method, client_type, client_id, details, call.node)
    except SeatsExhaustedError:
        return unknowns.SEATS_EXHAUSTED_MESSAGE


def _credentials(parameters: Parameters, reads_cred: bool) -> tuple[str, str]:
    user = parameters.text("username")
    named = user.strip() if unknowns.TRIMS_USER_NAME else user, parameters.text("password")
    packed = _unpack(parameters.text("cred")) if reads_cred else None
    if packed and (unknowns.CRED_WINS_OVER_PASSWORD or not named[0]):
        return packed
    return named


def _basic(header: str) -> tuple[str, str]:
    scheme, _space, packed = header.strip().partition(" ")
    return (_unpack(packed) if scheme.lower() == "basic" else None) or ("", "")


def _unpack(cred: str) -> tuple[str, str] | None:
    if not cred:
        return None
    # A `+` that a client forgot to encode arrives as a space.
    padded = cred.strip().replace(" ", "+")
    try:
        user, colon, password = base64.b64decode(padded + "=" * (-len(padded) % 4)).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (user.strip() if unknowns.TRIMS_USER_NAME else user, password) if colon else ("", "")


def _acceptance() -> dict[str, object]:
    return {"loginSuccess": True, "loginFaultMessage": None, "serverVersion": unknowns.SERVER_VERSION}


def _refusal(message: str) -> web.Response:
    body = {"loginSuccess": False, "loginFaultMessage": message, "serverVersion": unknowns.SERVER_VERSION}
    return json_reply(body, unknowns.REFUSED_LOGIN_STATUS)
