# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search, in both forms: parameters, and the vendor's sample's JSON."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.document import Document
from elvis_emulator.store.fields import plain
from elvis_emulator.store.query import Query
from elvis_emulator.store.relations import Relation
from elvis_emulator.web.errors import ElvisError, bad_request

from .hits import Hits
from .json_search import facets_of, number_of, query_of, sorting_of, text_of
from .relations import query_with_relations

DEFAULT_HITS = 50

_SELECTION = re.compile(r"facet\.(.+)\.selection")


@dataclass(frozen=True)
class Asked:
    """What a search asks for, however it was sent."""

    query: Query
    related: dict[str, Relation]
    start: int
    count: int
    sort: str
    # None shows every field.
    fields: str | None
    facets: tuple[str, ...] = ()
    selected: dict[str, list[str]] = field(default_factory=dict)


def search(call: Call) -> object:
    """Find assets; documented by the vendor, but for the search as JSON, which a sample of the vendor's sends."""
    asked = _asked(call)
    most = call.server.options.most_hits
    if asked.start + asked.count > most:
        message = f"Result window is too large: no hit beyond the {most}th is returned"
        raise ElvisError(unknowns.TOO_MANY_HITS_CODE, unknowns.TOO_MANY_HITS_NAME, message)
    every = call.server.store.search(asked.query, asked.sort, call.node)
    found = _selected(every, asked.selected)
    hits = Hits(call, asked.fields, asked.related)
    return {
        "firstResult": asked.start,
        "maxResultHits": asked.count,
        "totalHits": len(found),
        "hits": [hits.show(document) for document in found[asked.start : asked.start + asked.count]],
        "facets": {name: _facet(name, every, asked.selected) for name in asked.facets},
    }


def _asked(call: Call) -> Asked:
    parameters = call.parameters
    if not parameters.all("q") and parameters.is_json:
        return _asked_as_json(call)
    returned = parameters.all("metadataToReturn")
    chosen = {}
    for name, value in parameters.query + parameters.form:
        match = _SELECTION.fullmatch(name)
        if match and value.strip():
            chosen[match[1]] = _listed(value)
    if not parameters.all("q"):
        raise bad_request("Required parameter 'q' is not present")
    query, related = query_with_relations(call, parameters.text("q").strip() or unknowns.EMPTY_QUERY)
    return Asked(
        query=query,
        related=related,
        start=parameters.number("start", 0),
        count=parameters.number("num", DEFAULT_HITS),
        sort=parameters.text("sort"),
        fields=",".join(returned) if returned else None,
        facets=tuple(_listed(parameters.text("facets"))),
        selected=chosen,
    )


def _asked_as_json(call: Call) -> Asked:
    body = call.parameters.json_body()
    text = text_of(body.get("query"))
    returned = body.get("metadataToReturn")
    if isinstance(returned, list):
        returned = ",".join(map(str, returned))
    query, related = query_with_relations(call, text) if text else (query_of(call, body.get("query")), {})
    return Asked(
        query=query,
        related=related,
        start=number_of(body, unknowns.JSON_SEARCH_START, 0),
        count=number_of(body, unknowns.JSON_SEARCH_COUNT, DEFAULT_HITS),
        sort=sorting_of(body.get("sorting")),
        fields=None if returned is None else str(returned),
        facets=facets_of(body.get("facets") or {}),
    )


def _selected(documents: list[Document], selected: dict[str, list[str]]) -> list[Document]:
    """Return the documents that have a selected value in each field."""
    for name, values in selected.items():
        wanted = {value.lower() for value in values}
        documents = [document for document in documents if wanted & {text.lower() for text in _values(document, name)}]
    return documents


def _facet(name: str, documents: list[Document], selected: dict[str, list[str]]) -> list[dict[str, object]]:
    """Count the values of a field; its own selection does not narrow them.

    The vendor's JavaScript reads `value` and `hitCount`; `selected` is in one TypeScript client's types.
    """
    others = {other: values for other, values in selected.items() if other != name}
    counts = Counter(text for document in _selected(documents, others) for text in set(_values(document, name)))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    chosen = {value.lower() for value in selected.get(name, ())}
    return [
        {"value": value, "hitCount": count, "selected": value.lower() in chosen}
        for value, count in ordered[: unknowns.MAX_FACET_VALUES]
    ]


def _values(document: Document, name: str) -> list[str]:
    value = plain(document.value(name))
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
