# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the deadline relies on inside requests and urllib3: when one of these is gone, it is named with the version."""

from __future__ import annotations

import inspect
import ssl
from collections.abc import Callable
from http.client import HTTPConnection as PythonConnection
from importlib import metadata

import pytest
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

HOOKS: dict[str, Callable[[], bool]] = {
    "HTTPAdapter.init_poolmanager": lambda: callable(HTTPAdapter.init_poolmanager),
    "HTTPAdapter.proxy_manager_for": lambda: callable(HTTPAdapter.proxy_manager_for),
    "HTTPAdapter.cert_verify": lambda: (
        list(inspect.signature(HTTPAdapter.cert_verify).parameters) == ["self", "conn", "url", "verify", "cert"]
    ),
    "PoolManager.pool_classes_by_scheme": lambda: hasattr(urllib3.PoolManager(), "pool_classes_by_scheme"),
    "HTTPConnectionPool.ConnectionCls": lambda: HTTPConnectionPool.ConnectionCls is HTTPConnection,
    "HTTPSConnectionPool.ConnectionCls": lambda: issubclass(HTTPSConnectionPool.ConnectionCls, HTTPSConnection),
    "HTTPConnection._new_conn": lambda: "_new_conn" in vars(HTTPConnection),
    "HTTPConnection.connect, which calls _new_conn": lambda: "_new_conn" in inspect.getsource(HTTPConnection.connect),
    "HTTPSConnection.connect, which calls _new_conn": lambda: "_new_conn" in inspect.getsource(HTTPSConnection.connect),
    "HTTPSConnection._connect_tls_proxy": lambda: "_connect_tls_proxy" in vars(HTTPSConnection),
    "HTTPConnection.send": lambda: callable(HTTPConnection.send),
    "HTTPConnection.response_class, which Python's own reads": lambda: (
        "self.response_class(" in inspect.getsource(PythonConnection.getresponse)
    ),
    "SSLSocket.recv": lambda: callable(ssl.SSLSocket.recv),
}


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_of_the_deadline_is_there(hook: str) -> None:
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in ("requests", "urllib3"))
    assert HOOKS[hook](), f"{hook} is not in {versions} as _http/adapter.py needs it"
