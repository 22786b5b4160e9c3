# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker whose playbook is gone: what it does may go on for ever, and it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._signals import interrupts_raise, interrupts_wait
from ansible_collections.damops.elvis.plugins.plugin_utils import _orphan
from ansible_collections.damops.elvis.plugins.plugin_utils._guard.process import LONGEST_WORKER

# Workers are forked, as Ansible's are.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")

FORK = multiprocessing.get_context("fork")
LONGEST_ORPHAN = _orphan.LOOKS_EVERY + _orphan.LONGEST_END
LOOKS_EVERY, LONGEST_MODULE, LONGEST_END = 0.05, 0.5, 1.5
SECONDS_TO_START = 30
SOON = 0.9
"""Seconds: less than the longest time, and enough for a busy machine."""


@pytest.fixture(autouse=True)
def short_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_orphan, "LOOKS_EVERY", LOOKS_EVERY)
    monkeypatch.setattr(_orphan, "LONGEST_MODULE", LONGEST_MODULE)
    monkeypatch.setattr(_orphan, "LONGEST_END", LONGEST_END)


def sleep_on() -> None:
    time.sleep(SECONDS_TO_START)


def fill_a_pipe() -> None:
    """Hand over what is larger than a pipe whose other end this process holds, too."""
    FORK.SimpleQueue().put(b"x" * 1024 * 1024)


def wait_for_a_module() -> None:
    with _orphan.module_at_work():
        sleep_on()


def wait_for_a_grant() -> None:
    with interrupts_raise(), interrupts_wait():
        sleep_on()


def ignore_the_signal() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sleep_on()


def seconds_without_a_playbook(work: Callable[[], None]) -> float:
    """Return how long a worker lives on whose playbook is killed."""
    lifeline, held = os.pipe()

    def worker() -> None:
        _orphan.end_with_playbook()
        os.write(held, b"\n")
        work()

    def playbook() -> None:
        FORK.Process(target=worker).start()
        signal.pause()

    process = FORK.Process(target=playbook)
    process.start()
    os.close(held)
    assert os.read(lifeline, 1)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    killed = time.monotonic()
    # It has hung up when the last process that holds the other end is gone.
    assert os.read(lifeline, 1) == b""
    os.close(lifeline)
    return time.monotonic() - killed


@pytest.mark.parametrize(
    ("work", "earliest", "latest"),
    [
        (sleep_on, 0, SOON),
        (fill_a_pipe, 0, SOON),
        (wait_for_a_module, LONGEST_MODULE, LONGEST_MODULE + SOON),
        (wait_for_a_grant, LONGEST_END, LONGEST_END + SOON),
        (ignore_the_signal, LONGEST_END, LONGEST_END + SOON),
    ],
)
def test_ends(work: Callable[[], None], earliest: float, latest: float) -> None:
    assert earliest <= seconds_without_a_playbook(work) <= latest


def test_logs_out_what_it_has_not_handed_over() -> None:
    """An operation hears of the end as of any other interrupt."""
    said, sayer = os.pipe()

    def work() -> None:
        with interrupts_raise():
            try:
                sleep_on()
            finally:
                os.write(sayer, b"logged out")

    seconds_without_a_playbook(work)
    os.close(sayer)
    assert os.read(said, 100) == b"logged out"
    os.close(said)


def test_works_on_while_its_playbook_lives() -> None:
    def worker() -> None:
        _orphan.end_with_playbook()
        time.sleep(LONGEST_END + 4 * LOOKS_EVERY)

    process = FORK.Process(target=worker)
    process.start()
    process.join()
    assert process.exitcode == 0
    assert not _orphan.playbook_is_gone()


def test_the_guard_waits_for_the_workers() -> None:
    """Ten seconds are what docs/reliability.md promises."""
    assert LONGEST_ORPHAN < LONGEST_WORKER < 10
