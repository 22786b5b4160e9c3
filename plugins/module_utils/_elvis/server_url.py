# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The addresses of a server and of what is on it. Private to damops.elvis."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from .._errors import LINE_BREAK, ElvisError

DEFAULT_PORTS = {"http": 80, "https": 443}
EXAMPLE = "Give the address of the Elvis server, for example https://dam.example.com or https://dam.example.com/app."
_UNSAFE = re.compile(r"[\x00-\x20\x7f\\<>\"`{}|^\ud800-\udfff]")
NO_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")

_BARE_IPV6 = re.compile(r"https?://(?:[0-9a-f]*:){2}[0-9a-f:.]*(?:%[^/]*)?(?:/|$)", re.IGNORECASE)

_HOST_AND_PORT = re.compile(r"([\w.-]+|\[[0-9a-f:.]+\])(:[0-9]+)?", re.IGNORECASE)


def parse_server_url(value: str) -> str:
    """Return the server's address in its one form: lower-case scheme and host, path prefix kept, no trailing slash.

    :raises ElvisError: when it is not the address of a server; the message repeats neither user info nor query
    """
    parts = _split(value)
    return urlunsplit((parts.scheme.lower(), _host_and_port(parts), parts.path.rstrip("/"), "", ""))


def is_loopback(url: str) -> bool:
    """Tell whether `url` names this very machine, so that nothing sent there crosses a network."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def without_query(url: str) -> str:
    """Return `url` as it may be shown: a query, a fragment or user info may hold secrets."""
    try:
        parts = urlsplit(url)
        return urlunsplit((parts.scheme, _host_and_port(parts), parts.path, "", ""))
    except ValueError:
        return "an address that can't be read"


def place_of_proxy(address: str) -> str | None:
    """Return the host and the port of a proxy, None when it is not certain that these are not secret."""
    bare = address.rpartition("@")[2].rpartition("//")[2].rstrip("/")
    return bare if _HOST_AND_PORT.fullmatch(bare) else None


def _split(value: str) -> SplitResult:
    if value.endswith(("\n", "\r")):
        raise _bad_url(f"ends in a line break. {LINE_BREAK.rstrip('.')}")
    if _UNSAFE.search(value):
        raise _bad_url("has a space or another character that no address may have")
    if _BARE_IPV6.match(value):
        raise _bad_url("has an IPv6 address without brackets. Write it like http://[::1]:8080")
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise _bad_url("can't be read as an address: its host or port is not valid") from None
    segments = unquote(parts.path.rstrip("/")).split("/")[1:]
    mistakes = (
        (parts.scheme.lower() not in DEFAULT_PORTS, "must start with http:// or https://"),
        (not host, "names no host"),
        # One parser would decode it, the next would not; only the zone of an IPv6 address has one.
        ("%" in (host or "").partition(":")[0], "has an escape in its host"),
        (NO_ESCAPE.search(parts.path) is not None, "has a % that does not begin an escape"),
        ("@" in parts.netloc, "must not hold a user or a password: use the options for them"),
        ("?" in value or "#" in value, "must not have a query or a fragment"),
        (not {"", ".", ".."}.isdisjoint(segments), "has a path with an empty, '.' or '..' segment"),
    )
    for is_made, mistake in mistakes:
        if is_made:
            raise _bad_url(mistake)
    return parts


def _bad_url(mistake: str) -> ElvisError:
    return ElvisError(f"server_url {mistake}. {EXAMPLE}", "bad_request")


def _host_and_port(parts: SplitResult) -> str:
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    is_default = parts.port is None or parts.port == DEFAULT_PORTS.get(parts.scheme.lower())
    return host if is_default else f"{host}:{parts.port}"
