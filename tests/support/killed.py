# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kills the process that does a task with SIGKILL, at a request that the server sees."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.assets import Dam
from tests.support.gateway import Fate, gateway_to
from tests.support.operations import result_of


def kill_at(
    dam: Dam, operation: Operation, number: int, is_step: Callable[[str], bool], *, is_sent: bool = True, **options: Any
) -> None:
    """Run a task, and kill its process; return when the server has done what it got until then.

    :param number: which of the requests that count is the last one
    :param is_step: tells whether a request to a service counts
    :param is_sent: whether that request still gets to the server
    """
    steps: list[str] = []
    lock = threading.Lock()

    def decide(_number: int, service: str) -> Fate:
        with lock:
            if len(steps) == number:
                return "hang up"
            steps.extend([service] if is_step(service) else [])
            if len(steps) < number:
                return "pass"
            process.kill()
            return "pass" if is_sent else "hang up"

    with gateway_to(dam._elvis.url, decide, waits=True) as gateway:
        session = {**dam.session, "server_url": gateway.url}
        # Nothing needs to be imported in it again.
        process = get_context("fork").Process(
            target=result_of, args=(operation,), kwargs={**options, "session": session}
        )
        process.start()
        process.join()
    assert process.exitcode == -signal.SIGKILL
