# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What goes out to a server, and how requests' adapters want it. Knows nothing of Elvis. Private to damops.elvis."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Union
from urllib.parse import urlencode

from .body import ACCEPTED

with contextlib.suppress(ImportError):  # transport tells
    from requests import PreparedRequest

Fields = list[tuple[str, str]]
"""Names and values, in order; a name may occur several times."""
QueryOrForm = Union[Mapping[str, str], Fields]


@dataclass(frozen=True)
class Upload:
    """A body that is read while it is sent; ``chunks`` reads it from its start."""

    content_type: str
    length: int
    chunks: Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Content:
    """A body that is sent as it is."""

    content_type: str
    data: bytes


@dataclass(frozen=True)
class HttpRequest:
    """An HTTP request: what goes out, and what takes the body that comes in.

    At most one of ``form`` (urlencoded), ``json``, ``upload`` and ``content`` is the body. ``save`` takes the body of
    a reply with status 200 as it comes, in each try from its start, and returns its beginning. ``process_timeout`` are
    the seconds that the server may work after the last byte of an upload, where they are others than for a call.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    query: QueryOrForm
    form: QueryOrForm | None
    json: Any = None
    upload: Upload | None = None
    save: Callable[[Iterable[bytes]], bytes] | None = None
    process_timeout: float | None = None
    content: Content | None = None

    @property
    def is_transfer(self) -> bool:
        """Whether a file is sent or fetched, which takes the time it takes as long as it moves on."""
        return self.upload is not None or self.save is not None


def prepare(
    message: HttpRequest, http_agent: str, feed: Callable[[Iterable[bytes], float | None], Iterator[bytes]]
) -> PreparedRequest:
    """Return a message as an adapter of requests sends it: with what it says, and nothing from anywhere else.

    A session of requests would add passwords from .netrc, cookies of earlier replies and settings of the environment,
    and read the whole body of a redirect, which it is not to follow.

    :param feed: passes an upload's chunks on while they are sent
    :raises ValueError: when it can't be sent
    """
    body, of_body = _encode(message, feed)
    headers = {
        "User-Agent": http_agent,
        "Accept": "application/json",
        # A file is fetched as it is, with the length that it has.
        "Accept-Encoding": "identity" if message.save else ACCEPTED,
        # Servers and proxies that speak HTTP/1.0 hang up unless they are asked.
        "Connection": "keep-alive",
        **message.headers,
        **of_body,
    }
    prepared = PreparedRequest()
    prepared.method = message.method
    prepared.url = _prepared_url(message.url, urlencode(message.query))
    prepared.prepare_headers(headers)
    # urllib3 copies them, which takes long with requests' own kind of them.
    prepared.headers = dict(prepared.headers)  # type: ignore[assignment]
    prepared.body = body  # type: ignore[assignment] # an iterator is welcome
    return prepared


@functools.lru_cache(maxsize=64)
def _prepared_url(url: str, query: str) -> str | None:
    prepared = PreparedRequest()
    prepared.prepare_url(url, query)
    return prepared.url


def _encode(
    message: HttpRequest, feed: Callable[[Iterable[bytes], float | None], Iterator[bytes]]
) -> tuple[bytes | Iterator[bytes] | None, dict[str, str]]:
    """Return the body of a message, and the headers that tell of it."""
    if message.upload:
        upload = message.upload
        return feed(upload.chunks(), message.process_timeout), {
            "Content-Type": upload.content_type,
            "Content-Length": str(upload.length),
        }
    if message.content:
        body, content_type = message.content.data, message.content.content_type
    elif message.form:
        body, content_type = urlencode(message.form).encode(), "application/x-www-form-urlencoded"
    elif message.json is not None:
        body, content_type = json.dumps(message.json, allow_nan=False).encode(), "application/json"
    else:
        return None, {} if message.method in ("GET", "HEAD") else {"Content-Length": "0"}
    return body, {"Content-Type": content_type, "Content-Length": str(len(body))}
