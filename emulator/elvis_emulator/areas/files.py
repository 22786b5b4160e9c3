# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of assets."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from aiohttp import web

from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.files import StoredFile
from elvis_emulator.store.kinds import content_type_of
from elvis_emulator.store.paths import name_of
from elvis_emulator.web.errors import not_found, not_logged_in


class FileReply(web.FileResponse):
    """A reply that is a file of the disk."""

    def __init__(self, path: Path, headers: dict[str, str]) -> None:
        super().__init__(path, headers=headers)
        self.path = path


def download(call: Call) -> object:
    """Send the original of an asset, to who is logged in or shows the secret of its address."""
    asset_id = call.variables[0]
    if not (call.session or call.server.secrets.fits(asset_id, call.parameters.text("requestSecret"))):
        raise not_logged_in()
    asset = call.server.store.asset(asset_id)
    reply = original(call, asset, as_attachment=call.parameters.flag("forceDownload"))
    call.server.journal.note("DOWNLOAD", asset.id, asset.path)
    return reply


def original(call: Call, asset: Asset, as_attachment: bool = False) -> web.StreamResponse:
    """Return the file of an asset as a reply."""
    if not asset.file:
        raise not_found("The asset has no file")
    return stored(call, asset.file, name_of(asset.path), as_attachment)


def stored(call: Call, file: StoredFile, name: str, as_attachment: bool = False) -> web.StreamResponse:
    """Return a file under a name as a reply, or the part of it that is asked for."""
    headers = {"Content-Type": content_type_of(name)}
    if as_attachment:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    return FileReply(file.path, headers) if file.path else _small(call, file.read(), headers)


def _small(call: Call, data: bytes, headers: dict[str, str]) -> web.Response:
    headers["Accept-Ranges"] = "bytes"
    try:
        wanted = call.request.http_range
    except ValueError:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    start, stop, _step = wanted.indices(len(data))
    if wanted.start is None and wanted.stop is None:
        return web.Response(body=data, headers=headers)
    if start >= stop:
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(data)}"
    return web.Response(status=206, body=data[start:stop], headers=headers)
