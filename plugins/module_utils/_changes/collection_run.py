# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes a collection have its members, and tells what became of each. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from .._dam.asset_finder import AssetFinder, collected, match_paths
from .._dam.asset_index import COLLECTION
from .._dam.hits import Hit
from .._dam.relations import CONTAINS, Found, Relations
from .._elvis.client import Client
from .._errors import ElvisError
from .._text import counted
from .._work.journal import Journal
from .._work.step_threads import StepThreads
from .asset_plan import AssetOrder
from .asset_run import AssetDone, AssetRun
from .change_limit import ChangeLimit
from .named_assets import find_named, named, record_missing, words_for
from .relation_work import Link, RelationDone, RelationWork

NOT_MADE = ""
"""The id of a collection that a check would make."""


@dataclass(frozen=True)
class CollectionOrder:
    """What a task wants; the options of elvis_collection say what each means.

    :param name: the id or the path of the collection
    :param query: finds the members, and :param names: are their ids or paths; None where the task gives none
    """

    name: str
    metadata: Mapping[str, Any]
    query: str | None
    names: Sequence[str] | None
    members_state: Literal["present", "absent", "pure"]
    limit: ChangeLimit
    check_mode: bool
    process_timeout: float

    @property
    def has_list(self) -> bool:
        """Whether the task says anything of members."""
        return self.query is not None or self.names is not None


class _MemberPlan(NamedTuple):
    """The assets to add and to remove, and those that are as they should be."""

    adds: Sequence[Hit]
    removes: Sequence[Hit]
    unchanged: Sequence[Hit]


