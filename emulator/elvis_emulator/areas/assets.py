# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Creating and updating single assets."""

from __future__ import annotations

from urllib.parse import quote

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset

from .checkout import refuse_check_in_by_other, refuse_if_held_by_other
from .hits import hit
from .metadata import Metadata, given_metadata, with_modifications
from .naming import path_after_update, path_of_new_asset


def create(call: Call) -> object:
    """Create an asset, with or without a file; documented by the vendor."""
    metadata = given_metadata(call.parameters)
    upload = call.parameters.upload("Filedata")
    path = path_of_new_asset(call, metadata, upload)
    asset = call.server.store.add_asset(path, call.user, _modified(call, None, metadata), upload)
    return _answer(call, asset)


def update(call: Call) -> object:
    """Change an asset's metadata or file; a new file checks it in. Documented by the vendor."""
    asset = call.server.store.asset(call.parameters.required("id"))
    metadata, upload = given_metadata(call.parameters), call.parameters.upload("Filedata")
    refuse_if_held_by_other(call, asset)
    if upload:
        refuse_check_in_by_other(call, asset)
    path = path_after_update(call, asset, metadata, upload)
    metadata = _modified(call, asset, metadata)
    if path != asset.path:
        call.server.store.move_asset(asset, path, call.user)
    call.server.store.change_asset(
        asset,
        call.user,
        metadata,
        upload,
        keeps_version=call.parameters.flag("createVersion", default=True),
        keeps_metadata=call.parameters.flag("keepMetadata"),
        checks_in=call.parameters.flag("clearCheckoutState", default=True),
    )
    return _answer(call, asset)


def _modified(call: Call, asset: Asset | None, metadata: Metadata) -> Metadata:
    parses = call.parameters.flag("parseMetadataModifications", default=True)
    return with_modifications(asset, metadata) if parses else metadata


def _answer(call: Call, asset: Asset) -> object:
    """Return the hit; or lead on to an address, as the vendor documents for HTML forms."""
    address = call.parameters.text("nextUrl")
    if not address:
        return hit(call, asset)
    location = quote(address.replace("${id}", asset.id), safe=":/?#[]@!$&'()*+,;=%~", errors="replace")
    return web.Response(status=unknowns.NEXT_URL_STATUS, headers={"Location": location})
