# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for a process of the server."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import processes
from ansible_collections.damops.elvis.plugins.module_utils._dam.processes import ProcessStatus, process_id_of, wait_for
from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client
from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from tests.support.scripted import HttpResponse, html_reply, json_reply, scripted_server

TOKEN = "a-token-of-this-session"
CHECK_IT = "Check it with path: services/process/info and form: {processId: abc}"


def state(word: str, **more: Any) -> bytes:
    return json_reply(200, {"processId": "abc", "state": word, **more})


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would be slept, on a clock that only moves by sleeping."""
    slept: list[float] = []
    monkeypatch.setattr(processes, "time", SimpleNamespace(sleep=slept.append, monotonic=lambda: sum(slept)))
    return slept


def wait(*replies: HttpResponse, seconds: float = 600, told: list[str] | None = None) -> ProcessStatus:
    with scripted_server(*replies) as server:
        client = Client(server.url, ConnectionOptions(retries=0), Session(server.url, "bearer", TOKEN))
        try:
            return wait_for(client, "abc", seconds, (told if told is not None else []).append)
        finally:
            assert {(seen.method, seen.path) for seen in server.requests} == {("POST", "/services/process/info")}
            assert server.requests[0].form == {"processId": "abc"}


def fail(*replies: HttpResponse, seconds: float = 600) -> ElvisError:
    with pytest.raises(ElvisError) as caught:
        wait(*replies, seconds=seconds)
    assert TOKEN not in str(caught.value.as_result())
    return caught.value


@pytest.mark.parametrize(
    ("answer", "process_id"),
    [
        ({"processId": "abc"}, "abc"),
        ({"processId": ""}, None),
        ({"processId": 7}, "7"),
        ({"processId": 0}, "0"),
        ({"processId": True}, None),
        ({"processId": ["abc"]}, None),
        ({"processId": None}, None),
        ({"processedCount": 3}, None),
        ([{"processId": "abc"}], None),
        (None, None),
    ],
)
def test_process_id(answer: Any, process_id: str | None) -> None:
    assert process_id_of(answer) == process_id


@pytest.mark.parametrize("word", ["done", "FINISHED", "Completed", "success"])
@pytest.mark.parametrize("key", ["state", "status"])
def test_a_process_that_has_finished(word: str, key: str, pauses: list[float]) -> None:
    status = wait(json_reply(200, {key: word, "processedCount": 3}))
    assert status.answer == {key: word, "processedCount": 3}
    assert status.reply.status == 200
    assert pauses == []


def test_progress_is_told_when_there_is_any(pauses: list[float]) -> None:
    told: list[str] = []
    running = state("running", progress=50, total=2)
    wait(state("queued"), running, running, state("done", progress=100, total=2, errorCount=1), told=told)
    assert told == [
        "Process abc: queued",
        "Process abc: running, progress 50, total 2",
        "Process abc: done, progress 100, errorCount 1, total 2",
    ]
    assert pauses == [0.5, 0.75, 1.125]


def test_pauses_grow_up_to_a_limit(pauses: list[float]) -> None:
    error = fail(state("running", progress=3), seconds=100)
    assert (max(pauses), sum(pauses)) == (5, 100)
    assert error.reason == "timeout"
    for words in (
        "Cannot wait for the process abc",
        "it has not ended within 100 s: running, progress 3. Give it more time with wait_timeout.",
        CHECK_IT,
    ):
        assert words in error.message


@pytest.mark.parametrize("word", ["failed", "ERROR", "cancelled", "aborted"])
def test_a_process_that_failed(word: str) -> None:
    error = fail(state("running"), state(word, message=f"The disk is full, says {TOKEN}", errorCount=2))
    assert (error.reason, error.status) == ("server", 200)
    assert f"the process ended: {word}, errorCount 2: The disk is full, says ********" in error.message
    assert CHECK_IT not in error.message


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (json_reply(200, {"errorcode": 401, "message": "Not logged in"}), "not_logged_in"),
        (json_reply(200, {"errorcode": 404, "message": "Process not found"}), "not_found"),
        (html_reply(503), "server"),
        (json_reply(200, {"progress": 3}), "bad_response"),
        (json_reply(200, {"state": 3}), "bad_response"),
        (json_reply(200, ["done"]), "bad_response"),
    ],
)
def test_a_process_that_nobody_can_tell_of_may_go_on(reply: HttpResponse, reason: str) -> None:
    error = fail(state("running"), reply)
    assert error.reason == reason
    assert CHECK_IT in error.message


def test_what_the_server_says_is_fit_to_be_shown() -> None:
    error = fail(state(f"running with\n{TOKEN} \x1b[31m" + "x" * 200))
    (sentence,) = re.findall(r"an unknown state of a process: [^.]*", error.message)
    assert "running with ******** [31mxxx" in sentence
    assert len(sentence) < 140


@pytest.mark.parametrize("word", ["In Progress", "IN_PROGRESS", "queued"])
def test_a_state_is_known_however_it_is_written(word: str) -> None:
    assert wait(state(word), state("done")).answer == {"processId": "abc", "state": "done"}


def test_a_state_that_is_not_known_ends_the_waiting(pauses: list[float]) -> None:
    error = fail(state("running"), state("halbfertig"))
    assert (error.reason, len(pauses)) == ("bad_response", 1)
    assert "an unknown state of a process: halbfertig." in error.message
    assert CHECK_IT in error.message
