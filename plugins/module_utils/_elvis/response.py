# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Judges a reply by Elvis' rules, by which a failure may come with HTTP 200. Private to damops.elvis."""

from __future__ import annotations

import email.utils
import re
from datetime import datetime, timezone
from typing import Any, Final, NoReturn

from .._errors import CallFailure, Delivery, ErrorReply, Kind
from .._http.transport import HttpResponse
from .decoding import MOST_VALUES, has_too_many_values, load

TRY_AGAIN = frozenset({408, 429, 502, 503, 504})
"""Statuses that tell that the server, or what stands in front of it, could not answer this time."""

SHORTEST_HOLD = 1.0
"""Seconds to send nothing when a request is refused for now, and nothing says for how long."""

GATEWAY_FAILURES = frozenset({502, 504})
"""What a proxy answers when it lost the server's own answer."""

NOT_LOGGED_IN_EXCEPTIONS = frozenset({"AuthenticationCredentialsNotFoundException"})
"""Names that go with an errorcode 401 that means "not logged in". Clients of Elvis have seen another exception
(ConcurrentModificationException) come with 401 as well: any other name means trouble inside the server."""

_EXISTS = re.compile(r"already.?exist|duplicate", re.IGNORECASE)
"""What is said of a name that is taken. Other conflicts pass."""

_EXCEPTION = re.compile(r"\b\w*Exception\b")

_EMPTY, _NO_JSON, _TOO_MANY = "an empty body", "a body that is not JSON", f"more than {MOST_VALUES:,} values"
_DAMAGED = frozenset({_EMPTY, _NO_JSON, _TOO_MANY})
"""With an HTTP 2xx these may well be what is left of an answer of Elvis' own, or such an answer."""

_KINDS: dict[int, Kind] = {
    403: "forbidden",
    404: "not_found",
    409: "conflict",
    413: "request_too_large",
    **dict.fromkeys(TRY_AGAIN, "server"),
}


class ElvisFailure(CallFailure):
    """What a server answered instead of what it was asked for.

    :param server_message: what it says of it, in its own words, not yet fit to be shown
    :param redirect_url: an address that it names instead, not yet fit to be shown
    :param elvis_error: the error that Elvis itself reports, not yet fit to be shown
    """

    def __init__(
        self,
        kind: Kind,
        summary: str,
        reply: HttpResponse,
        server_message: str | None = None,
        *,
        redirect_url: str | None = None,
        elvis_error: ErrorReply | None = None,
        delivery: Delivery = "answered",
    ) -> None:
        super().__init__(kind, summary, delivery, transient=try_again(reply), status=reply.status)
        self.reply: Final = reply
        self.server_message: Final = server_message
        self.redirect_url: Final = redirect_url
        self.elvis_error: Final = elvis_error

    @property
    def hold(self) -> float | None:
        """See :func:`hold_of`."""
        return hold_of(self.reply)

    def as_kind(self, kind: Kind) -> ElvisFailure:
        """Return the same as another kind of failure."""
        return ElvisFailure(
            kind,
            self.summary,
            self.reply,
            self.server_message,
            redirect_url=self.redirect_url,
            elvis_error=self.elvis_error,
            delivery=self.delivery,
        )


def parse(reply: HttpResponse) -> Any:
    """Return the JSON that a service answered, when the service did what it was asked to do.

    :raises ElvisFailure: when Elvis reports an error, with whatever HTTP status, or when this is not Elvis' JSON
    """
    if 300 <= reply.status < 400:
        address = as_text(reply.headers.get("Location", ""))
        raise ElvisFailure(
            "not_elvis", f"HTTP {reply.status}, a redirect that is not followed", reply, redirect_url=address
        )
    parsed = load(reply)
    if isinstance(parsed, dict) and "errorcode" in parsed:
        _raise_elvis_error(reply, parsed)
    if parsed is None or reply.status >= 400:
        _raise_not_elvis(reply)
    return parsed


def is_empty_success(reply: HttpResponse) -> bool:
    """Tell whether a reply is the empty one of a call that has nothing to return."""
    return 200 <= reply.status < 300 and not reply.body.strip()


def try_again(reply: HttpResponse) -> bool:
    """Tell whether the server said, with its HTTP status or in an HTTP 200, that it could not answer this time."""
    return reply.status in TRY_AGAIN or _errorcode_of(reply) in TRY_AGAIN


def _errorcode_of(reply: HttpResponse) -> int | None:
    """Return the number of the error that Elvis itself reports, with whatever HTTP status."""
    parsed = load(reply) if b'"errorcode"' in reply.body else None
    code = parsed.get("errorcode") if isinstance(parsed, dict) else None
    return code if isinstance(code, int) else None


