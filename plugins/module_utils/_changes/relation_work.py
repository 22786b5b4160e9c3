# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes and removes many relations at a time. Private to damops.elvis."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Union

from .._dam.hits import Hit
from .._dam.present import MOST_AT_ONCE
from .._dam.relations import Found, Relation, Relations
from .._elvis.client import Client
from .._errors import ElvisError
from .._work.outcome import Kind
from .._work.step_threads import StepThreads


class Link(NamedTuple):
    """A relation of a type from one asset to another."""

    type: str
    start: Hit
    end: Hit

    @property
    def relation(self) -> Relation:
        return Relation(self.type, self.start.id, self.end.id)


class RelationDone(NamedTuple):
    """What became of a relation, or would."""

    kind: Kind
    error: ElvisError | None = None


There = Union[Found, ElvisError, None]
"""The relation that two assets have, why that can't be known, or None where they have none."""


class _Group(NamedTuple):
    """Links that are read with one search: all of one type, as seen from one asset."""

    hub: str
    type: str
    links: Sequence[Link]


class RelationWork:
    """The relations that one task makes and removes.

    :param process_timeout: the seconds that a write, with all its tries, may take
    """

    def __init__(self, client: Client, *, check_mode: bool, process_timeout: float) -> None:
        self._relations = Relations(client, process_timeout)
        self._check_mode = check_mode

    def compare(self, threads: StepThreads, links: Sequence[Link], *, only_of_type: bool) -> dict[Relation, There]:
        """Return what is between the ends of each link, but for those that were not begun.

        :param only_of_type: whether only a relation of the link's own type counts
        """
        find = self._relations.of_type if only_of_type else self._relations.between

        def read(group: _Group) -> dict[Relation, There]:
            ends = {link.relation: link.relation.seen_from(group.hub).end for link in group.links}
            found = find(group.hub, group.type, ends.values())
            there = {relation: found.get(end) for relation, end in ends.items()}
            return {relation: one and one.seen_from(relation.start) for relation, one in there.items()}

        def fail(group: _Group, error: ElvisError) -> dict[Relation, There]:
            return {link.relation: error for link in group.links}

        results = threads.run("Compared", read, list(_groups(links)), fail=fail)
        return {relation: there for result in results for relation, there in (result or {}).items()}

    def make(
        self, threads: StepThreads, links: Iterable[Link], there: Mapping[Relation, There]
    ) -> dict[Relation, RelationDone]:
        """Make the relations that are not there.

        :return: what became of each, but for those that were not begun
        """

        def make(link: Link) -> RelationDone:
            found = None if self._check_mode else self._relations.create(link.relation)
            return _as_found(link, found) if found else RelationDone("created")

        done, due = _sort_out(threads, links, there, lambda link, found: _as_found(link, found) if found else None)
        return {**done, **_run(threads, "Related", make, due)}

    def remove(
        self, threads: StepThreads, links: Iterable[Link], there: Mapping[Relation, There]
    ) -> dict[Relation, RelationDone]:
        """Remove the relations that are there.

        :return: what became of each, but for those that were not begun
        """

        def remove(link: Link) -> RelationDone:
            found = there[link.relation]
            is_ours = self._check_mode or not isinstance(found, Found) or self._relations.remove(found)
            return RelationDone("removed" if is_ours else "unchanged")

        done, due = _sort_out(threads, links, there, lambda _link, found: None if found else RelationDone("unchanged"))
        return {**done, **_run(threads, "Removed", remove, due)}


def _sort_out(
    threads: StepThreads,
    links: Iterable[Link],
    there: Mapping[Relation, There],
    judge: Callable[[Link, Found | None], RelationDone | None],
) -> tuple[dict[Relation, RelationDone], list[Link]]:
    """Return what became of the relations with which nothing is to be done, and the others.

    :param judge: tells what became of one, None where something is to be done
    """
    done: dict[Relation, RelationDone] = {}
    due: list[Link] = []
    for link in links:
        if link.relation not in there:
            continue
        found = there[link.relation]
        judged = RelationDone("failed", found) if isinstance(found, ElvisError) else judge(link, found)
        if judged is None:
            due.append(link)
            continue
        done[link.relation] = judged
        if judged.error and threads.stops_at_failure:
            break
    return done, due


def _run(
    threads: StepThreads, what: str, work: Callable[[Link], RelationDone], links: Sequence[Link]
) -> dict[Relation, RelationDone]:
    results = threads.run(what, work, links, fail=lambda _link, error: RelationDone("failed", error))
    return {link.relation: done for link, done in zip(links, results) if done}


def _as_found(link: Link, found: Found) -> RelationDone:
    """Return what becomes of a relation whose ends have one already: two assets have at most one."""
    if found.relation == link.relation:
        return RelationDone("unchanged")
    message = (
        f"The relation {link.type} from {link.start.path} to {link.end.path} was not made: they have the relation"
        f" {found.relation.type} already, and two assets have at most one. Remove that one first."
    )
    return RelationDone("failed", ElvisError(message, "conflict"))


def _groups(links: Sequence[Link]) -> Iterator[_Group]:
    """Yield links in groups, each around the asset that most of all links have in common."""
    times = Counter(end for link in links for end in (link.start.id, link.end.id))
    groups: dict[tuple[str, str], list[Link]] = {}
    for link in links:
        hub = link.start.id if times[link.start.id] >= times[link.end.id] else link.end.id
        groups.setdefault((hub, link.relation.seen_from(hub).type), []).append(link)
    for (hub, type_), members in groups.items():
        for first in range(0, len(members), MOST_AT_ONCE):
            yield _Group(hub, type_, members[first : first + MOST_AT_ONCE])
