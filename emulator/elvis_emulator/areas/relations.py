# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls on relations and collections, and the search for what is related."""

from __future__ import annotations

import re
from collections.abc import Callable

from elvis_emulator import unknowns
from elvis_emulator.processes import Work
from elvis_emulator.server import Call
from elvis_emulator.store.index import Index
from elvis_emulator.store.query import Query, parse_query, refused
from elvis_emulator.store.relations import ANY, CHILD, PARENT, Relation, kind_of
from elvis_emulator.web.errors import ElvisError, not_found
from elvis_emulator.web.parameters import json_object

_CONTROLS = frozenset({"relationType", "target1Id", "target2Id", "metadata", "csrfToken"})

# How a query asks for relations (HC-360041854172): at its very start, in this order, no operator between.
_RELATIONS = re.compile(
    r'\s*relatedTo:(?:"(?P<quoted>[\w\\-]+)"|(?P<bare>[\w-]+))'
    r"(?:\s+relationTarget:(?P<target>[\w-]+))?(?:\s+relationType:(?P<type>[\w-]+))?(?=\s|$)"
)
_OPERATOR = re.compile(r"\s*(?:(?:AND|OR|NOT)\b|&&|\|\||!)")
_NAMED = re.compile(r'"(?:[^"\\]|\\.)*"|\b(?P<name>relatedTo|relationTarget|relationType):', re.DOTALL)
_EVERYTHING = "*"


def create_relation(call: Call) -> object:
    """Relate two assets; documented by the vendor."""
    parameters, store = call.parameters, call.server.store
    one, other = (store.asset(parameters.required(name)).id for name in ("target1Id", "target2Id"))
    bare: dict[str, object] = {
        name: value for name, value in parameters.query + parameters.form if name not in _CONTROLS
    }
    text = parameters.text("metadata")
    # Seen in a PHP client's tests: who made and changed a relation.
    made = {"relationCreator": call.user, "relationModifier": call.user}
    metadata = bare | (json_object(text) if text.strip() else {}) | made
    call.server.relations.add(parameters.required("relationType"), one, other, metadata)
    return unknowns.EMPTY_REPLY


def remove_relation(call: Call) -> object:
    """Remove relations by their ids; documented with an empty reply, a client's own tests read the counts."""
    return _for_each(call, "relationIds", call.server.relations.remove)


def add_to_collection(call: Call) -> object:
    """Put assets into a collection; seen in a client."""
    collection = _collection(call)

    def add(asset_id: str) -> None:
        metadata = {"relationCreator": call.user, "relationModifier": call.user}
        call.server.relations.add("contains", collection, call.server.store.asset(asset_id).id, metadata)

    return _for_each(call, "childIds", add)


def remove_from_collection(call: Call) -> object:
    """Take assets out of a collection; seen in a client."""
    collection = _collection(call)

    def remove(asset_id: str) -> None:
        relation = call.server.relations.of(collection, CHILD, "contains").get(asset_id)
        if relation is None:
            raise not_found(f"Not in the collection: {asset_id[:100]}")
        call.server.relations.remove(relation.id)

    return _for_each(call, "childIds", remove)


def query(call: Call, text: str) -> Query:
    """Understand a query that may ask for what is related."""
    return query_with_relations(call, text)[0]


def query_with_relations(call: Call, text: str) -> tuple[Query, dict[str, Relation]]:
    """Understand a query; return the relations that lead to its hits as well, by the id of the hit."""
    asked = _RELATIONS.match(text)
    rest = text[asked.end() :] if asked else text
    if (asked and _OPERATOR.match(rest)) or any(found["name"] for found in _NAMED.finditer(rest)):
        raise ElvisError(
            unknowns.BAD_QUERY_CODE,
            "PrivateMalformedQueryException",
            "relatedTo, relationTarget and relationType begin a query, in this order and without an operator",
        )
    if asked is None:
        return parse_query(rest), {}
    filters = parse_query(rest if rest.strip() else _EVERYTHING)
    related = _related(call, asked["bare"] or asked["quoted"].replace("\\", ""), asked["target"], asked["type"])

    def find(index: Index) -> set[str]:
        return filters.find(index) & related.keys()

    # What is related changes without the index.
    return Query(text, find, depends_on_time=True), related


def _related(call: Call, asset_id: str, target: str | None, type_: str | None) -> dict[str, Relation]:
    if target not in (CHILD, PARENT, ANY, None):
        raise refused(f"relationTarget is one of {CHILD}, {PARENT} and {ANY}")
    kind = kind_of(type_ or ANY)
    if kind is None and type_ not in (ANY, None):
        raise refused(f"unknown relationType: {str(type_)[:50]}")
    return call.server.relations.found(call.node, asset_id, target or ANY, kind)


def _collection(call: Call) -> str:
    return call.server.store.asset(call.parameters.required("collectionId")).id


def _for_each(call: Call, name: str, act: Callable[[str], None]) -> object:
    call.parameters.required(name)
    ids = [part.strip() for value in call.parameters.all(name) for part in value.split(",") if part.strip()]
    steps = [lambda one=one: act(one) for one in ids]
    return call.server.processes.run(Work(steps), in_background=False)
