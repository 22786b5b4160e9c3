# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the server: `python -m tests.emulator`."""

from __future__ import annotations

import asyncio
import signal
import ssl
import sys
from contextlib import suppress

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from .app import App
from .observer import Connections
from .options import Options, read_options

SHUTDOWN_SECONDS = 0.5


class CountingServer(web.Server):
    """A web server that counts its connections."""

    def __init__(self, app: App) -> None:
        # As the servlet containers under Elvis, it takes a body as it comes.
        super().__init__(app.handle, access_log=None, auto_decompress=False)
        self._counter: Connections = app.observer.connections

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        self._counter.opened()
        super().connection_made(handler, transport)

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        self._counter.closed(handler)
        super().connection_lost(handler, exc)


async def serve(options: Options) -> None:
    """Serve until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    app = App(options)
    runner = web.ServerRunner(CountingServer(app), shutdown_timeout=SHUTDOWN_SECONDS)
    try:
        await runner.setup()
        await web.TCPSite(runner, options.host, options.port, ssl_context=_tls(options)).start()
        print(f"Elvis emulator listening on {_address(options, runner)}", flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()
        app.close()


def main() -> int:
    options = read_options()
    with suppress(KeyboardInterrupt):
        try:
            asyncio.run(serve(options))
        except OSError as problem:
            print(f"Elvis emulator can't start: {problem}", file=sys.stderr)
            return 1
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
