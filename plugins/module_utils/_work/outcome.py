# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells what a task over many assets did: counts, bounded lists, a report of everything. Private to damops.elvis."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Literal

from .._elvis.advice import MEANINGS
from .._errors import ENDS_TASK, CallFailure, ElvisError, Reason
from .._files.atomic_file import AtomicFile
from .._text import agreeing, escaped

Kind = Literal["created", "updated", "removed", "unchanged", "skipped", "failed"]

COUNTED: tuple[Kind, ...] = ("created", "updated", "removed", "unchanged", "skipped", "failed")
LISTED: tuple[Kind, ...] = ("failed", "skipped", "removed", "created", "updated")
"""What is listed one by one, that first which matters most when there is too much for all."""
NAMES = {"failed": "failures", "skipped": "left_out"}
"""Of lists that can't be called like their count: to Ansible, failed and skipped are what became of the task."""
MOST_ENTRIES = 1000
"""Of each list."""
MOST_FAILURES = 20
MOST_OF_FAILURE = 3
"""Entries of ``failures`` and of each other list of a failed result: all of it is printed, and the reason should not
scroll away."""
MOST_BYTES = 500_000
"""Of all lists together, as JSON, a diff included: AWX drops a result of more than 700 kB."""


def nothing_done() -> dict[str, Any]:
    """Return the keys of the result of a task that compared nothing."""
    return Outcome().as_result()


