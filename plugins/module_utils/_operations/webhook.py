# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a webhook be registered as a task says, or not be there. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import urlsplit

from .._dam.versions import FILTERS_EVENTS, is_older, server_version
from .._dam.webhook_properties import FILTERS, PROPERTIES, SENT, Properties, url_key
from .._dam.webhooks import Webhook, Webhooks
from .._elvis.paths import parse_path
from .._errors import ElvisError, kept_on_failure
from .._task.arguments import ArgumentSpec
from .._task.call import Call, TaskOptions
from .._task.index_wait import INDEX_ARGUMENTS, shows_its_writes
from .._task.operation import Result, session_operation, uncompared
from .._work.diffs import diff_of

ARGUMENTS: ArgumentSpec = {
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "name": {"type": "str"},
    "id": {"type": "str"},
    "url": {"type": "str"},
    "event_types": {"type": "list", "elements": "str"},
    "metadata_to_return": {"type": "list", "elements": "str"},
    "trigger_metadata_fields": {"type": "list", "elements": "str"},
    "folders": {"type": "list", "elements": "str"},
    "query": {"type": "str"},
    "enabled": {"type": "bool"},
    "rotate_secret": {"type": "bool", "default": False},
    **INDEX_ARGUMENTS,
}
SECRET = "secret_token"  # noqa: S105 - the name of a key

_Changes = dict[str, dict[str, Any]]


def run(call: Call) -> Result:
    """Look at the webhooks, and change the one that the task is about where it differs; in check mode only tell."""
    wanted = _read_wanted(call.options)
    client = call.opened.client
    if any(wanted.get(name) for name in FILTERS):
        _refuse_old(client.server_url, server_version(client), wanted)
    task = _Task(call, Webhooks(client), wanted, client.server_url)
    return task.remove() if call.options["state"] == "absent" else task.bring_about()


def _secret_names(options: TaskOptions) -> Collection[str]:
    return () if options.get("state") == "absent" else (SECRET,)


OPERATION = session_operation(
    ARGUMENTS,
    shows_its_writes(run),
    uncompared(webhook=None, changes={}),
    constraints={"required_one_of": [("name", "id")]},
    secret_names=_secret_names,
)


def _read_wanted(options: TaskOptions) -> dict[str, Any]:
    """Return the properties that the task gives, by the names of its options.

    :raises ElvisError: when one of them can't be
    """
    for name in ("name", "id"):
        if options[name] is not None and not options[name].strip():
            raise ElvisError(f"{name} is empty. Give the {name} of the webhook.", "bad_request")
    wanted = {name: options[name] for name in PROPERTIES if options[name] is not None}
    if "url" in wanted:
        wanted["url"] = _parse_url(wanted["url"])
    if "folders" in wanted:
        wanted["folders"] = [parse_path(folder, "folders") for folder in wanted["folders"]]
    # In the order of the task, each once.
    return {name: list(dict.fromkeys(value)) if isinstance(value, list) else value for name, value in wanted.items()}


def _parse_url(url: str) -> str:
    try:
        url_key(url)
        has_user = "@" in urlsplit(url.strip()).netloc
    except ValueError:
        raise ElvisError(
            "url is not an address that a server could call. Give one such as https://eda.example.com:5000/elvis.",
            "bad_request",
        ) from None
    if has_user:
        raise ElvisError(
            "url must not hold a user or a password: it is shown. What the webhook sends is signed with its"
            " secret_token instead.",
            "bad_request",
        )
    return url.strip()


def _refuse_old(server_url: str, version: str | None, wanted: Mapping[str, Any]) -> None:
    if not is_older(version, FILTERS_EVENTS):
        return
    names = ", ".join(name for name in FILTERS if wanted.get(name))
    needed = ".".join(map(str, FILTERS_EVENTS))
    raise ElvisError(
        f"{server_url} is Elvis {version}, and {names} needs {needed} or newer. Leave that out, and"
        " let the receiver drop what it does not want.",
        "bad_request",
    )


