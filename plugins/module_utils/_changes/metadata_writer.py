# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compares the metadata of assets with those that are wanted, and writes what differs. Private to damops.elvis."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._dam import index_lag
from .._dam.asset_keys import find_by_keys, several_words
from .._dam.check_outs import CheckOuts
from .._dam.hits import Hit
from .._dam.metadata_calls import MetadataCalls
from .._dam.metadata_requests import Change
from .._dam.metadata_values import BadValue, as_moment, begins_with_sign, is_modification, resulting
from .._elvis.client import Client
from .._elvis.field_values import is_same, plain, stored_otherwise
from .._errors import ENDS_TASK, ElvisError
from .._tables.cell_values import BadCell, RowOptions, Value
from .._tables.rows import Key
from .._text import agreeing
from .._work.diffs import Changes
from .._work.plan import NO_PLAN, Plan, Step, step_of
from .refused_values import with_place

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class MetadataRules:
    """How metadata are compared and written.

    :param rows: how cells are read
    :param is_of_file: whether values are cells of a file, in which a sign at the beginning is a part of the value
    :param force: whether a check-out of somebody else is ended
    """

    rows: RowOptions
    is_of_file: bool = False
    force: bool = False
    check_mode: bool = False
    process_timeout: float = 300


class WantedMetadata(NamedTuple):
    """The metadata that are wanted of one asset.

    :param key: what names it
    :param asset: what is there, where that is known
    :param place: where it is said, for a message
    :param places: where it is said of each field, where that is known
    :param expected: the values that fields must still have when others are written
    :param notes: what the result says of the asset besides
    """

    key: Key
    metadata: Mapping[str, Value]
    asset: Hit | None = None
    place: str = ""
    places: Callable[[str], str] | None = None
    expected: Mapping[str, Any] = NOTHING
    notes: Mapping[str, Any] = NOTHING

    def place_of(self, field: str | None) -> str:
        """Return the words for where the value of a field is said."""
        return self.places(field) if self.places and field is not None else self.place


class MetadataDone(NamedTuple):
    """What became of it, or would.

    :param asset: None when there is none
    :param changes: for each field that differs, the value before and the one after
    :param written: what is written for that: the value after, or what adds to the one before and takes away from it
    :param stored: what the server made of values
    :param freed: what the end of a check-out of somebody else changed, before anything was written
    :param rivals: the paths of assets among which the key does not decide
    """

    wanted: WantedMetadata
    asset: Hit | None = None
    changes: Changes = NOTHING
    written: Mapping[str, Value] = NOTHING
    stored: Mapping[str, Any] = NOTHING
    freed: Changes = NOTHING
    rivals: Sequence[str] = ()
    error: ElvisError | None = None

    @property
    def step(self) -> Step | None:
        """What is to be done, as a plan has it; None where nothing is."""
        if not (self.asset and self.changes) or self.error:
            return None
        return step_of("update", self.asset.path, self.asset, self.changes)

    @property
    def is_missing(self) -> bool:
        """Whether there is no such asset."""
        return self.asset is None and self.error is None


