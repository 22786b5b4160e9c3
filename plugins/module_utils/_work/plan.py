# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: check mode writes down the steps of a task, and the task then does no other step. Private to damops.elvis.

A plan is a file of JSON objects, one a line. The first names the task, each other one is a step. Two steps are equal
when their lines are: what is before, what is after, and all that a step depends on stand in its line.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Mapping
from typing import Any

from .._dam.hits import Hit
from .._elvis.field_values import flat
from .._elvis.times import format_time
from .._errors import ElvisError
from .._files.atomic_file import AtomicFile
from .._text import counted, escaped
from .diffs import Changes
from .sorted_lines import SortedLines

FORMAT = 1
"""The number of the format, under the key ``plan`` of the first line."""
LONGEST_VALUE = 1000
"""Characters of an option that stand in a plan as they are; of a longer one stands the checksum."""
NOT_APPROVED = "not_approved"
"""Why an asset was left out whose step is not in the plan."""
WITHHELD = "withheld: nothing is removed, put away or given back while a step is not approved"
"""Why an asset was left out whose step is in the plan, beside others that are not."""
MAKE_ANOTHER = "Make a plan again in check mode, look at it, and have that approved."

Step = Mapping[str, Any]
Head = Mapping[str, Any]


class NotApproved(ElvisError):
    """A step that is not in the plan.

    :param left_out: why the task goes on without it, None where the task fails
    """

    def __init__(self, message: str, left_out: str | None) -> None:
        super().__init__(message, "conflict")
        self.left_out = left_out


def why_left_out(error: ElvisError | None) -> str | None:
    """Return why the task goes on without a step, None where that is a failure."""
    return error.left_out if isinstance(error, NotApproved) else None


def step_of(action: str, path: str, asset: Hit | None, changes: Changes, **more: Any) -> Step:
    """Return a step as a plan has it.

    :param action: what is done with an asset
    :param asset: the asset as it is before, None where there is none
    :param changes: by their names the values before and after
    :param more: what it depends on besides; what is None is left out
    """
    before = {name: flat(was) for name, (was, _after) in changes.items()}
    after = {name: flat(wanted) for name, (_was, wanted) in changes.items()}
    entry = {"action": action, "path": path, **(_present(asset) if asset else {}), **more}
    return {**{name: value for name, value in entry.items() if value is not None}, "before": before, "after": after}


def folder_step(path: str) -> Step:
    """Return the step that makes a folder."""
    return step_of("create_folder", path, None, {})


def _present(asset: Hit) -> dict[str, Any]:
    since = asset.number("checkedOut") if asset.checked_out_by else None
    return {
        "id": asset.id,
        "version": asset.number("versionNumber"),
        "checked_out_by": asset.checked_out_by,
        "checked_out_since": None if since is None else format_time(since),
    }


def shown_options(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a task as the first line of its plan has them."""
    return {name: _shown(value) for name, value in options.items() if value is not None}


def _shown(value: Any) -> Any:
    text = line_of(value)
    return value if len(text) <= LONGEST_VALUE else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def line_of(entry: Any) -> str:
    """Return a JSON object as a line of a plan, or a value of one."""
    # All in ASCII, so that no name of an asset does anything to the terminal of a person who looks at it.
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), default=str)


class Plan:
    """The plan of a task that has none: each step may be done."""

    needs_review = False
    """Whether all steps have to be looked at before the first is done."""
    not_approved = 0
    """How many steps are not in the plan."""
    is_approval = False
    """Whether only what stands in a plan may be done."""

    def foresee(self, step: Step) -> None:
        """Take a step that check mode found; only its own thread calls this."""

    def refusal(self, _step: Step) -> NotApproved | None:
        """Return why a step must not be done, None where it may be; several threads may ask."""
        return None

    def withheld(self, _path: str) -> NotApproved | None:
        """Return why nothing must be removed, put away or given back, None where it may be."""
        return None

    def mismatch(self) -> ElvisError:
        """Return the error of a task that is stopped before its first change."""
        raise NotImplementedError

    def end(self) -> Mapping[str, Any]:
        """Return the keys of a result, once all steps are known."""
        return {}

    def as_result(self) -> Mapping[str, Any]:
        """Return the keys of a result, whether the task fails or not."""
        return {}


NO_PLAN = Plan()


class PlanDraft(Plan):
    """A plan in the making.

    :param file: where it will be
    :param head: its first line
    """

    def __init__(self, file: AtomicFile, head: Head, lines: SortedLines) -> None:
        self._file = file
        self._head = head
        self._lines = lines
        self._counts: Counter[str] = Counter()

    def foresee(self, step: Step) -> None:
        self._counts[step["action"]] += 1
        # A tab stands in no JSON that is written like this, so the path is what sorts first.
        self._lines.add(f"{line_of(step['path'])}\t{line_of(step)}")

    def end(self) -> Mapping[str, Any]:
        """Write the file, and return what a result says of it.

        :raises CallFailure: when it can't be written
        """
        self._file.write(f"{line_of({'plan': FORMAT, **self._head})}\n".encode())
        for line in self._lines.take():
            self._file.write(f"{line.partition(chr(9))[2]}\n".encode())
        saved = self._file.keep()
        return {"plan": {"dest": saved.dest, "digest": saved.checksum, "counts": dict(sorted(self._counts.items()))}}


class ApprovedPlan(Plan):
    """A plan that somebody approved.

    :param steps: the checksum of each line
    :param skips: whether the task does without the steps that are not in it
    """

    is_approval = True

    def __init__(self, path: str, digest: str, steps: frozenset[bytes], *, skips: bool) -> None:
        self._path = path
        self._digest = digest
        self._steps = steps
        self._skips = skips
        self._lock = threading.Lock()
        self._refused: set[bytes] = set()
        self.needs_review = not skips

    def refusal(self, step: Step) -> NotApproved | None:
        key = key_of(line_of(step).encode())
        if key in self._steps:
            return None
        with self._lock:
            self._refused.add(key)
            self.not_approved = len(self._refused)
        return NotApproved(
            f"{step['path']} was left unchanged: the plan {escaped(self._path)} does not have this step.",
            NOT_APPROVED if self._skips else None,
        )

    def withheld(self, path: str) -> NotApproved | None:
        if not (self._skips and self.not_approved):
            return None
        return NotApproved(f"{path} was left unchanged: {WITHHELD}.", WITHHELD)

    def mismatch(self) -> ElvisError:
        # What is in the plan, and can't be done any more, fails for itself.
        more = f", with {counted(self.not_approved, 'step')} that it does not have" if self.not_approved else ""
        return ElvisError(
            f"The plan {escaped(self._path)} does not fit any more{more}: nothing was changed. {MAKE_ANOTHER} With"
            " plan_mismatch: skip the task does only what stands in the plan.",
            "conflict",
        )

    def as_result(self) -> Mapping[str, Any]:
        return {
            "plan": {"digest": self._digest, "steps": len(self._steps), NOT_APPROVED: self.not_approved},
        }


def key_of(line: bytes) -> bytes:
    """Return what stands for a line: a checksum, so that a plan of 100,000 steps takes some megabytes."""
    return hashlib.blake2b(line, digest_size=20).digest()
