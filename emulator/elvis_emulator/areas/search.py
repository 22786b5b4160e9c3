# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search, in both forms: parameters, and the vendor's sample's JSON."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Document
from elvis_emulator.store.fields import plain
from elvis_emulator.web.errors import ElvisError, bad_request
from elvis_emulator.web.parameters import Parameters

from .hits import Hits
from .relations import query_with_relations

DEFAULT_HITS = 50

_SELECTION = re.compile(r"facet\.(.+)\.selection")


@dataclass(frozen=True)
class Asked:
    """What a search asks for, however it was sent."""

    query: str
    start: int
    count: int
    sort: str
    # None shows every field.
    fields: str | None
    facets: tuple[str, ...] = ()
    selected: dict[str, list[str]] = field(default_factory=dict)


def search(call: Call) -> object:
    """Find assets; documented by the vendor, but for the search as JSON, which a sample of the vendor's sends.

    An empty query is answered, as the tests of a JavaScript client expect; that it finds nothing is a guess.
    """
    asked = _asked(call.parameters)
    most = call.server.options.most_hits
    if asked.start + asked.count > most:
        message = f"Result window is too large: no hit beyond the {most}th is returned"
        raise ElvisError(unknowns.TOO_MANY_HITS_CODE, unknowns.TOO_MANY_HITS_NAME, message)
    every: list[Document] = []
    related = None
    if asked.query.strip():
        query, related = query_with_relations(call, asked.query)
        every = call.server.store.search(query, asked.sort, call.node)
    found = _selected(every, asked.selected)
    hits = Hits(call, asked.fields, related)
    return {
        "firstResult": asked.start,
        "maxResultHits": asked.count,
        "totalHits": len(found),
        "hits": [hits.show(document) for document in found[asked.start : asked.start + asked.count]],
        "facets": {name: _facet(name, every, asked.selected) for name in asked.facets},
    }


def _asked(parameters: Parameters) -> Asked:
    if not parameters.all("q") and parameters.body.lstrip()[:1] == b"{":
        return _asked_as_json(parameters.json_body())
    returned = parameters.all("metadataToReturn")
    chosen = {}
    for name, value in parameters.query + parameters.form:
        match = _SELECTION.fullmatch(name)
        if match and value.strip():
            chosen[match[1]] = _listed(value)
    if not parameters.all("q"):
        raise bad_request("Required parameter 'q' is not present")
    return Asked(
        query=parameters.text("q"),
        start=parameters.number("start", 0),
        count=parameters.number("num", DEFAULT_HITS),
        sort=parameters.text("sort"),
        fields=",".join(returned) if returned else None,
        facets=tuple(_listed(parameters.text("facets"))),
        selected=chosen,
    )


def _asked_as_json(body: dict[str, object]) -> Asked:
    """Read the one form that is known, of a `QueryStringQuery` and the number of hits."""
    query = body.get("query")
    inner = query.get("QueryStringQuery") if isinstance(query, dict) else None
    text = inner.get("queryString") if isinstance(inner, dict) else None
    if not isinstance(text, str) or not text:
        raise bad_request("The search has no query that is known: only QueryStringQuery with its queryString is")
    returned = body.get("metadataToReturn")
    if isinstance(returned, list):
        returned = ",".join(map(str, returned))
    return Asked(
        query=text,
        start=_number(body, "firstResult", 0),
        count=_number(body, "maxResultHits", DEFAULT_HITS),
        sort=_sorting(body.get("sorting")),
        fields=None if returned is None else str(returned),
    )


def _sorting(value: object) -> str:
    """Turn the sorting of a JSON search into that of a form; how it names the direction is a guess."""
    if not value:
        return ""
    if isinstance(value, str):
        return value
    names = []
    for entry in value if isinstance(value, list) else [value]:
        name = entry.get("field") or entry.get("name") if isinstance(entry, dict) else entry
        if not isinstance(name, str):
            raise bad_request("The sorting can't be understood")
        downwards = entry.get("descending") if isinstance(entry, dict) else None
        names.append(name if downwards is None else f"{name}-{'desc' if downwards else 'asc'}")
    return ",".join(names)


def _number(body: dict[str, object], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise bad_request(f"'{name}' is not a number")
    return value


def _selected(documents: list[Document], selected: dict[str, list[str]]) -> list[Document]:
    """Return the documents that have a selected value in each field."""
    for name, values in selected.items():
        wanted = {value.lower() for value in values}
        documents = [document for document in documents if wanted & {text.lower() for text in _values(document, name)}]
    return documents


def _facet(name: str, documents: list[Document], selected: dict[str, list[str]]) -> dict[str, object]:
    """Count the values of a field; its own selection does not narrow them. The shape is a guess."""
    others = {other: values for other, values in selected.items() if other != name}
    counts = Counter(text for document in _selected(documents, others) for text in set(_values(document, name)))
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return {
        "selection": selected.get(name, []),
        "values": [{"value": value, "hitCount": count} for value, count in ordered[: unknowns.MAX_FACET_VALUES]],
    }


def _values(document: Document, name: str) -> list[str]:
    value = plain(document.metadata.get(name))
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
