# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls on webhooks, for a superuser; documented by the vendor as far as its pages can be read."""

from __future__ import annotations

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.events.webhooks import EVENT_TYPES, Webhook, is_address, new_secret
from elvis_emulator.server import Call
from elvis_emulator.store.paths import clean_path
from elvis_emulator.store.query import parse_query
from elvis_emulator.web.errors import bad_request, json_reply
from elvis_emulator.web.parameters import refuse_unknown


def create(call: Call) -> object:
    """POST services/admin/webhook: 201 and the webhook, with the secret that the server made."""
    _refuse_others(call)
    webhook = _read(call.parameters.json_body())
    call.server.webhooks.add(webhook)
    return json_reply(_shown(webhook), 201)


def get_all(call: Call) -> object:
    _refuse_others(call)
    return [_shown(webhook) for webhook in call.server.webhooks.all()]


def get(call: Call) -> object:
    return _shown(_named(call))


def update(call: Call) -> object:
    """PUT services/admin/webhook/{id} with the same JSON as `create`; its id and its secret stay."""
    webhook = _named(call)
    body = call.parameters.json_body()
    new = _read(body)
    kept = ("id", "secret_token", "waiting", "worker", "enabled", "failed")
    vars(webhook).update({name: value for name, value in vars(new).items() if name not in kept})
    if "enabled" in body:
        call.server.webhooks.enable(webhook, new.enabled)
    return _shown(webhook)


def enable(call: Call) -> object:
    return _switch(call, enabled=True)


def disable(call: Call) -> object:
    return _switch(call, enabled=False)


def renew_secret(call: Call) -> object:
    """Give a webhook a new secret: what is sent from now on is signed with it."""
    webhook = _named(call)
    webhook.secret_token = new_secret()
    return _shown(webhook)


def delete(call: Call) -> object:
    call.server.webhooks.remove(_named(call))
    return web.Response(status=unknowns.WEBHOOK_DELETED_STATUS)


def _switch(call: Call, enabled: bool) -> object:
    webhook = _named(call)
    call.server.webhooks.enable(webhook, enabled)
    return _shown(webhook)


def _named(call: Call) -> Webhook:
    _refuse_others(call)
    return call.server.webhooks.get(call.variables[0])


def _refuse_others(call: Call) -> None:
    # The licence that is asked for as well is not modelled: every account here has it.
    call.needs_superuser("manage webhooks")


def _read(body: dict[str, object]) -> Webhook:
    name, url = _text(body, "name"), _text(body, "url")
    if not is_address(url):
        raise bad_request("'url' is not an http or https address")
    if body.get("eventTypes") is None:
        raise bad_request("Required field 'eventTypes' is not present")
    events = _texts(body, "eventTypes")
    unknown = next((event for event in events if event not in EVENT_TYPES), None)
    if unknown is not None:
        raise bad_request(f"Unknown event type: {unknown[:100]}")
    scope = body.get("foldersAndQuery") or {}
    if not isinstance(scope, dict):
        raise bad_request("'foldersAndQuery' is not an object")
    refuse_unknown(scope, ("folders", "query", "enableWildcardSelection"), "'foldersAndQuery'")
    query = scope.get("query") or ""
    if not isinstance(query, str):
        raise bad_request("'query' is not a text")
    return Webhook(
        name=name,
        url=url,
        event_types=events,
        metadata_to_return=_texts(body, "metadataToReturn"),
        changed_metadata_to_return=_texts(body, "changedMetadataToReturn"),
        trigger_metadata_fields=_texts(body, "triggerMetadataFields"),
        folders=[clean_path(folder) for folder in _texts(scope, "folders")],
        query=parse_query(query) if query.strip() else None,
        enabled=body.get("enabled") is not False,
    )


def _text(body: dict[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise bad_request(f"Required field '{name}' is not present")
    return value


def _texts(body: dict[str, object], name: str) -> list[str]:
    value = body.get(name)
    values = [] if value is None else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise bad_request(f"'{name}' is not a list of texts")
    return values


def _shown(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.id,
        "name": webhook.name,
        "url": webhook.url,
        "eventTypes": webhook.event_types,
        "metadataToReturn": webhook.metadata_to_return,
        "changedMetadataToReturn": webhook.changed_metadata_to_return,
        "triggerMetadataFields": webhook.trigger_metadata_fields,
        "foldersAndQuery": {"folders": webhook.folders, "query": webhook.query.text if webhook.query else ""},
        "enabled": webhook.enabled,
        "secretToken": webhook.secret_token,
    }
