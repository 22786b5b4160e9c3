# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP as this collection wants it: in time, bounded, to one server only, nothing sent that was not asked for.

Knows ``requests``, and nothing of Elvis. Private to damops.elvis.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .._errors import CallFailure
from .adapter import TimedAdapter, check_urllib3
from .body import read_body
from .deadline import Deadline
from .failures import explain
from .proxies import password_in, proxies_to
from .request import HttpRequest, prepare
from .trust import TlsOptions

try:
    import requests
    import urllib3

    IMPORT_ERROR: ImportError | None = check_urllib3()
except ImportError as error:
    IMPORT_ERROR = error

LONGEST_REPLY = 32 * 1024 * 1024
"""Bytes, after decompression. A page of a search with a thousand hits takes some megabytes."""
CHUNK = 64 * 1024


@dataclass(frozen=True)
class ConnectionOptions:
    """How to reach a server: the connection options, the same on every module."""

    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)
    timeout: float = 30
    retries: int = 2
    http_agent: str = "damops.elvis"
    extra_headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> ConnectionOptions:
        """Return the connection that the options of a task describe, or those of one that became JSON."""
        values = {option.name: options[option.name] for option in fields(cls)}
        headers = dict(values["extra_headers"] or ())
        return cls(**{**values, "extra_headers": tuple(headers.items())})

    @property
    def headers(self) -> dict[str, str]:
        """The headers that each request has besides."""
        return {name: str(value) for name, value in self.extra_headers}

    @property
    def tls(self) -> TlsOptions:
        """Whom to trust, and what to show, where TLS is spoken."""
        return TlsOptions(self.validate_certs, self.ca_path, self.client_cert, self.client_key)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown: the proxy's address, the password in it, and those of headers."""
        password = password_in(self.proxy or "")
        values = self.headers.values()
        # What stands after Basic or Bearer is secret by itself.
        credentials = (value.partition(" ")[2] for value in values)
        return tuple(filter(None, (self.proxy, password, *values, *credentials)))


@dataclass(frozen=True)
class HttpResponse:
    """What a server answered.

    ``cookies`` is the Cookie header that replays all that the reply set; ``repeated`` tells whether an earlier try of
    the same request may have reached the server; ``saved`` whether ``body`` is only the beginning of what was saved.
    Whoever reads JSON in it adds to ``doubled_keys`` the keys that one object has several times.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: str = ""
    repeated: bool = False
    saved: bool = False
    doubled_keys: set[str] = field(default_factory=set, compare=False)


class Transport:
    """Sends requests and keeps the connection for the next one, of the same session and with the same options."""

    def __init__(self, connection: ConnectionOptions) -> None:
        self._connection = connection
        self._deadline = Deadline()
        self._cookies = ""
        self._proxies: dict[str, str] | None = None
        self._adapter = TimedAdapter(self._deadline, connection.tls)
        # What it logs of a reply, as a header that it can't read, may be a cookie, and Ansible's log_path takes all.
        logging.getLogger("urllib3").propagate = False
        if not connection.validate_certs:
            # The warning is ours to give, once and as one of the task.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def close(self) -> None:
        """Close what is open."""
        self._adapter.close()

    def break_off(self) -> None:
        """End the request that another thread is sending, and let it send no further one."""
        self._deadline.break_off()

    def exchange(self, message: HttpRequest, seconds: float) -> HttpResponse:
        """Send one request, once, and return the whole reply, which must come within ``seconds``.

        For a transfer, these are the seconds in which nothing moves on.

        :raises CallFailure: when no whole reply came
        """
        self._deadline.start(seconds)
        self._adapter.has_sent = False
        self._cookies = ""
        try:
            return self._exchange(message, seconds)
        except CallFailure as failed:
            failure = failed
        except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
            failure = explain(error, seconds, has_sent=self._adapter.has_sent)
        if self._deadline.is_over:
            failure = _too_late(message, failure, seconds)
        raise failure.after(self._cookies) if self._cookies else failure

    def _proxies_to(self, url: str) -> dict[str, str]:
        # To read the environment takes as long as all else that is done for a small request. A transport is for one
        # server, so what is found once holds for all its addresses.
        if self._proxies is None:
            self._proxies = proxies_to(url, self._connection.proxy)
        return self._proxies

    def _exchange(self, message: HttpRequest, seconds: float) -> HttpResponse:
        options = self._connection
        with self._adapter.send(
            prepare(message, options.http_agent, self._deadline.feed),
            stream=True,
            timeout=seconds,
            verify=options.validate_certs,
            proxies=self._proxies_to(message.url),
        ) as response:
            if response.status_code < 200:
                # Switching Protocols: nobody asked for that, and what follows is no HTTP.
                status = response.status_code
                raise CallFailure("not_http", f"HTTP {status}, which is not an answer", "unknown", status=status)
            self._cookies = _replayed(response.cookies)
            chunks = read_body(response)
            saved = message.save is not None and response.status_code == 200
            if message.save and saved:
                body = message.save(self._deadline.feed(chunks))
            else:
                body = _bounded(response.status_code, chunks)
            return HttpResponse(response.status_code, response.headers, body, self._cookies, saved=saved)


class _Kept(threading.local):
    # A transport serves one thread, and has a connection and a deadline of its own: that of one call at a time.
    def __init__(self) -> None:
        self.transports: dict[Hashable, Transport] = {}


MOST_KEPT = 16
_kept = _Kept()


def kept_transport(server_url: str, connection: ConnectionOptions, user: Hashable) -> Transport:
    """Return the transport to a server for one user of it: in this thread always the same.

    A loop's items run in one process, which ends with the task: they share what they may, and tasks share nothing.
    """
    key, transports = (server_url, connection, user), _kept.transports
    if key not in transports:
        while len(transports) >= MOST_KEPT:
            transports.pop(next(iter(transports))).close()
        transports[key] = Transport(connection)
    return transports[key]


def kept_transports() -> dict[Hashable, Transport]:
    """Return all that this thread keeps, now and later, for whom its thread is to stop."""
    return _kept.transports


def _replayed(cookies: requests.cookies.RequestsCookieJar) -> str:
    """Return the Cookie header that sends them back, without those that no header can carry."""
    pairs = (cookie.name if cookie.value is None else f"{cookie.name}={cookie.value}" for cookie in cookies)
    return "; ".join(pair for pair in pairs if pair.isascii() and pair.isprintable())


def _too_late(message: HttpRequest, failure: CallFailure, seconds: float) -> CallFailure:
    if failure.delivery == "unsent":
        return CallFailure("timeout", f"no connection within {seconds:.3g} s", "unsent")
    waited_for = "no progress for" if message.is_transfer else "no complete answer within"
    return CallFailure("timeout", f"{waited_for} {seconds:.3g} s", "unknown")


def _bounded(status: int, chunks: Iterable[bytes]) -> bytes:
    body = bytearray()
    for chunk in chunks:
        body += chunk
        if len(body) > LONGEST_REPLY:
            # What is raised may hold this for a while, and another request may follow.
            body.clear()
            summary = f"HTTP {status} and a reply of more than {LONGEST_REPLY // 1024**2} MiB"
            raise CallFailure("too_large", summary, "unknown", status=status)
    return bytes(body)
