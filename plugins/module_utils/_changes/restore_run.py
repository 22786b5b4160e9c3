# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Takes back what wrong changes did to the metadata of many assets. Private to damops.elvis."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from .._dam import index_lag
from .._dam.asset_finder import AssetFinder, collected
from .._dam.damage import Damage, find_damage
from .._dam.field_verdict import Verdict, is_shown, judge
from .._dam.history import WantedHistory, read_history
from .._dam.hits import Hit
from .._dam.query import EVERYTHING
from .._dam.samples import FieldSamples
from .._elvis.client import Client
from .._elvis.field_values import as_moment, flat
from .._errors import ElvisError
from .._work.journal import Journal
from .._work.parallel import Workers
from .._work.plan import step_of, why_left_out
from .change_limit import ChangeLimit
from .history_run import AT_ONCE
from .metadata_run import Job, MetadataRun
from .metadata_writer import MetadataDone, MetadataRules, WantedMetadata
from .named_assets import find_named, named, record_missing, words_for

MODIFIED = "assetModified"
FIELD_COUNTS = ("restored", "unchanged", "edited_since", "uncertain", "without_history", "not_approved", "failed")
LISTS = ("edited_since", "uncertain", "without_history", "other_changes")
NO_EVENT = "the asset was modified since then, and its history has no change since then"


@dataclass(frozen=True)
class RestoreOrder:
    """What a task wants; the options of elvis_metadata_restore say what each means.

    :param query: finds the assets, and :param names: are their ids or paths; None where the task gives none
    :param wrong: which changes are taken back
    """

    query: str | None
    names: Sequence[str] | None
    wrong: WantedHistory
    fields: Collection[str]
    limit: ChangeLimit
    rules: MetadataRules


class _Suspect(NamedTuple):
    """An asset, as a search shows it, with what its history has."""

    asset: Hit
    damage: Damage

    @property
    def is_shown(self) -> bool:
        """Whether the search knows of the last changes in the history."""
        return all(is_shown(changes, self.asset.fields.get(name)) for name, changes in self.damage.changes.items())


