# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells a process of its own which sessions are open, so that none outlives the run. Private to damops.elvis.

The callback ``session_guard`` starts that process (``program.py``) and keeps the write end of a pipe to it.
Workers are forked and inherit the pipe: they write a record for each session that is opened and for each that is ended.
A program that a worker starts does not inherit it. However the run ends, the pipe's last write end is closed with the
last of these processes. No token is ever in a file, an argument list or an environment.

Every run that has the callback switched on imports this file, so it imports nothing that takes time.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fcntl
import importlib.util
import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ...module_utils._errors import ElvisError, Reason
from .notice import Notice

if TYPE_CHECKING:
    from ...module_utils._elvis.session import Session
    from ...module_utils._http.transport import ConnectionOptions

PROGRAM = Path(__file__).with_name("program.py")
LOOK_FOR_IT = "Find out what stops that process"
OR_SWITCH_OFF = "or switch the callback off."
LONGEST_WRITE = 30.0
"""Seconds that a worker waits until its record is taken."""
LONGEST_CLOSING = 35.0
"""Seconds that the end of a run waits until the sessions that it left open are closed."""


class Opening(NamedTuple):
    """A session that was opened, in the form in which the guard's process is told of it.

    :param opened: what the login returned as ``session``
    :param connection: the connection options that the login used
    :param host: the other machine from which the server was reached, empty when it was this one
    :param keep: whether the session is meant to outlive the run
    """

    opened: dict[str, Any]
    connection: dict[str, Any]
    host: str
    keep: bool


class Lifeline:
    """A pipe that only this process holds: it is hung up when this process is gone, however that came about."""

    def __init__(self) -> None:
        self.watched, self._held = os.pipe()
        self._is_open = True
        os.register_at_fork(after_in_child=self.close)

    def close(self) -> None:
        """Let go of it."""
        if self._is_open:
            self._is_open = False
            os.close(self._held)


class Guard:
    """The pipe to the process that closes what is left open, in the process that runs the playbook and its workers."""

    def __init__(self) -> None:
        self._owner = os.getpid()
        # A lock of this kind ends with the process that holds it, even when it is killed. The file stays empty.
        self._lock = tempfile.TemporaryFile()  # noqa: SIM115 - open for as long as the process lives
        self._lifeline = Lifeline()
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(self._lifeline.watched), str(self._owner)],
            pass_fds=[self._lifeline.watched],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # ansible-core 2.19 and later keep it from the programs they start, unless it is handed on like this.
            stderr=sys.__stderr__ or subprocess.DEVNULL,
            # Not reached by Ctrl-C, nor by a signal to the process group of the run.
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("ELVIS_")},
        )
        os.close(self._lifeline.watched)
        self._pipe, self._notices = (end.fileno() for end in (self._process.stdin, self._process.stdout) if end)
        os.set_blocking(self._pipe, False)

    def check(self) -> None:
        """Do nothing: a process that was started is trusted until it is told of a session."""

    def opened(self, opening: Opening) -> None:
        """Say that a session is open.

        :raises OSError: when nobody will close it
        """
        # The first line stays in the pipe, where every worker sees that it came.
        if not _is_ready(self._notices, select.POLLIN, LONGEST_WRITE):
            raise ChildProcessError("it did not start")
        self._write(opening._asdict())

    def ended(self, token: str) -> None:
        """Say that the session of a token (or of a cookie, where there is no token) is over."""
        # A session that is over already is found to be, when the closer tries to end it.
        with contextlib.suppress(OSError):
            self._write({"ended": token})

    def finish(self) -> Iterator[Notice]:
        """Close the pipe and yield what there is to say of the sessions that were open, once; nothing in a worker."""
        if os.getpid() != self._owner:
            return
        self._lock.close()
        problem = ""
        try:
            # Closes the pipe first.
            output, _dummy = self._process.communicate(timeout=LONGEST_CLOSING)
        except subprocess.TimeoutExpired as expired:
            output = expired.output or b""
            problem = f"has not finished after {LONGEST_CLOSING:g} s"
        else:
            if self._process.returncode:
                problem = f"failed (exit code {self._process.returncode})"
        for line in output.splitlines()[1:]:
            yield Notice(*json.loads(line))
        if problem:
            text = f"its process {problem}. Sessions that the run left open stay until the server's idle time-out."
            yield Notice(f"session_guard: {text}", is_warning=True)

    def _write(self, record: dict[str, Any]) -> None:
        # A line of its own, whatever stands before it: a writer that was killed may have left half of one.
        left = memoryview(b"\n" + json.dumps(record).encode() + b"\n")
        end = time.monotonic() + LONGEST_WRITE
        with self._only_writer(end):
            while left:
                if not _is_ready(self._pipe, select.POLLOUT, end - time.monotonic()):
                    raise TimeoutError("it does not read")
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
                    raise TimeoutError("another task blocks it") from None
                time.sleep(0.01)
        try:
            yield
        finally:
            fcntl.lockf(self._lock, fcntl.LOCK_UN)


