# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads which call a task wants to make, on its session's own server only. Private to damops.elvis."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from .._errors import ElvisError
from .._http.request import Fields
from .server_url import DEFAULT_PORTS, NO_ESCAPE

MODULES = {
    "services/login": "elvis_login",
    "services/apilogin": "elvis_login",
    "services/logout": "elvis_logout",
    "logout": "elvis_logout",
}
"""The calls that have a module, which knows how to make them without losing a session."""

READING = frozenset(
    {
        "alive.txt",
        "api/folder/list",
        "api/folder/search",
        "services/browse",
        "services/ping",
        "services/process/info",
        "services/profile",
        "services/search",
    }
)
"""The calls that change nothing, even by POST."""

WRITING = (
    "services/checkout",
    "services/copy",
    "services/create",
    "services/createauthkey",
    "services/createfolder",
    "services/createrelation",
    "services/move",
    "services/process/cancel",
    "services/remove",
    "services/revokeauthkeys",
    "services/undocheckout",
    "services/update",
    "services/updateauthkey",
    "services/updatebulk",
)
"""The calls that change something, even by GET, which Elvis 4 and 5 accept."""

MOST_ENCODINGS = 5
"""How often a path may be percent-encoded. Nobody does so twice by intent."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_HAS_UNSAFE = "has a control character or a backslash"
_MISTAKES = (
    (_UNSAFE, _HAS_UNSAFE),
    (re.compile("#"), "must not have a fragment. A # in a name is written %23"),
    (NO_ESCAPE, "has a % that begins no escape. A % in a name is written %25"),
    (re.compile(r"[\ud800-\udfff]"), "is not text in UTF-8"),
)
_SUFFIX = re.compile(r"\.[^/]*$")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Endpoint(NamedTuple):
    """What is called.

    :param path: below the server's address, with a leading slash, as it is sent
    :param service: the same as a server compares it: decoded, in lower case, without slashes at its ends
    :param query: what came with an address, as Elvis' own addresses of files may
    """

    path: str
    service: str
    query: Fields

    def only_reads(self, method: str) -> bool:
        """Tell whether a call changes nothing."""
        if method == "GET":
            return not any(f"{self.service}/".startswith(f"{writing}/") for writing in WRITING)
        return method == "POST" and self.service in READING


def parse_endpoint(value: str, server_url: str) -> Endpoint:
    """Return what the option ``path`` names.

    :param server_url: the session's server, as ``parse_server_url`` returned it
    :raises ElvisError: when it is elsewhere, can be read in more than one way, or has a module of its own
    """
    for pattern, mistake in _MISTAKES:
        if pattern.search(value):
            raise _bad(mistake)
    is_address = _ADDRESS.match(value) is not None
    path, _mark, query = value.partition("?")
    if query and not is_address:
        raise _bad("must not have a query: use the option query")
    if is_address:
        path = _below(server_url, path)
    elif path.startswith("//"):
        raise _elsewhere(server_url)
    elif not path.startswith("/"):
        path = f"/{path}"
    service = "/".join(_segments(path))
    _refuse_what_has_a_module(service, urlsplit(server_url).path)
    return Endpoint(quote(path, safe="/%:@!$&'()*+,;="), service, parse_qsl(query, keep_blank_values=True))


def _below(server_url: str, address: str) -> str:
    """Return the part of an address that comes after the server's."""
    try:
        there, here = urlsplit(address), urlsplit(server_url)
        is_here = "@" not in there.netloc and _origin(there) == _origin(here)
    except ValueError:
        is_here = False
    if not is_here or not there.path.startswith(f"{here.path}/"):
        raise _elsewhere(server_url)
    return there.path[len(here.path) :]


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port or DEFAULT_PORTS.get(parts.scheme)


def _segments(path: str) -> list[str]:
    """Return the segments of a path as servers read them at most: decoded, in lower case, without parameters."""
    decoded = path
    for _time in range(MOST_ENCODINGS):
        if _UNSAFE.search(decoded):
            raise _bad(_HAS_UNSAFE)
        before, decoded = decoded, unquote(decoded)
        if decoded == before:
            break
    else:
        raise _bad("is percent-encoded several times")
    segments = [segment.partition(";")[0].strip().casefold() for segment in decoded[1:].split("/")]
    if len(segments) > 1 and not segments[-1]:
        segments.pop()
    if not {"", ".", ".."}.isdisjoint(segments):
        raise _bad("has an empty, '.' or '..' segment" if decoded.strip("/") else "is empty")
    return segments


def _refuse_what_has_a_module(service: str, prefix: str) -> None:
    # A server may drop the suffix of the last segment, and the session's address may end in the middle of a name.
    bare = _SUFFIX.sub("", service)
    whole = f"{prefix.casefold()}/{bare}"
    for name, module in MODULES.items():
        if bare == name or ("/" in name and whole.endswith(f"/{name}")):
            raise ElvisError(f"{name} can't be called here: use damops.elvis.{module}.", "bad_request")


def _elsewhere(server_url: str) -> ElvisError:
    return _bad(f"must name something on the session's own server, {server_url}, and below its path")


def _bad(mistake: str) -> ElvisError:
    return ElvisError(f"path {mistake}. Give a path such as services/search.", "bad_request")
