# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be seen of the server's state: each view lists at most so many things, as JSON."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from elvis_emulator.server import Server

Rows = list[dict[str, object]]


def sessions(server: Server, count: int) -> Rows:
    """The live sessions, the oldest first."""
    return [
        {
            "user": session.user,
            "method": session.method,
            "clientId": session.client_id,
            "clientType": session.client_type,
            "created": int(session.created * 1000),
            "lastUsed": int(session.last_used * 1000),
            "node": session.node,
        }
        for session in server.sessions.live()[:count]
    ]


def assets(server: Server, count: int) -> Rows:
    """The assets that were made last, the newest first."""
    return [
        {
            "id": asset.id,
            "path": asset.path,
            "size": asset.file.size if asset.file else None,
            "version": asset.version,
            "creator": asset.creator,
            "created": asset.created,
            "modifier": asset.modifier,
            "modified": asset.modified,
            "checkedOutBy": asset.checkout and asset.checkout.user,
        }
        for asset in server.store.latest(count)
    ]


def relations(server: Server, count: int) -> Rows:
    """The relations that were made last, the newest first."""
    return [
        {"id": relation.id, "type": relation.type, "parent": relation.parent_id, "child": relation.child_id}
        for relation in reversed(server.relations.all()[-count:])
    ]


def events(server: Server, count: int) -> Rows:
    """What happened last, the latest first; of what changed the names."""
    return [
        {
            "number": entry.number,
            "time": entry.time,
            "action": entry.action,
            "user": entry.actor.user,
            # The key of a share link opens it.
            "id": "" if entry.action.startswith("AUTHKEY") else entry.id,
            "path": entry.path,
            "changed": list(entry.changed),
        }
        for entry in islice(server.journal.latest(), count)
    ]


def webhooks(server: Server, count: int) -> Rows:
    """Every webhook, without its secret, and without what may be one in its address."""
    return [
        {
            "id": webhook.id,
            "name": webhook.name,
            "url": _without_secrets(webhook.url),
            "eventTypes": webhook.event_types,
            "enabled": webhook.enabled,
            "failed": webhook.failed,
            "waiting": len(webhook.waiting),
        }
        for webhook in server.webhooks.all()[:count]
    ]


def deliveries(server: Server, count: int) -> Rows:
    """The events that were sent to webhooks last, the latest first."""
    return [
        {
            "time": delivery.time,
            "webhook": delivery.webhook,
            "webhookId": delivery.webhook_id,
            "type": delivery.type,
            "path": delivery.path,
            "state": delivery.state,
            "attempts": delivery.attempts,
            "status": delivery.status,
            "problem": delivery.problem,
        }
        for delivery in islice(reversed(server.webhooks.deliveries), count)
    ]


VIEWS: dict[str, Callable[[Server, int], Rows]] = {
    view.__name__: view for view in (sessions, assets, relations, events, webhooks, deliveries)
}


def _without_secrets(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
