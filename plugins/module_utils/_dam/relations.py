# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads, makes and removes relations between assets. Private to damops.elvis.

Two assets have at most one relation, whatever its type (documented). A relation has a name as seen from either end.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from .._elvis import services
from .._elvis.client import Client, Request
from .._elvis.response import is_empty_success
from .._errors import CallFailure
from .._http.transport import HttpResponse
from .asset_finder import AssetFinder, collected
from .hits import Hit
from .query import batched, both, id_clause, related_to
from .write_once import WriteOnce, read_counts

OPPOSITES: Mapping[str, str] = {
    "related": "related",
    "references": "referenced-by",
    "referenced-by": "references",
    "contains": "contained-by",
    "contained-by": "contains",
    "duplicate": "duplicate",
    "variation": "variation-of",
    "variation-of": "variation",
}
"""Each type (documented), and the type of the same relation as seen from its other end (seen in a client)."""
OTHER = "of another type"
"""The type of a relation that a server has beyond these."""
CONTAINS = "contains"
"""The relation from a collection to each of its members (documented)."""

_OF_CHILD = frozenset({"referenced-by", "contained-by", "variation-of"})
"""A query names a relation by its type as seen from the parent, and says which end is wanted."""


class Relation(NamedTuple):
    """A relation as seen from one of its ends.

    :param type: one of :data:`OPPOSITES`, or :data:`OTHER`
    :param start: the id of that end, and :param end: the id of the other
    """

    type: str
    start: str
    end: str

    def seen_from(self, asset_id: str) -> Relation:
        """Return the same relation as seen from one of its ends."""
        if asset_id == self.start:
            return self
        return Relation(OPPOSITES.get(self.type, self.type), self.end, self.start)


class Found(NamedTuple):
    """A relation that is there; ``id`` is None where the server does not show it."""

    relation: Relation
    id: str | None

    def seen_from(self, asset_id: str) -> Found:
        """Return the same as seen from one of its ends."""
        return Found(self.relation.seen_from(asset_id), self.id)


class Relations:
    """The relations at a server, as one task reads and writes them; several threads may.

    :param process_timeout: the seconds that a write, with all its tries, may take
    """

    def __init__(self, client: Client, process_timeout: float) -> None:
        self._client = client
        self._finder = AssetFinder(client)
        self._once = WriteOnce(client, process_timeout)
        self._process_timeout = process_timeout
        self._lock = threading.Lock()
        self._last: dict[int, tuple[Relation, bool]] = {}

    def all_of(self, start: str, type_: str) -> list[Hit]:
        """Return all assets to which an asset has a relation, each with the relation's id."""
        return collected(self._finder.tree("/", related_query(start, type_)))

    def between(self, start: str, type_: str, ends: Iterable[str]) -> dict[str, Found]:
        """Return the relations that an asset has to others, of whatever type, by the ids of these.

        :param type_: the type that is expected, and asked for first
        """
        wanted = list(dict.fromkeys(ends))
        found = self.of_type(start, type_, wanted)
        # Most have none at all, and need not be asked for type by type.
        left = self._ends(start, None, [end for end in wanted if end not in found])
        for other in OPPOSITES:
            if left and other != type_:
                found.update(self.of_type(start, other, left))
                left = {end: hit for end, hit in left.items() if end not in found}
        return {**found, **{end: Found(Relation(OTHER, start, end), hit.relation_id) for end, hit in left.items()}}

    def of_type(self, start: str, type_: str, ends: Iterable[str]) -> dict[str, Found]:
        """Return the relations of one type that an asset has to others, by the ids of these."""
        hits = self._ends(start, type_, ends)
        return {end: Found(Relation(type_, start, end), hit.relation_id) for end, hit in hits.items()}

    def create(self, relation: Relation) -> Found | None:
        """Make a relation; return what is there instead, None where this call made it.

        :raises ElvisError: when it is not made, and there is none
        """
        request = Request(
            f"make the relation {relation.type} from {relation.start} to {relation.end}",
            "POST",
            services.CREATE_RELATION.address,
            form={"relationType": relation.type, "target1Id": relation.start, "target2Id": relation.end},
            process_timeout=self._process_timeout,
        )
        # A second relation is refused with a code that is not documented.
        written = self._once.bring_about(request, self._read, partial(self.find, relation), partial(_is_same, relation))
        if written.is_new:
            self._note(relation, is_there=True)
            return None
        there: Found = written.result
        return there

    def remove(self, found: Found) -> bool:
        """Remove a relation; return whether this call did it, and not somebody else meanwhile.

        :raises ElvisError: when it is still there
        """
        relation = found.relation
        request = Request(
            f"remove the relation {relation.type} from {relation.start} to {relation.end}",
            "POST",
            services.REMOVE_RELATION.address,
            form={"relationIds": found.id or ""},
            process_timeout=self._process_timeout,
        )
        if found.id is None:
            raise self._client.error(
                request, CallFailure("not_elvis", "the search shows no relationId with its hit", "unsent")
            )

        def look_up() -> Relation | None:
            there = self.find(relation)
            return None if there and there.id == found.id else relation

        written = self._once.bring_about(request, self._read, look_up)
        if written.is_new:
            self._note(relation, is_there=False)
        return written.is_new

    def find(self, relation: Relation) -> Found | None:
        """Return the relation between two assets, None where they have none."""
        return self.between(relation.start, relation.type, [relation.end]).get(relation.end)

    def _ends(self, start: str, type_: str | None, ends: Iterable[str]) -> dict[str, Hit]:
        """Return those of some assets that are related to one, by their ids.

        :param type_: None for a relation of any type
        """
        query = related_query(start, type_)
        wanted = list(ends)
        queries = [both(query, f"({clauses})") for clauses, _batch in batched(wanted, id_clause)]
        hits = {hit.id: hit for of_batch in queries for hit in self._finder.by_query(of_batch)}
        return {end: hits[end] for end in wanted if end in hits}

    def _read(self, reply: HttpResponse) -> None:
        """Read the reply of a write, which is documented as empty, and seen as an empty object and with counts."""
        if not is_empty_success(reply):
            read_counts(reply, self._client)

    def _note(self, relation: Relation, *, is_there: bool) -> None:
        """Take note of a write, so that a task ends when a search shows the last one of each connection."""
        with self._lock:
            if not self._last:
                self._client.own_writes.others.append(self._shows_last)
            self._last[threading.get_ident()] = (relation, is_there)

    def _shows_last(self) -> bool:
        return all(
            bool(self._ends(relation.start, relation.type, [relation.end])) == is_there
            for relation, is_there in self._last.values()
        )


def related_query(start: str, type_: str | None) -> str:
    """Return the query for the assets to which an asset has a relation; None is one of any type."""
    parts = [related_to(start)]
    if type_ in _OF_CHILD:
        parts += ["relationTarget:parent", f"relationType:{OPPOSITES[type_]}"]
    elif type_ is not None:
        end = [] if OPPOSITES[type_] == type_ else ["relationTarget:child"]
        parts += [*end, f"relationType:{type_}"]
    return " ".join(parts)


def _is_same(relation: Relation, found: Found) -> bool:
    return found.relation == relation
