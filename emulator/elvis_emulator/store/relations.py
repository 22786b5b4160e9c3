# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The relations between assets; what a collection holds is one kind of them."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from elvis_emulator import unknowns
from elvis_emulator.users.tokens import new_id
from elvis_emulator.web.errors import ElvisError, bad_request, not_found

from .events import Event

# Each kind with its name as seen from the child; the others have no direction. Seen in a client.
REVERSED = {"contained-by": "contains", "referenced-by": "references", "variation-of": "variation"}
KINDS = frozenset(REVERSED.values()) | {"related", "duplicate"}
CHILD, PARENT, ANY = "child", "parent", "any"


@dataclass(frozen=True, slots=True)
class Relation:
    """One relation; where it has no direction, who is the parent does not matter."""

    type: str
    parent_id: str
    child_id: str
    metadata: Mapping[str, object]
    id: str = field(default_factory=new_id)

    def other(self, asset_id: str) -> str:
        return self.child_id if asset_id == self.parent_id else self.parent_id


Watcher = Callable[[Relation, bool], None]
"""Gets a relation, and whether it is gone."""


class Links:
    """Relations by an asset, and by the asset at the other end."""

    def __init__(self) -> None:
        self._by_asset: dict[str, dict[str, Relation]] = {}

    def add(self, relation: Relation) -> None:
        for asset_id in (relation.parent_id, relation.child_id):
            self._by_asset.setdefault(asset_id, {})[relation.other(asset_id)] = relation

    def drop(self, relation: Relation) -> None:
        for asset_id in (relation.parent_id, relation.child_id):
            del self._by_asset[asset_id][relation.other(asset_id)]

    def between(self, one: str, other: str) -> Relation | None:
        return self._by_asset.get(one, {}).get(other)

    def of(self, asset_id: str, target: str = ANY, type_: str | None = None) -> dict[str, Relation]:
        """Return the relations of an asset by the asset at the other end, which is the child, the parent or either."""
        return {
            other: relation
            for other, relation in self._by_asset.get(asset_id, {}).items()
            if (type_ is None or relation.type == type_)
            and (target == ANY or relation.type not in REVERSED.values() or _is(target, other, relation))
        }


class LaggingLinks(Links):
    """What a search knows of the relations: each change only after a delay in seconds."""

    def __init__(self, delay: float) -> None:
        super().__init__()
        self._delay = delay
        self._waiting: deque[tuple[float, Callable[[Relation], None], Relation]] = deque()

    def put(self, relation: Relation, is_gone: bool) -> None:
        """Take in a relation that is new or gone."""
        self._waiting.append((time.monotonic() + self._delay, self.drop if is_gone else self.add, relation))

    def of(self, asset_id: str, target: str = ANY, type_: str | None = None) -> dict[str, Relation]:
        now = time.monotonic()
        while self._waiting and self._waiting[0][0] <= now:
            _due, change, relation = self._waiting.popleft()
            change(relation)
        return super().of(asset_id, target, type_)


class Relations:
    """All relations. Between two assets there is one at most; documented by the vendor.

    :param delays: the seconds by which the search of each node lags
    """

    def __init__(self, delays: Sequence[float]) -> None:
        self._by_id: dict[str, Relation] = {}
        self._links = Links()
        self._lagging = {node: LaggingLinks(delay) for node, delay in enumerate(delays) if delay}
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """Have every relation told that is new or gone."""
        self._watchers.append(watcher)

    def all(self) -> list[Relation]:
        return list(self._by_id.values())

    def restore(self, relation: Relation) -> None:
        """Take in a relation as it was in another process."""
        self._by_id[relation.id] = relation
        for links in (self._links, *self._lagging.values()):
            links.add(relation)

    def add(self, type_: str, target1: str, target2: str, metadata: Mapping[str, object]) -> Relation:
        """Relate two assets. With the name of a kind as seen from the child, the second one is the parent."""
        parent, child = (target2, target1) if type_ in REVERSED else (target1, target2)
        if kind_of(type_) is None:
            raise bad_request(f"Unknown relation type: {type_[:100]}")
        if parent == child:
            raise bad_request("An asset can't be related to itself")
        if self._links.between(parent, child):
            raise ElvisError(unknowns.RELATION_EXISTS_CODE, "RelationExistsException", "The assets are related already")
        relation = Relation(REVERSED.get(type_, type_), parent, child, dict(metadata))
        self._by_id[relation.id] = relation
        self._links.add(relation)
        self._show(relation, is_gone=False)
        return relation

    def remove(self, relation_id: str) -> None:
        """Remove a relation, or raise a 404."""
        relation = self._by_id.pop(relation_id, None)
        if relation is None:
            raise not_found(f"Relation not found: {relation_id[:100]}")
        self._links.drop(relation)
        self._show(relation, is_gone=True)

    def between(self, one: str, other: str) -> Relation | None:
        return self._links.between(one, other)

    def of(self, asset_id: str, target: str = ANY, type_: str | None = None) -> dict[str, Relation]:
        """Return the relations of an asset; see :meth:`Links.of`."""
        return self._links.of(asset_id, target, type_)

    def found(self, node: int, asset_id: str, target: str, type_: str | None) -> dict[str, Relation]:
        """Return the relations of an asset that a search on a node knows of."""
        return self._lagging.get(node, self._links).of(asset_id, target, type_)

    def _show(self, relation: Relation, is_gone: bool) -> None:
        for links in self._lagging.values():
            links.put(relation, is_gone)
        for watcher in self._watchers:
            watcher(relation, is_gone)

    def happened(self, event: Event) -> None:
        """An asset that is removed leaves its relations."""
        if event.type == "asset_remove" and event.asset:
            for relation in self.of(event.asset.id).values():
                self.remove(relation.id)


def kind_of(type_: str) -> str | None:
    """Return a kind by either of its names."""
    kind = REVERSED.get(type_, type_)
    return kind if kind in KINDS else None


def _is(target: str, asset_id: str, relation: Relation) -> bool:
    return asset_id == (relation.child_id if target == CHILD else relation.parent_id)
