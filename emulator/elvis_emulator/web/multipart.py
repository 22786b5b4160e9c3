# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bodies of multipart/form-data, as clients really write them: fields go to the parameters, files to uploads."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

from aiohttp import web
from multipart import MultipartSegment, PushMultipartParser, parse_options_header

from .errors import bad_request, too_large
from .parameters import FORM_LIMIT, MAX_FIELDS, Parameters, Upload

SMALL = 1 << 16
"""A file of so many bytes or less stays in memory until the store takes it."""

_NEWER_NAME = re.compile(r";\s*filename\*\s*=\s*\"?([\w-]+)'[^']*'([^;\"\s]+)", re.IGNORECASE)


async def read_multipart(request: web.BaseRequest, into: Parameters, spool: Path) -> None:
    """Read a body, piece by piece."""
    boundary = parse_options_header(request.headers.get("Content-Type", ""))[1].get("boundary", "")
    # Headers are bytes: a client that writes UTF-8 is understood, one that does not is not a failure.
    parser = PushMultipartParser(boundary, max_segment_count=MAX_FIELDS, header_charset="latin1")
    part: _Field | _File | None = None
    room = FORM_LIMIT
    try:
        while not parser.closed:
            chunk = await request.content.readany()
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    part = _part(event, into, spool)
                elif part is None:
                    raise bad_request("The request body can't be read")
                elif event is None:
                    part.end()
                    part = None
                else:
                    room -= part.take(event)
                    if room < 0:
                        raise too_large(FORM_LIMIT)
    finally:
        if isinstance(part, _File):
            part.close()


async def read_file(request: web.BaseRequest, into: Parameters, spool: Path) -> None:
    """Read a body that is a file, without any form around it."""
    file = _File("file", "", into, spool)
    try:
        async for chunk in request.content.iter_any():
            file.take(chunk)
        file.end()
    finally:
        file.close()


class _Field:
    """A form field on its way."""

    def __init__(self, name: str, into: Parameters) -> None:
        self._name = name
        self._into = into
        self._value = bytearray()

    def take(self, chunk: bytes | bytearray) -> int:
        """Take a piece; return how much memory that needs."""
        self._value += chunk
        return len(chunk)

    def end(self) -> None:
        self._into.form.append((self._name, self._value.decode(errors="replace")))


class _File:
    """A file on its way: into memory, and from there into a temporary file as soon as it is not small."""

    def __init__(self, name: str, filename: str, into: Parameters, spool: Path) -> None:
        # Known before it is complete, so that its file is deleted when the client goes away half-way.
        self._upload = Upload(name, filename)
        into.uploads.append(self._upload)
        self._spool = spool
        self._data = bytearray()
        self._file: BinaryIO | None = None
        self._digest = hashlib.md5(usedforsecurity=False)

    def take(self, chunk: bytes | bytearray) -> int:
        self._digest.update(chunk)
        self._upload.size += len(chunk)
        if self._file is None:
            self._data += chunk
            if len(self._data) > SMALL:
                self._upload.data = bytes(self._data[:SMALL])
                descriptor, name = tempfile.mkstemp(dir=self._spool)
                self._file = os.fdopen(descriptor, "wb")
                self._upload.path = Path(name)
                self._file.write(self._data)
                self._data.clear()
        else:
            self._file.write(chunk)
        return 0

    def end(self) -> None:
        self._upload.checksum = self._digest.hexdigest()
        if self._file is None:
            self._upload.data = bytes(self._data)
        self.close()

    def close(self) -> None:
        if self._file:
            self._file.close()


def _part(segment: MultipartSegment, into: Parameters, spool: Path) -> _Field | _File:
    name = _text(segment.name or "")
    filename = _filename(segment)
    return _Field(name, into) if filename is None else _File(name, filename, into, spool)


def _filename(segment: MultipartSegment) -> str | None:
    """Return the name of a file, which `filename*` tells best; None when the part is not a file."""
    header = segment.header("Content-Disposition") or ""
    newer = _NEWER_NAME.search(header) if "*" in header else None
    if newer:
        try:
            return unquote(newer[2], encoding=newer[1], errors="replace")
        except LookupError:
            pass
    if segment.filename is None:
        return None
    name = _text(segment.filename)
    if name.startswith("=?"):
        try:
            return str(make_header(decode_header(name)))
        except (HeaderParseError, LookupError, ValueError):
            return name
    return name


def _text(header: str) -> str:
    return header.encode("latin1", errors="replace").decode(errors="replace")
