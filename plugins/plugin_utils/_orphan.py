# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ends a worker that outlives its playbook. Private to damops.elvis.

Ansible's worker does not notice that its playbook was killed: it finishes its task. Then it writes the result to a pipe
that only the playbook reads. The worker holds the reading end itself, so a result larger than the pipe blocks it for
ever (``send_task_result`` in ``ansible/executor/task_queue_manager.py``).
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator

LOOKS_EVERY = 1.0
"""Seconds between two looks at the playbook."""
LONGEST_MODULE = 4.0
"""Seconds that a module on the target gets to return a session, which only this worker can end then."""
LONGEST_END = 7.0
"""Seconds after that look until the worker is gone, whatever it does. They include those of the module."""

_module_at_work = threading.Event()


def playbook_is_gone() -> bool:
    """Tell whether this process is a worker whose playbook has ended."""
    playbook = multiprocessing.parent_process()
    return playbook is not None and playbook.pid != os.getppid()


def end_with_playbook() -> None:
    """Have this process end when its playbook does, if it is a worker. The thread that calls this gets SIGTERM."""
    playbook = multiprocessing.parent_process()
    if playbook is not None:
        _watch_once(os.getpid(), playbook.pid)


@contextlib.contextmanager
def module_at_work() -> Iterator[None]:
    """Run a block that waits for a module and takes its result: without a playbook, it gets some time to end."""
    _module_at_work.set()
    try:
        yield
    finally:
        _module_at_work.clear()


@functools.cache
def _watch_once(_worker: int, playbook: int | None) -> None:
    # threading.Thread waits until the new thread runs, which takes up to 14 ms on a busy machine.
    _thread.start_new_thread(_watch, (playbook, _thread.get_ident()))


def _watch(playbook: int | None, main_thread: int) -> None:
    while os.getppid() == playbook:
        time.sleep(LOOKS_EVERY)
    noticed = time.monotonic()
    while _module_at_work.is_set() and time.monotonic() < noticed + LONGEST_MODULE:
        time.sleep(LOOKS_EVERY / 10)
    # An operation answers this signal: it stops its work, and logs out a session that it has not handed over.
    signal.pthread_kill(main_thread, signal.SIGTERM)
    time.sleep(max(0, noticed + LONGEST_END - time.monotonic()))
    os._exit(1)
