# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What lets ansible-lint check the options of a task. Private to damops.elvis.

It runs the ``main`` of a module with the task's options on standard input, and reads what Ansible's validation refuses.
Where a module has an action of the same name, it looks for ``main`` there, and checks nothing when there is none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from ..module_utils._task.arguments import ArgumentSpec
from ..module_utils._task.environment import ENVIRONMENT
from ..module_utils._task.refused_options import did_you_mean
from ._ansible import options_to_check


def check_options(argument_spec: ArgumentSpec) -> None:
    """Validate the options of a task in a playbook that is not run, and do nothing else."""
    # Not needed where a playbook runs. ansible-lint puts a class of its own into it.
    from ansible.module_utils import basic  # noqa: PLC0415

    class Module(basic.AnsibleModule):
        def fail_json(self, msg: str, **result: Any) -> NoReturn:
            super().fail_json(msg + did_you_mean(msg, known), **result)

    known = without_templates(argument_spec, options_to_check())
    # The environment of the run may have these, if the task has not.
    for name in ENVIRONMENT.keys() & known.keys():
        known[name]["required"] = False
    Module(known, supports_check_mode=True)


def without_templates(argument_spec: ArgumentSpec, arguments: Mapping[str, Any]) -> ArgumentSpec:
    """Return what can be said of the options before the run, where templates get their values."""
    return {name: _of_one_option(option, arguments.get(name)) for name, option in argument_spec.items()}


def _of_one_option(option: Mapping[str, Any], value: object) -> dict[str, Any]:
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        return {name: rule for name, rule in option.items() if name in ("required", "no_log")} | {"type": "raw"}
    if isinstance(value, Mapping) and "options" in option:
        return {**option, "options": without_templates(option["options"], value)}
    return dict(option)