class RestoreRun:
    """One task.

    :ivar field_counts: what became of how many fields; an asset without history counts as one
    """

    def __init__(self, client: Client, order: RestoreOrder, journal: Journal) -> None:
        self._client = client
        self._order = order
        self._journal = journal
        self._outcome = journal.outcome
        self.field_counts = dict.fromkeys(FIELD_COUNTS, 0)
        self._lists: dict[str, list[dict[str, Any]]] = {name: [] for name in LISTS}
        self._outcome.add_keys(lambda: {"field_counts": self.field_counts, **self._lists})

    def run(self, concurrency: int, *, stops: bool) -> dict[str, Any]:
        """Do it, and return the result.

        :param stops: whether the first failure ends the task
        :raises ElvisError: when anything failed, with all that was done
        """
        try:
            hits = self._find()
            suspects = self._settled(self._read(hits, concurrency))
            judged = list(zip(suspects, self._judge(suspects)))
            wanted = [_wanted(one.asset, verdicts) for one, verdicts in judged]
            wanted = [one for one in wanted if one.metadata]
            if self._order.query is not None:
                self._check_limit(len(hits), len(wanted))
        except ElvisError as error:
            raise self._outcome.broken_off(error) from None
        for one, verdicts in judged:
            self._tell(one, verdicts)
        job = Job(wanted, len(wanted), take_note=self._take_note)
        return MetadataRun(self._client, self._order.rules, self._journal).run(job, concurrency, stops=stops)

    def _check_limit(self, found: int, changes: int) -> None:
        finder = AssetFinder(self._client)
        self._order.limit.check_found(found, changes, "assets would be restored", lambda: finder.count(EVERYTHING))

    # --- what there is

    def _find(self) -> list[Hit]:
        """Return the assets that the task names, each once, and tell of those that are not there."""
        if self._order.query is not None:
            return collected(AssetFinder(self._client).tree("/", self._order.query))
        names = self._order.names or ()
        check_mode = self._order.rules.check_mode
        found = find_named(self._client, names, waits=not check_mode)
        for name in names:
            if name not in found:
                record_missing(
                    self._outcome,
                    self._client,
                    words_for(name),
                    is_absence=False,
                    check_mode=check_mode,
                    **named(name),
                )
        return list({hit.id: hit for hit in found.values()}.values())

    def _read(self, hits: Sequence[Hit], concurrency: int) -> Iterator[_Suspect]:
        """Yield each asset with what wrong changes did to it."""
        progress = self._journal.progress
        progress.begin("Read the history of", len(hits))
        with Workers(concurrency, self._client.gate, progress.look) as workers:
            for start in range(0, len(hits), AT_ONCE):
                batch = hits[start : start + AT_ONCE]
                damages = workers.run(self._read_damage, batch)
                yield from self._as_shown(
                    _Suspect(hit, damage) for hit, damage in zip(batch, damages) if damage is not None
                )

    def _read_damage(self, hit: Hit) -> Damage:
        since = WantedHistory(since=self._order.wrong.since)
        history = read_history(self._client, hit.id, hit.path, since)
        self._journal.progress.count()
        return find_damage(history or (), self._order.wrong, self._order.fields)

    def _as_shown(self, suspects: Iterable[_Suspect]) -> list[_Suspect]:
        """Return assets as a search shows them now; one that is gone keeps what was known of it."""
        before = list(suspects)
        fields = sorted({name for one in before for name in one.damage.changes})
        now = AssetFinder(self._client, [MODIFIED, *fields]).by_ids(one.asset.id for one in before)
        return [one._replace(asset=now.get(one.asset.id, one.asset)) for one in before]

    def _settled(self, suspects: Iterable[_Suspect]) -> list[_Suspect]:
        """Return assets once a search shows what their histories have, or the longest lag is over."""
        found = {one.asset.id: one for one in suspects}
        end = time.monotonic() + index_lag.longest_lag(self._client)
        for _look in index_lag.further_looks(self._client.gate, end):
            behind = [one for one in found.values() if not one.is_shown]
            if not behind:
                break
            found.update({one.asset.id: one for one in self._as_shown(behind)})
        return list(found.values())

    # --- what becomes of it

    def _judge(self, suspects: Sequence[_Suspect]) -> Iterator[dict[str, Verdict]]:
        """Yield what becomes of the fields of each asset."""
        samples = FieldSamples(self._client, (one.asset for one in suspects))
        for one in suspects:
            present = one.asset.fields
            yield {
                name: judge(changes, present.get(name), samples.of(name))
                for name, changes in one.damage.changes.items()
            }

    def _tell(self, one: _Suspect, verdicts: Mapping[str, Verdict]) -> None:
        """Tell what is left as it is; what is restored, the writer tells."""
        asset, damage = one.asset, one.damage
        shown = {"id": asset.id, "path": asset.path}
        for name, verdict in verdicts.items():
            if verdict.outcome != "restored":
                self.field_counts[verdict.outcome] += 1
            if verdict.why:
                self._lists[verdict.outcome].append({**shown, "field": name, "why": verdict.why})
        for entry, field in damage.others:
            change = {"action": entry.action, "field": field, "time": flat(as_moment(entry.time)), "user": entry.user}
            self._lists["other_changes"].append({**shown, **change})
        if self._is_unexplained(one):
            self.field_counts["without_history"] += 1
            self._lists["without_history"].append({**shown, "why": NO_EVENT})
        self._tell_left(one, verdicts)

    def _tell_left(self, one: _Suspect, verdicts: Mapping[str, Verdict]) -> None:
        asset, plan = one.asset, self._journal.plan
        left = _left(verdicts)
        whys = [f"{name}: {verdict.why}" for name, verdict in verdicts.items() if verdict.why]
        why = NO_EVENT if self._is_unexplained(one) else "; ".join(whys)
        step = step_of("leave", asset.path, None, {}, id=asset.id, left=left)
        if why:
            # Of an asset of which other fields are restored as well: once they are, this is all that there is to it.
            plan.foresee(step)
        if any(verdict.outcome == "restored" for verdict in verdicts.values()):
            return
        entry: dict[str, Any] = {"path": asset.path, "id": asset.id}
        refusal = plan.refusal(step) if why else None
        if refusal:
            # The plan restores it, and somebody edited it since.
            self._journal.not_done(refusal, **entry, left=left or None)
        elif why:
            self._outcome.add("skipped", **entry, left=left or None, why=why)
        else:
            self._outcome.add("unchanged", **entry)

    def _is_unexplained(self, one: _Suspect) -> bool:
        modified, since = one.asset.number(MODIFIED), self._order.wrong.since
        return not one.damage.has_events and modified is not None and since is not None and modified >= since

    def _take_note(self, done: MetadataDone) -> None:
        """Count the fields of an asset that was written, or was to be."""
        number = len(done.wanted.metadata)
        if done.error or done.is_missing:
            self.field_counts["not_approved" if why_left_out(done.error) else "failed"] += number
            return
        self.field_counts["restored"] += len(done.changes)
        self.field_counts["unchanged"] += number - len(done.changes)


def _wanted(asset: Hit, verdicts: Mapping[str, Verdict]) -> WantedMetadata:
    """Return what is to be written; the writer reads the asset again, and leaves it alone if it changed meanwhile."""
    values = {name: verdict.value for name, verdict in verdicts.items() if verdict.outcome == "restored"}
    expected = {name: asset.fields.get(name) for name in values}
    left = _left(verdicts)
    notes = {"left": left} if left else {}
    return WantedMetadata(("id", asset.id), values, place=asset.path, expected=expected, notes=notes)


def _left(verdicts: Mapping[str, Verdict]) -> dict[str, str]:
    return {name: verdict.outcome for name, verdict in verdicts.items() if verdict.why}
