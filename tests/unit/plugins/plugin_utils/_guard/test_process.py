# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the process of session_guard makes of the records that it gets, and what it says of the sessions it ends."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._http import transport
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._operations import login
from ansible_collections.damops.elvis.plugins.module_utils._task import connection
from ansible_collections.damops.elvis.plugins.plugin_utils._guard import closing, process
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.client import Lifeline, Opening
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.closing import ClosedSession, end, in_words
from tests.support.emulator import Emulator, shared_emulator
from tests.support.operations import run
from tests.support.scripted import json_reply, scripted_server, stay_silent

ENDED = json_reply(200, {"logoutSuccess": True})
NOWHERE = "http://127.0.0.1:9"
FROM_FAR = "It was opened from far, which may reach a server that this machine does not."
ELSEWHERE = "http://127.1:9"
"""No address of loopback to who reads it, and one to who connects."""


@pytest.fixture(autouse=True)
def close_connections_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process that does this work in earnest keeps open until it ends, right after."""

    def end_and_close(record: Mapping[str, Any]) -> ClosedSession | None:
        try:
            return end(record)
        finally:
            while transport._kept.transports:
                transport._kept.transports.popitem()[1].close()

    monkeypatch.setattr(closing, "end", end_and_close)


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with shared_emulator() as emulator:
        yield emulator


@pytest.fixture
def server(running: Emulator) -> Emulator:
    running.end_sessions()
    running.forget_requests()
    return running


def opened(session: dict[str, Any], host: str = "", *, keep: bool = False, **options: Any) -> bytes:
    connection = dataclasses.asdict(ConnectionOptions(**{"retries": 0, **options}))
    return json.dumps(Opening(session, connection, host, keep)._asdict()).encode() + b"\n"


def ended(token: str) -> bytes:
    return json.dumps({"ended": token}).encode() + b"\n"


def bearer(url: str, token: str = "a-token", username: str | None = "alice") -> dict[str, Any]:
    return Session(url, "bearer", token, username=username).as_option()


@contextlib.contextmanager
def lifeline() -> Iterator[Lifeline]:
    line = Lifeline()
    try:
        yield line
    finally:
        line.close()
        os.close(line.watched)


def said_of(records: bytes) -> list[str]:
    """Return what is said once every writer is gone, as ``[!] text`` where it is a warning."""
    source, sink = os.pipe()
    with open(source, "rb", buffering=0):  # noqa: PTH123 - a descriptor
        with open(sink, "wb", buffering=0) as pipe:  # noqa: PTH123
            assert pipe.write(records) == len(records)
        with lifeline() as starter:
            notices = list(process.run(source, starter.watched))
    return [f"[!] {notice.text}" if notice.is_warning else notice.text for notice in notices]


def log_in(server: Emulator, method: str) -> dict[str, Any]:
    result = run(login.OPERATION, server_url=server.url, username="alice", password="wonderland", auth_method=method)
    session: dict[str, Any] = result["session"]
    return session


@pytest.mark.parametrize("method", ["bearer", "cookie"])
def test_ends_what_is_open(server: Emulator, method: str) -> None:
    sessions = [log_in(server, method) for _dummy in range(3)]

    said = said_of(b"".join(opened(session) for session in sessions))

    assert server.sessions() == []
    assert said == [f"session_guard: logged out 3 sessions of alice at {server.url}, left open by the run."]


def test_leaves_alone_what_was_ended(server: Emulator) -> None:
    first, second = log_in(server, "bearer"), log_in(server, "cookie")
    server.forget_requests()

    said = said_of(opened(first) + opened(second) + ended(first["auth_token"]) + ended(second["auth_token"]))

    assert (said, server.requests()) == ([], [])


def test_an_old_cookie_stands_for_a_session_without_a_token() -> None:
    session = Session(NOWHERE, "cookie", cookie="JSESSIONID=node0-1").as_option()

    assert said_of(opened(session) + ended("JSESSIONID=node0-1")) == []


def test_says_nothing_of_what_is_over_already(server: Emulator) -> None:
    session = log_in(server, "bearer")
    server.end_sessions()

    assert said_of(opened(session)) == []


def test_drops_a_torn_record_and_no_other() -> None:
    with scripted_server(ENDED) as server:
        torn = opened(bearer(server.url, "torn"))[:-20]
        # A writer begins with a line of its own, as the one before may not have come to its end.
        said_of(torn + b"\n" + opened(bearer(server.url, "whole")) + torn + b"\n" + opened(bearer(server.url, "last")))

    assert {request.headers["Authorization"] for request in server.requests} == {"Bearer whole", "Bearer last"}


def test_takes_a_record_that_lacks_the_end_of_its_line() -> None:
    with scripted_server(ENDED) as server:
        said_of(opened(bearer(server.url)).rstrip(b"\n"))

    assert [request.path for request in server.requests] == ["/services/logout"]


def test_uses_the_options_of_the_login() -> None:
    with scripted_server(ENDED) as server:
        said_of(opened(bearer("http://dam.example.com"), proxy=server.url, http_agent="nightly import"))

    (request,) = server.requests
    assert request.path == "http://dam.example.com/services/logout"
    assert request.headers["User-Agent"] == "nightly import"


@pytest.mark.parametrize(("of_login", "seconds"), [(30.0, 0.25), (0.125, 0.125)])
def test_gives_a_silent_server_little_time(monkeypatch: pytest.MonkeyPatch, of_login: float, seconds: float) -> None:
    monkeypatch.setattr(closing, "LONGEST_TRY", 0.25)
    with scripted_server(stay_silent) as server:
        (said,) = said_of(opened(bearer(server.url), timeout=of_login))

    assert said.startswith(f"[!] session_guard: could not close the session of alice at {server.url}. Cannot log out:")
    assert f"within {seconds:.3g} s" in said


def test_each_problem_is_told_and_keeps_no_other_session_open(tmp_path: Path) -> None:
    missing = str(tmp_path / "ca.pem")
    records = [
        opened(bearer(NOWHERE, "one")),
        opened(bearer(NOWHERE, "two")),
        opened(bearer(ELSEWHERE, "three", None), "far"),
        opened(bearer("https://dam.example.com"), ca_path=missing),
        # Nothing that a guard would write.
        opened({**bearer(NOWHERE, "four"), "username": "bob"}, timeout="soon").replace(b'"soon"', b'{"a": 1}'),
    ]
    with scripted_server(ENDED) as server:
        said = said_of(b"".join([*records, opened(bearer(server.url, "five"))]))

    assert len(server.requests) == 1
    several, on_target, no_file, mistake, closed = said
    assert several.startswith(f"[!] session_guard: could not close 2 sessions of alice at {NOWHERE}. Cannot log out:")
    assert "connection refused" in several
    assert "far" not in several
    assert "the session of an unnamed user" in on_target
    assert on_target.endswith(FROM_FAR)
    assert f"ca_path {missing} can't be read: no such file or directory." in no_file
    assert "mistake in the collection damops.elvis (TypeError)" in mistake
    assert closed == f"session_guard: logged out the session of alice at {server.url}, left open by the run."


def test_says_that_this_machine_lacks_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """The login may have been done on a target that has it."""
    monkeypatch.setattr(connection, "IMPORT_ERROR", ImportError())

    (said,) = said_of(opened(bearer(NOWHERE)))

    assert "The Python library requests is missing" in said


@pytest.mark.parametrize("host", ["", "far"])
def test_keeps_what_is_meant_to_stay(server: Emulator, host: str) -> None:
    session = log_in(server, "bearer")
    server.forget_requests()

    said = said_of(opened(session, host, keep=True))

    assert said == [f"session_guard: left the session of alice at {server.url} open, as keep: true asks."]
    assert server.requests() == []
    assert said_of(opened(session, keep=True) + ended(session["auth_token"])) == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "elvis.localhost", "[::1]", "127.9.8.7"])
def test_the_loopback_address_of_another_machine_is_another_server(name: str) -> None:
    with scripted_server(ENDED) as server:
        url = server.url.replace("127.0.0.1", name)
        (said,) = said_of(opened(bearer(url), "far"))

    assert server.requests == []
    assert said.startswith(f"[!] session_guard: could not close the session of alice at {url}. The login ran on far,")
    assert "Log out on far, with elvis_logout in an always section." in said


def test_sleeps_while_nothing_happens() -> None:
    """It is no watch that looks at its starter now and then."""
    with open_pipe() as (source, sink), lifeline() as starter:
        pid = os.fork()
        if not pid:
            starter.close()
            os.close(sink)
            for _notice in process.run(source, starter.watched):
                pass
        try:
            assert any(slept_for_a_second(pid) for _attempt in range(5))
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def slept_for_a_second(pid: int) -> bool:
    before = wake_ups(pid)
    time.sleep(1)
    return wake_ups(pid) == before


def wake_ups(pid: int) -> int:
    """Return how often a process went to sleep so far."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return sum(int(line.split()[1]) for line in status.splitlines() if "ctxt_switches" in line)


