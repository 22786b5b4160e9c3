# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The gate that all threads of a task pass."""

from __future__ import annotations

import threading
import time

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis import gate
from ansible_collections.damops.elvis.plugins.module_utils._elvis.gate import Gate, GateShut


def test_a_gate_is_open_until_it_is_held() -> None:
    held = Gate()
    start = time.monotonic()
    held.go_through()
    assert time.monotonic() - start < 0.05
    held.hold(0.2)
    held.hold(0.1)
    held.go_through()
    assert 0.2 <= time.monotonic() - start < 0.2 + gate.SPREAD + 0.2


@pytest.mark.parametrize("wait", [Gate.go_through, lambda held: held.pause(60)], ids=["held", "pausing"])
def test_who_waits_at_a_gate_that_is_shut_is_told_at_once(wait: object) -> None:
    held = Gate()
    held.hold(60)
    threading.Timer(0.1, held.shut).start()
    start = time.monotonic()
    with pytest.raises(GateShut):
        wait(held)  # type: ignore[operator]
    assert time.monotonic() - start < 1


def test_threads_do_not_come_back_all_at_once() -> None:
    held, passed = Gate(), []
    held.hold(0.1)

    def come_back() -> None:
        held.go_through()
        passed.append(time.monotonic())

    threads = [threading.Thread(target=come_back) for _number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(passed) - min(passed) > gate.SPREAD / 4
