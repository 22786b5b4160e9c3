# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides where a task does its work: in the playbook process, or on the target.

Private to damops.elvis.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, NamedTuple

from ..module_utils._errors import ElvisError
from ..module_utils._http import transport

Side = Literal["controller", "target"]

VARIABLE = "damops_elvis_execution"


class Circumstances(NamedTuple):
    """What a task says, or its host, that has a say in where the work is done.

    :param forced: the value of the variable that forces a place of execution, ``auto`` where none is forced
    :param transport: the connection's kind, such as ``local`` or ``ssh``
    :param interpreter: the Python that is asked for on the host, empty where none is
    """

    forced: str
    transport: str
    interpreter: str
    has_async: bool
    has_become: bool
    has_environment: bool


class Execution(NamedTuple):
    """Where the work is done, and why there."""

    side: Side
    why: str


def choose_execution(task: Circumstances) -> Execution:
    """Return where a task is executed: on the controller where that changes nothing for the user, unless it is forced.

    :raises ElvisError: when the controller is forced for a task that can't be executed there
    """
    if task.forced not in ("auto", "controller", "target"):
        raise ElvisError(f"{VARIABLE} is '{task.forced}'; it must be auto, controller or target.", "bad_request")
    if task.forced == "target":
        return Execution("target", f"{VARIABLE} is target")
    obstacle = _obstacle(task)
    if task.forced == "auto":
        elsewhere = obstacle or _other_place(task)
        here = "the connection is local and nothing needs another process"
        return Execution("target", elsewhere) if elsewhere else Execution("controller", here)
    if obstacle:
        raise ElvisError(f"{VARIABLE} is controller, but {obstacle}. Set it to auto, or leave that out.", "bad_request")
    return Execution("controller", f"{VARIABLE} is controller")


def _obstacle(task: Circumstances) -> str:
    """Return what keeps a task from being done in this process at all, empty when nothing does."""
    obstacles = {
        "the task has async": task.has_async,
        "the task has become": task.has_become,
        "the task has an environment": task.has_environment,
        "the Python library requests can't be imported here": transport.IMPORT_ERROR is not None,
    }
    return next((obstacle for obstacle, is_there in obstacles.items() if is_there), "")


def _other_place(task: Circumstances) -> str:
    """Return what says that the work belongs on another machine or to another Python, empty when nothing does."""
    if task.transport != "local":
        return f"the connection is {task.transport}"
    if task.interpreter and not task.interpreter.startswith("auto") and not _is_this_python(task.interpreter):
        return f"the Python interpreter is {task.interpreter}"
    return ""


def _is_this_python(interpreter: str) -> bool:
    """Tell whether this is a name of the Python that runs here.

    A virtual environment's folder tells what it can import: the same program in another folder is another Python.
    """
    if interpreter == sys.executable:
        # Mostly it is, and to ask the disk takes time in each task.
        return True
    named, running = Path(interpreter), Path(sys.executable)
    return named.parent == running.parent and named.resolve() == running.resolve()
