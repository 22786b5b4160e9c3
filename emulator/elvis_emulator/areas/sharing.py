# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Auth keys, which share links are made of."""

from __future__ import annotations

from typing import Any

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.dates import parse_date
from elvis_emulator.store.paths import clean_path
from elvis_emulator.users.tokens import new_id
from elvis_emulator.web.errors import bad_request, json_reply, not_found

_FLAGS = ("downloadOriginal", "downloadPreview", "requestApproval", "requestUpload", "watermarked")
_TEXTS = (
    *("description", "containerId", "importFolderPath", "notifyEmail", "sort", "viewMode", "thumbnailFields"),
    *("listviewFields", "filmstripFields", "thumbnailZoomLevel", "listviewZoomLevel", "filmstripZoomLevel"),
)
_LISTS = ("assetIds", "containerIds", "downloadPresetIds")


def create_auth_key(call: Call) -> object:
    """Make a key; documented by the vendor."""
    given = {"subject": call.parameters.required("subject"), "validUntil": call.parameters.required("validUntil")}
    key = _make(call, given | _given(call))
    base = call.base_url
    return {
        "authKey": key,
        "desktopClientUrl": f"{base}/app/elvis.jsp?authkey={key}",
        "mobileClientUrl": f"{base}/mobile/?authkey={key}",
        "webClientUrl": f"{base}/web/?authkey={key}",
    }


def update_auth_key(call: Call) -> object:
    """Change a key; what is not given stays as it is. Documented by the vendor, its reply is not."""
    key = call.parameters.required("key")
    record = _find(call, key)
    named = {name: call.parameters.text(name) for name in ("subject", "validUntil") if call.parameters.text(name)}
    record |= _checked(call, named | _given(call))
    call.server.journal.note("AUTHKEY_UPDATE", key, "")
    return unknowns.EMPTY_REPLY


def revoke_auth_keys(call: Call) -> object:
    """End keys; documented by the vendor, its reply is not."""
    call.parameters.required("keys")
    keys = [part.strip() for value in call.parameters.all("keys") for part in value.split(",") if part.strip()]
    for key in keys:
        _find(call, key)
    for key in dict.fromkeys(keys):
        del call.server.auth_keys[key]
        call.server.journal.note("AUTHKEY_REMOVE", key, "")
    return unknowns.EMPTY_REPLY


def create_share_link(call: Call) -> object:
    """POST /api/sharelink: a key as well, from JSON whose names are those of the vendor's collection."""
    body = call.parameters.json_body()
    given: dict[str, Any] = {name: body[name] for name in ("subject", "description", "validUntil") if body.get(name)}
    for name in ("subject", "validUntil"):
        if not isinstance(given.get(name), str):
            raise bad_request(f"Required field '{name}' is not present")
    ids = body.get("sharedAssetIds") or []
    if not isinstance(ids, list):
        raise bad_request("'sharedAssetIds' is not a list")
    given |= {"assetIds": [str(asset_id) for asset_id in ids], "importFolderPath": body.get("uploadFolderPath") or ""}
    given |= {"containerId": body.get("sharedContainerId") or "", "requestUpload": body.get("requestUpload") is True}
    key = _make(call, given)
    return json_reply({"id": key, "url": f"{call.base_url}/share/{key}"}, unknowns.SHARE_LINK_STATUS)


def _given(call: Call) -> dict[str, Any]:
    """What a call says of a key, besides the two things that a new one needs."""
    parameters = call.parameters
    given: dict[str, Any] = {name: parameters.flag(name) for name in _FLAGS if parameters.all(name)}
    given |= {name: parameters.text(name) for name in _TEXTS if parameters.all(name)}
    for name in _LISTS:
        if parameters.all(name):
            given[name] = [part.strip() for part in ",".join(parameters.all(name)).split(",") if part.strip()]
    return given


def _checked(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    if "validUntil" in given:
        until = parse_date(str(given["validUntil"]))
        if until is None:
            raise bad_request("'validUntil' is not a date")
        given["validUntil"] = until
    container = given.get("containerId")
    for asset_id in [*given.get("assetIds", ()), *([container] if container else ())]:
        call.server.store.asset(str(asset_id))
    if given.get("importFolderPath"):
        given["importFolderPath"] = clean_path(str(given["importFolderPath"]))
    return given


def _make(call: Call, given: dict[str, Any]) -> str:
    record = _checked(call, given)
    if len(call.server.auth_keys) >= unknowns.MAX_RECORDS:
        raise bad_request("There are too many of these")
    # Documented: a key without assets is for a request to upload.
    if not (record.get("assetIds") or record.get("containerId") or record.get("containerIds")):
        if not record.get("requestUpload"):
            raise bad_request("A key without 'assetIds' needs requestUpload=true")
        if not record.get("importFolderPath"):
            raise bad_request("A request to upload needs 'importFolderPath'")
    key = new_id()
    call.server.auth_keys[key] = record | {"user": call.user}
    call.server.journal.note("AUTHKEY_CREATE", key, "")
    return key


def _find(call: Call, key: str) -> dict[str, Any]:
    if key not in call.server.auth_keys:
        raise not_found("Auth key not found")
    return call.server.auth_keys[key]
