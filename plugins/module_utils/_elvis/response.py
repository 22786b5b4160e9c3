# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges a reply by Elvis' rules, by which a failure may come with HTTP 200. Private to damops.elvis."""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from .._errors import ErrorReply, Problem, Reason
from .._http.failures import PROXY_LOGIN
from .._http.transport import TOO_MUCH_ADVICE, HttpResponse

TRY_AGAIN = frozenset({408, 429, 502, 503, 504})
"""Statuses that tell that the server, or what stands in front of it, could not answer this time."""

GATEWAY_FAILURES = frozenset({502, 504})
"""What a proxy answers when it lost the server's own answer."""

NOT_LOGGED_IN_EXCEPTIONS = frozenset({"AuthenticationCredentialsNotFoundException"})
"""Names that go with an errorcode 401 that means "not logged in". Clients of Elvis have seen another exception
(ConcurrentModificationException) come with 401 as well: any other name means trouble inside the server."""

_EXCEPTION = re.compile(r"\b\w*Exception\b")

MOST_VALUES = 1_000_000
"""How many lists, objects and values JSON may have: one of three bytes takes sixty and more once it is read. A search
whose hits have 60 fields would return more than 10,000 of them."""

_EMPTY, _NO_JSON, _TOO_MANY = "an empty body", "a body that is not JSON", f"more than {MOST_VALUES:,} values"
_DAMAGED = frozenset({_EMPTY, _NO_JSON, _TOO_MANY})
"""With a HTTP 2xx these may well be what is left of an answer of Elvis' own, or such an answer."""

_REASONS: dict[int, Reason] = {
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    **dict.fromkeys(TRY_AGAIN, "server"),
}


def parse(reply: HttpResponse) -> Any:
    """Return the JSON that a service answered, when the service did what it was asked to do.

    :raises Problem: when Elvis reports an error, with whatever HTTP status, or when this is not Elvis' JSON
    """
    if 300 <= reply.status < 400:
        raise Problem(
            "bad_response",
            f"HTTP {reply.status}, a redirect that is not followed",
            leads_to=as_text(reply.headers.get("Location", "")),
            status=reply.status,
        )
    parsed = load(reply)
    if isinstance(parsed, dict) and "errorcode" in parsed:
        _raise_elvis_error(reply, parsed)
    if parsed is None or reply.status >= 400:
        _raise_not_elvis(reply)
    return parsed


def try_again(reply: HttpResponse) -> bool:
    """Tell whether the server said, with its HTTP status or in a HTTP 200, that it could not answer this time."""
    if reply.status in TRY_AGAIN:
        return True
    parsed = load(reply) if b'"errorcode"' in reply.body else None
    return isinstance(parsed, dict) and parsed.get("errorcode") in tuple(TRY_AGAIN)


def as_text(header: str) -> str:
    """Return the value of a header, of which Python makes a character of each byte, as its sender meant it."""
    return header.encode("latin-1", errors="replace").decode(errors="replace")


def not_elvis(reply: HttpResponse, expected: str) -> Problem:
    """Return the problem of a reply that is JSON, but not what Elvis answers here."""
    return Problem("bad_response", f"HTTP {reply.status} with JSON that is not Elvis': {expected}", status=reply.status)


def _raise_elvis_error(reply: HttpResponse, parsed: dict[str, Any]) -> NoReturn:
    code, name, message = parsed["errorcode"], parsed.get("errorname"), parsed.get("message")
    if not isinstance(code, int) or not 400 <= code < 600:
        raise not_elvis(reply, "its errorcode is not a number of an error")
    error = ErrorReply(
        errorcode=code,
        errorname=name if isinstance(name, str) else None,
        message=message if isinstance(message, str) else None,
    )
    reason = _reason_of_401(error) if code == 401 else _REASONS.get(code, "bad_request" if code < 500 else "server")
    words = " ".join(filter(None, (error["errorname"], error["message"])))
    raise Problem(
        reason, f"HTTP {reply.status}, errorcode {code}", words or None, status=reply.status, elvis_error=error
    )


def _reason_of_401(error: ErrorReply) -> Reason:
    named = set(_EXCEPTION.findall(f"{error['errorname']} {error['message']}"))
    others = named - NOT_LOGGED_IN_EXCEPTIONS
    if not others:
        return "not_logged_in"
    # What is refused for its CSRF token belongs to a session that may well live.
    return "forbidden" if all("csrf" in name.lower() for name in others) else "server"


def _raise_not_elvis(reply: HttpResponse) -> NoReturn:
    if reply.status == 407:
        raise Problem("proxy", "HTTP 407: the proxy asks for a user and a password", status=407, advice=PROXY_LOGIN)
    is_down = reply.status in TRY_AGAIN or reply.status >= 500
    kind, title = _describe(reply)
    raise Problem(
        "server" if is_down else "bad_response",
        f"HTTP {reply.status} with {kind}",
        title,
        status=reply.status,
        lost=reply.status in GATEWAY_FAILURES or (reply.status < 300 and kind in _DAMAGED),
        advice=TOO_MUCH_ADVICE if kind == _TOO_MANY else None,
    )


def _describe(reply: HttpResponse) -> tuple[str, str | None]:
    """Return what a body is that is not Elvis' JSON, and the title it gives itself."""
    if not reply.body.strip():
        return _EMPTY, None
    if load(reply) is not None:
        return "JSON that is not Elvis'", None
    text = reply.body[: 64 * 1024].decode("utf-8", errors="replace")
    if re.search(r"<(!doctype\s+html|html)\b", text, re.IGNORECASE):
        _before, *title = re.split(r"<title[^<>]*>", text, maxsplit=1, flags=re.IGNORECASE)
        return "an HTML page", re.split("</title", title[0], maxsplit=1, flags=re.IGNORECASE)[0] if title else None
    return _TOO_MANY if _has_too_many_values(reply.body) else _NO_JSON, None


def load(reply: HttpResponse) -> Any:
    """Return the JSON of a reply, or None when it has none (``null`` is none either: no service answers that)."""
    if _has_too_many_values(reply.body):
        return None
    try:
        return json.loads(reply.body, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        return None


def _has_too_many_values(body: bytes) -> bool:
    # Each value but the first of a list or an object comes after a comma. Those in texts count as well, and don't hurt.
    return len(body) > MOST_VALUES and sum(map(body.count, (b"[", b"{", b","))) > MOST_VALUES


def _finite(text: str) -> float:
    number = float(text)
    # As text it is right, but Ansible would pass it on as Infinity, which is no JSON.
    return number if math.isfinite(number) else _refuse_constant(text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
