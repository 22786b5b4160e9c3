# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Makes relations between assets be there, or not be there, and tells what became of each. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._dam.hits import Hit
from .._elvis.client import Client
from .._errors import ElvisError
from .._work.journal import Journal
from .._work.step_threads import StepThreads
from .named_assets import find_named, named, record_missing
from .relation_work import Link, RelationDone, RelationWork


class WantedRelation(NamedTuple):
    """A relation as a task names it: the ids or paths of its ends, and where the task says it."""

    type: str
    start: str
    end: str
    place: str


class RelationRun:
    """One task.

    :param is_present: whether the relations are to be there
    :param process_timeout: the seconds that a write, with all its tries, may take
    """

    def __init__(
        self,
        client: Client,
        journal: Journal,
        *,
        is_present: bool,
        check_mode: bool,
        process_timeout: float,
    ) -> None:
        self._client = client
        self._is_present = is_present
        self._check_mode = check_mode
        self._work = RelationWork(client, check_mode=check_mode, process_timeout=process_timeout)
        self._diffs = journal.diffs
        self._outcome = journal.outcome
        self._progress = journal.progress

    def run(self, relations: Sequence[WantedRelation], concurrency: int, *, stops: bool) -> dict[str, Any]:
        """Do it, and return the result.

        :param stops: whether the first failure ends the task
        :raises ElvisError: when anything failed, with all that was done
        """
        names = (name for wanted in relations for name in (wanted.start, wanted.end))
        hits = find_named(self._client, names, waits=self._is_present and not self._check_mode)
        links = self._links(relations, hits)
        self._outcome.not_started = len(links)
        with StepThreads(self._client, concurrency, self._progress, stops_at_failure=stops) as threads:
            if not (stops and self._outcome.failed):
                there = self._work.compare(threads, links, only_of_type=not self._is_present)
                bring_about = self._work.make if self._is_present else self._work.remove
                done = bring_about(threads, links, there)
                for link in links:
                    self._record(link, done.get(link.relation))
        if threads.fatal:
            raise self._outcome.broken_off(threads.fatal)
        return self._outcome.finish()

    def _links(self, relations: Sequence[WantedRelation], hits: Mapping[str, Hit]) -> list[Link]:
        """Return the relations whose ends are there, each once, and tell of the others.

        :raises ElvisError: when the task contradicts itself, before anything is sent
        """
        links: list[Link] = []
        pairs: dict[frozenset[str], tuple[Link, str]] = {}
        for wanted in relations:
            start, end = hits.get(wanted.start), hits.get(wanted.end)
            if start is None or end is None:
                self._record_missing(wanted, [name for name in (wanted.start, wanted.end) if name not in hits])
                continue
            link = Link(wanted.type, start, end)
            if start.id == end.id:
                raise _contradiction(wanted, f"{start.path} can't be related to itself")
            first, place = pairs.setdefault(frozenset((start.id, end.id)), (link, wanted.place))
            if first is link:
                links.append(link)
            elif self._is_present and first.relation != link.relation.seen_from(first.start.id):
                raise _contradiction(
                    wanted, f"{start.path} and {end.path} have another relation in {place}, and have at most one"
                )
            elif first.relation != link.relation.seen_from(first.start.id):
                links.append(link)
        return links

    def _record_missing(self, wanted: WantedRelation, missing: Sequence[str]) -> None:
        entry: dict[str, Any] = {"type": wanted.type, "from": named(wanted.start), "to": named(wanted.end)}
        record_missing(
            self._outcome,
            self._client,
            f"asset {' or '.join(missing)}",
            is_absence=not self._is_present,
            check_mode=self._check_mode,
            place=wanted.place,
            path=None,
            **entry,
        )

    def _record(self, link: Link, done: RelationDone | None) -> None:
        """Tell what became of a relation, None where it was not begun."""
        if done is None:
            return
        self._outcome.not_started -= 1
        ends = {"from": link.start, "to": link.end}
        entry: dict[str, Any] = {name: {"id": hit.id, "path": hit.path} for name, hit in ends.items()}
        line = {"path": link.start.path, "id": link.start.id, "type": link.type, **entry}
        if done.error:
            self._outcome.fail(done.error, **line)
            return
        self._outcome.add(done.kind, **line)
        if done.kind != "unchanged":
            states = ("absent", "present") if self._is_present else ("present", "absent")
            self._diffs.add_changes(f"{link.start.path} {link.type} {link.end.path}", {"state": states})


def _contradiction(wanted: WantedRelation, mistake: str) -> ElvisError:
    return ElvisError(f"{wanted.place}: {mistake}.", "bad_request")
