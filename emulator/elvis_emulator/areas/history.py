# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to an asset, and the return to an old version."""

from __future__ import annotations

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.events.journal import Entry
from elvis_emulator.server import Call
from elvis_emulator.store.fields import shown
from elvis_emulator.store.kinds import domain_of
from elvis_emulator.web.errors import bad_request, not_found

# The vendor's table of detail levels.
_FIRST = frozenset({"CREATE", "CREATE_VARIATION", "COPY", "COPY_VERSION", "CHECKIN"})
_SHOWN = {1: _FIRST, 2: _FIRST | {"MOVE", "RENAME"}}
_HIDDEN = {
    3: frozenset({"CHECKOUT", "UNDO_CHECKOUT", "METADATA_UPDATE", "PREVIEW", "AUTHKEY_UPDATE"}),
    4: frozenset({"PREVIEW"}),
    5: frozenset[str](),
}


def history(call: Call) -> object:
    """The history of an asset, the latest first; documented by the vendor, but for the order."""
    parameters = call.parameters
    asset_id = parameters.required("id")
    entries = call.server.journal.of(asset_id)
    if not entries:
        # That of a removed asset is kept.
        call.server.store.asset(asset_id)
    level = parameters.number("detailLevel", 0)
    if level > max(_HIDDEN):
        raise bad_request("Parameter 'detailLevel' is one of 0 to 5")
    actions = {action.strip() for action in parameters.text("actions").split(",") if action.strip()}
    wanted = [entry for entry in reversed(entries) if _is_wanted(entry.action, level, actions)]
    start, count = parameters.number("start", 0), parameters.number("num", unknowns.DEFAULT_HISTORY)
    return {"totalHits": len(wanted), "hits": [_hit(call, entry) for entry in wanted[start : start + count]]}


def promote(call: Call) -> web.Response:
    """Make an old version the current one; documented by the vendor, its reply is not: one client reads none."""
    asset = call.server.store.asset(call.parameters.required("assetId"))
    number = call.parameters.number("version", 0)
    version = next((version for version in asset.versions if version.number == number), None)
    if version is None:
        raise not_found(f"The asset has no version {number} to go back to")
    call.server.store.promote(asset, call.user, version)
    return web.Response()


def _is_wanted(action: str, level: int, actions: set[str]) -> bool:
    if level == 0:
        return not actions or action in actions
    return action in _SHOWN[level] if level in _SHOWN else action not in _HIDDEN[level]


def _hit(call: Call, entry: Entry) -> dict[str, object]:
    source = entry.details if entry.action == "COPY" else {}
    record: dict[str, object] = {
        "id": None,
        "logDate": entry.time,
        "userName": entry.actor.user,
        "userGroups": call.server.accounts.profile(entry.actor.user)["groups"],
        "clientType": entry.actor.client_type,
        "remoteAddr": entry.actor.address,
        "remoteHost": entry.actor.address,
        "action": entry.action,
        "assetId": entry.id,
        "assetPath": entry.path,
        "assetType": entry.asset_type,
        "assetDomain": domain_of(entry.asset_type),
        "sourceAssetId": source.get("sourceId"),
        "sourceAssetPath": source.get("source"),
        "changedMetadata": {
            name: {unknowns.OLD_VALUE_FIELD: shown(name, old), "newValue": shown(name, new)}
            for name, (old, new) in entry.changed.items()
        },
        "details": {} if entry.action == "COPY" else dict(entry.details),
    }
    metadata = {"assetPath": entry.path, "versionNumber": entry.version}
    return {
        "usageStatsRecord": record,
        "hit": {"id": entry.id, "permissions": unknowns.ALL_PERMISSIONS, "metadata": metadata},
        "versionCreatingAction": entry.action in _FIRST,
    }
