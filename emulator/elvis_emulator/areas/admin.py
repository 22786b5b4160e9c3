# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an administrator sets: engines for external processing, permission rules; and what nobody documents."""

from __future__ import annotations

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.processes import Work
from elvis_emulator.server import Call
from elvis_emulator.users.tokens import new_id
from elvis_emulator.web.errors import bad_request, json_reply, not_found

from .relations import query as understood

Records = dict[str, dict[str, object]]


def create_engine(call: Call) -> object:
    """POST services/admin/externalProcessing with the JSON of the vendor's collection."""
    call.needs_superuser("manage external processing")
    body = call.parameters.json_body()
    for name in ("name", "url"):
        if not isinstance(body.get(name), str) or not body[name]:
            raise bad_request(f"Required field '{name}' is not present")
    return json_reply(_add(call.server.engines, {"enabled": True} | body), unknowns.ENGINE_CREATED_STATUS)


def get_engines(call: Call) -> object:
    call.needs_superuser("manage external processing")
    return list(call.server.engines.values())


def get_engine(call: Call) -> object:
    call.needs_superuser("manage external processing")
    return _find(call.server.engines, call.variables[0])


def update_engine(call: Call) -> object:
    call.needs_superuser("manage external processing")
    engine = _find(call.server.engines, call.variables[0])
    engine |= call.parameters.json_body() | {"id": engine["id"]}
    return engine


def delete_engine(call: Call) -> object:
    """DELETE by an id, or `all`."""
    call.needs_superuser("manage external processing")
    if call.variables[0] == "all":
        call.server.engines.clear()
    else:
        del call.server.engines[str(_find(call.server.engines, call.variables[0])["id"])]
    return web.Response()


def create_rule(call: Call) -> object:
    """POST api/admin/permission/rule: it is kept, and shown again; it changes nobody's permissions."""
    call.needs_superuser("manage permissions")
    return _add(call.server.rules, call.parameters.json_body())


def search_rules(call: Call) -> object:
    """The rules whose fields are as those of the body, as far as these are fields of rules."""
    call.needs_superuser("manage permissions")
    wanted = call.parameters.json_body()
    return [
        rule
        for rule in call.server.rules.values()
        if all(rule[name] == value for name, value in wanted.items() if name in rule)
    ]


def delete_rule(call: Call) -> object:
    call.needs_superuser("manage permissions")
    del call.server.rules[str(_find(call.server.rules, call.variables[0])["id"])]
    return web.Response()


def roles(call: Call) -> object:
    """The names of what a user may be."""
    call.needs_superuser("manage permissions")
    return [{"name": name} for name in unknowns.ROLES]


def activation_state(call: Call) -> object:
    """POST controller/admin/activation/currentState; only its address is known, from a client."""
    call.needs_superuser("see the activation")
    return {"activated": True, "state": "ACTIVATED"}


def start_asset_update(call: Call) -> object:
    """POST private-api/system/asset/update/start with a `filterQuery`: a process that looks at what is found."""
    call.needs_superuser("update assets")
    query = call.parameters.json_body().get("filterQuery")
    if not isinstance(query, str) or not query.strip():
        raise bad_request("Required field 'filterQuery' is not present")
    found = call.server.store.found(understood(call, query), call.node)
    steps = [lambda asset=asset: call.server.store.reindex(asset) for asset in found]
    return call.server.processes.run(Work(steps), in_background=True)


def _add(records: Records, body: dict[str, object]) -> dict[str, object]:
    if len(records) >= unknowns.MAX_RECORDS:
        raise bad_request("There are too many of these")
    record = body | {"id": new_id()}
    records[str(record["id"])] = record
    return record


def _find(records: Records, record_id: str) -> dict[str, object]:
    if record_id not in records:
        raise not_found(f"Not found: {record_id[:100]}")
    return records[record_id]
