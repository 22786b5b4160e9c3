# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the server until it is stopped: `elvis-emulator serve`."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import ssl
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from aiohttp import web

from .app import App
from .options import Options, read_options
from .state.database import NotAStateError
from .web.network import ElvisServer

SHUTDOWN_SECONDS = 0.5


async def serve(options: Options) -> None:
    """Serve until SIGINT, SIGTERM or, where that is asked for, the end of standard input."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    if options.stop_with_stdin:
        _at_the_end_of_stdin(stop.set)
    app = App(options)
    runner = web.ServerRunner(ElvisServer(app), shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        await web.TCPSite(runner, options.host, options.port, ssl_context=_tls(options)).start()
        print(f"Elvis emulator listening on {_address(options, runner)}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        app.close()


def main(arguments: Sequence[str]) -> int:
    """Serve with the options of a command line; return the exit code."""
    options = read_options(arguments)
    # A hundred thousand assets are not garbage: looking through them again and again would take longer than answering.
    gc.freeze()
    gc.set_threshold(100_000)
    # aiohttp warns about request bodies that are cut short; here they are answered, and no fault of this server.
    logging.getLogger("aiohttp.internal").setLevel(logging.ERROR)
    with suppress(KeyboardInterrupt):
        try:
            asyncio.run(serve(options))
        except (OSError, NotAStateError) as problem:
            print(f"Elvis emulator can't start: {problem}", file=sys.stderr)
            return 1
    return 0


def _at_the_end_of_stdin(act: Callable[[], None]) -> None:
    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1024):
            loop.remove_reader(sys.stdin.fileno())
            act()

    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), read)


def _tls(options: Options) -> ssl.SSLContext | None:
    if options.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options.tls_cert, options.tls_key)
    return context


def _address(options: Options, runner: web.ServerRunner) -> str:
    scheme = "https" if options.tls_cert else "http"
    host = f"[{options.host}]" if ":" in options.host else options.host
    port = runner.addresses[0][1]
    return f"{scheme}://{host}:{port}{options.prefix}"
