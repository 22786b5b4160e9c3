# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to an asset."""

from __future__ import annotations

from elvis_emulator import unknowns
from elvis_emulator.events.entry import Entry
from elvis_emulator.server import Call
from elvis_emulator.store.fields import plain
from elvis_emulator.store.kinds import domain_of
from elvis_emulator.web.errors import bad_request

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
            name: {unknowns.OLD_VALUE_FIELD: _value(old), "newValue": _value(new)}
            for name, (old, new) in entry.changed.items()
        },
        "details": {} if entry.action == "COPY" else dict(entry.details),
    }
    hit = {
        "id": entry.id,
        "permissions": unknowns.ALL_PERMISSIONS,
        "permissionMask": unknowns.ALL_PERMISSIONS_MASK,
        "metadata": {"assetPath": entry.path, "versionNumber": entry.version},
        "relation": None,
    }
    return {
        "usageStatsRecord": record,
        "hit": hit,
        "versionCreatingAction": entry.action in _FIRST,
    }


def _value(value: object) -> object:
    """A value as it was before or after a change: a text, a number or nothing."""
    value = plain(value)
    return unknowns.LIST_IN_HISTORY.join(map(str, value)) if isinstance(value, list) else value
