# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets a server of Python's own socketserver work beside a test."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """Let the server accept connections in a thread, and take no more of them at the end."""
    acceptor = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    acceptor.start()
    try:
        yield
    finally:
        server.shutdown()
        acceptor.join()
