# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads which call a task wants to make, on its session's own server only. Private to damops.elvis.

A server behind a proxy may name its files by another scheme, host, port or prefix than it is reached by: its own idea
of its name is a setting (documented). Of such an address only what follows the prefix counts, and only for a GET of a
file: nothing is ever sent to another host.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from .._errors import ElvisError
from .._http.request import Fields
from .server_url import DEFAULT_PORTS, NO_ESCAPE
from .services import FILES, RESERVED, Service, find_service

FILE_SEGMENTS = frozenset(service.path.partition("/")[0] for service in FILES)
"""With which the path of a file begins, below whatever prefix the server is configured to have."""
MOST_ENCODINGS = 5
"""How often a path may be percent-encoded. Nobody does so twice by intent."""

_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_HAS_UNSAFE = "has a control character or a backslash"
_MISTAKES = (
    (_UNSAFE, _HAS_UNSAFE),
    (re.compile("#"), "must not have a fragment. Write a # in a name as %23"),
    (NO_ESCAPE, "has a % that does not begin an escape. Write a % in a name as %25"),
    (re.compile(r"[\ud800-\udfff]"), "is not text in UTF-8"),
)
_SUFFIX = re.compile(r"\.[^/]*$")
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SLASH = re.compile("%(25)*2f", re.IGNORECASE)


class Endpoint(NamedTuple):
    """What is called.

    :param path: below the server's address, with a leading slash, as it is sent
    :param name: the same as a server compares it: decoded, in lower case, without slashes at its ends
    :param query: what came with an address, as Elvis' own addresses of files may
    """

    path: str
    name: str
    query: Fields

    @property
    def service(self) -> Service:
        """What is known of it."""
        return find_service(self.name)


def parse_endpoint(value: str, server_url: str, method: str = "GET") -> Endpoint:
    """Return what the option ``path``, or an address in a hit, names.

    :param server_url: the session's server, as ``parse_server_url`` returned it
    :param method: by which it is called
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
        path = _below(server_url, path) or (_path_of_file(path) if method == "GET" else "")
        if not path:
            raise _elsewhere(server_url)
    elif path.startswith("//"):
        raise _elsewhere(server_url)
    elif not path.startswith("/"):
        path = f"/{path}"
    name = "/".join(_segments(path))
    _refuse_reserved(name, urlsplit(server_url).path)
    return Endpoint(quote(path, safe="/%:@!$&'()*+,;="), name, parse_qsl(query, keep_blank_values=True))


def _below(server_url: str, address: str) -> str:
    """Return the part of an address that comes after the server's, none when it is elsewhere."""
    there, here = _split(address), urlsplit(server_url)
    if there is None or _origin(there) != _origin(here) or not there.path.startswith(f"{here.path}/"):
        return ""
    return there.path[len(here.path) :]


def _path_of_file(address: str) -> str:
    """Return the path of a file, as the session's server has it, from an address with any server and prefix.

    It is empty when the address is not one of a file.
    """
    there = _split(address)
    if there is None or there.scheme not in DEFAULT_PORTS or _SLASH.search(there.path):
        return ""
    segments = there.path.split("/")
    start = next((place for place, segment in enumerate(segments) if segment in FILE_SEGMENTS), len(segments))
    is_file = segments[-1] != "" and any(service.fits(segments[start:]) for service in FILES)
    # The prefix is dropped. It must not have another meaning than it seems to have either.
    return "/" + "/".join(segments[start:]) if is_file and _segments(there.path) else ""


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address, None when it has no host, has a user, or can't be read."""
    try:
        parts = urlsplit(address)
        is_readable = bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        is_readable = False
    return parts if is_readable else None


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


def _refuse_reserved(name: str, prefix: str) -> None:
    # A server may drop the suffix of the last segment, and the session's address may end in the middle of a name.
    bare = _SUFFIX.sub("", name)
    whole = f"{prefix.casefold()}/{bare}"
    for service in RESERVED:
        if bare == service.path or ("/" in service.path and whole.endswith(service.address)):
            raise ElvisError(f"{service.path} can't be called here: use damops.elvis.{service.module}.", "bad_request")


def _elsewhere(server_url: str) -> ElvisError:
    return _bad(f"must name something on the session's own server, {server_url}, and below its path")


def _bad(mistake: str) -> ElvisError:
    return ElvisError(f"path {mistake}. Give a path such as services/search.", "bad_request")
