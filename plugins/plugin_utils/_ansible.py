# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the actions need of Ansible that is not public, and may be gone in any release. Private to damops.elvis.

Each function says what happens without it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

CENSORED = "<error censored due to no log>"
"""What the ssh plugin writes where ssh said why a host can't be reached. In other words, they stand as they are."""
OMITTED = "__omit_place_holder__"
"""How the text begins that stands for ``omit`` before ansible-core 2.19; since then, nothing does."""


def whole_loop(task: Task) -> Task | None:
    """Return the task that a worker does in a loop, from the copy that it makes for one item; None without a loop.

    Where it isn't found, a ``rescue`` that prints a failed loop renders the loop's arguments again.
    """
    if task.loop is None and not task.loop_with:
        return None
    block = getattr(task, "_parent", None)
    siblings = [one for section in ("block", "rescue", "always") for one in getattr(block, section, ())]
    return next((one for one in siblings if getattr(one, "_uuid", None) == task._uuid and one is not task), None)


@contextlib.contextmanager
def silent_connection(action: ActionBase) -> Iterator[bool]:
    """Run a block in which the connection shows nothing of what passes through it.

    Without the connection's own context, the whole block is silent, whatever the verbosity.

    :return: whether the connection was silent before
    """
    context = getattr(action._connection, "_play_context", None)
    owner, name, silent = (context, "no_log", True) if context else (Display(), "verbosity", 0)
    before = getattr(owner, name)
    setattr(owner, name, silent)
    try:
        yield bool(context and before)
    finally:
        setattr(owner, name, before)


def run_command(action: ActionBase, command: str, **options: Any) -> str | None:
    """Run a command on the target and return what it prints; None where no action can."""
    run = getattr(action, "_low_level_execute_command", None)
    return str(run(command, **options).get("stdout", "")) if run else None


def used_interpreter(action: ActionBase) -> str:
    """Return the interpreter that ran a module, empty where it is not known: then nobody is told that it is too old."""
    return (getattr(action, "_used_interpreter", None) or "").removeprefix("#!")


def has_windows_shell(action: ActionBase) -> bool:
    """Tell whether the target's shell is one of Windows; where that is not known, a module fails there by itself."""
    return bool(getattr(getattr(action._connection, "_shell", None), "_IS_WINDOWS", False))


def environment_of(action: ActionBase) -> dict[str, str]:
    """Return the environment that a task gives its module; without Ansible's own way, what the keyword says."""
    environment: dict[str, str] = {}
    compute = getattr(action, "_compute_environment_string", None)
    if compute:
        compute(environment)
        return environment
    said = action._task.environment or ()
    for variables in said if isinstance(said, list) else [said]:
        environment.update(variables)
    return environment


def placeholder_of_omit(variables: Mapping[str, Any]) -> str | None:
    """Return the text that stands for ``omit``, None where there is none."""
    placeholder = variables.get("omit")
    return placeholder if isinstance(placeholder, str) and placeholder.startswith(OMITTED) else None


def censor(result: dict[str, Any]) -> None:
    """Make Ansible show nothing of a result, but what it is called and whether it failed.

    A release without the flag would show the result. It is not to be supported without another way.
    """
    result["_ansible_no_log"] = True


def options_to_check() -> Mapping[str, Any]:
    """Return the options that ansible-lint hands to a module; without the way to them, their templates are refused."""
    # Not needed where a playbook runs. ansible-lint puts a class of its own into it.
    from ansible.module_utils import basic  # noqa: PLC0415

    load: Callable[[], Mapping[str, Any]] = getattr(basic, "_load_params", dict)
    return load()
