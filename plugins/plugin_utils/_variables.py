# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible's variables say in place of a task. Private to damops.elvis.

``module_defaults`` could say it as well, but ansible-core before 2.19 renders these into each task below, whatever its
module, where any callback reads them. A variable is rendered by who asks for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from typing import Any, NamedTuple

from ..module_utils._task.environment import left_unread, obstacle_to
from ._omitted import without_omitted

OPTIONS = ("session", "username", "password", "cred", "proxy", "extra_headers")
"""What is secret, and the user that a password belongs to."""
VARIABLES = {option: f"damops_elvis_{option}" for option in OPTIONS}
"""The variable that stands in for an option, for each option that has one."""


class Said(NamedTuple):
    """The options that variables say.

    :param unread: says which variables are set and which option keeps them from being read, empty when there are none
    """

    options: dict[str, Any]
    unread: str


def said_by_variables(
    given: Mapping[str, Any], known: Container[str], variables: Mapping[str, Any], render: Callable[[Any], Any]
) -> Said:
    """Return the options that a task leaves open and a variable says, as plain data; an empty text says nothing.

    :param given: the options as the task gives them, those of ``module_defaults`` among them
    :param known: the names of the options that the module has; a variable for another one is not rendered
    :param render: fills in the templates of a value
    """
    found = [
        (option, name)
        for option, name in VARIABLES.items()
        if name in variables and option in known and given.get(option) is None
    ]
    if not found:
        return Said({}, "")
    obstacles = {name: obstacle_to(option, given) for option, name in found}
    wanted = {option: variables[name] for option, name in found if not obstacles[name]}
    plain = without_omitted(json.loads(json.dumps(render(wanted), default=str)), variables)
    unread = left_unread({name: obstacle for name, obstacle in obstacles.items() if obstacle})
    return Said({option: value for option, value in plain.items() if value not in (None, "")}, unread)