@contextlib.contextmanager
def open_pipe() -> Iterator[tuple[int, int]]:
    source, sink = os.pipe()
    try:
        yield source, sink
    finally:
        os.close(source)
        os.close(sink)


def test_waits_for_no_writer_once_the_starter_is_gone(server: Emulator) -> None:
    """A worker outlives a killed playbook, and may still open a session."""
    with open_pipe() as (source, sink), lifeline() as starter:
        starter.close()
        notices = process.run(source, starter.watched)
        for _dummy in range(2):
            os.write(sink, opened(log_in(server, "bearer")))
            assert next(notices).text.startswith("session_guard: logged out the session of alice")
            assert server.sessions() == []


def test_waits_only_a_little_for_those_who_never_end(server: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task of another collection holds the pipe as well, and may take longer than anybody wants to wait."""
    monkeypatch.setattr(process, "LONGEST_WORKER", 0.2)
    with open_pipe() as (source, sink), lifeline() as starter:
        os.write(sink, opened(log_in(server, "bearer")))
        starter.close()
        said = [notice.text for notice in process.run(source, starter.watched)]
    assert said == [f"session_guard: logged out the session of alice at {server.url}, left open by the run."]
    assert server.sessions() == []


@pytest.mark.parametrize(
    ("outcome", "count", "words"),
    [
        (ClosedSession("alice", "URL", "far"), 1, "logged out the session of alice at URL, left open by the run."),
        (
            ClosedSession(None, "URL"),
            2,
            "logged out 2 sessions of an unnamed user at URL, left open by the run.",
        ),
        (ClosedSession("alice", "URL", "", "Why."), 1, "could not close the session of alice at URL. Why."),
        (
            ClosedSession("alice", "URL", "far", "Why."),
            3,
            f"could not close 3 sessions of alice at URL. Why. {FROM_FAR}",
        ),
    ],
)
def test_in_words(outcome: ClosedSession, count: int, words: str) -> None:
    assert in_words(outcome, count) == f"session_guard: {words}"
