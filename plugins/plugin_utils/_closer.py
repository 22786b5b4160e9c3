# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Learns which sessions are open, and ends those that are left. Private to damops.elvis.

It is the work of the program ``_closer_program.py``, which stays until nobody can write to it any more. When the
process that started it is gone before that, it ends sessions at once, while a worker may still finish its task. What it
did goes to standard output, one JSON object a line, or in words to standard error where nobody is left to read that.
"""

from __future__ import annotations

import json
import os
import select
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._client import Client
from ansible_collections.damops.elvis.plugins.module_utils._ending import end_by_service
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http import Connection
from ansible_collections.damops.elvis.plugins.module_utils._session import Session

SECONDS_BETWEEN_LOOKS = 0.2
"""How often to look whether the starter is still there."""
LONGEST_TRY = 10.0
"""Seconds for one logout, where the login's own time-out is longer."""


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

    def end_all(self) -> Iterator[dict[str, Any]]:
        """End every session that is open, and yield reports of those that had not ended already, like ones as one."""
        records = list(self._open.values())
        self._open.clear()
        with ThreadPoolExecutor(max_workers=16) as pool:
            reports = Counter(tuple(report.items()) for report in pool.map(end, records) if report)
        for report, count in reports.items():
            yield {**dict(report), "count": count}


def end(record: dict[str, Any]) -> dict[str, Any] | None:
    """End one session and return what to tell of it, None when it was over already."""
    session = Session.from_option(record["opened"])
    options = record["connection"]
    connection = Connection(**{**options, "timeout": min(options["timeout"], LONGEST_TRY)})
    report = {"username": session.username, "server_url": session.server_url, "side": record["side"]}
    try:
        ended = end_by_service(Client.of(session, connection))
    except ElvisError as error:
        return {**report, "problem": error.message}
    return report if ended.was_logged_in else None


def run(source: int, starter: int) -> Iterator[dict[str, Any]]:
    """Read records until no process can write any more, and yield a report of each session that had to be ended."""
    closer, rest = Closer(), b""
    while True:
        readable, _, _ = select.select([source], [], [], SECONDS_BETWEEN_LOOKS)
        if readable:
            received = os.read(source, 64 * 1024)
            if not received:
                break
            *lines, rest = (rest + received).split(b"\n")
            for line in lines:
                closer.take(line)
        elif os.getppid() != starter:
            yield from closer.end_all()
    yield from closer.end_all()


def in_words(report: Mapping[str, Any]) -> str:
    """Return a report as a sentence."""
    sessions = "the session" if report["count"] == 1 else f"{report['count']} sessions"
    whose = f"{sessions} of {report['username'] or 'an unnamed user'} at {report['server_url']}"
    if "problem" not in report:
        return f"session_guard: logged out {whose}, left open by the run."
    from_where = " It was opened from the target, which may reach a server that this machine does not."
    return f"session_guard: could not close {whose}. {report['problem']}{from_where * (report['side'] == 'target')}"


def main(starter: int) -> None:
    """Serve the process whose id is ``starter``."""
    for report in run(sys.stdin.fileno(), starter):
        if os.getppid() == starter:
            os.write(sys.stdout.fileno(), json.dumps(report).encode() + b"\n")
        else:
            os.write(sys.stderr.fileno(), in_words(report).encode() + b"\n")
