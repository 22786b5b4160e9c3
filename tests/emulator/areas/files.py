# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of assets."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from tests.emulator.server import Call
from tests.emulator.store.asset import Asset
from tests.emulator.store.kinds import content_type_of
from tests.emulator.store.paths import name_of
from tests.emulator.web.errors import not_found, not_logged_in


def download(call: Call) -> object:
    """Send the original of an asset, to who is logged in or shows the secret of its address."""
    asset_id = call.variables[0]
    if not (call.session or call.server.secrets.fits(asset_id, call.parameters.text("requestSecret"))):
        raise not_logged_in()
    return original(call.server.store.asset(asset_id), as_attachment=call.parameters.flag("forceDownload"))


def original(asset: Asset, as_attachment: bool = False) -> web.StreamResponse:
    """Return the file of an asset as a reply."""
    if not asset.file:
        raise not_found("The asset has no file")
    name = name_of(asset.path)
    headers = {"Content-Type": content_type_of(name)}
    if as_attachment:
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='', errors='replace')}"
    return web.FileResponse(asset.file.path, headers=headers)
