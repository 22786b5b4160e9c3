# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts for clients, and mails that the server would send."""

from __future__ import annotations

from aiohttp import web

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.web.errors import bad_request

_COMMON = {
    "field_label.name": {"en_US": "Name", "de_DE": "Name", "fr_FR": "Nom", "nl_NL": "Naam"},
    "field_label.status": {"en_US": "Status", "de_DE": "Status", "fr_FR": "Statut", "nl_NL": "Status"},
    "field_label.rating": {"en_US": "Rating", "de_DE": "Bewertung", "fr_FR": "Note", "nl_NL": "Waardering"},
    # Seen in a PHP client's tests.
    "field_label.creatorEmail": {"en_US": "E-mail", "de_DE": "E-Mail", "fi_FI": "Sähköposti"},
    "field_group_label.general": {"en_US": "General", "de_DE": "Allgemein"},
    "field_value_label.status.new": {"en_US": "New", "de_DE": "Neu", "fr_FR": "Nouveau"},
    "relation.contains.label": {"en_US": "Contains", "de_DE": "Enthält", "fr_FR": "Contient", "nl_NL": "Bevat"},
}
_BUNDLES = {
    "cmn": _COMMON,
    "web": _COMMON | {"button.download": {"en_US": "Download", "de_DE": "Herunterladen"}},
    "acm": _COMMON | {"menu.webhooks": {"en_US": "Webhooks"}},
}


def messages(call: Call) -> object:
    """A flat object of texts; what it takes is documented by the vendor, the texts are made up."""
    parameters = call.parameters
    bundle = _BUNDLES.get(parameters.text("bundle") or "web")
    if bundle is None:
        raise bad_request("Unknown bundle")
    since = parameters.text("ifModifiedSince").strip()
    if since.isascii() and since.isdigit() and int(since[:18]) >= call.server.started:
        # Documented: nothing is sent when nothing is new.
        return web.Response(status=304)
    chain = [locale.strip().replace("-", "_") for locale in parameters.text("localeChain").split(",")]
    chain = [locale for locale in chain if locale] + [unknowns.DEFAULT_LOCALE]
    return {key: next(texts[locale] for locale in chain if locale in texts) for key, texts in bundle.items()}


def send_mail(call: Call) -> object:
    """Take a mail, as JSON or as a form; nothing is sent."""
    body = call.parameters.json_body() if call.parameters.is_json else {}
    # PHP names the elements of a list `to[0]`, `to[1]` …
    given = {name.partition("[")[0]: value for name, value in call.parameters.query + call.parameters.form if value}
    for name in ("to", "subject"):
        if not (body.get(name) or given.get(name)):
            raise bad_request(f"Required field '{name}' is not present")
    return unknowns.EMPTY_REPLY
