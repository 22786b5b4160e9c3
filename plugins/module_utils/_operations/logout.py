# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a session for certain. Private to damops.elvis."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .._elvis.client import Client
from .._elvis.logout import Ended, confirm_ended, end_by_redirect, end_by_service, is_logged_in
from .._errors import ElvisError
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.operation import Result, session_operation

ARGUMENTS: ArgumentSpec = {
    "mode": {"type": "str", "choices": ["service", "redirect"], "default": "service"},
    "logout_success_url": {"type": "str"},
    "http_method": {"type": "str", "choices": ["GET", "POST"]},
    "verify": {"type": "bool", "default": False},
}


def run(call: Call) -> Result:
    """Log out; in check mode send nothing."""
    _check_mode_options(call.options)
    if call.check_mode:
        return _expected(call)
    session, client = call.opened
    ended, redirect = _end(client, call.options)
    if call.options["verify"]:
        confirm_ended(client)
    url = session.server_url
    message = f"Logged out at {url}." if ended.was_logged_in else f"The session at {url} was already over."
    return {**_result(ended, message), **redirect}


def _expected(call: Call) -> Result:
    _check_mode_options(call.options)
    message = f"Check mode: nothing was sent; would log out at {call.opened.session.server_url}."
    return {**_result(Ended(None, None), message), "changed": True}


def _without_session(call: Call) -> Result:
    _check_mode_options(call.options)
    return _result(Ended(was_logged_in=False, logout_success=None), "No session was given: there is nothing to end.")


def ends(options: TaskOptions, result: Result) -> str | None:
    """Return what identifies the session that is over now, None when nothing was done."""
    if result["was_logged_in"] is None:
        return None
    session = options.get("session") or {}
    return session.get("auth_token") or session.get("cookie") or options.get("auth_token")


OPERATION = session_operation(ARGUMENTS, run, simulate=_expected, without_session=_without_session, ends=ends)


def _end(client: Client, options: TaskOptions) -> tuple[Ended, Result]:
    if options["mode"] == "service":
        return end_by_service(client), {}
    # /logout redirects whether or not there was a session, so that is asked before.
    was_logged_in = is_logged_in(client)
    redirected = end_by_redirect(client, options["http_method"] or "GET", options["logout_success_url"])
    ended = Ended(was_logged_in, True if was_logged_in else None)
    return ended, {"redirect_status": redirected.status, "redirect_url": redirected.url}


def _result(ended: Ended, message: str) -> Result:
    return {
        "changed": bool(ended.was_logged_in),
        "msg": message,
        "was_logged_in": ended.was_logged_in,
        "logout_success": ended.logout_success,
    }


def _check_mode_options(options: TaskOptions) -> None:
    url = options["logout_success_url"]
    if options["mode"] == "service":
        for name in ("logout_success_url", "http_method"):
            if options[name] is not None:
                raise ElvisError(f"{name} is for mode: redirect only. Leave it out, or set that mode.", "bad_request")
    elif url is not None and not _is_redirect_target(url):
        raise ElvisError(
            "logout_success_url is neither a path nor an address that starts with http:// or https://.", "bad_request"
        )


def _is_redirect_target(url: str) -> bool:
    try:
        return urlsplit(url).scheme in ("", "http", "https") and not re.search(r"[\x00-\x20\x7f]", url)
    except ValueError:
        return False
