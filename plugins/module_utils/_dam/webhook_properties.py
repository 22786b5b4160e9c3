# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a webhook is made of: where the server has it, and which two values of it are one. Private to damops.elvis.

A server may sort its lists, hold an item twice and write it in other capitals.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit, urlunsplit

from .._elvis.paths import trimmed_key
from .._elvis.server_url import DEFAULT_PORTS

Properties = dict[str, Any]
"""A webhook as the server has it."""


def url_key(url: str) -> str:
    """Return what two addresses have in common that are one.

    Capitals, the default port and a lone slash don't count, nor whether what is not ASCII is written as escapes.

    :raises ValueError: when it is not an HTTP address
    """
    parts = urlsplit(url.strip())
    scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    if scheme not in DEFAULT_PORTS or not host:
        raise ValueError(url)
    with contextlib.suppress(UnicodeError):
        host = host if ":" in host else host.encode("idna").decode("ascii")
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[scheme]:
        place = f"{place}:{port}"
    return urlunsplit((scheme, place, _with_escapes(parts.path or "/"), _with_escapes(parts.query), ""))


def _with_escapes(text: str) -> str:
    escapes = quote(text, safe="%/:?@!$&'()*+,;=~")
    return re.sub("%[0-9a-f]{2}", lambda escape: escape[0].upper(), escapes, flags=re.IGNORECASE)


class Property(NamedTuple):
    """One of a webhook's properties: where the server has it, and what counts as the same value."""

    keys: tuple[str, ...]
    key_of: Callable[[Any], Hashable]
    empty: Any = None

    def read(self, properties: Mapping[str, Any]) -> Any:
        value: Any = properties
        for key in self.keys:
            value = value.get(key) if isinstance(value, dict) else None
        return self.empty if value is None else value

    def write(self, properties: Properties, value: Any) -> None:
        *outer, last = self.keys
        for key in outer:
            inner = properties.get(key)
            # A copy: the one that was read is still to be compared.
            properties[key] = dict(inner) if isinstance(inner, dict) else {}
            properties = properties[key]
        properties[last] = value


def _as_set(value: Any) -> Hashable:
    return frozenset(str(item).strip().casefold() for item in value) if isinstance(value, list) else value


def _as_folders(value: Any) -> Hashable:
    return frozenset(trimmed_key(str(item).rstrip("/")) for item in value) if isinstance(value, list) else value


def _as_text(value: Any) -> Hashable:
    return str(value).strip()


def _as_url(value: Any) -> Hashable:
    try:
        return url_key(str(value))
    except ValueError:
        return str(value)


PROPERTIES = {
    "name": Property(("name",), str),
    "url": Property(("url",), _as_url),
    "event_types": Property(("eventTypes",), _as_set, []),
    "metadata_to_return": Property(("metadataToReturn",), _as_set, []),
    "trigger_metadata_fields": Property(("triggerMetadataFields",), _as_set, []),
    "folders": Property(("foldersAndQuery", "folders"), _as_folders, []),
    "query": Property(("foldersAndQuery", "query"), _as_text, ""),
}
FILTERS = ("trigger_metadata_fields", "folders", "query")
"""What only newer servers know."""
SENT = frozenset({"changedMetadataToReturn", *(one.keys[0] for one in PROPERTIES.values())})
"""What a change sends: all that it leaves out, a server may empty. The first one is known from a client alone."""
