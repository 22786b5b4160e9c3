# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Learns which sessions are open, and has those ended that are left. Private to damops.elvis.

It is the work of the program ``program.py``, which stays until nobody can write to it any more. When the
process that started it is gone before that, it ends sessions at once, and waits a little for workers that end.

It starts with the standard library alone, as a login may wait for it. What ends a session is imported in the background
as soon as one is open: at the end of a run, the folder that it comes from may be gone. Nothing is looked at now and
then: while nothing happens, it sleeps.

Standard output takes an empty line once records are read, and then one notice a line, as JSON. Where nobody is left to
read that, standard error takes the text.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import math
import os
import select
import sys
import threading
import time
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from .._byte_code import kept_byte_code
from .notice import Notice

NICE = 10
"""By how much the background makes way for the run itself."""
LONGEST_WORKER = 9.0
"""Seconds for which a worker of the collection outlives its playbook at most; others, which hold the pipe too, may."""


class OpenSessions:
    """The sessions that are open, and the end of them."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = {}
        self._is_prepared = False

    def take(self, line: bytes) -> None:
        """Take one record; half a record, of a writer that was killed, is none."""
        try:
            record = json.loads(line)
        except ValueError:
            return
        if "opened" in record:
            session = record["opened"]
            self._open[session["auth_token"] or session["cookie"]] = record
            self._prepare()
        else:
            self._open.pop(record["ended"], None)

    def end_all(self) -> Iterator[Notice]:
        """End every session that is open, and yield a notice of those that had not ended already, like ones as one."""
        records = list(self._open.values())
        self._open.clear()
        if records:
            # An import that is under way is waited for.
            yield from _closing().end_all(records)

    def _prepare(self) -> None:
        if not self._is_prepared:
            self._is_prepared = True
            threading.Thread(target=_prepare, daemon=True).start()


def _closing() -> ModuleType:
    with kept_byte_code():
        return importlib.import_module(".closing", __package__)


def _prepare() -> None:
    # On Linux this is for one thread alone; elsewhere its number is that of no process.
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
    try:
        _closing()
    except Exception as error:  # noqa: BLE001 - whatever it is, this process is of no use
        text = f"session_guard: its process can't close sessions ({type(error).__name__}: {error}).\n"
        with contextlib.suppress(OSError):
            os.write(sys.stderr.fileno(), text.encode())
        # So that no login goes on that nobody takes care of.
        os._exit(1)


def run(source: int, lifeline: int) -> Iterator[Notice]:
    """Read records until nobody will write any more, and yield notices of the sessions that had to be ended.

    :param source: the end of a pipe from which records are read
    :param lifeline: the end of a pipe that is hung up when the process that started this one is gone
    """
    sessions, rest, end = OpenSessions(), b"", math.inf
    poll = select.poll()
    poll.register(source, select.POLLIN)
    # That it is hung up is told in any case.
    poll.register(lifeline, 0)
    while ready := _ready(poll, end):
        if lifeline in ready:
            poll.unregister(lifeline)
            end = time.monotonic() + LONGEST_WORKER
        if source in ready:
            received = os.read(source, 64 * 1024)
            if not received:
                sessions.take(rest)
                break
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                sessions.take(line)
        if end < math.inf:
            yield from sessions.end_all()
    yield from sessions.end_all()


def _ready(poll: select.poll, end: float) -> set[int]:
    """Wait until a descriptor is ready, and return which are; at ``end``, none may be."""
    left = None if end == math.inf else max(0, end - time.monotonic()) * 1000
    return {descriptor for descriptor, _event in poll.poll(left)}


def main(lifeline: int, starter: int) -> None:
    """Serve the process whose id is ``starter``, for as long as it holds the other end of ``lifeline``."""
    # Whoever would have read the rest may be gone, which is not a reason to leave a session open.
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), b"\n")
    for notice in run(sys.stdin.fileno(), lifeline):
        with contextlib.suppress(OSError):
            if os.getppid() == starter:
                os.write(sys.stdout.fileno(), json.dumps(notice).encode() + b"\n")
            else:
                os.write(sys.stderr.fileno(), notice.text.encode() + b"\n")
    # At once: the end of the run waits for this, and an import that nobody needs any more may be under way.
    os._exit(0)
