# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Keeps what a result holds off every screen, log and event, while ``register`` keeps it. Private to damops.elvis.

ansible-core 2.22 has a public way to mask a value wherever it would be shown. Before that, an action's successful
result can ask to be hidden as a whole; a module's can't, Ansible strips that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from ansible.module_utils.compat.version import LooseVersion
from ansible.playbook.task import Task
from ansible.release import __version__ as core_version
from ansible.utils.display import Display

from ..module_utils._elvis.session import Session
from ..module_utils._errors import ElvisError
from ._ansible import censor

try:
    from ansible.module_utils.secrets import register_secrets
except ImportError:
    register_secrets = None

SHORTEST_REGISTERED = 16
"""Ansible masks what is registered wherever it occurs, so something shorter would shred ordinary output."""

CORE = LooseVersion(core_version)
DROPS_THE_FLAG = LooseVersion("2.16.13") > CORE or LooseVersion("2.17.0") <= CORE < LooseVersion("2.17.6")
"""CVE-2024-8775: these releases show a result that asks to be hidden."""
LOOPS_LEAK = LooseVersion("2.19") > CORE
"""The last event of a loop repeats every item's result in clear text."""
FORGETS_WARNINGS = LOOPS_LEAK
"""Of a result that is hidden as a whole, the warnings are not shown either."""


def refuse_to_show(task: Task) -> None:
    """Stop a task whose secret result this ansible-core would show.

    :raises ElvisError: before anything was sent
    """
    if task.no_log:
        return
    if task.async_val:
        raise ElvisError(
            "What a task with async returns is shown, and this one returns a secret. Set no_log: true on the task, or"
            " leave async out.",
            "bad_request",
        )
    if register_secrets is not None:
        return
    if DROPS_THE_FLAG:
        raise ElvisError(
            f"ansible-core {core_version} would show the token that this task returns. Set no_log: true on the task,"
            " or use ansible-core 2.16.13, 2.17.6 or newer.",
            "bad_request",
        )
    if LOOPS_LEAK and (task.loop or task.loop_with):
        raise ElvisError(
            f"ansible-core {core_version} would show the tokens that this loop returns. Set no_log: true on the task,"
            " or use ansible-core 2.19 or newer.",
            "bad_request",
        )


def hide_session(result: dict[str, Any], session: Session) -> None:
    """Make Ansible hide what is secret in a successful result that brings ``session``."""
    hide(result, [secret for secret in (session.auth_token, session.csrf_token, session.cookie) if secret])


def values_of(names: Collection[str], data: Any) -> Iterator[str]:
    """Yield what stands in data, as JSON has it, under one of the names, wherever that is; capitals don't count."""
    folded = {name.casefold() for name in names}
    waiting = [data]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            for name, item in value.items():
                if name.casefold() in folded:
                    yield from _filled_texts(item)
                else:
                    waiting.append(item)


def _filled_texts(value: Any) -> Iterator[str]:
    if isinstance(value, (dict, list)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _filled_texts(item)
    elif value is not None and value != "":
        yield str(value)


def hide(result: dict[str, Any], secrets: Collection[str]) -> None:
    """Make Ansible hide these values in a successful result that holds them; nothing where there are none."""
    if not secrets:
        return
    if register_secrets is not None and all(len(secret) >= SHORTEST_REGISTERED for secret in secrets):
        register_secrets(secrets)
        return
    # What is hidden as a whole says nothing any more: at -v, this does.
    display = Display()
    display.v(result["msg"])
    for warning in result.get("warnings", ()) if FORGETS_WARNINGS else ():
        display.warning(warning)
    censor(result)
