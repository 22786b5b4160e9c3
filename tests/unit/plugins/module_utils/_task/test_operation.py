# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an operation is run, and what becomes of a session that it opened and nobody took."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any, NoReturn

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.session import Session
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._task.call import Call
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import (
    Operation,
    Result,
    session_operation,
    uncompared,
)
from tests.support.answers import ENDED, TOKEN
from tests.support.scripted import ScriptedServer, scripted_server

CONNECTION = asdict(ConnectionOptions(retries=0, timeout=5))
NO_SESSION: Result = {"changed": False}


@pytest.fixture(autouse=True)
def survive() -> Iterator[None]:
    """SIGTERM, once it has its ordinary effect again, ends nothing here."""
    before = signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server(ENDED) as running:
        yield running


def login(server: ScriptedServer, while_it_works: Callable[[], object] = lambda: None) -> Operation:
    """Return an operation that opens a session, with something that happens before it has its result."""

    def work(_call: Call) -> Result:
        while_it_works()
        return {"changed": True, "session": Session(server.url, "bearer", TOKEN).as_option()}

    return Operation({}, work, opens=lambda result: Session.from_option(result["session"]))


def ended(server: ScriptedServer) -> list[str | None]:
    return [request.headers["Authorization"] for request in server.requests if request.path == "/services/logout"]


def fail(error: BaseException) -> NoReturn:
    raise error


def test_a_failure_passes_through() -> None:
    failure = ElvisError("No.", "refused")
    with pytest.raises(ElvisError) as caught:
        Operation({}, lambda _call: fail(failure)).run(Call(CONNECTION))
    assert caught.value.as_result() == {**failure.as_result(), "msg": "No. Nothing was sent."}


def test_a_mistake_is_told_by_its_name_and_place_only() -> None:
    with pytest.raises(ElvisError) as caught:
        Operation({}, lambda _call: fail(KeyError("wonderland"))).run(Call(CONNECTION))
    shown = str(caught.value.as_result())
    assert caught.value.reason == "internal"
    # The last place that is the collection's own, and the way from there.
    assert "KeyError in plugins/module_utils/_task/operation.py, line " in caught.value.message
    *_frames, last_but_one, last, name = caught.value.as_result()["exception"].splitlines()
    assert re.fullmatch(r"  _task/test_operation\.py, line \d+, in <lambda>", last_but_one)
    assert re.fullmatch(r"  _task/test_operation\.py, line \d+, in fail", last)
    assert name == "KeyError"
    assert "wonderland" not in shown
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


@pytest.mark.parametrize(("warnings", "kept"), [([], {}), (["Beware."], {"warnings": ["Beware."]})])
@pytest.mark.parametrize("kind", [None, ElvisError, KeyError])
def test_only_warnings_that_there_are_reach_the_result(
    kind: type[Exception] | None, warnings: list[str], kept: dict[str, Any]
) -> None:
    def work(call: Call) -> dict[str, Any]:
        for warning in warnings:
            call.warn(warning)
        return fail(kind("It failed.", "server")) if kind else NO_SESSION

    try:
        result = Operation({}, work).run(Call(CONNECTION))
    except ElvisError as error:
        result = error.as_result()
    assert {name: value for name, value in result.items() if name == "warnings"} == kept


def test_a_session_that_was_handed_over_stays(server: ScriptedServer) -> None:
    with login(server).done(Call(CONNECTION)) as result:
        assert result["session"]["auth_token"] == TOKEN
    assert server.requests == []


def test_a_module_that_has_written_its_result_has_handed_it_over(server: ScriptedServer) -> None:
    with pytest.raises(SystemExit), login(server).done(Call(CONNECTION)):
        raise SystemExit
    assert server.requests == []


@pytest.mark.parametrize("error", [BrokenPipeError, TimeoutError, KeyboardInterrupt, ElvisError("No.", "internal")])
def test_a_session_that_can_not_be_handed_over_is_ended(
    server: ScriptedServer, error: BaseException | type[BaseException]
) -> None:
    with pytest.raises(error if isinstance(error, type) else type(error)), login(server).done(Call(CONNECTION)):
        raise error
    assert ended(server) == [f"Bearer {TOKEN}"]


def test_a_simulated_session_is_left_alone(server: ScriptedServer) -> None:
    simulates = Operation({}, lambda _call: NO_SESSION, opens=lambda _result: None)
    with pytest.raises(BrokenPipeError), simulates.done(Call(CONNECTION)):
        raise BrokenPipeError
    assert server.requests == []


def test_an_interrupt_while_the_server_grants_a_session_ends_it(server: ScriptedServer) -> None:
    """The answer is waited for: it alone has the token."""
    is_interrupted = login(server, lambda: signal.raise_signal(signal.SIGTERM))
    with pytest.raises(KeyboardInterrupt), is_interrupted.done(Call(CONNECTION)):
        pass
    assert ended(server) == [f"Bearer {TOKEN}"]


def test_an_interrupt_while_the_result_is_handed_over_ends_the_session(server: ScriptedServer) -> None:
    with pytest.raises(KeyboardInterrupt), login(server).done(Call(CONNECTION)):
        signal.raise_signal(signal.SIGTERM)
    assert ended(server) == [f"Bearer {TOKEN}"]


def test_other_work_is_interrupted_at_once() -> None:
    steps = []

    def work(_call: Call) -> Result:
        signal.raise_signal(signal.SIGTERM)
        steps.append("it went on")
        return NO_SESSION

    with pytest.raises(KeyboardInterrupt), Operation({}, work).done(Call(CONNECTION)):
        pass
    assert steps == []


SIMULATED = Session.simulate("http://dam.example.com", "bearer", "alice").as_option()


def session_call(session: dict[str, Any], check_mode: bool = True) -> Call:
    return Call({**CONNECTION, "session": session, "auth_token": None, "server_url": None}, check_mode)


def test_with_a_simulated_session_no_work_is_done() -> None:
    operation = session_operation({}, lambda _call: fail(AssertionError()), uncompared(rows=[]))
    result = operation.run(session_call(SIMULATED))
    warnings = result.pop("warnings")
    assert result == {
        "changed": True,
        "msg": "Check mode: nothing was sent to http://dam.example.com, and nothing was compared.",
        "rows": [],
        "simulated": True,
    }
    assert [warning.partition(": anybody")[0] for warning in warnings] == [
        "http://dam.example.com is not https",
        "The session is simulated, so nothing was compared with the server.",
    ]


def test_an_empty_session_is_an_error_unless_the_operation_knows_better() -> None:
    with pytest.raises(ElvisError, match="The session is empty"):
        session_operation({}, lambda _call: NO_SESSION, uncompared()).run(session_call({}))
    knows = session_operation({}, lambda _call: fail(AssertionError()), uncompared(), lambda _call: NO_SESSION)
    assert knows.run(session_call({})) == NO_SESSION


def test_session_and_connection_stand_in_every_argument_spec_of_a_session_operation() -> None:
    rules = {"mutually_exclusive": [("form", "json")], "required_together": [("a", "b")]}
    operation = session_operation({"path": {"type": "str"}}, lambda _call: NO_SESSION, uncompared(), constraints=rules)
    assert {"path", "session", "auth_token", "server_url", "timeout", "ca_path"} <= operation.argument_spec.keys()
    assert operation.constraints == {
        "mutually_exclusive": [("session", "auth_token"), ("form", "json")],
        "required_together": [("a", "b")],
    }
