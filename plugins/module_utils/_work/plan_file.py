# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the file of a plan. Private to damops.elvis."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from .._errors import ElvisError, system_words
from .._text import escaped
from .plan import FORMAT, MAKE_ANOTHER, Head, key_of, line_of

LONGEST_LINE = 16 * 1024 * 1024
"""Bytes. What has a longer one is no plan."""


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
                steps.add(key_of(line.rstrip(b"\n")))
    except (OSError, ValueError) as error:
        words = system_words(error)
        raise ElvisError(
            f"plan {escaped(path)} can't be read: {words}. Give the absolute path of the file that plan_dest wrote, on"
            " the machine that runs the task.",
            "storage",
        ) from None
    found = checksum.hexdigest()
    if found != digest:
        raise ElvisError(
            f"plan {escaped(path)} is not the file that was approved: its SHA-256 is {found}, and plan_digest is"
            f" {digest}. {MAKE_ANOTHER}",
            "conflict",
        )
    return PlanFile(_read_head(path, head), frozenset(steps))


def check_head(path: str, head: Head, expected: Head) -> None:
    """Make sure that a plan was made for a task.

    :param expected: what its first line must say, as far as it is compared
    :raises ElvisError: when it was made for another one
    """
    others = [name for name, value in expected.items() if line_of(head.get(name)) != line_of(value)]
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
    names = [key for key in sorted({*planned, *present}) if line_of(planned.get(key)) != line_of(present.get(key))]
    return f"it has another value for {', '.join(names)}"


def _read_head(path: str, line: bytes) -> Head:
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not isinstance(head, dict) or head.get("plan") != FORMAT:
        raise ElvisError(
            f"plan {escaped(path)} is no plan that this version of the collection reads. Give the file that plan_dest"
            " wrote.",
            "bad_request",
        )
    return head


def _open(path: str) -> IO[bytes]:
    # A pipe that nobody writes to would be waited for.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "no file")
    return os.fdopen(handle, "rb")


def _lines(file: IO[bytes]) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE):
        yield line
