# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""session_guard's pipe and the process at its end, whatever happens to it or to those who write to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.plugin_utils._guard import client
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.client import Guard
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.notice import Notice
from tests.support.scripted import ScriptedServer, json_reply, scripted_server

pytestmark = [
    # The writers are forked, as Ansible's workers are.
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
    # What the guard keeps for as long as its process lives.
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),
]

ENDED = json_reply(200, {"logoutSuccess": True})
CONNECTION = ConnectionOptions(retries=0)
PIPE_SIZE = 64 * 1024
"""Bytes that a pipe takes before somebody reads it; on Linux."""
LEFT_OPEN = "Sessions that the run left open stay until the server's idle time-out."


@pytest.fixture
def guard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Guard]:
    guard = Guard()
    monkeypatch.setattr(client, "active", guard)
    yield guard
    guard._lock.close()
    guard._lifeline.close()
    guard._process.kill()
    guard._process.communicate()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server(ENDED) as server:
        yield server


def session(server: ScriptedServer, token: str = "a-token") -> Session:
    return Session(server.url, "bearer", token, username="alice")


def opened(server: ScriptedServer, token: str = "a-token") -> None:
    client.record_opened(session(server, token), CONNECTION)


def logged_out(server: ScriptedServer) -> list[str]:
    """Return the tokens whose sessions were ended, in order."""
    return sorted(request.headers["Authorization"].removeprefix("Bearer ") for request in server.requests)


def finish(guard: Guard) -> list[Notice]:
    return list(guard.finish())


def wait_for_start(guard: Guard) -> None:
    select.select([guard._notices], [], [])


@contextlib.contextmanager
def stopped(guard: Guard) -> Iterator[None]:
    """Keep the closer from doing anything, once it is at work."""
    wait_for_start(guard)
    guard._process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, guard._process.pid, os.WSTOPPED | os.WNOWAIT)
    try:
        yield
    finally:
        guard._process.send_signal(signal.SIGCONT)


def fork(work: Callable[[], None]) -> int:
    """Do some work in a process of its own, which does nothing else; return its id."""
    process = os.fork()
    if process:
        return process
    try:
        work()
        os._exit(0)
    finally:
        os._exit(1)


