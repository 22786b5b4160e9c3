# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends the sessions that a run left open. Private to damops.elvis.

It needs what a task needs, so the guard's process imports it only when there is a session that may have to be ended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from ...module_utils._elvis.client import Client
from ...module_utils._elvis.logout import end_by_service, not_from_here
from ...module_utils._elvis.server_url import is_loopback
from ...module_utils._elvis.session import Session
from ...module_utils._errors import ElvisError
from ...module_utils._http import socks as dummy_socks  # noqa: F401 - who needs it imports it late, here maybe too late
from ...module_utils._task.connection import read_connection
from .notice import Notice

LONGEST_TRY = 10.0
"""Seconds for one logout, where the login's own time-out is longer."""


class ClosedSession(NamedTuple):
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


def end_all(records: Iterable[Mapping[str, Any]]) -> Iterator[Notice]:
    """End the sessions of these records, and yield a notice of those that had not ended already, like ones as one."""
    with ThreadPoolExecutor(max_workers=32) as pool:
        outcomes = Counter(filter(None, pool.map(end, records)))
    for outcome, count in outcomes.items():
        yield Notice(in_words(outcome, count), is_warning=bool(outcome.problem))


def end(record: Mapping[str, Any]) -> ClosedSession | None:
    """End one session and return what came of it, None when it was over already."""
    session, options, host = record["opened"], record["connection"], record["host"]
    outcome = ClosedSession(session["username"], session["server_url"], host)
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


def in_words(outcome: ClosedSession, count: int) -> str:
    """Return a sentence on ``count`` sessions that had the same outcome."""
    sessions = "the session" if count == 1 else f"{count} sessions"
    whose = f"{sessions} of {outcome.username or 'an unnamed user'} at {outcome.server_url}"
    if outcome.kept:
        return f"session_guard: left {whose} open, as keep: true asks."
    if not outcome.problem:
        return f"session_guard: logged out {whose}, left open by the run."
    from_where = f" It was opened from {outcome.host}, which may reach a server that this machine does not."
    return f"session_guard: could not close {whose}. {outcome.problem}{from_where if outcome.host else ''}"
