# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps the connections that ``requests`` opens to their time. Private to damops.elvis."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .._errors import CallFailure
from .deadline import Deadline, TimedResponse
from .tls import failure_of_handshake, reason_to_hang_up
from .trust import TlsOptions, tls_context

try:
    import urllib3
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

    version = urllib3.__version__  # type: ignore[attr-defined] # it has it
    NAME = f"the Python library urllib3 {version} ({Path(urllib3.__file__).parent})"
except ImportError:  # transport tells
    HTTPAdapter = HTTPConnection = HTTPSConnection = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]


class WrongLibrary(ImportError):
    """A library that can be imported, and is not the one that it seems; the text names it."""


def check_urllib3() -> WrongLibrary | None:
    """Return what is wrong with the urllib3 that requests works with, which another library may have replaced.

    What does not connect by the classes of Python's own http.client can't be kept to its time here.
    """
    is_usual = issubclass(HTTPConnection, http.client.HTTPConnection) and hasattr(HTTPConnection, "_new_conn")
    return None if is_usual else WrongLibrary(NAME)


class TimedAdapter(HTTPAdapter):
    """Ends what is sent when its time is over, and tells why a server's certificate was refused."""

    def __init__(self, deadline: Deadline, tls: TlsOptions) -> None:
        self.deadline = deadline
        self._tls = tls
        # A proxy may have a certificate, and is shown none.
        self._tls_to_proxy = tls._replace(client_cert=None, client_key=None)
        self.has_sent = False
        """Whether the first byte of a request was given to a connection since this was set to false."""
        self._pools = self._pools_of(_TimedHTTPConnection, _TimedHTTPSConnection)
        self._server_pool: Any = None
        # One server, and one request at a time.
        super().__init__(pool_connections=1, pool_maxsize=1)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    # All that is sent goes to one server by one way: to look for that each time takes 5% of a small file's time. Before
    # its version 2.32, requests asks by another name, and looks each time.
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        if self._server_pool is None:
            self._server_pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self._server_pool

    # requests looks for the proxy of each request, also where there is none at all.
    def request_url(self, request: Any, proxies: Any) -> Any:
        return super().request_url(request, proxies) if proxies else request.path_url

    def close(self) -> None:
        # Since its version 2, urllib3 leaves it to the garbage collector: a failure's traceback may hold it for long.
        if self._server_pool is not None:
            self._server_pool.close()
            self._server_pool = None
        super().close()

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002 - requests' own
        # It has all that requests would say here, and is there already. Plain HTTP has no use for it.
        if conn.scheme == "https":
            tls = self._tls if url.startswith("https:") else self._tls_to_proxy
            conn.cert_reqs = "CERT_REQUIRED" if tls.verify else "CERT_NONE"
            conn.conn_kw["ssl_context"] = tls_context(tls)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        pools = self._pools
        if proxy.lower().startswith("socks"):
            pools = self._pools_of(*_socks_connections())
        elif proxy.lower().startswith("https:"):
            kwargs["proxy_ssl_context"] = tls_context(self._tls_to_proxy)
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = pools
        return manager

    def _pools_of(self, plain: Callable[..., Any], tls: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
        return {
            "http": partial(_pool, HTTPConnectionPool, partial(plain, self)),
            "https": partial(_pool, HTTPSConnectionPool, partial(tls, self)),
        }


def _socks_connections() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Return what makes connections through a SOCKS proxy.

    :raises CallFailure: when the library for them is missing
    """
    from . import socks  # noqa: PLC0415 - few need it

    if not socks.IS_INSTALLED:
        missing = "a SOCKS proxy needs the Python library PySocks, which is not installed"
        raise CallFailure("library", missing, "unsent")

    class TimedSocksHTTP(_Timed, socks.SocksHTTPConnection):
        pass

    class TimedSocksHTTPS(_Timed, socks.SocksHTTPSConnection):
        pass

    return TimedSocksHTTP, TimedSocksHTTPS


def _pool(kind: type[Any], connection: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Make one of urllib3's pools, which makes its connections of the kind that is given."""
    pool = kind(*args, **kwargs)
    pool.ConnectionCls = connection
    return pool


class _Timed:
    """What a connection of urllib3 does besides."""

    sock: Any
    _plain: socket.socket | None = None
    _is_connected = False
    _begins = False
    _head = b""

    def __init__(self, adapter: TimedAdapter, **options: Any) -> None:
        self._adapter = adapter
        self._deadline = adapter.deadline
        self.response_class: Any = partial(TimedResponse, adapter.deadline)
        super().__init__(**options)

    def connect(self) -> None:
        # What is sent meanwhile is for a proxy.
        self._is_connected = False
        try:
            super().connect()  # type: ignore[misc]
            if self._plain is None:
                self.close()  # type: ignore[attr-defined]
                raise CallFailure("library", f"{NAME} connects in a way with which no time-out can be kept", "unsent")
        except BaseException as failure:
            if self._plain:
                # Before its version 2, urllib3 leaves it to the garbage collector.
                self._plain.close()
            meaning = failure_of_handshake(self, failure)
            if meaning:
                raise meaning from failure
            raise
        self._is_connected = True

    # http.client sends the headers alone. Held back until the body comes, or the answer is wanted, they go out in one
    # piece with it, which wakes the server once instead of twice.
    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        self._begins = True
        super().endheaders(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self) -> Any:
        if self._head:
            self.send(b"")
        return super().getresponse()  # type: ignore[misc]

    def send(self, data: Any) -> None:
        if self._begins:
            self._begins, self._head = False, data
            return
        if self.sock is None:
            self.connect()
        try:
            self._deadline.apply(self.sock)
            if self._is_connected:
                self._adapter.has_sent = True
                data, self._head = self._head + data, b""
            super().send(data)  # type: ignore[misc]
        except OSError as error:
            broken = error
        else:
            return
        # Not in the handler: what is found says all, and the error that led to it would say something else.
        raise reason_to_hang_up(self.sock, broken)

    # urllib3 has no public place between connection and TLS handshake, which a slow server can stretch too.
    def _new_conn(self) -> socket.socket:
        self._plain = super()._new_conn()  # type: ignore[misc]
        self._deadline.apply(self._plain)
        return self._plain

    # A server's TLS inside that of a proxy is read by urllib3 itself, which may ask many times.
    def _connect_tls_proxy(self, *args: Any) -> Any:
        outer = super()._connect_tls_proxy(*args)  # type: ignore[misc]
        outer.recv = partial(_receive, self._deadline, outer)
        return outer


def _receive(deadline: Deadline, connected: ssl.SSLSocket, amount: int) -> bytes:
    deadline.apply(connected)
    return ssl.SSLSocket.recv(connected, amount)


class _TimedHTTPConnection(_Timed, HTTPConnection):
    pass


class _TimedHTTPSConnection(_Timed, HTTPSConnection):
    pass
