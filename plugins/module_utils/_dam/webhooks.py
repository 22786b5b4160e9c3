# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The webhooks of a server: read, made, changed, removed. Private to damops.elvis.

A change is sent once: what became of one whose answer was lost, the list tells.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import quote

from .._elvis.client import Client, Request
from .._elvis.decoding import as_boolean
from .._elvis.response import ElvisFailure, is_empty_success, not_elvis, parse
from .._elvis.services import WEBHOOK, WEBHOOK_DISABLE, WEBHOOK_ENABLE, WEBHOOK_SECRET, WEBHOOKS, Service
from .._errors import CallFailure, ElvisError
from .._http.transport import HttpResponse
from .webhook_properties import SENT, Properties

T = TypeVar("T")

FORBIDDEN: Final = (
    "Webhooks are for a superuser, and need a Pro licence; from Elvis 6.49 on, an API licence does as well. Log in as"
    " one, and check the licence of the server."
)
NOT_HERE: Final = (
    "The path of this call is a guess, since the vendor's public pages do not show it, and this server does not know"
    " it. {what}. Please report the version of the server, and the path if you know it."
)
GONE: Final = "Somebody removed it meanwhile. Run the task again: it looks first."
LOOK_FIRST: Final = (
    "The server may have done it all the same, and it is not sent twice. Run the task again: it looks first."
)
NAMELESS: Final = (
    "By its name a later run would find the webhook. Manage the webhooks of this server in its own pages, and check"
    " what is in front of it."
)
NO_ID: Final = (
    "The server may have made it. No id came, so nothing was removed. Run the task again: it looks first. Look for it"
    " in the pages of the server if the task makes another one."
)
_GUESSED_STATUSES = (404, 405)
_MASKED = re.compile("[*\N{BULLET}\N{BLACK CIRCLE}]")


class Webhook:
    """A webhook as the server shows it.

    :param properties: all that the server told of it
    """

    def __init__(self, properties: Properties) -> None:
        self.properties: Final = properties
        self.id: Final = str(properties["id"])
        self.name: Final[str | None] = properties.get("name")

    @property
    def is_enabled(self) -> bool:
        return as_boolean(self.properties.get("enabled")) is not False

    @property
    def secret(self) -> str | None:
        """The key of its signatures, None where the server does not show it, or only stars."""
        secret = self.properties.get("secretToken")
        return secret if isinstance(secret, str) and secret.strip() and not _MASKED.search(secret) else None