class Outcome:
    """What became of each asset, in the order in which it is told.

    Not for several threads at a time.

    :param report: where everything is written down, unchanged assets as well
    :param more: returns the further keys of the result, whether the task fails or not
    :param server_url: the server, which each message of a failing task names
    """

    def __init__(
        self,
        report: AtomicFile | None = None,
        more: Callable[[], Mapping[str, Any]] = dict,
        server_url: str | None = None,
    ) -> None:
        self._report = report
        self._more = [more]
        self._server_url = server_url
        self.counts: dict[str, int] = dict.fromkeys(COUNTED, 0)
        self._lists: dict[str, list[dict[str, Any]]] = {kind: [] for kind in LISTED}
        self._sizes: dict[str, int] = dict.fromkeys(LISTED, 0)
        self._first_failure: ElvisError | None = None
        self._report_failure: ElvisError | None = None
        self._started = time.monotonic()
        self.folders: list[str] = []
        self.bytes = 0
        self.not_started = 0

    def add(self, kind: Kind, *, path: str | None, id: str | None = None, **more: Any) -> None:  # noqa: A002
        """Tell what became of one asset; of ``more``, what is None is left out."""
        entry = {"id": id, "path": path, **{name: value for name, value in more.items() if value is not None}}
        self.counts[kind] += 1
        if self._report:
            line = json.dumps({"outcome": kind, **entry})
            self._writing_report(lambda report: report.write(f"{line}\n".encode()))
        if kind == "unchanged" or len(self._lists[kind]) >= MOST_ENTRIES or self._sizes[kind] >= MOST_BYTES:
            return
        self._sizes[kind] += _size(entry)
        self._lists[kind].append(entry)

    def fail(self, error: ElvisError, *, path: str | None, id: str | None = None, **more: Any) -> None:  # noqa: A002
        """Tell of one asset with which it failed, and go on."""
        self._first_failure = self._first_failure or error
        self.add("failed", path=path, id=id, reason=error.reason, message=escaped(error.message), **more)

    def refuse(self, reason: Reason, message: str, *, path: str | None, id: str | None = None, **more: Any) -> None:  # noqa: A002
        """Tell of one asset that can't be worked on."""
        self.fail(ElvisError(message, reason), path=path, id=id, **more)

    def add_keys(self, more: Callable[[], Mapping[str, Any]]) -> None:
        """Add what returns further keys of the result."""
        self._more.append(more)

    @property
    def failed(self) -> int:
        """How many failed so far."""
        return self.counts["failed"]

    @property
    def is_clean(self) -> bool:
        """Whether nothing failed so far."""
        return not (self.failed or self._report_failure)

    @property
    def changed(self) -> bool:
        """Whether anything is other than before."""
        return bool(self.folders) or any(self.counts[kind] for kind in ("created", "updated", "removed"))

    def as_result(self, most: int = MOST_ENTRIES, most_failures: int = MOST_ENTRIES) -> dict[str, Any]:
        """Return the keys of a result: ``changed``, ``counts``, the lists, ``folders``, ``bytes`` and the like.

        :param most: entries of each list but ``failures``; ``truncated`` names the lists that lack some
        """
        more = {name: value for keys in self._more for name, value in keys().items()}
        whole: dict[str, list[Any]] = {
            **{NAMES.get(kind, kind): self._lists[kind] for kind in LISTED},
            "folders": self.folders,
            **{name: value for name, value in more.items() if isinstance(value, list)},
        }
        numbers: dict[str, int] = {
            **{name: len(entries) for name, entries in whole.items()},
            **{NAMES.get(kind, kind): self.counts[kind] for kind in LISTED},
        }
        lists = _bounded(whole, {**dict.fromkeys(whole, most), NAMES["failed"]: most_failures})
        return {
            "changed": self.changed,
            "counts": dict(self.counts),
            "bytes": self.bytes,
            "seconds": round(time.monotonic() - self._started, 1),
            "left": self.not_started,
            **more,
            **lists,
            "truncated": [name for name, entries in lists.items() if len(entries) < numbers[name]],
        }

    def finish(self) -> dict[str, Any]:
        """Return the result of a task that came to its end; its report is put in its place in any case.

        :raises ElvisError: when anything failed, or the report can't be written, with all that was done
        """
        self._writing_report(AtomicFile.keep)
        if self._first_failure:
            raise self._with_all(self._first_failure)
        if self._report_failure:
            raise self._with_result(self._report_failure)
        return self.as_result()

    def broken_off(self, error: ElvisError) -> ElvisError:
        """Return the error of a task that ended before its end, with all that was done before.

        That of the first asset that failed comes first, unless nothing goes any more.
        """
        self._writing_report(AtomicFile.keep)
        first = self._first_failure
        if first is None or first.message == error.message or error.reason in ENDS_TASK:
            return self._with_result(self._with_server(error))
        return self._with_all(first, error.message)

    def _writing_report(self, write: Callable[[AtomicFile], object]) -> None:
        """Do something with the report, if there is one; once it can't be written, the task goes on without it.

        What was done is in the result all the same, and the task fails when it is at its end.
        """
        if self._report is None:
            return
        try:
            write(self._report)
        except CallFailure as failure:
            self._report = None
            reason, advice = MEANINGS[failure.kind]
            self._report_failure = ElvisError(f"{failure.summary}. {advice}", reason)

    def _with_all(self, first: ElvisError, *notes: str) -> ElvisError:
        others = self.failed - 1
        error = self._with_server(first)
        if others:
            error = error.with_note(f"{agreeing(others, 'Another one', f'{others:,} others')} failed as well.")
        for note in (*notes, *([self._report_failure.message] if self._report_failure else ())):
            error = error.with_note(note)
        return self._with_result(error)

    def _with_result(self, error: ElvisError) -> ElvisError:
        """Return the error with what was done, and with the place where the rest of it stands."""
        result = self.as_result(MOST_OF_FAILURE, MOST_FAILURES)
        if any((*self.counts.values(), self.not_started)):
            error = error.with_note(self._done_and_left())
        if self._report:
            error = error.with_note(f"The report {escaped(str(self._report.place))} has every file and asset.")
        elif result["truncated"]:
            error = error.with_note(
                "The lists of this result are shortened: the option report writes all of it to a file."
            )
        error.done = result
        return error

    def _done_and_left(self) -> str:
        """Return the sentences on what the task did, and on what is left."""
        done = [f"{self.counts[kind]:,} {kind}" for kind in COUNTED if kind != "failed" and self.counts[kind]]
        left = [(self.failed, "failed"), (self.not_started, "not begun")]
        words = [f"{number:,} {what}" for number, what in left if number]
        sentences = (
            f"Done: {', '.join(done) or 'nothing'}.",
            f"Left: {', '.join(words)}." if words else "",
            "Run the task again: it goes on with the rest." if self.not_started else "",
        )
        return " ".join(filter(None, sentences))

    def _with_server(self, error: ElvisError) -> ElvisError:
        """Return the error with the server's address, which what is told of a single file or asset lacks."""
        if self._server_url is None or self._server_url in error.message:
            return error
        return error.with_note(f"The server is {self._server_url}.")


def _bounded(lists: Mapping[str, list[Any]], most: Mapping[str, int]) -> dict[str, list[Any]]:
    """Return the beginnings of lists: so many entries of each, and no more than fit into a result."""
    left = MOST_BYTES
    bounded: dict[str, list[Any]] = {}
    for name, entries in lists.items():
        bounded[name] = list(_fitting(entries[: most[name]], left))
        left -= sum(map(_size, bounded[name]))
    return bounded


def _fitting(entries: Iterable[Any], most: int) -> Iterator[Any]:
    for entry in entries:
        most -= _size(entry)
        if most < 0:
            return
        yield entry


def _size(entry: Any) -> int:
    return len(json.dumps(entry)) + 2