def exit_code(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def test_what_is_open_at_the_end_is_logged_out(guard: Guard, server: ScriptedServer) -> None:
    opened(server, "first")
    opened(server, "second")
    client.record_ended("first")

    assert finish(guard) == [
        Notice(f"session_guard: logged out the session of alice at {server.url}, left open by the run.", False)
    ]
    assert logged_out(server) == ["second"]


def test_says_nothing_where_nothing_was_left_open(guard: Guard) -> None:
    assert finish(guard) == []
    assert guard._process.returncode == 0


def test_nobody_is_told_where_no_guard_was_asked_for() -> None:
    client.record_opened(Session("http://127.0.0.1:9", "bearer", "a-token"), CONNECTION)
    client.record_ended("a-token")


def test_twenty_writers_of_long_records_and_one_that_is_killed(guard: Guard, server: ScriptedServer) -> None:
    tokens = [f"{number:02}" + "x" * 9000 for number in range(21)]

    def write(token: str) -> Callable[[], None]:
        return lambda: opened(server, token)

    with stopped(guard):
        opened(server, tokens[0])
        length = unread(guard)
        writers = {fork(write(token)): token for token in tokens[1:]}
        while select.select([], [guard._pipe], [], 0)[1]:
            assert not all(map(is_over, writers))
        assert unread(guard) % length > 0
        victim = holder_of_lock(guard)
        assert victim in writers
        os.kill(victim, signal.SIGKILL)
    exit_codes = {process: exit_code(process) for process in writers}

    assert exit_codes == {process: -signal.SIGKILL if process == victim else 0 for process in writers}
    finish(guard)
    assert logged_out(server) == sorted(set(tokens) - {writers[victim]})


def unread(guard: Guard) -> int:
    """Return how many bytes are in the pipe."""
    return int(struct.unpack("i", fcntl.ioctl(guard._pipe, termios.FIONREAD, b"\0" * 4))[0])


def is_over(process: int) -> bool:
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def holder_of_lock(guard: Guard) -> int:
    """Return the process that writes."""
    layout = "hhqqi4x"  # struct flock, with 64 bits
    question = struct.pack(layout, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
    return int(struct.unpack(layout, fcntl.fcntl(guard._lock, fcntl.F_GETLK, question))[4])


def test_a_program_that_is_started_holds_no_end_of_the_pipe(guard: Guard, server: ScriptedServer) -> None:
    with subprocess.Popen(["sleep", "60"], close_fds=False) as other:
        try:
            opened(server)
            finish(guard)
            assert logged_out(server) == ["a-token"]
        finally:
            other.kill()


def test_a_worker_does_not_finish(guard: Guard, server: ScriptedServer) -> None:
    opened(server)

    worker = fork(lambda: os._exit(len(finish(guard))))

    assert exit_code(worker) == 0
    assert server.requests == []
    assert len(finish(guard)) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_all_processes_of_a_job_does_not_reach_it(
    guard: Guard, server: ScriptedServer, number: signal.Signals
) -> None:
    opened(server)

    guard._process.send_signal(number)

    assert [notice.is_warning for notice in finish(guard)] == [False]
    assert logged_out(server) == ["a-token"]


def test_a_closer_that_is_gone(guard: Guard, server: ScriptedServer) -> None:
    opened(server, "before")
    guard._process.kill()
    os.waitid(os.P_PID, guard._process.pid, os.WEXITED | os.WNOWAIT)

    with pytest.raises(ElvisError) as caught:
        opened(server, "after")

    assert caught.value.message == (
        f"session_guard can't take care of the session at {server.url}: its process could not be told of it"
        " (broken pipe). Find out what stops that process, or switch the callback off."
    )
    client.record_ended("before")
    assert finish(guard) == [Notice(f"session_guard: its process failed (exit code -9). {LEFT_OPEN}", True)]


def test_a_closer_that_does_nothing(guard: Guard, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "LONGEST_WRITE", 0.1)
    monkeypatch.setattr(client, "LONGEST_CLOSING", 0.1)

    with stopped(guard):
        opened(server)
        with pytest.raises(ElvisError, match="it does not read"):
            opened(server, "x" * PIPE_SIZE)
        client.record_ended("a-token")
        assert finish(guard) == [Notice(f"session_guard: its process has not finished after 0.1 s. {LEFT_OPEN}", True)]


def test_a_writer_that_does_nothing(guard: Guard, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_for_start(guard)
    monkeypatch.setattr(client, "LONGEST_WRITE", 0.1)

    def hold() -> None:
        with guard._only_writer(end=0):
            os.kill(os.getpid(), signal.SIGSTOP)

    writer = fork(hold)
    try:
        os.waitid(os.P_PID, writer, os.WSTOPPED | os.WNOWAIT)
        with pytest.raises(ElvisError, match="another task blocks it"):
            opened(server)
    finally:
        os.kill(writer, signal.SIGKILL)
        exit_code(writer)

    opened(server)
    finish(guard)
    assert logged_out(server) == ["a-token"]


def test_a_program_that_fails_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: ScriptedServer) -> None:
    program = tmp_path / "program.py"
    program.write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.setattr(client, "PROGRAM", program)
    guard = Guard()
    monkeypatch.setattr(client, "active", guard)

    with pytest.raises(ElvisError, match="it did not start"):
        opened(server)
    assert [notice.is_warning for notice in finish(guard)] == [True]


def test_a_program_that_can_not_be_started(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    guard = client.start()
    monkeypatch.setattr(client, "active", guard)

    words = r"could not close .* \(no such file or directory\)\. So nothing was sent\."
    with pytest.raises(ElvisError, match=words):
        client.check_ready(has_requests=True)
    with pytest.raises(ElvisError, match=words):
        opened(server)
    client.record_ended("a-token")
    assert list(guard.finish()) == []


def test_a_python_without_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "requests", None)
    monkeypatch.setattr(client, "active", client.start())

    with pytest.raises(ElvisError) as caught:
        client.check_ready(has_requests=True)
    assert caught.value.reason == "missing_library"
    assert f"{sys.executable} -m pip install requests" in caught.value.message
    assert "nothing was sent" in caught.value.message


@pytest.mark.usefixtures("guard")
def test_a_library_that_is_there_and_can_not_be_used() -> None:
    client.check_ready(has_requests=True)
    with pytest.raises(ElvisError, match=r"the Python library requests can't be used on .* So nothing was sent"):
        client.check_ready(has_requests=False)


def test_keeps_nothing_where_others_could_read_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: ScriptedServer
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("ELVIS_PASSWORD", "wonderland")
    monkeypatch.setenv("ANSIBLE_NOTHING", "kept")
    guard = Guard()
    monkeypatch.setattr(client, "active", guard)
    opened(server)
    process = Path(f"/proc/{guard._process.pid}")

    environment = (process / "environ").read_bytes()
    assert b"ELVIS_" not in environment
    assert b"ANSIBLE_NOTHING=kept" in environment
    assert b"a-token" not in environment + (process / "cmdline").read_bytes()
    assert list(tmp_path.iterdir()) == []
    assert os.fstat(guard._lock.fileno()).st_size == 0
    assert len(list((process / "fd").iterdir())) == 4
    finish(guard)
