# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Watches the connections that ``requests`` opens. Private to damops.elvis."""

from __future__ import annotations

import socket
from typing import Any

from ._handshake import problem_of_handshake, reason_to_hang_up
from ._watchdog import Watchdog

try:
    from requests.adapters import HTTPAdapter
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
except ImportError:  # _http tells
    HTTPAdapter = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]


class WatchedAdapter(HTTPAdapter):
    """Tells a watchdog of each socket, to the server or a proxy, and why a server's certificate was refused."""

    def __init__(self, watchdog: Watchdog) -> None:
        self._pools = {
            "http": _watched_pool(HTTPConnectionPool, watchdog),
            "https": _watched_pool(HTTPSConnectionPool, watchdog),
        }
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        # requests asks for a certificate when the server has one; a proxy may have one all the same.
        is_for_server = url.startswith("https:")
        super().cert_verify(  # type: ignore[no-untyped-call]
            conn, f"{conn.scheme}:", verify, cert if is_for_server else None
        )

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _watched_pool(pool: type[Any], watchdog: Watchdog) -> type[Any]:
    class WatchedConnection(pool.ConnectionCls):  # type: ignore[misc,name-defined]
        def connect(self) -> None:
            try:
                super().connect()
            except (OSError, ValueError) as failure:
                problem = problem_of_handshake(self, self._tunnel_host, failure)
                if problem:
                    raise problem from failure
                raise

        def send(self, data: Any) -> None:
            try:
                super().send(data)
            except OSError as error:
                broken = error
            else:
                return
            # Not in the handler: what is found says all, and the error that led to it would say something else.
            raise reason_to_hang_up(self.sock, broken)

        # urllib3 has no public place between connection and TLS handshake, which a slow server can stretch too.
        def _new_conn(self) -> socket.socket:
            connected: socket.socket = super()._new_conn()
            watchdog.watch(self, connected)
            return connected

    class WatchedPool(pool):  # type: ignore[misc]
        ConnectionCls = WatchedConnection

    return WatchedPool