def asked_to_wait(reply: HttpResponse) -> float:
    """Return the seconds that a reply's Retry-After (a number or a date) asks for, 0 when it can't be read."""
    asked = reply.headers.get("Retry-After", "")
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    try:
        return (email.utils.parsedate_to_datetime(asked) - datetime.now(tz=timezone.utc)).total_seconds()
    except (TypeError, ValueError, IndexError, OverflowError):
        return 0


def hold_of(reply: HttpResponse) -> float | None:
    """Return the seconds for which no request should be sent; None unless nobody even looked at this one.

    Rate limiters (429) and overloaded servers (503 with Retry-After) answer so. Elvis may report either in an HTTP 200.
    """
    asked = asked_to_wait(reply)
    statuses = (reply.status, _errorcode_of(reply))
    is_refused = 429 in statuses or (503 in statuses and asked > 0)
    return max(asked, SHORTEST_HOLD) if is_refused else None


def as_text(header: str) -> str:
    """Return the value of a header, of which Python makes a character of each byte, as its sender meant it."""
    return header.encode("latin-1", errors="replace").decode(errors="replace")


def not_elvis(reply: HttpResponse, expected: str, delivery: Delivery = "answered") -> ElvisFailure:
    """Return the failure of a reply that is JSON, but not what Elvis answers here."""
    summary = f"HTTP {reply.status} with JSON that is not from Elvis: {expected}"
    return ElvisFailure("not_elvis", summary, reply, delivery=delivery)


def _raise_elvis_error(reply: HttpResponse, parsed: dict[str, Any]) -> NoReturn:
    code, name, message = parsed["errorcode"], parsed.get("errorname"), parsed.get("message")
    if not isinstance(code, int) or not 400 <= code < 600:
        raise not_elvis(reply, "its errorcode is not an error number")
    error = ErrorReply(
        errorcode=code,
        errorname=name if isinstance(name, str) else None,
        message=message if isinstance(message, str) else None,
    )
    server_message = " ".join(filter(None, (error["errorname"], error["message"]))) or None
    kind = _KINDS.get(code, "bad_request" if code < 500 else "server")
    if code == 401:
        kind = _kind_of_401(error)
    elif code == 409 and _EXISTS.search(server_message or ""):
        kind = "already_exists"
    raise ElvisFailure(kind, f"HTTP {reply.status}, errorcode {code}", reply, server_message, elvis_error=error)


def _kind_of_401(error: ErrorReply) -> Kind:
    named = set(_EXCEPTION.findall(f"{error['errorname']} {error['message']}"))
    others = named - NOT_LOGGED_IN_EXCEPTIONS
    if not others:
        return "not_logged_in"
    # What is refused for its CSRF token belongs to a session that may well live.
    return "forbidden" if all("csrf" in name.lower() for name in others) else "server"


def _raise_not_elvis(reply: HttpResponse) -> NoReturn:
    if reply.status == 407:
        raise ElvisFailure("proxy_login", "HTTP 407: the proxy asks for a user and a password", reply)
    is_down = reply.status in TRY_AGAIN or reply.status >= 500
    body, title = _describe(reply)
    is_lost = reply.status in GATEWAY_FAILURES or (reply.status < 300 and body in _DAMAGED)
    kind: Kind = "too_large" if body == _TOO_MANY else "server" if is_down else "not_elvis"
    if reply.status == 413:
        # A gateway answers it, with a page of its own.
        kind = "request_too_large"
    delivery: Delivery = "unknown" if is_lost else "answered"
    raise ElvisFailure(kind, f"HTTP {reply.status} with {body}", reply, title, delivery=delivery)


def _describe(reply: HttpResponse) -> tuple[str, str | None]:
    """Return what a body is that is not Elvis' JSON, and the title it gives itself."""
    if not reply.body.strip():
        return _EMPTY, None
    if load(reply) is not None:
        return "JSON that is not from Elvis", None
    text = reply.body[: 64 * 1024].decode("utf-8", errors="replace")
    if re.search(r"<(!doctype\s+html|html)\b", text, re.IGNORECASE):
        _before, *title = re.split(r"<title[^<>]*>", text, maxsplit=1, flags=re.IGNORECASE)
        return "an HTML page", re.split("</title", title[0], maxsplit=1, flags=re.IGNORECASE)[0] if title else None
    return _TOO_MANY if has_too_many_values(reply.body) else _NO_JSON, None
