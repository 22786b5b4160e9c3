# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the server: ping, keep-alive, metrics, who is active."""

from __future__ import annotations

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.fields import Kind, kind_of, known_fields


def ping(_call: Call) -> object:
    """Documented by the vendor; needs no login."""
    return {"state": "running", "version": unknowns.SERVER_VERSION, "available": True, "server": "Elvis"}


def version(_call: Call) -> web.Response:
    """Seen in clients, which look for the version of the server in here."""
    return web.Response(text=unknowns.VERSION_PAGE.format(unknowns.SERVER_VERSION), content_type="text/xml")


def alive(call: Call) -> web.Response:
    """The documented keep-alive: any call of a session counts as its use, this one does nothing else."""
    return web.Response(text=unknowns.ALIVE_TEXT if call.logged_in else "")


def metrics(call: Call) -> object:
    """The names are a guess; that it is JSON and needs no login is documented by the vendor."""
    return {
        "sessions": {"active": len(call.server.sessions.live()), "seats": call.server.options.seats},
        "assets": {"count": len(call.server.store)},
    }


def active_users(call: Call) -> object:
    """Every live session, for the superuser; unsupported by the vendor, and the shape is a guess."""
    call.needs_superuser("see the active users")
    return [
        {
            "username": session.user,
            "clientType": session.client_type,
            "clientId": session.client_id,
            "loginTime": int(session.created * 1000),
            "lastAccessTime": int(session.last_used * 1000),
        }
        for session in call.server.sessions.live()
    ]


def field_info(_call: Call) -> object:
    """POST services/fieldinfo: the fields that are known; the shape is a guess."""
    return [
        dict(zip(unknowns.FIELD_INFO, (name, _type_of(name), kind_of(name) is Kind.LIST, is_editable), strict=True))
        for name, is_editable in known_fields()
    ]


def user_details(call: Call) -> object:
    """GET private-api/contentsource/getUserDetails, for a superuser; an unknown user is an empty reply."""
    call.needs_superuser("see the details of users")
    user = call.parameters.required("username")
    if not call.server.accounts.knows(user):
        return web.Response()
    profile = call.server.accounts.profile(user)
    return {name: profile[name] for name in unknowns.USER_DETAILS}


def _type_of(name: str) -> str:
    kind = kind_of(name)
    if kind in (Kind.NUMBER, Kind.SIZE):
        return "number"
    return "datetime" if kind is Kind.DATE else "text"