class _Task:
    def __init__(self, call: Call, webhooks: Webhooks, wanted: Mapping[str, Any], server_url: str) -> None:
        self._call = call
        self._webhooks = webhooks
        self._wanted = wanted
        self._server_url = server_url
        self._shown_as: str = call.options["name"] or call.options["id"]

    def remove(self) -> Result:
        found = self._find()
        if found is None:
            return self._result({}, None, "is not there")
        if not self._call.check_mode:
            self._webhooks.remove(found)
        before = {name: is_one.read(found.properties) for name, is_one in PROPERTIES.items()}
        return self._result({"state": _change("present", "absent")}, None, "removed", before)

    def bring_about(self) -> Result:
        found = self._find()
        return self._create() if found is None else self._change(found)

    def _find(self) -> Webhook | None:
        """Return the webhook that the task is about, None when it is not there.

        :raises ElvisError: when it can't be told from another one
        """
        name, id_, every = self._call.options["name"], self._call.options["id"], self._webhooks.all()
        namesakes = [webhook for webhook in every if webhook.name == name] if name is not None else []
        if id_ is None:
            if len(namesakes) > 1:
                raise self._conflict(f"{len(namesakes)} webhooks have the name {name}", namesakes)
            return namesakes[0] if namesakes else None
        found = next((webhook for webhook in every if webhook.id == id_), None)
        if self._call.options["state"] == "present":
            if found is None:
                raise ElvisError(
                    f"{self._server_url} has no webhook with the id {id_}. To make one, leave id out: the server gives"
                    " it one.",
                    "not_found",
                )
            if namesakes and found not in namesakes:
                raise self._conflict(f"Another webhook than {id_} has the name {name}", namesakes)
        return found

    def _conflict(self, what: str, webhooks: Collection[Webhook]) -> ElvisError:
        ids = ", ".join(webhook.id for webhook in webhooks)
        return ElvisError(
            f"{what} at {self._server_url}: {ids}. Nothing was changed. Say with id which one is meant.", "conflict"
        )

    def _create(self) -> Result:
        missing = [name for name in ("url", "event_types") if name not in self._wanted]
        if missing:
            raise ElvisError(
                f"{self._server_url} has no webhook {self._shown_as}, and to make it the task must give"
                f" {' and '.join(missing)}.",
                "bad_request",
            )
        properties: Properties = {}
        for name, value in self._wanted.items():
            if value or name not in FILTERS:
                PROPERTIES[name].write(properties, value)
        changes = {"state": _change("absent", "present")}
        enabled = self._call.options["enabled"] is not False
        if self._call.check_mode:
            made = Webhook({"id": "", **properties, "enabled": enabled})
        else:
            made = self._webhooks.create(properties)
            with kept_on_failure(changes):
                made = self._switch(made)
            self._webhooks.await_listed(made)
        return self._result(changes, made, "made")

    def _change(self, found: Webhook) -> Result:
        changes = {
            name: _change(PROPERTIES[name].read(found.properties), value)
            for name, value in self._differing(found).items()
        }
        done: _Changes = {}
        webhook = found
        with kept_on_failure(done):
            if changes:
                webhook = self._update(found, list(changes))
                done.update(changes)
            if self._call.options["enabled"] not in (None, webhook.is_enabled):
                done_now = {"enabled": _change(webhook.is_enabled, not webhook.is_enabled)}
                webhook = self._switch(webhook)
                done.update(done_now)
            if self._call.options["rotate_secret"]:
                webhook = webhook if self._call.check_mode else self._webhooks.renew_secret(webhook)
                done[SECRET] = _change("the old one", "a new one")
        if done and not self._call.check_mode:
            self._webhooks.await_listed(webhook)
        return self._result(done, webhook, "changed" if done else "is as it should be")

    def _differing(self, webhook: Webhook) -> dict[str, Any]:
        return {
            name: value
            for name, value in self._wanted.items()
            if PROPERTIES[name].key_of(value) != PROPERTIES[name].key_of(PROPERTIES[name].read(webhook.properties))
        }

    def _update(self, found: Webhook, names: Collection[str]) -> Webhook:
        properties = {key: value for key, value in found.properties.items() if key in SENT and value is not None}
        for name in names:
            PROPERTIES[name].write(properties, self._wanted[name])
        if self._call.check_mode:
            return Webhook({**found.properties, **properties})
        return self._webhooks.update(found, properties)

    def _switch(self, webhook: Webhook) -> Webhook:
        enabled = self._call.options["enabled"]
        if enabled in (None, webhook.is_enabled):
            return webhook
        if self._call.check_mode:
            return Webhook({**webhook.properties, "enabled": enabled})
        return self._webhooks.enable(webhook, enabled)

    def _result(
        self, changes: _Changes, webhook: Webhook | None, outcome: str, removed: Mapping[str, Any] | None = None
    ) -> Result:
        if webhook and not self._call.check_mode:
            self._tell_stored_otherwise(webhook)
        verb = f"would be {outcome}" if changes and self._call.check_mode else outcome
        names = ", ".join(name for name in changes if name != "state")
        result: Result = {
            "changed": bool(changes),
            "msg": f"{self._server_url}: the webhook {self._shown_as} {verb}{f': {names}' if names else ''}.",
            "webhook": webhook and self._fit_to_return(webhook),
            "changes": changes,
        }
        if self._call.diff:
            result["diff"] = self._diff(changes, webhook, removed)
        return result

    def _tell_stored_otherwise(self, webhook: Webhook) -> None:
        otherwise = self._differing(webhook)
        if otherwise:
            self._call.warn(
                f"The server stored {', '.join(otherwise)} of the webhook {self._shown_as} in a form that differs from"
                " this task's, so the next run changes it again. Give what the server has stored."
            )

    def _fit_to_return(self, webhook: Webhook) -> dict[str, Any]:
        return {
            "id": webhook.id or None,
            **{name: is_one.read(webhook.properties) for name, is_one in PROPERTIES.items()},
            "enabled": webhook.is_enabled,
            # In check mode nothing goes on with it, and without it the rest of the result need not be hidden.
            SECRET: None if self._call.check_mode else webhook.secret,
        }

    def _diff(
        self, changes: _Changes, webhook: Webhook | None, removed: Mapping[str, Any] | None
    ) -> list[dict[str, str]]:
        if not changes:
            return []
        before = {name: change["before"] for name, change in changes.items()}
        after = {name: change["after"] for name, change in changes.items()}
        if "state" in changes and webhook:
            after.update({name: is_one.read(webhook.properties) for name, is_one in PROPERTIES.items()})
        return [diff_of(f"webhook {self._shown_as}", {**before, **(removed or {})}, after)]


def _change(before: Any, after: Any) -> dict[str, Any]:
    return {"before": before, "after": after}