class CollectionRun:
    """One task."""

    def __init__(self, client: Client, order: CollectionOrder, journal: Journal) -> None:
        self._client = client
        self._order = order
        self._outcome = journal.outcome
        self._progress = journal.progress
        self._warn = journal.warn
        self._diffs = journal.diffs
        self._collection: AssetDone | None = None
        journal.outcome.add_keys(self._keys)

    def remove(self) -> dict[str, Any]:
        """Make the collection not be there, and return the result.

        :raises ElvisError: when it is still there
        """
        self._take(self._asset_run().remove())
        return self._outcome.finish()

    def run(self, concurrency: int, *, stops: bool) -> dict[str, Any]:
        """Make the collection be there and have its members, and return the result.

        :param stops: whether the first failure ends the task
        :raises ElvisError: when anything failed, with all that was done
        """
        collection = self._asset_run().find(waits=True)
        members = (
            Relations(self._client, self._order.process_timeout).all_of(collection.id, CONTAINS) if collection else []
        )
        try:
            plan = self._plan(collection, members)
            self._take(self._asset_run().run())
        except ElvisError as error:
            raise self._outcome.broken_off(error) from None
        for hit in plan.unchanged:
            self._outcome.add("unchanged", path=hit.path, id=hit.id)
        self._outcome.not_started = len(plan.adds) + len(plan.removes)
        with StepThreads(self._client, concurrency, self._progress, stops_at_failure=stops) as threads:
            self._add(threads, plan.adds)
            self._remove(threads, plan.removes)
        if threads.fatal:
            raise self._outcome.broken_off(threads.fatal)
        return self._outcome.finish()

    def _asset_run(self) -> AssetRun:
        is_path = self._order.name.startswith("/")
        order = AssetOrder(
            path=self._order.name if is_path else None,
            id=None if is_path else self._order.name,
            file=None,
            metadata=self._order.metadata,
            check_in=False,
            force=False,
            keep_metadata=False,
            checksum=False,
            process_timeout=self._order.process_timeout,
            check_mode=self._order.check_mode,
            ending=COLLECTION,
        )
        return AssetRun(self._client, order, self._warn)

    def _take(self, done: AssetDone) -> None:
        """Take note of what became of the collection itself."""
        self._collection = done
        if done.changes:
            self._diffs.add_changes(done.asset.path if done.asset else self._order.name, done.changes)

    def _plan(self, collection: Hit | None, members: Sequence[Hit]) -> _MemberPlan:
        """Return what is to be done, and tell of assets that are not there.

        :raises ElvisError: when members must not be removed, before anything is sent
        """
        order = self._order
        if not order.has_list:
            return _MemberPlan([], [], [])
        wanted = {hit.id: hit for hit in self._wanted(members) if not self._is_itself(collection, hit)}
        present = {hit.id: hit for hit in members}
        inside = [hit for asset_id, hit in present.items() if asset_id in wanted]
        outside = [hit for asset_id, hit in wanted.items() if asset_id not in present]
        if order.members_state == "absent":
            if order.query is not None:
                order.limit.check(len(inside), "members would be removed")
            return _MemberPlan([], inside, outside)
        if order.members_state == "present":
            return _MemberPlan(outside, [], inside)
        others = [hit for asset_id, hit in present.items() if asset_id not in wanted]
        if others and not wanted:
            raise ElvisError(
                f"The list of members is empty, and {order.name} has {len(others)}: nothing was changed. Check the"
                " list. To empty the collection, list its members with members_state: absent.",
                "conflict",
            )
        order.limit.check(len(others), "members would be removed")
        return _MemberPlan(outside, others, inside)

    def _wanted(self, members: Sequence[Hit]) -> list[Hit]:
        """Return the assets that the task lists; members need not be looked for again."""
        order = self._order
        if order.query is not None:
            return collected(AssetFinder(self._client).tree("/", order.query))
        names = list(dict.fromkeys(order.names or ()))
        known = {hit.id: hit for hit in members}
        known.update(match_paths([name for name in names if name.startswith("/")], members))
        unknown = [name for name in names if name not in known]
        waits = order.members_state != "absent" and not order.check_mode
        known.update(find_named(self._client, unknown, waits=waits))
        for name in names:
            if name not in known:
                self._record_missing(name)
        return [known[name] for name in names if name in known]

    def _record_missing(self, name: str) -> None:
        is_absence, check_mode = self._order.members_state == "absent", self._order.check_mode
        record_missing(
            self._outcome, self._client, words_for(name), is_absence=is_absence, check_mode=check_mode, **named(name)
        )

    def _is_itself(self, collection: Hit | None, hit: Hit) -> bool:
        if collection is None or hit.id != collection.id:
            return False
        self._outcome.add("skipped", path=hit.path, id=hit.id, why="it is the collection itself")
        return True

    def _add(self, threads: StepThreads, hits: Sequence[Hit]) -> None:
        if not hits or (threads.stops_at_failure and self._outcome.failed):
            return
        links = self._links(hits)
        work = self._work()
        # A collection that is new has none.
        is_new = bool(self._collection and self._collection.created)
        there = {link.relation: None for link in links} if is_new else work.compare(threads, links, only_of_type=False)
        self._record(links, work.make(threads, links, there), ("absent", "present"))

    def _remove(self, threads: StepThreads, hits: Sequence[Hit]) -> None:
        if not hits or threads.fatal:
            return
        if self._order.members_state == "pure" and not self._outcome.is_clean:
            threads.end(
                ElvisError(
                    f"The collection keeps {counted(len(hits), 'member')} that the list does not name: something"
                    " failed before, so none was removed.",
                    "conflict",
                )
            )
            return
        links = self._links(hits)
        there = {link.relation: Found(link.relation, link.end.relation_id) for link in links}
        self._record(links, self._work().remove(threads, links, there), ("present", "absent"))

    def _work(self) -> RelationWork:
        return RelationWork(
            self._client, check_mode=self._order.check_mode, process_timeout=self._order.process_timeout
        )

    def _links(self, hits: Sequence[Hit]) -> list[Link]:
        asset = self._collection.asset if self._collection else None
        collection = asset or Hit(NOT_MADE, self._order.name, {})
        return [Link(CONTAINS, collection, hit) for hit in hits]

    def _record(self, links: Sequence[Link], done: Mapping[Any, RelationDone], states: tuple[str, str]) -> None:
        for link in links:
            one = done.get(link.relation)
            if one is None:
                continue
            self._outcome.not_started -= 1
            if one.error:
                self._outcome.fail(one.error, path=link.end.path, id=link.end.id)
                continue
            self._outcome.add(one.kind, path=link.end.path, id=link.end.id)
            if one.kind != "unchanged":
                self._diffs.add_changes(f"{link.end.path} in {link.start.path}", {"member": states})

    def _keys(self) -> dict[str, Any]:
        """Return the further keys of the result."""
        done = self._collection
        asset, changes = (done.asset, done.changes) if done else (None, {})
        name = self._order.name
        is_path = name.startswith("/")
        return {
            "changed": self._outcome.changed or bool(changes),
            "collection": {
                "id": asset.id if asset else None if is_path else name,
                "path": asset.path if asset else name if is_path else None,
            },
            "changes": {field: {"before": before, "after": after} for field, (before, after) in changes.items()},
        }
