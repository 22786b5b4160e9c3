# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""aiohttp's server, with Elvis' errors and a count of the connections."""

from __future__ import annotations

import asyncio

from aiohttp import web

from elvis_emulator.app import App

from .errors import bad_request, error_reply


class ElvisServer(web.Server):
    """Hands every request to the app."""

    def __init__(self, app: App) -> None:
        super().__init__(app.handle)
        self._counter = app.observer.connections

    def __call__(self) -> web.RequestHandler:
        # A body is taken as it comes, as in the servlet containers under Elvis: nothing is decompressed.
        return _Connection(self, loop=asyncio.get_running_loop(), auto_decompress=False)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        self._counter.opened()
        super().connection_made(handler, transport)

    def connection_lost(self, handler: web.RequestHandler, exc: BaseException | None = None) -> None:
        self._counter.closed(handler)
        super().connection_lost(handler, exc)


class _Connection(web.RequestHandler):
    """Answers what is not even HTTP in Elvis' JSON, and keeps it off stderr: it may hold a password."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002 - aiohttp's signature; it quotes what the client sent
    ) -> web.StreamResponse:
        if status >= 500:
            self.log_exception("Unexpected failure of %s", request.method, exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("Part of a reply is sent already")
        reply = error_reply(bad_request("Not a valid HTTP request"), hidden=False)
        reply.force_close()
        return reply
