# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""HTTP as this collection wants it: in time, bounded, to one server only, nothing sent that was not asked for.

Knows ``requests``, and nothing of Elvis. Private to damops.elvis.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit

from ._errors import Problem
from ._http_failures import explain
from ._watchdog import Watchdog

try:
    import requests
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    IMPORT_ERROR: ImportError | None = None
except ImportError as error:
    IMPORT_ERROR = error
    HTTPAdapter = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]

LONGEST_REPLY = 32 * 1024 * 1024
"""Bytes, after decompression. A page of a search with a thousand hits takes some megabytes."""
CHUNK = 64 * 1024


@dataclass(frozen=True)
class Connection:
    """How to reach a server: the connection options, the same on every module."""

    validate_certs: bool = True
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    proxy: str | None = field(default=None, repr=False)
    timeout: float = 30
    retries: int = 2
    http_agent: str = "damops.elvis"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown: the proxy's address, and the password in it."""
        password = urlsplit(self.proxy or "").password
        return tuple(filter(None, (self.proxy, password and unquote(password))))


@dataclass(frozen=True)
class Message:
    """A HTTP request: what goes out. ``form`` travels in the body, urlencoded."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str] | None


@dataclass(frozen=True)
class Reply:
    """What a server answered.

    ``cookies`` is the Cookie header that replays all that the reply set; ``repeated`` tells whether an earlier try of
    the same request may have reached the server.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: str = ""
    repeated: bool = False


class Transport:
    """Sends requests and keeps the connection for the next one, of the same session and with the same options."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._watchdog = Watchdog()
        self._session = requests.Session()
        self._session.headers["User-Agent"] = connection.http_agent
        self._session.headers["Accept"] = "application/json"
        if not connection.validate_certs:
            # The warning is ours to give, once and as one of the task.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _WatchedAdapter(self._watchdog))

    def close(self) -> None:
        """Close what is open."""
        self._session.close()
        # urllib3 2 leaves that to the garbage collector.
        self._watchdog.close_connections()

    def exchange(self, message: Message, seconds: float) -> Reply:
        """Send one request, once, and return the whole reply, which must come within ``seconds``.

        :raises Problem: when no whole reply came
        """
        # What a reply sets is for the caller to send back or not: nothing is carried along silently.
        self._session.cookies.clear()
        outcome: Reply | Problem
        with self._watchdog.limit(seconds):
            try:
                outcome = self._exchange(message, seconds)
            except Problem as problem:
                outcome = problem
            except (OSError, ValueError, urllib3.exceptions.HTTPError) as error:
                outcome = explain(error, seconds)
        # Asked first: a body that ends with its connection looks whole when it was the watchdog that ended it.
        if self._watchdog.expired:
            raise Problem("timeout", f"no whole answer within {seconds:.3g} s")
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    def _exchange(self, message: Message, seconds: float) -> Reply:
        options = self._connection
        with self._session.request(
            message.method,
            message.url,
            params=message.query,
            data=message.form,
            headers=message.headers,
            # Without any auth, requests looks into .netrc and overwrites the Authorization header.
            auth=_leave_as_it_is,
            timeout=seconds,
            # Given here rather than to the session, which the environment may overrule.
            verify=(options.ca_path or True) if options.validate_certs else False,
            cert=_client_certificate(options),
            proxies={"http": options.proxy, "https": options.proxy} if options.proxy else None,
            allow_redirects=False,
            stream=True,
        ) as response:
            cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in response.cookies)
            return Reply(response.status_code, response.headers, _read(response), cookies)


class _Kept(threading.local):
    # A transport serves one thread: its watchdog looks after one call at a time.
    def __init__(self) -> None:
        self.transports: dict[Hashable, Transport] = {}


MOST_KEPT = 16
_kept = _Kept()


def kept_transport(server_url: str, connection: Connection, user: Hashable) -> Transport:
    """Return the transport to a server for one user of it: in this thread always the same.

    A loop's items run in one process, which ends with the task: they share what they may, and tasks share nothing.
    """
    key, transports = (server_url, connection, user), _kept.transports
    if key not in transports:
        while len(transports) >= MOST_KEPT:
            transports.pop(next(iter(transports))).close()
        transports[key] = Transport(connection)
    return transports[key]


class _WatchedAdapter(HTTPAdapter):
    """Lets a watchdog know of every socket, to the server or to a proxy."""

    def __init__(self, watchdog: Watchdog) -> None:
        self._pools = {
            "http": _watched_pool(HTTPConnectionPool, watchdog),
            "https": _watched_pool(HTTPSConnectionPool, watchdog),
        }
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _watched_pool(pool: type[Any], watchdog: Watchdog) -> type[Any]:
    class WatchedConnection(pool.ConnectionCls):  # type: ignore[misc,name-defined]
        # urllib3 has no public place between connection and TLS handshake, which a slow server can stretch too.
        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()
            watchdog.watch(self, connected)
            return connected

    class WatchedPool(pool):  # type: ignore[misc]
        ConnectionCls = WatchedConnection

    return WatchedPool


def _leave_as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _client_certificate(options: Connection) -> str | tuple[str, str] | None:
    if options.client_cert and options.client_key:
        return options.client_cert, options.client_key
    return options.client_cert


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(CHUNK):
        body += chunk
        if len(body) > LONGEST_REPLY:
            raise Problem(
                "bad_response",
                f"HTTP {response.status_code} and a reply of more than {LONGEST_REPLY // 1024**2} MiB",
                status=response.status_code,
                lost=True,
            )
    announced = response.headers.get("Content-Length", "")
    # urllib3 1 takes a body that breaks off for a whole one.
    if announced.isdigit() and "Transfer-Encoding" not in response.headers and response.raw.tell() != int(announced):
        raise Problem(
            "bad_response",
            f"HTTP {response.status_code} and a reply that breaks off",
            status=response.status_code,
            lost=True,
            passing=True,
        )
    return bytes(body)
