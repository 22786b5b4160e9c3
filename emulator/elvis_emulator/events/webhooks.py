# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The webhooks: which there are, what each wants to hear of, and the delivery of events to them."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from elvis_emulator import unknowns
from elvis_emulator.store.document import PlainDocument
from elvis_emulator.store.fields import shown
from elvis_emulator.store.index import Index
from elvis_emulator.store.paths import is_below
from elvis_emulator.store.query import Query
from elvis_emulator.users.tokens import new_id
from elvis_emulator.web.errors import not_found

from .entry import Entry
from .journal import ACTION_OF_EVENT, EVENT_OF_ACTION, Describe

# Documented by the vendor, but nothing here does what it stands for.
EVENT_TYPES = frozenset(ACTION_OF_EVENT) | {"asset_create_from_filestore_rescue"}

SIGNATURE_HEADER = "x-hook-signature"
MAX_DELIVERIES = 10_000
MAX_WAITING = 10_000


def new_secret() -> str:
    """A random AES key, as base64: the form of the vendor's example."""
    return base64.b64encode(secrets.token_bytes(16)).decode()


@dataclass
class Delivery:
    """One event on its way to one webhook."""

    webhook_id: str
    webhook: str
    type: str
    id: str
    path: str
    time: int
    body: bytes
    state: str = "waiting"
    attempts: int = 0
    status: int | None = None
    problem: str | None = None


@dataclass
class Webhook:
    """One webhook, and what waits to be sent to it."""

    name: str
    url: str
    event_types: list[str]
    metadata_to_return: list[str] = field(default_factory=list)
    changed_metadata_to_return: list[str] = field(default_factory=list)
    trigger_metadata_fields: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    query: Query | None = None
    enabled: bool = True
    failed: bool = False
    id: str = field(default_factory=new_id)
    secret_token: str = field(default_factory=new_secret)
    waiting: deque[Delivery] = field(default_factory=deque)
    worker: asyncio.Task[None] | None = None

    def sign(self, body: bytes) -> str:
        """The signature of a body; the key is the secret's text as it is, as the vendor's samples read it."""
        return hmac.new(self.secret_token.encode(), body, hashlib.sha256).hexdigest()

    def wants(self, event: str, entry: Entry, describe: Describe) -> bool:
        """Tell whether it is to hear of an event; its conditions apply to events of assets only."""
        if not self.enabled or event not in self.event_types:
            return False
        if not event.startswith("asset_"):
            return True
        if self.trigger_metadata_fields and not any(name in entry.changed for name in self.trigger_metadata_fields):
            return False
        if self.folders and not any(is_below(entry.path, folder) for folder in self.folders):
            return False
        return self.query is None or _finds(self.query, entry, describe())


