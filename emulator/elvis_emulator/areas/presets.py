# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The presets of renditions, which are kept and shown; nothing is rendered by them."""

from __future__ import annotations

from functools import partial

from elvis_emulator import unknowns
from elvis_emulator.processes import Work
from elvis_emulator.server import Call
from elvis_emulator.users.tokens import new_id
from elvis_emulator.web.errors import bad_request, json_reply, not_found


def list_presets(call: Call) -> object:
    """POST services/renditionpreset/list: those that a user made, or that are shared with one of their groups."""
    groups = call.server.accounts.profile(call.user)["groups"]
    mine = set(groups) if isinstance(groups, list) else set()
    return [
        preset
        for preset in call.server.presets.values()
        if preset["creator"] == call.user or mine & set(_shared_with(preset))
    ]


def list_all(call: Call) -> object:
    """POST services/renditionpreset/listAll: every preset, for a superuser."""
    call.needs_superuser("see every preset")
    return list(call.server.presets.values())


def save(call: Call) -> object:
    """POST services/renditionpreset/save: the query's `id` and `name` win over those of the body."""
    body = call.parameters.json_body()
    preset_id, name = (_text(call, body, field) for field in ("id", "name"))
    if not name:
        raise bad_request("Required field 'name' is not present")
    groups, settings = body.get("sharedWithGroups") or [], body.get("renditionSettings") or {}
    if not isinstance(groups, list) or not isinstance(settings, dict):
        raise bad_request("'sharedWithGroups' is a list, 'renditionSettings' an object")
    if preset_id and preset_id not in call.server.presets:
        raise not_found(f"Preset not found: {preset_id[:100]}")
    if not preset_id and len(call.server.presets) >= unknowns.MAX_RECORDS:
        raise bad_request("There are too many of these")
    preset = body | {"id": preset_id or new_id(), "name": name}
    preset["creator"] = call.server.presets[preset_id]["creator"] if preset_id else call.user
    call.server.presets[str(preset["id"])] = preset
    return json_reply(preset, unknowns.PRESET_SAVED_STATUS)


def remove(call: Call) -> object:
    """POST services/renditionpreset/remove: presets by their `ids`; answered with counts, as other removals are."""
    call.parameters.required("ids")
    ids = [part.strip() for value in call.parameters.all("ids") for part in value.split(",") if part.strip()]
    return call.server.processes.run(Work([partial(_remove, call, one) for one in ids]), in_background=False)


def _remove(call: Call, preset_id: str) -> None:
    if preset_id not in call.server.presets:
        raise not_found(f"Preset not found: {preset_id[:100]}")
    del call.server.presets[preset_id]


def _text(call: Call, body: dict[str, object], name: str) -> str:
    value = call.parameters.text(name).strip() or body.get(name) or ""
    if not isinstance(value, str):
        raise bad_request(f"'{name}' is not a text")
    return value


def _shared_with(preset: dict[str, object]) -> list[str]:
    groups = preset.get("sharedWithGroups")
    return [str(group) for group in groups] if isinstance(groups, list) else []
