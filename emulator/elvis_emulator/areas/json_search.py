# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A search that is sent as JSON: the vendor's sample has one query string in it, the web client a tree of queries."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.index import Index
from elvis_emulator.store.query import Query, all_but
from elvis_emulator.store.terms import having, matching
from elvis_emulator.web.errors import bad_request
from elvis_emulator.web.parameters import refuse_unknown

from .relations import query_with_relations

Find = Callable[[Index], set[str]]
Body = Mapping[str, object]

MAX_DEPTH = 50
OPERATORS = ("MUST", "MUST_NOT", "SHOULD")


def text_of(query: object) -> str | None:
    """Return the text of a query that is nothing but a query string; None for any other."""
    if not (isinstance(query, dict) and list(query) == ["QueryStringQuery"]):
        return None
    return _text(query["QueryStringQuery"], "queryString", empty=unknowns.EMPTY_QUERY)


def query_of(call: Call, query: object) -> Query:
    """Understand a tree of queries, or refuse it."""
    return Query(json.dumps(query, sort_keys=True), _find(call, query, 0), depends_on_time=True)


def facets_of(value: object) -> tuple[str, ...]:
    """Return the fields of which the values are to be counted; the web client names each twice."""
    if not isinstance(value, dict):
        raise bad_request("'facets' is not an object")
    for name, facet in value.items():
        if not isinstance(facet, dict):
            raise bad_request(f"The facet '{name[:100]}' is not an object")
        refuse_unknown(facet, ("field",), f"the facet '{name[:100]}'")
    return tuple(value)


def sorting_of(value: object) -> str:
    """Turn the sorting of a JSON search into that of a form."""
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


def number_of(body: Body, names: tuple[str, ...], default: int) -> int:
    """Return the number under the first of these names that is there."""
    value = next((body[name] for name in names if name in body), default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise bad_request(f"'{names[0]}' is not a number")
    return value


def _find(call: Call, query: object, depth: int) -> Find:
    if not isinstance(query, dict) or len(query) != 1 or depth > MAX_DEPTH:
        raise bad_request("A query is an object with one key, its kind")
    ((kind, inner),) = query.items()
    match kind:
        case "QueryStringQuery":
            return query_with_relations(call, _text(inner, "queryString", empty=unknowns.EMPTY_QUERY))[0].find
        case "TermQuery":
            return having(_text(inner, "name", "value"), _text(inner, "value", "name"))
        case "WildcardQuery":
            return matching(_text(inner, "name", "wildcardValue"), _text(inner, "wildcardValue", "name"))
        case "BoolQuery":
            return _bool(call, inner, depth)
    raise bad_request(f"Unknown kind of query: {str(kind)[:100]}")


def _bool(call: Call, inner: object, depth: int) -> Find:
    elements = inner.get("elements") if isinstance(inner, dict) and list(inner) == ["elements"] else None
    if not isinstance(elements, list) or not elements:
        raise bad_request("A BoolQuery has a list of 'elements'")
    by_operator: dict[str, list[Find]] = {operator: [] for operator in OPERATORS}
    for element in elements:
        if not isinstance(element, dict) or set(element) != {"operator", "query"}:
            raise bad_request("An element of a BoolQuery has an 'operator' and a 'query'")
        if element["operator"] not in by_operator:
            raise bad_request(f"An operator is one of {', '.join(OPERATORS)}")
        by_operator[element["operator"]].append(_find(call, element["query"], depth + 1))
    wanted, should = by_operator["MUST"], by_operator["SHOULD"]
    if should and not wanted:
        # As in Lucene: beside a MUST, a SHOULD only changes the order.
        wanted = [lambda index: set().union(*(find(index) for find in should))]
    return lambda index: all_but(wanted, by_operator["MUST_NOT"], index)


def _text(inner: object, name: str, *others: str, empty: str = "") -> str:
    if not isinstance(inner, dict):
        raise bad_request("A query has an object with what it asks for")
    refuse_unknown(inner, (name, *others), "a query")
    value = inner.get(name)
    if not isinstance(value, str) or not (value.strip() or empty):
        raise bad_request(f"A query needs '{name}'")
    return value if value.strip() else empty
