# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a third party's callback can get hold of: everything that any of its methods is handed, written to a file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ansible.playbook.included_file import IncludedFile
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.callback import CallbackBase

RESULTS = ("result", "_result")
FIELDS = ("task_fields", "_task_fields")
THE_TESTS_OWN = "keep"
"""The action that writes all that a play registered to a file, which the test reads."""
TASKS = ("task", "_task")
"""Where they are since ansible-core 2.19, and before."""


class CallbackModule(CallbackBase):
    """Stands for logs, mails and dashboards."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "collector"
    CALLBACK_NEEDS_ENABLED = True


def _collecting(method: str) -> Any:
    def collect(_self: CallbackModule, *args: Any, **kwargs: Any) -> None:
        for value in (*args, *kwargs.values()):
            with _file_for(value).open("a", encoding="utf-8") as file:
                file.writelines(f"{method}: {text}\n" for text in _texts(value))

    return collect


def _task_of(value: Any) -> Any:
    return next((found for name in TASKS if (found := getattr(value, name, None))), value)


def _file_for(value: Any) -> Path:
    """Return the file for what is seen of a task: none of our code runs for those of other collections."""
    task, path = _task_of(value), Path(os.environ["COLLECTED"])
    is_other = isinstance(task, Task) and not task.action.startswith("damops.elvis.")
    return path.with_suffix(".others") if is_other else path


def _texts(value: Any) -> Iterator[str]:
    task = _task_of(value)
    if getattr(task, "action", "") == THE_TESTS_OWN:
        return
    yield repr(value)
    for name in (*RESULTS, *FIELDS):
        yield repr(getattr(value, name, None))
    if isinstance(value, IncludedFile):
        yield repr(vars(value))
    for owner in _owners(task) if isinstance(task, (Task, Play)) else ():
        yield repr(vars(owner))
        yield repr(owner.dump_attrs())


def _owners(task: Any) -> Iterator[Any]:
    """Yield a task, and the blocks, the roles and the play that it stands in."""
    owner = task
    while owner:
        yield owner
        if getattr(owner, "_role", None):
            yield owner._role
        if getattr(owner, "_play", None):
            yield owner._play
        owner = getattr(owner, "_parent", None)


for _method in set(dir(CallbackBase)) - {"v2_on_any"}:
    if _method.startswith("v2_"):
        setattr(CallbackModule, _method, _collecting(_method))