class Webhooks:
    """The webhooks of a client's server."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def all(self) -> list[Webhook]:
        """Return every webhook.

        :raises ElvisError: also when this server lists them elsewhere
        """
        request = _request("list the webhooks", "GET", WEBHOOKS, repeatable=True)
        what = "Manage the webhooks of this server in its own pages"
        return self._guessed(request, partial(_read_all, client=self._client), what)

    def create(self, properties: Properties) -> Webhook:
        """Make a webhook, which a later run finds by its name.

        :raises ElvisError: also when the answer has no name; then that webhook is removed again
        """
        request = _request(f"make the webhook {properties['name']}", "POST", WEBHOOKS, json=properties)
        request = dataclasses.replace(
            request, advice={**request.advice, "bad_response": NAMELESS}, outcome_unknown=NO_ID
        )
        made = self._client.call(request, partial(_read_one, client=self._client))
        if isinstance(made.name, str) and made.name:
            return made
        failure = CallFailure("not_elvis", "the answer has no name of the webhook", "answered")
        raise self._client.error(request, failure).with_note(self._removed_again(made))

    def _removed_again(self, webhook: Webhook) -> str:
        """Remove a webhook that this task has made; say what became of it."""
        request = _request(f"remove the webhook {webhook.id}", "DELETE", WEBHOOK, webhook)
        try:
            self._client.call(request, partial(_read_changed, client=self._client))
        except ElvisError as error:
            return f"It has the id {webhook.id} and could not be removed again. {error.message}"
        return f"It had the id {webhook.id}, and was removed again."

    def update(self, webhook: Webhook, properties: Properties) -> Webhook:
        """Give a webhook these properties; the server takes all of them, or none."""
        request = _request(f"change the webhook {_shown(webhook)}", "PUT", WEBHOOK, webhook, properties)
        return self._read_again(webhook, self._client.call(request, partial(_read_changed, client=self._client)))

    def enable(self, webhook: Webhook, enabled: bool) -> Webhook:
        verb, service = ("enable", WEBHOOK_ENABLE) if enabled else ("disable", WEBHOOK_DISABLE)
        request = _request(f"{verb} the webhook {_shown(webhook)}", "PUT", service, webhook)
        return self._read_again(webhook, self._client.call(request, partial(_read_changed, client=self._client)))

    def renew_secret(self, webhook: Webhook) -> Webhook:
        """Let the server make a new secret; what it sends from now on is signed with that.

        :raises ElvisError: also when this server does so elsewhere
        """
        request = _request(f"renew the secret of the webhook {_shown(webhook)}", "PUT", WEBHOOK_SECRET, webhook)
        what = "Make the new secret in the pages of the server, or remove the webhook and make it again"
        renewed = self._guessed(request, partial(_read_changed, client=self._client), what)
        return self._read_again(webhook, renewed)

    def remove(self, webhook: Webhook) -> None:
        request = _request(f"remove the webhook {_shown(webhook)}", "DELETE", WEBHOOK, webhook)
        self._client.call(request, partial(_read_changed, client=self._client))
        self._client.own_writes.others.append(lambda: webhook.id not in {listed.id for listed in self.all()})

    def await_listed(self, webhook: Webhook) -> None:
        """Have the task end only when the list of webhooks has this one as the server stored it."""
        stored = {name: value for name, value in webhook.properties.items() if name in (*SENT, "enabled")}

        def is_listed() -> bool:
            return any(webhook.id == listed.id and stored.items() <= listed.properties.items() for listed in self.all())

        self._client.own_writes.others.append(is_listed)

    def _read_again(self, webhook: Webhook, changed: Webhook | None) -> Webhook:
        """Return what a change was answered with; where that was nothing, ask for it."""
        if changed:
            return changed
        return next((other for other in self.all() if other.id == webhook.id), webhook)

    def _guessed(self, request: Request, read: Callable[[HttpResponse], T], what: str) -> T:
        advised = dataclasses.replace(request, advice={**request.advice, "not_found": NOT_HERE.format(what=what)})
        with self._client.judging(advised):
            try:
                return self._client.attempt(advised, read)
            except ElvisFailure as failure:
                if failure.status not in _GUESSED_STATUSES:
                    raise
                unknown = failure.as_kind("not_found")
            raise unknown


def _request(
    purpose: str,
    method: str,
    service: Service,
    webhook: Webhook | None = None,
    json: Mapping[str, Any] | None = None,
    repeatable: bool = False,
) -> Request:
    return Request(
        purpose,
        method,
        service.address.replace("{id}", quote(webhook.id, safe="") if webhook else ""),
        json=json,
        repeatable=repeatable,
        advice={"forbidden": FORBIDDEN, **({"not_found": GONE} if webhook else {})},
        outcome_unknown="" if repeatable else LOOK_FIRST,
    )


def _shown(webhook: Webhook) -> str:
    return f"{webhook.name} ({webhook.id})" if webhook.name else webhook.id


def _read_all(reply: HttpResponse, client: Client) -> list[Webhook]:
    answer = client.without_secrets(parse(reply))
    if not isinstance(answer, list) or not all(map(_is_webhook, answer)):
        raise not_elvis(reply, "a list of webhooks was expected")
    return [Webhook(properties) for properties in answer]


def _read_one(reply: HttpResponse, client: Client) -> Webhook:
    answer = client.without_secrets(parse(reply))
    if not _is_webhook(answer):
        raise not_elvis(reply, "a webhook was expected", delivery="unknown")
    return Webhook(answer)


def _read_changed(reply: HttpResponse, client: Client) -> Webhook | None:
    """Return what a change made of a webhook, None where the server does not tell: its answer may be empty."""
    if is_empty_success(reply):
        return None
    answer = client.without_secrets(parse(reply))
    return Webhook(answer) if _is_webhook(answer) else None


def _is_webhook(answer: Any) -> bool:
    return isinstance(answer, dict) and isinstance(answer.get("id"), (str, int)) and answer["id"] != ""
