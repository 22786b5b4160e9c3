# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connects through a SOCKS proxy, in time. Private to damops.elvis.

Imported only where one is used.
"""

from __future__ import annotations

import os
import socket
from typing import Any

from .._errors import CallFailure
from .deadline import Deadline

try:
    from socks import (  # type: ignore[import-untyped]
        ProxyConnectionError,
        ProxyError,
        SOCKS4Error,
        SOCKS5AuthError,
        SOCKS5Error,
        socksocket,
    )
    from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection

    IS_INSTALLED = True
except ImportError:  # who asks for such a way tells
    socksocket = SOCKSConnection = SOCKSHTTPSConnection = object  # type: ignore[assignment,misc]
    IS_INSTALLED = False


class _TimedSocket(socksocket):  # type: ignore[misc] # it has no types
    """A socket on which the proxy's part of the conversation can't be stretched either."""

    deadline: Deadline

    def recv_into(self, *args: Any) -> int:
        self.deadline.apply(self)
        return int(super().recv_into(*args))


class _Route:
    """What a connection of urllib3 does to get to its server."""

    _deadline: Deadline
    _socks_options: Any
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        options = self._socks_options
        try:
            places = socket.getaddrinfo(options["proxy_host"], options["proxy_port"], type=socket.SOCK_STREAM)
        except socket.gaierror:
            raise CallFailure("proxy", "the name of the proxy does not resolve", "unsent") from None
        outcomes = (self._connect(family) for family, *_place in places)
        failure: BaseException = CallFailure("proxy", "the name of the proxy has no address", "unsent")
        for outcome in outcomes:
            if isinstance(outcome, socket.socket):
                return outcome
            failure = outcome
        raise failure

    def _connect(self, family: int) -> socket.socket | BaseException:
        # What else there is says who asks, and who resolves the server's name.
        more = dict(self._socks_options)
        proxy = (more.pop("socks_version"), more.pop("proxy_host"), more.pop("proxy_port"))
        connected = _TimedSocket(family, socket.SOCK_STREAM)
        connected.deadline = self._deadline
        connected.set_proxy(*proxy, **more)
        try:
            self._deadline.apply(connected)
            connected.connect((self.host, self.port))
        except ProxyError as error:
            connected.close()
            return _failure(error)
        except BaseException:
            connected.close()
            raise
        return connected


class SocksHTTPConnection(_Route, SOCKSConnection):
    """A connection to a server that speaks HTTP."""


class SocksHTTPSConnection(_Route, SOCKSHTTPSConnection):
    """A connection to a server that speaks HTTPS."""


def _failure(error: ProxyError) -> BaseException:
    """Return what an error of PySocks means; only what it has from its own tables is repeated."""
    # It takes its own errors for those of a socket, and wraps them.
    while isinstance(error.socket_err, ProxyError):
        error = error.socket_err
    cause = error.socket_err
    if isinstance(cause, socket.timeout):
        return cause
    if isinstance(error, SOCKS5AuthError):
        return CallFailure(
            "proxy_login", "the SOCKS proxy asks for a user and a password, or refuses those it got", "unsent"
        )
    if isinstance(error, (SOCKS5Error, SOCKS4Error)):
        words = error.msg.partition(": ")[2].lower()
        return CallFailure("proxy", f"the SOCKS proxy found no way to the server: {words}", "unsent", transient=True)
    if isinstance(error, ProxyConnectionError):
        words = os.strerror(cause.errno).lower() if isinstance(getattr(cause, "errno", None), int) else "no answer"
        return CallFailure("proxy", f"no connection to the proxy: {words}", "unsent", transient=True)
    return CallFailure("proxy", "the proxy hung up, or is not a SOCKS proxy", "unsent")
