# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Records what became of each local file, or would. Private to damops.elvis."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._dam.hits import Hit
from .._elvis.field_values import stored_otherwise
from .._errors import ElvisError
from .._text import escaped
from .._work.diffs import renamed_back
from .._work.journal import Journal
from .._work.stored import StoredOtherwise
from .upload_order import UploadOrder
from .upload_plan import UploadStep
from .upload_sender import UploadDone

MOST_NAMED = 5
"""Files that a warning names."""
MOST_KEPT = 500
"""Of the list of files that stay in a drop folder."""


class Kept(NamedTuple):
    """A file that stays in a drop folder, and why."""

    path: str
    why: str


class UploadRecord:
    """What became of the files of one task."""

    def __init__(self, order: UploadOrder, journal: Journal) -> None:
        self._order = order
        self._journal = journal
        self._outcome = journal.outcome
        self._diffs = journal.diffs
        self._warn = journal.warn
        self._stored = StoredOtherwise(order.rules.is_state)
        self._would_put_away = 0
        self._kept: list[Kept] = []
        journal.outcome.add_keys(self._keys)

    def foresee(self, step: UploadStep, done: UploadDone | None) -> None:
        """Record what would become of a file; None where nobody could look."""
        self.add(step, done or UploadDone(step, step.todo.asset, error=step.todo.error))
        if self._order.put_away and done and not (done.error or done.kept or done.gone):
            self._would_put_away += 1

    def add(self, step: UploadStep, done: UploadDone) -> None:
        """Record what became of a file."""
        asset, todo = done.hit, step.todo
        entry: dict[str, Any] = {"path": asset.path if asset else todo.path, "id": asset.id if asset else None}
        if self._order.match:
            entry["file"] = escaped(step.file.relative)
        if done.kept:
            self._kept.append(Kept(step.file.relative, done.kept))
            entry["kept"] = done.kept
        if done.error:
            self._journal.not_done(self._with_place(step, done.error), **entry)
        if done.error and not done.is_written:
            return
        if done.skipped:
            self._outcome.add("skipped", **entry, why=done.skipped)
            return
        if todo.action == "unchanged" or not done.is_new:
            self._outcome.add("unchanged", **entry)
            return
        self._outcome.add(
            "created" if todo.action == "create" else "updated",
            **entry,
            bytes=step.size if todo.sends_file else None,
            compared_by=todo.by,
            fields=sorted(todo.changes) or None,
            renamed_back=renamed_back(done.renamed_from, entry["path"]),
        )
        file = {"file": ("other content" if todo.asset else None, "file")} if todo.sends_file else {}
        self._diffs.add_changes(entry["path"], {**todo.changes, **file})
        if asset and not self._order.check_mode:
            self._compare_stored(step, asset)

    def end(self) -> None:
        """Warn of what a person should look at."""
        if self._stored.words:
            self._warn(self._stored.words)
        if not self._kept:
            return
        named = "; ".join(f"{escaped(kept.path)} ({kept.why})" for kept in self._kept[:MOST_NAMED])
        more = f"; and {len(self._kept) - MOST_NAMED} more" if len(self._kept) > MOST_NAMED else ""
        self._warn(f"These files stay where they are, because nothing proves that the DAM holds them: {named}{more}.")

    def _with_place(self, step: UploadStep, error: ElvisError) -> ElvisError:
        """Return an error with the place of the value in a file that it is about."""
        captions = self._order.captions
        return captions.with_place(error, step.file, step.todo.metadata) if captions else error

    def _compare_stored(self, step: UploadStep, asset: Hit) -> None:
        self._stored.add(asset.path, stored_otherwise(asset.fields, step.todo.metadata, step.todo.metadata))

    def _keys(self) -> dict[str, Any]:
        """Return the further keys of the result."""
        put_away = self._order.put_away
        done = put_away.number if put_away else 0
        return {
            "put_away": self._would_put_away if self._order.check_mode else done,
            "kept": [kept._asdict() for kept in self._kept[:MOST_KEPT]],
        }