class NoGuard:
    """Stands in for a guard that can't do its work: a run that asks for one opens no session without it."""

    def __init__(self, problem: str, advice: str = LOOK_FOR_IT, reason: Reason = "internal") -> None:
        self._refusal = ElvisError(
            f"session_guard could not close the session of this login: {problem}. So nothing was sent."
            f" {advice}, {OR_SWITCH_OFF}",
            reason,
        )

    def check(self) -> None:
        """Refuse to take care of any session.

        :raises ElvisError: always
        """
        raise self._refusal

    def opened(self, _opening: Opening) -> None:
        """Refuse to take care of a session."""
        self.check()

    def ended(self, _token: str) -> None:
        """Do nothing."""

    def finish(self) -> Iterator[Notice]:
        """Yield nothing."""
        return iter(())


active: Guard | NoGuard | None = None
"""The guard of this run, None while no callback started one."""


def start() -> Guard | NoGuard:
    """Return a new guard, or what stands in for it."""
    if not _has_requests():
        return _without_requests("is missing")
    try:
        return Guard()
    except OSError as error:
        return NoGuard(f"its process can't be started ({_in_words(error)})")


def _without_requests(what: str) -> NoGuard:
    return NoGuard(
        f"the Python library requests {what} on {socket.gethostname()}",
        f"Install it for the Python that runs the playbook ({sys.executable} -m pip install requests)",
        "missing_library",
    )


def _has_requests() -> bool:
    # To import it takes longer than all else that is done here.
    try:
        return importlib.util.find_spec("requests") is not None
    except (ImportError, ValueError):
        return False


def check_ready(*, has_requests: bool) -> None:
    """Make sure, before a login is sent, that a guard which was asked for could close its session.

    :param has_requests: whether the library can be imported here, which it may not be though it is there
    :raises ElvisError: when it could not
    """
    if active is not None:
        active.check()
        if not has_requests:
            _without_requests("can't be used").check()


def record_opened(session: Session, connection: ConnectionOptions, host: str = "", *, keep: bool = False) -> None:
    """Tell the guard, where there is one, of a session that was opened.

    :raises ElvisError: when nobody would close it
    """
    if active is None:
        return
    try:
        active.opened(Opening(session.as_option(), dataclasses.asdict(connection), host, keep))
    except OSError as error:
        problem = _in_words(error)
    else:
        return
    raise ElvisError(
        f"session_guard can't take care of the session at {session.server_url}: its process could not be told of it"
        f" ({problem}). Find out what stops that process, {OR_SWITCH_OFF}",
        "internal",
    )


def record_ended(token: str | None) -> None:
    """Tell the guard, where there is one, that the session of a token is over."""
    if active is not None and token is not None:
        active.ended(token)


def _is_ready(descriptor: int, event: int, seconds: float) -> bool:
    """Wait until a pipe can be read or written; a write end that nobody reads can be written, and fails then."""
    poll = select.poll()
    poll.register(descriptor, event)
    return any(found & (event | select.POLLERR) for _dummy, found in poll.poll(max(0, seconds) * 1000))


def _in_words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
