# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a process of its own which sessions are open, so that none outlives the run. Private to damops.elvis.

The callback ``session_guard`` starts that process (``_closer_program.py``) and keeps the write end of a pipe to it.
Workers are forked and inherit the pipe: they write a record for each session that is opened and for each that is ended.
A program that a worker starts does not inherit it. However the run ends, the pipe's last write end is closed with the
last of these processes. No token is ever in a file, an argument list or an environment.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http import Connection
from ansible_collections.damops.elvis.plugins.module_utils._session import Session
from ansible_collections.damops.elvis.plugins.plugin_utils._door import Side

PROGRAM = Path(__file__).with_name("_closer_program.py")
LONGEST_WRITE = 10
"""Seconds that a worker waits until its record is taken."""
LONGEST_CLOSING = 35
"""Seconds that the end of a run waits until the sessions that it left open are closed."""


class Guard:
    """The pipe to the process that closes what is left open, in the process that runs the playbook and its workers."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        self._is_finished = False
        # A lock of this kind ends with the process that holds it, even when it is killed. The file stays empty.
        self._lock = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the process lives
        self._closer = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(self._owner)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # ansible-core 2.19 and later keep it from the programs they start, unless it is handed on like this.
            stderr=sys.__stderr__ or subprocess.DEVNULL,
            # Not reached by Ctrl-C, nor by a signal to the process group of the run.
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("ELVIS_")},
        )
        assert self._closer.stdin is not None  # noqa: S101 - for the type checker
        self._pipe = self._closer.stdin.fileno()
        os.set_blocking(self._pipe, False)

    def opened(self, session: Mapping[str, Any], connection: Mapping[str, Any], side: Side) -> None:
        """Say that a session is open.

        :param session: what the login returned
        :param connection: the connection options that the login used
        :param side: from where the server was reached: ``controller`` or ``target``
        :raises OSError: when nobody will close it
        """
        self._write({"opened": dict(session), "connection": dict(connection), "side": side})

    def ended(self, token: str) -> None:
        """Say that the session of a token (or of a cookie, where there is no token) is over."""
        # A session that is over already is found to be, when the closer tries to end it.
        with contextlib.suppress(OSError):
            self._write({"ended": token})

    def finish(self) -> Iterator[dict[str, Any]]:
        """Close the pipe and yield what the closer reports of each session it found open; nothing in a worker."""
        if os.getpid() != self._owner or self._is_finished:
            return
        self._is_finished = True
        for line in self._reported():
            with contextlib.suppress(ValueError):
                yield json.loads(line)

    def _reported(self) -> list[bytes]:
        try:
            # Closes the pipe first.
            output, _ = self._closer.communicate(timeout=LONGEST_CLOSING)
        except subprocess.TimeoutExpired as expired:
            output = expired.output or b""
        return output.splitlines()

    def _write(self, record: dict[str, Any]) -> None:
        # A line of its own, whatever stands before it: a writer that was killed may have left half of one.
        left = memoryview(b"\n" + json.dumps(record).encode() + b"\n")
        end = time.monotonic() + LONGEST_WRITE
        with self._only_writer(end):
            while left:
                _, ready, _ = select.select([], [self._pipe], [], max(0, end - time.monotonic()))
                if not ready:
                    raise TimeoutError("the process that closes sessions takes no records")
                left = left[os.write(self._pipe, left) :]

    @contextlib.contextmanager
    def _only_writer(self, end: float) -> Iterator[None]:
        # A pipe takes only short records in one piece, so workers take turns.
        while True:
            try:
                fcntl.lockf(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)
        try:
            yield
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)


active: Guard | None = None
"""The guard of this run, None while no callback started one."""


def record_opened(session: Session, connection: Connection, side: Side) -> None:
    """Tell the guard, where there is one, of a session that was opened.

    :raises ElvisError: when nobody would close it
    """
    if active is None:
        return
    try:
        active.opened(session.as_option(), dataclasses.asdict(connection), side)
    except OSError as error:
        problem = os.strerror(error.errno).lower() if error.errno else type(error).__name__
    else:
        return
    raise ElvisError(
        f"session_guard can't take care of the session at {session.server_url}: its process does not take the record"
        f" ({problem}). Look for what ended that process, or switch the callback off.",
        "internal",
    )


def record_ended(token: str | None) -> None:
    """Tell the guard, where there is one, that the session of a token is over."""
    if active is not None and token is not None:
        active.ended(token)
