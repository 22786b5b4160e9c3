# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of an asset: the list of them, the return to one, their removal."""

from __future__ import annotations

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset, Version
from elvis_emulator.store.paths import name_of
from elvis_emulator.web.errors import bad_request, not_found

from .files import original, stored


def promote(call: Call) -> object:
    """Make an old version the current one; documented by the vendor, but for the reply."""
    return _promote(call, call.parameters.required("assetId"))


def promote_content(call: Call) -> object:
    """The same as the vendor's content-source plug-in asks for it."""
    return _promote(call, _asset_id(call))


def list_versions(call: Call) -> object:
    """POST services/version/list: every version, the newest first; seen in a customer's script."""
    asset = call.server.store.asset(call.parameters.required("assetId"))
    numbers = [asset.version, *(version.number for version in reversed(asset.versions))]
    hits = [{"hit": {"id": asset.id, "metadata": {"id": asset.id, "versionNumber": number}}} for number in numbers]
    return {"totalHits": len(hits), "hits": hits}


def delete_versions(call: Call) -> object:
    """POST services/version/delete: old versions by their numbers; seen in a customer's script."""
    asset = call.server.store.asset(call.parameters.required("assetId"))
    call.parameters.required("versions")
    given = [part.strip() for value in call.parameters.all("versions") for part in value.split(",") if part.strip()]
    if not all(number.isascii() and number.isdigit() for number in given):
        raise bad_request("Parameter 'versions' is a list of numbers")
    versions = [_version(asset, int(number[:18])) for number in dict.fromkeys(given)]
    for version in versions:
        call.server.store.remove_version(asset, version)
    return unknowns.EMPTY_REPLY


def retrieve(call: Call) -> web.StreamResponse:
    """The file of a version, as the vendor's content-source plug-in asks for it; its parameters are a guess."""
    asset = call.server.store.asset(_asset_id(call))
    number = call.parameters.number("version", asset.version)
    if number == asset.version:
        return original(call, asset)
    version = _version(asset, number)
    if version.file is None:
        raise not_found("The version has no file")
    return stored(call, version.file, name_of(asset.path))


def _promote(call: Call, asset_id: str) -> object:
    asset = call.server.store.asset(asset_id)
    call.server.store.promote(asset, call.user, _version(asset, call.parameters.number("version", 0)))
    return unknowns.EMPTY_REPLY


def _asset_id(call: Call) -> str:
    return call.parameters.text("assetId") or call.parameters.required("id")


def _version(asset: Asset, number: int) -> Version:
    version = next((version for version in asset.versions if version.number == number), None)
    if version is None:
        raise not_found(f"The asset has no old version {number}")
    return version