class MetadataWriter:
    """Does it with some assets at a time; several threads may.

    :param plan: says which steps may be done
    :ivar fatal: why no further asset can be worked on
    """

    def __init__(self, client: Client, rules: MetadataRules, plan: Plan = NO_PLAN) -> None:
        self._client = client
        self._approved = plan
        self._rules = rules
        self._check_outs = CheckOuts(client, force=rules.force)
        self._calls = MetadataCalls(client, rules.process_timeout)
        self._lock = threading.Lock()
        self._claimed: dict[str, Key] = {}
        self.fatal: ElvisError | None = None

    def work(self, batch: Sequence[WantedMetadata]) -> list[MetadataDone] | None:
        """Return what becomes of each; None when they were not begun, because nothing goes any more."""
        return self._unless_over(batch, self._write)

    def foresee(self, batch: Sequence[WantedMetadata]) -> list[MetadataDone] | None:
        """Return what would become of each, as :meth:`work` does."""
        return self._unless_over(batch, list)

    def _unless_over(
        self, batch: Sequence[WantedMetadata], do: Callable[[list[MetadataDone]], list[MetadataDone]]
    ) -> list[MetadataDone] | None:
        if self.fatal:
            return None
        try:
            return do([self._if_approved(done) for done in self._plan(batch)])
        except ElvisError as error:
            # Whoever only reads has asked several times by then.
            if error.reason in ENDS_TASK or error.reason == "timeout":
                self.fatal = self.fatal or error
                return None
            return [MetadataDone(wanted, wanted.asset, error=error) for wanted in batch]

    def count_changes(self, wanted: Sequence[WantedMetadata]) -> int:
        """Return how many assets would change, of those that are known.

        :raises ElvisError: when the server can't be asked whose session this is
        """
        return sum(bool(done.changes) for done in self._plan(wanted))

    def _if_approved(self, done: MetadataDone) -> MetadataDone:
        if not (done.step and done.asset):
            return done
        refusal = self._approved.refusal(done.step)
        if not refusal and self._approved.not_approved and self._check_outs.of_another(done.asset):
            refusal = self._approved.withheld(done.asset.path)
        return done._replace(error=refusal) if refusal else done

    def _plan(self, batch: Sequence[WantedMetadata]) -> list[MetadataDone]:
        """Return what is to be written."""
        fields = {name for wanted in batch for name in wanted.metadata}
        unknown = [wanted.key for wanted in batch if wanted.asset is None]
        found = find_by_keys(self._client, unknown, sorted(fields))
        return [
            self._compare(wanted, [wanted.asset] if wanted.asset else found.get(wanted.key, ())) for wanted in batch
        ]

    def _compare(self, wanted: WantedMetadata, assets: Sequence[Hit]) -> MetadataDone:
        if not assets:
            return MetadataDone(wanted)
        if len(assets) > 1:
            words = several_words(*wanted.key, assets)
            error = ElvisError(f"{wanted.place}: {words}. None of them was changed.", "conflict")
            return MetadataDone(wanted, rivals=sorted(asset.path for asset in assets), error=error)
        asset = assets[0]
        mistake = self._claim(wanted, asset) or _changed_meanwhile(wanted, asset)
        if mistake:
            return MetadataDone(wanted, asset, error=self._check_outs.error_for(asset, mistake))
        try:
            changes, written = self._differing(asset.fields, wanted.metadata, is_literal=self._rules.is_of_file)
        except (BadCell, BadValue) as problem:
            column = problem.column if isinstance(problem, BadCell) else None
            error = ElvisError(
                f"{wanted.place_of(column) or asset.path}: {problem}. {asset.path} was left unchanged.", "bad_request"
            )
            return MetadataDone(wanted, asset, error=error)
        refusal = self._check_outs.refusal(asset) if changes else None
        return MetadataDone(wanted, asset, error=refusal) if refusal else MetadataDone(wanted, asset, changes, written)

    def _claim(self, wanted: WantedMetadata, asset: Hit) -> str | None:
        """Return why a row must not touch an asset: one row by id and one by path may name the same."""
        with self._lock:
            first = self._claimed.setdefault(asset.id, wanted.key)
        return None if first == wanted.key else f"{first[0]} {first[1]} names the same asset"

    def _differing(
        self, present: Mapping[str, Any], metadata: Mapping[str, Value], *, is_literal: bool
    ) -> tuple[Changes, dict[str, Value]]:
        changes: dict[str, tuple[Any, Any]] = {}
        written: dict[str, Value] = {}
        for name, raw in metadata.items():
            there = present.get(name)
            value = self._value(name, raw, there)
            after = value if is_literal else resulting(there, value)
            if not is_same(there, after, self._rules.rows.zone):
                changes[name] = (there, after)
                written[name] = value
        if any(begins_with_sign(value) and not is_modification(value) for value in written.values()):
            # One request has one rule for signs, so that none of its values can be a modification then.
            written = {name: after for name, (_before, after) in changes.items()}
        return changes, written

    def _value(self, name: str, raw: Value, present: Any) -> Any:
        rows = self._rules.rows
        if not self._rules.is_of_file:
            return as_moment(name, raw, present, rows.date_fields, rows.zone)
        try:
            return rows.value(name, raw, present)
        except BadCell as problem:
            raise problem.of(name) from None

    def _write(self, planned: list[MetadataDone]) -> list[MetadataDone]:
        """Write what is to be written, and return what became of it."""
        if self._rules.check_mode:
            return planned
        free: list[MetadataDone] = []
        try:
            for done in planned:
                free.append(self._freed(done))  # noqa: PERF401 - those before a failure are needed
        except ElvisError as error:
            if not any(done.freed for done in free):
                raise
            # Nothing goes any more, and the check-outs that ended are to be told.
            self.fatal = self.fatal or error
            begun = [*free, *planned[len(free) :]]
            return [done._replace(error=error) if done.changes and not done.error else done for done in begun]
        changes = [
            Change(done.asset, done.written, self._is_literal(done.written))
            for done in free
            if done.asset and done.changes and not done.error
        ]
        outcomes = self._calls.write(changes, self._is_done)
        self.fatal = self.fatal or self._calls.fatal
        return [self._finished(done, outcomes) for done in free]

    def _is_literal(self, written: Mapping[str, Value]) -> bool:
        return self._rules.is_of_file or not any(map(is_modification, written.values()))

    def _freed(self, done: MetadataDone) -> MetadataDone:
        """End the check-out of somebody else.

        :raises ElvisError: when nothing goes any more
        """
        if done.error or not (done.asset and done.changes):
            return done
        freed: dict[str, Any] = {}
        try:
            self._check_outs.free_noting(done.asset, freed)
        except ElvisError as error:
            if error.reason in ENDS_TASK:
                raise
            return done._replace(error=error)
        return done._replace(freed={name: (ended["before"], ended["after"]) for name, ended in freed.items()})

    def _is_done(self, change: Change, now: Hit) -> bool:
        """Tell whether an asset has by now what was to be written."""
        changes, _written = self._differing(now.fields, change.metadata, is_literal=change.is_literal)
        return not changes

    def _finished(self, done: MetadataDone, outcomes: Mapping[str, Hit | ElvisError]) -> MetadataDone:
        outcome = outcomes.get(done.asset.id) if done.asset else None
        if isinstance(outcome, ElvisError):
            place_of = done.wanted.place_of
            return done._replace(error=with_place(outcome, done.written, place_of) if done.wanted.place else outcome)
        if outcome is None:
            return done
        after = {name: value for name, (_before, value) in done.changes.items()}
        before = {name: value for name, (value, _after) in done.changes.items()}
        index_lag.note_written(self._client, outcome, after, before)
        # A reply need not show all that was written.
        shown = [name for name in after if name in outcome.fields]
        return done._replace(stored=stored_otherwise(outcome.fields, after, shown))


def _changed_meanwhile(wanted: WantedMetadata, asset: Hit) -> str | None:
    """Return why metadata must not be written: a field has another value by now."""
    there = {name: asset.fields.get(name) for name in wanted.expected}
    changed = [name for name, value in wanted.expected.items() if not is_same(plain(there[name]), plain(value))]
    return f"{', '.join(changed)} {agreeing(len(changed), 'was', 'were')} changed meanwhile" if changed else None
