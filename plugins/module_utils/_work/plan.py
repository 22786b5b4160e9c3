# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: check mode writes down the steps of a task, and the task then does no other step. Private to damops.elvis.

A plan is a file of JSON objects, one a line. The first names the task, each other one is a step. Two steps are equal
when their lines are: what is before, what is after, and all that a step depends on stand in its line.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import IO, Any, NamedTuple

from .._dam.hits import Hit
from .._elvis.field_values import flat
from .._elvis.times import format_time
from .._errors import ElvisError, system_words
from .._files.atomic_file import AtomicFile
from .._text import counted, escaped
from .diffs import Changes
from .sorted_lines import SortedLines

FORMAT = 1
"""The number of the format, under the key ``plan`` of the first line."""
LONGEST_LINE = 16 * 1024 * 1024
"""Bytes. What has a longer one is no plan."""
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
    text = _line(value)
    return value if len(text) <= LONGEST_VALUE else f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _line(entry: Any) -> str:
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
        self._lines.add(f"{_line(step['path'])}\t{_line(step)}")

    def end(self) -> Mapping[str, Any]:
        """Write the file, and return what a result says of it.

        :raises CallFailure: when it can't be written
        """
        self._file.write(f"{_line({'plan': FORMAT, **self._head})}\n".encode())
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
        key = _key(_line(step).encode())
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
        number = counted(self.not_approved, "step")
        return ElvisError(
            f"The plan {escaped(self._path)} does not fit any more, with {number} that it does not have: nothing was"
            f" changed. {MAKE_ANOTHER} With plan_mismatch: skip the task does only what stands in the plan.",
            "conflict",
        )

    def as_result(self) -> Mapping[str, Any]:
        return {
            "plan": {"digest": self._digest, "steps": len(self._steps), NOT_APPROVED: self.not_approved},
        }


class PlanFile(NamedTuple):
    """What a file has of a plan."""

    head: Head
    steps: frozenset[bytes]


def read_plan(path: str, digest: str) -> PlanFile:
    """Return what a file has, if it is the one that was approved. It is read once, so it can't change meanwhile.

    :raises ElvisError: when it can't be read, or is another one
    """
    try:
        with _open(path) as file:
            checksum = hashlib.sha256()
            head = file.readline(LONGEST_LINE)
            checksum.update(head)
            steps = set()
            for line in _lines(file):
                checksum.update(line)
                steps.add(_key(line.rstrip(b"\n")))
    except (OSError, ValueError) as error:
        words = system_words(error)
        raise ElvisError(
            f"plan {escaped(path)} can't be read: {words}. Give the absolute path of the file that plan_dest wrote, on"
            " the machine that runs the task. Nothing was sent.",
            "storage",
        ) from None
    found = checksum.hexdigest()
    if found != digest:
        raise ElvisError(
            f"plan {escaped(path)} is not the file that was approved: its SHA-256 is {found}, and plan_digest is"
            f" {digest}. Nothing was sent. {MAKE_ANOTHER}",
            "conflict",
        )
    return PlanFile(_read_head(path, head), frozenset(steps))


def check_head(path: str, head: Head, expected: Head) -> None:
    """Make sure that a plan was made for a task.

    :param expected: what its first line must say, as far as it is compared
    :raises ElvisError: when it was made for another one
    """
    others = [name for name, value in expected.items() if _line(head.get(name)) != _line(value)]
    if not others:
        return
    words = [_difference(name, head.get(name), expected[name]) for name in others]
    raise ElvisError(
        f"plan {escaped(path)} was made for another task: {'; '.join(words)}. Nothing was changed. Give the task the"
        " options that it had when the plan was made, or make another plan.",
        "conflict",
    )


def _difference(name: str, planned: Any, present: Any) -> str:
    if not isinstance(present, dict) or not isinstance(planned, dict):
        return f"its {name} is {escaped(str(planned))}, and not {escaped(str(present))}"
    names = [key for key in sorted({*planned, *present}) if _line(planned.get(key)) != _line(present.get(key))]
    return f"it has another value for {', '.join(names)}"


def _read_head(path: str, line: bytes) -> Head:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("plan") != FORMAT:
        raise ElvisError(
            f"plan {escaped(path)} is no plan that this version of the collection reads. Give the file that plan_dest"
            " wrote. Nothing was sent.",
            "bad_request",
        )
    return head


def _open(path: str) -> IO[bytes]:
    # A pipe that nobody writes to would be waited for.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise OSError(errno.EINVAL, "no file")
    return file


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        yield line


def _key(line: bytes) -> bytes:
    """Return what stands for a line: a checksum, so that a plan of 100,000 steps takes some megabytes."""
    return hashlib.blake2b(line, digest_size=20).digest()