class Webhooks:
    """Every webhook of a server, and the latest deliveries."""

    def __init__(self, attempts: int, pause: float) -> None:
        self._by_id: dict[str, Webhook] = {}
        self._attempts = attempts
        self._pause = pause
        self.deliveries: deque[Delivery] = deque(maxlen=MAX_DELIVERIES)

    def all(self) -> list[Webhook]:
        return list(self._by_id.values())

    def get(self, webhook_id: str) -> Webhook:
        """Return a webhook by its id, or raise a 404."""
        if webhook_id not in self._by_id:
            raise not_found(f"Webhook not found: {webhook_id[:100]}")
        return self._by_id[webhook_id]

    def add(self, webhook: Webhook) -> None:
        self._by_id[webhook.id] = webhook

    def enable(self, webhook: Webhook, enabled: bool) -> None:
        """Switch it on or off. What waits for one that is off is not sent; one that failed starts afresh."""
        webhook.enabled = enabled
        if enabled:
            webhook.failed = False
        else:
            _drop_waiting(webhook)

    def remove(self, webhook: Webhook) -> None:
        del self._by_id[webhook.id]
        self.enable(webhook, enabled=False)
        self._stop(webhook)

    def close(self) -> None:
        for webhook in self._by_id.values():
            self._stop(webhook)

    def happened(self, entry: Entry, describe: Describe) -> None:
        """Send what happened to each webhook that wants to hear of it: soon, in order, in the background."""
        event = EVENT_OF_ACTION.get(entry.action)
        if event is None or not self._by_id:
            return
        for webhook in self._by_id.values():
            if webhook.wants(event, entry, describe):
                self._send(webhook, event, entry, describe)

    def _send(self, webhook: Webhook, event: str, entry: Entry, describe: Describe) -> None:
        body = json.dumps(self._payload(webhook, event, entry, describe)).encode("ascii")
        delivery = Delivery(webhook.id, webhook.name, event, entry.id, entry.path, entry.time, body)
        self.deliveries.append(delivery)
        if len(webhook.waiting) >= MAX_WAITING:
            delivery.state = "dropped"
            return
        webhook.waiting.append(delivery)
        if webhook.worker is None or webhook.worker.done():
            webhook.worker = asyncio.get_running_loop().create_task(self._deliver_waiting(webhook))

    def _payload(self, webhook: Webhook, event: str, entry: Entry, describe: Describe) -> dict[str, object]:
        payload: dict[str, object] = {"timestamp": entry.time, "type": event}
        if event.startswith("authkey_"):
            return payload | {unknowns.WEBHOOK_SHARED_FIELD: entry.id}
        if event.startswith("folder_"):
            payload |= {unknowns.WEBHOOK_FOLDER_ID_FIELD: entry.id, unknowns.WEBHOOK_FOLDER_PATH_FIELD: entry.path}
        else:
            payload["assetId"] = entry.id
        described = describe() if webhook.metadata_to_return else {}
        payload["metadata"] = {name: described[name] for name in webhook.metadata_to_return if name in described}
        if event == "asset_update_metadata":
            payload["changedMetadata"] = _changes(webhook, entry.changed)
        return payload

    def _stop(self, webhook: Webhook) -> None:
        if webhook.worker:
            webhook.worker.cancel()

    async def _deliver_waiting(self, webhook: Webhook) -> None:
        timeout = aiohttp.ClientTimeout(total=unknowns.WEBHOOK_SECONDS_TO_ANSWER)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while webhook.waiting:
                await self._deliver(http, webhook, webhook.waiting.popleft())

    async def _deliver(self, http: aiohttp.ClientSession, webhook: Webhook, delivery: Delivery) -> None:
        delivery.state = "sending"
        try:
            await self._try_until_delivered(http, webhook, delivery)
        finally:
            if delivery.state == "sending":
                delivery.state = "dropped"

    async def _try_until_delivered(self, http: aiohttp.ClientSession, webhook: Webhook, delivery: Delivery) -> None:
        while webhook.enabled:
            delivery.attempts += 1
            await _attempt(http, webhook, delivery)
            if delivery.problem is None:
                delivery.state = "delivered"
                return
            if delivery.attempts >= self._attempts:
                delivery.state = "failed"
                webhook.failed = True
                self.enable(webhook, enabled=not unknowns.FAILED_WEBHOOK_IS_DISABLED)
                return
            await asyncio.sleep(self._pause * 2 ** (delivery.attempts - 1))


def is_address(url: str) -> bool:
    """Tell whether an event can be sent to an address at all."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _changes(webhook: Webhook, changed: Mapping[str, tuple[object, object]]) -> dict[str, object]:
    wanted = webhook.changed_metadata_to_return
    return {
        name: {unknowns.OLD_VALUE_FIELD: shown(name, old), "newValue": shown(name, new)}
        for name, (old, new) in changed.items()
        if not wanted or name in wanted
    }


def _finds(query: Query, entry: Entry, metadata: Mapping[str, Any]) -> bool:
    """Tell whether a query finds an asset as it is now, in an index of that asset alone."""
    index = Index()
    index.put_document(PlainDocument(entry.id, entry.path, dict(metadata)))
    return bool(query.find(index))


def _drop_waiting(webhook: Webhook) -> None:
    while webhook.waiting:
        webhook.waiting.popleft().state = "dropped"


async def _attempt(http: aiohttp.ClientSession, webhook: Webhook, delivery: Delivery) -> None:
    headers = {"Content-Type": "application/json;charset=UTF-8", SIGNATURE_HEADER: webhook.sign(delivery.body)}
    delivery.status = None
    try:
        async with http.post(webhook.url, data=delivery.body, headers=headers, allow_redirects=False) as reply:
            delivery.status = reply.status
            delivery.problem = None if 200 <= reply.status < 300 else f"HTTP {reply.status}"
    except (aiohttp.ClientError, ValueError, OSError, TimeoutError) as problem:
        # By its kind alone: the message may hold the address, which may hold a secret.
        delivery.problem = type(problem).__name__
