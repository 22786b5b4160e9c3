# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Learns which sessions are open, and ends those that are left. Private to damops.elvis.

It is the work of the program ``program.py``, which stays until nobody can write to it any more. When the
process that started it is gone before that, it ends sessions at once, while a worker may still finish its task.

Standard output takes an empty line once records are read, and then one notice a line, as JSON. Where nobody is left to
read that, standard error takes the text.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ...module_utils._elvis.client import Client
from ...module_utils._elvis.logout import end_by_service, not_from_here
from ...module_utils._elvis.server_url import is_loopback
from ...module_utils._elvis.session import Session
from ...module_utils._errors import ElvisError
from ...module_utils._task.connection import read_connection
from .client import Notice

SECONDS_BETWEEN_LOOKS = 0.2
"""How often to look whether the starter is still there."""
LONGEST_TRY = 10.0
"""Seconds for one logout, where the login's own time-out is longer."""


class Outcome(NamedTuple):
    """What came of a session that was open.

    :param host: the other machine from which the server was reached, empty when it was this one
    :param problem: why it could not be ended, empty when it was
    :param kept: whether it stays open because the login said so
    """

    username: str | None
    server_url: str
    host: str = ""
    problem: str = ""
    kept: bool = False


class Closer:
    """The sessions that are open, and the end of them."""

    def __init__(self) -> None:
        self._open: dict[str, dict[str, Any]] = {}

    def take(self, line: bytes) -> None:
        """Take one record; half a record, of a writer that was killed, is none."""
        try:
            record = json.loads(line)
        except ValueError:
            return
        if "opened" in record:
            session = record["opened"]
            self._open[session["auth_token"] or session["cookie"]] = record
        else:
            self._open.pop(record["ended"], None)

    def end_all(self) -> Iterator[Notice]:
        """End every session that is open, and yield a notice of those that had not ended already, like ones as one."""
        records = list(self._open.values())
        self._open.clear()
        with ThreadPoolExecutor(max_workers=32) as pool:
            outcomes = Counter(filter(None, pool.map(end, records)))
        for outcome, count in outcomes.items():
            yield Notice(in_words(outcome, count), is_warning=bool(outcome.problem))


def end(record: Mapping[str, Any]) -> Outcome | None:
    """End one session and return what came of it, None when it was over already."""
    session, options, host = record["opened"], record["connection"], record["host"]
    outcome = Outcome(session["username"], session["server_url"], host)
    if record["keep"]:
        return outcome._replace(kept=True)
    if host and is_loopback(session["server_url"]):
        return outcome._replace(host="", problem=not_from_here(host))
    try:
        connection = read_connection({**options, "timeout": min(options["timeout"], LONGEST_TRY)})
        ended = end_by_service(Client.of(Session.from_option(session), connection))
    except ElvisError as error:
        return outcome._replace(problem=error.message)
    except Exception as error:  # noqa: BLE001 - the others are to be ended all the same; its text may hold anything
        return outcome._replace(problem=f"This is a mistake in the collection damops.elvis ({type(error).__name__}).")
    return outcome if ended.was_logged_in else None


def in_words(outcome: Outcome, count: int) -> str:
    """Return a sentence on ``count`` sessions that had the same outcome."""
    sessions = "the session" if count == 1 else f"{count} sessions"
    whose = f"{sessions} of {outcome.username or 'an unnamed user'} at {outcome.server_url}"
    if outcome.kept:
        return f"session_guard: left {whose} open, as keep: true asks."
    if not outcome.problem:
        return f"session_guard: logged out {whose}, left open by the run."
    from_where = f" It was opened from {outcome.host}, which may reach a server that this machine does not."
    return f"session_guard: could not close {whose}. {outcome.problem}{from_where if outcome.host else ''}"


def run(source: int, starter: int) -> Iterator[Notice]:
    """Read records until no process can write any more, and yield notices of the sessions that had to be ended."""
    closer, rest = Closer(), b""
    while True:
        readable, _dummy, _dummy = select.select([source], [], [], SECONDS_BETWEEN_LOOKS)
        if readable:
            received = os.read(source, 64 * 1024)
            if not received:
                closer.take(rest)
                break
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                closer.take(line)
        elif os.getppid() != starter:
            yield from closer.end_all()
    yield from closer.end_all()


def main(starter: int) -> None:
    """Serve the process whose id is ``starter``."""
    # Whoever would have read the rest may be gone, which is no reason to leave a session open.
    with contextlib.suppress(OSError):
        os.write(sys.stdout.fileno(), b"\n")
    for notice in run(sys.stdin.fileno(), starter):
        with contextlib.suppress(OSError):
            if os.getppid() == starter:
                os.write(sys.stdout.fileno(), json.dumps(notice).encode() + b"\n")
            else:
                os.write(sys.stderr.fileno(), notice.text.encode() + b"\n")
