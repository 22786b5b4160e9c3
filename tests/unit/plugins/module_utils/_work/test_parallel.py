# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many items at a time: their order, how many at once, and how it all stops."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.client import Client, Request
from ansible_collections.damops.elvis.plugins.module_utils._elvis.gate import Gate, GateShut
from ansible_collections.damops.elvis.plugins.module_utils._elvis.response import parse
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._http.transport import ConnectionOptions
from ansible_collections.damops.elvis.plugins.module_utils._work.parallel import Workers
from tests.support.emulator import Emulator
from tests.support.scripted import json_reply, scripted_server, stay_silent

PING = Request("ask", "GET", "/services/ping", repeatable=True)


def test_results_come_in_the_order_of_the_items() -> None:
    def work(number: int) -> int:
        time.sleep(0.02 if number % 4 == 0 else 0)
        return number * number

    with Workers(4, Gate()) as workers:
        for count in (0, 1, 3, 40):
            assert workers.run(work, range(count)) == [number * number for number in range(count)]


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_no_more_at_a_time_than_wanted(concurrency: int) -> None:
    running: list[int] = []
    most = 0
    lock = threading.Lock()
    together = threading.Barrier(concurrency, timeout=60)

    def work(number: int) -> None:
        nonlocal most
        with lock:
            running.append(number)
            most = max(most, len(running))
        # So many are at work together, however busy the machine is, and none more begins meanwhile.
        together.wait()
        time.sleep(0.005)
        with lock:
            running.remove(number)

    with Workers(concurrency, Gate()) as workers:
        workers.run(work, range(64))
    assert most == concurrency


def test_when_halted_nothing_more_begins_and_what_has_begun_ends() -> None:
    with Workers(2, Gate()) as workers:

        def work(number: int) -> int:
            if number == 3:
                workers.halt()
            time.sleep(0.01)
            return number

        results = workers.run(work, range(100))
    done = [result for result in results if result is not None]
    assert done == list(range(len(done)))
    assert 4 <= len(done) <= 6


def test_an_error_in_a_thread_is_one_of_the_task() -> None:
    def work(number: int) -> int:
        return 1 // (number - 5)

    with pytest.raises(ZeroDivisionError), Workers(4, Gate()) as workers:
        workers.run(work, range(1000))
    assert [thread for thread in threading.enumerate() if thread.name.startswith("elvis-")] == []


def test_who_looks_is_the_thread_of_the_task() -> None:
    seen: list[threading.Thread] = []
    with Workers(2, Gate(), lambda: seen.append(threading.current_thread())) as workers:
        workers.run(time.sleep, [0.7, 0.1])
    assert set(seen) == {threading.main_thread()}


class Interrupted(BaseException):
    """What a signal raises in a task."""


@pytest.mark.parametrize("concurrency", [1, 4, 16])
def test_a_signal_breaks_off_what_is_on_its_way(concurrency: int) -> None:
    """A server that does not answer holds nobody up, and gets no further request."""

    def interrupt(*_arguments: Any) -> None:
        raise Interrupted

    with scripted_server(stay_silent) as server:
        client = Client(server.url, ConnectionOptions(timeout=60))
        before = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        errors: list[BaseException] = []

        def work(_number: int) -> None:
            try:
                client.call(PING, parse)
            except (ElvisError, GateShut) as error:
                errors.append(error)

        start = time.monotonic()
        try:
            with pytest.raises(Interrupted), Workers(concurrency, client.gate) as workers:
                workers.run(work, range(100))
        finally:
            signal.signal(signal.SIGALRM, before)
        assert time.monotonic() - start < 2
        assert len(server.requests) <= concurrency
        assert [thread for thread in threading.enumerate() if thread.name.startswith("elvis-")] == []


def test_each_thread_keeps_one_connection(elvis: Emulator) -> None:
    client = Client(elvis.url, ConnectionOptions())
    before = elvis.connections()
    with Workers(4, client.gate) as workers:
        for _time in range(3):
            replies = workers.run(lambda _number: client.call(PING, parse), range(50))
            assert all(reply and reply["available"] for reply in replies)
    assert 1 <= elvis.connections() - before <= 4


def test_a_slow_call_takes_no_time_from_a_quick_one() -> None:
    """Each call has a deadline of its own, whatever other threads are doing."""
    with scripted_server(stay_silent) as silent, scripted_server(json_reply(200, {"done": True})) as quick:
        slow_client = Client(silent.url, ConnectionOptions(timeout=1, retries=0))
        quick_client = Client(quick.url, ConnectionOptions(timeout=10))

        def work(number: int) -> str:
            try:
                (slow_client if number == 0 else quick_client).call(PING, parse)
            except ElvisError as error:
                return error.reason
            return "done"

        with Workers(2, Gate()) as workers:
            assert workers.run(work, range(30)) == ["timeout", *["done"] * 29]
