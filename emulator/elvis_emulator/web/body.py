# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of a request, whatever it holds."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multipart import MultipartError

from .errors import ElvisError, bad_request, too_large
from .multipart import read_file, read_multipart
from .parameters import CHUNK, FORM_LIMIT, Parameters, query_pairs

# What is raised for a body that is cut short or wrongly encoded.
UNREADABLE = (
    *(ValueError, AssertionError, RuntimeError, LookupError, OSError, MultipartError),
    *(web.RequestPayloadError, web.HTTPException, HttpProcessingError),
)


async def read_body(request: web.BaseRequest, into: Parameters, spool: Path) -> None:
    """Read a request's body; files go to the spool folder as they come in, never into memory.

    The body of a GET is left alone: clients send a multipart content type there, without a body.
    """
    if request.method in ("GET", "HEAD") or not request.can_read_body:
        return
    try:
        if request.content_type == "multipart/form-data":
            await read_multipart(request, into, spool)
        elif _is_file(request):
            await read_file(request, into, spool)
        else:
            into.body = await _read_limited(request)
    except ElvisError:
        await _skip_rest(request)
        raise
    except UNREADABLE as problem:
        await _skip_rest(request)
        raise bad_request("The request body can't be read") from problem
    if request.content_type == "application/x-www-form-urlencoded":
        into.form.extend(query_pairs(into.body.decode(errors="replace")))


def _is_file(request: web.BaseRequest) -> bool:
    """Tell whether a body is a file as it is: `curl --upload-file` to the address of an original."""
    return request.method == "PUT" and request.rel_url.raw_path.rstrip("/").endswith("/original")


async def _skip_rest(request: web.BaseRequest) -> None:
    # A client that is still sending would get a reset connection, and never see the reply.
    with suppress(*UNREADABLE):
        while not request.content.at_eof():
            await request.content.readany()


async def _read_limited(request: web.BaseRequest) -> bytes:
    body = bytearray()
    async for chunk in request.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > FORM_LIMIT:
            raise too_large(FORM_LIMIT)
    return bytes(body)
