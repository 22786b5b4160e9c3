# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Leaves out what a task says is to be left out. Private to damops.elvis.

Before ansible-core 2.19, ``default(omit)`` is a text that Ansible looks for as the value of a name. As an item of a
list it is passed on. A ``delegate_to`` that a task inherits stays a template, and the connection leads nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.playbook.task import Task
from ansible.release import __version__ as core_version

from ..module_utils._errors import ElvisError
from ._ansible import placeholder_of_omit


def without_omitted(arguments: dict[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return a task's arguments without what ``default(omit)`` stands for, however deep."""
    placeholder = placeholder_of_omit(variables)
    if placeholder is None:
        return arguments
    kept: dict[str, Any] = _kept(arguments, placeholder)
    return kept


def delegated_to(task: Task, variables: Mapping[str, Any]) -> str | None:
    """Return the host that a task is delegated to, None when it is done for its own.

    :raises ElvisError: when Ansible itself does not know
    """
    host: str | None = task.delegate_to
    if host and host not in variables.get("ansible_delegated_vars", {}):
        raise ElvisError(
            f"The task inherits delegate_to: {host}, which resolves to omit, and ansible-core {core_version} can't run"
            " such a task, whatever its module. Write default(inventory_hostname) instead of default(omit).",
            "bad_request",
        )
    return host


def _kept(data: Any, placeholder: str) -> Any:
    if isinstance(data, dict):
        return {name: _kept(value, placeholder) for name, value in data.items() if value != placeholder}
    if isinstance(data, list):
        return [_kept(item, placeholder) for item in data if item != placeholder]
    return data
