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
from elvis_emulator.web.errors import not_found
from elvis_emulator.web.parameters import json_object

_CONTROLS = frozenset({"relationType", "target1Id", "target2Id", "metadata", "csrfToken"})

# The three clauses that go together, outside quotes; with what would turn one around, which is not modelled.
_CLAUSE = re.compile(
    r'"(?:[^"\\]|\\.)*"'
    r"|(?P<before>(?:\bNOT\s+|\bOR\s+|[-!])\(?)?\b(?P<name>relatedTo|relationTarget|relationType):(?P<open>\()?"
    r'(?:"(?P<quoted>[\w\\-]+)"|(?P<bare>[\w-]+))(?(open)\))(?P<after>\s+OR\b)?',
    re.DOTALL,
)
# A clause is replaced by what everything fits, so that an AND around it keeps its two sides.
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
    if "relat" not in text:
        return parse_query(text), {}
    asked: dict[str, str] = {}

    def take(match: re.Match[str]) -> str:
        name = match["name"]
        if name is None:
            return match[0]
        if match["before"] or match["after"] or name in asked:
            raise refused(f"{name} with NOT, with OR or twice is not modelled")
        asked[name] = match["bare"] or match["quoted"].replace("\\", "")
        return _EVERYTHING

    rest = parse_query(_CLAUSE.sub(take, text))
    if not asked:
        return rest, {}
    related = _related(call, asked)

    def find(index: Index) -> set[str]:
        return rest.find(index) & related.keys()

    # What is related changes without the index.
    return Query(text, find, depends_on_time=True), related


def _related(call: Call, asked: dict[str, str]) -> dict[str, Relation]:
    if "relatedTo" not in asked:
        raise refused("relationTarget and relationType need relatedTo")
    target, type_ = asked.get("relationTarget", ANY), asked.get("relationType", ANY)
    if target not in (CHILD, PARENT, ANY):
        raise refused(f"relationTarget is one of {CHILD}, {PARENT} and {ANY}")
    kind = kind_of(type_)
    if kind is None and type_ != ANY:
        raise refused(f"unknown relationType: {type_[:50]}")
    return call.server.relations.found(call.node, asked["relatedTo"], target, kind)


def _collection(call: Call) -> str:
    return call.server.store.asset(call.parameters.required("collectionId")).id


def _for_each(call: Call, name: str, act: Callable[[str], None]) -> object:
    call.parameters.required(name)
    ids = [part.strip() for value in call.parameters.all(name) for part in value.split(",") if part.strip()]
    steps = [lambda one=one: act(one) for one in ids]
    return call.server.processes.run(Work(steps), in_background=False)
