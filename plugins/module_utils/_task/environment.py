# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the environment says in place of a task. Private to damops.elvis.

The controller's environment, wherever the task runs; the target's where the task's or the play's ``environment:`` names
an ``ELVIS_`` variable.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any, NamedTuple

from ansible.module_utils.common.validation import check_type_bool, check_type_dict

from .._text import agreeing

PREFIX = "ELVIS_"
ENVIRONMENT = {
    "server_url": "ELVIS_SERVER_URL",
    "username": "ELVIS_USERNAME",
    "password": "ELVIS_PASSWORD",
    "cred": "ELVIS_CRED",
    "validate_certs": "ELVIS_VALIDATE_CERTS",
    "ca_path": "ELVIS_CA_PATH",
    "extra_headers": "ELVIS_EXTRA_HEADERS",
}
"""The environment variable that stands in for an option, for each option that has one."""
SECRET_VARIABLES = frozenset({"ELVIS_PASSWORD", "ELVIS_CRED", "ELVIS_EXTRA_HEADERS"})
"""Those of them that no program gets from here."""
_FORMS: dict[str, tuple[Callable[[str], Any], str]] = {
    "validate_certs": (check_type_bool, "true or false"),
    "extra_headers": (check_type_dict, 'a JSON object, such as {"X-Api-Key": "…"}'),
}
"""How the value of an option that is not text is read from a variable, and what it has to be."""

# A session brings its server along, and a task's user must not be paired with somebody else's password.
_RULED_OUT_BY = {
    "server_url": ("session",),
    "session": ("auth_token",),
    "username": ("cred",),
    "password": ("cred", "username"),
    "cred": ("username", "password"),
}


class Resolved(NamedTuple):
    """The options of a task with what the environment adds to them.

    :param unread: says which variables are set and which option keeps them from being read, empty when there are none
    :param unusable: says which variable has a value that its option can't take, empty when there is none
    """

    options: dict[str, Any]
    unread: str = ""
    unusable: str = ""


def resolve(given: Mapping[str, Any], known: Container[str], environment: Mapping[str, str]) -> Resolved:
    """Return the options of a task, the ones that it leaves open read from the environment.

    :param given: the options as the task gives them, before Ansible validates them
    :param known: the names of the options that the module has
    :param environment: environment variables; an empty one counts as not set
    """
    options = dict(given)
    unread: dict[str, str] = {}
    unusable = ""
    for name, variable in ENVIRONMENT.items():
        if name not in known or given.get(name) is not None or not environment.get(variable):
            continue
        obstacle = obstacle_to(name, given)
        if obstacle:
            unread[variable] = obstacle
        elif _is_readable(name, environment[variable]):
            options[name] = environment[variable]
        else:
            unusable = f"The environment variable {variable} is not {_FORMS[name][1]}. Correct it, or unset it."
    return Resolved(options, left_unread(unread), unusable)


def obstacle_to(option: str, given: Mapping[str, Any]) -> str | None:
    """Return the option of a task beside which nothing else may say ``option``, None when there is none."""
    return next((other for other in _RULED_OUT_BY.get(option, ()) if _is_given(given.get(other))), None)


def left_unread(obstacles: Mapping[str, str]) -> str:
    """Say which variables are not read, given the option that keeps each from it; empty when there are none."""
    by_option: dict[str, list[str]] = {}
    for variable, option in obstacles.items():
        by_option.setdefault(option, []).append(variable)
    return " ".join(_sentence(variables, option) for option, variables in by_option.items())


def _is_readable(name: str, value: str) -> bool:
    # Ansible would refuse it as well, in words that name the option, which the task does not have.
    if name not in _FORMS:
        return True
    try:
        _FORMS[name][0](value)
    except (TypeError, ValueError):
        return False
    return True


def _is_given(value: Any) -> bool:
    # An empty session is what a login that failed leaves behind.
    return any(value.values()) if isinstance(value, Mapping) else value is not None


def _sentence(variables: list[str], option: str) -> str:
    verb = agreeing(len(variables), "is set, but is", "are set, but are")
    return f"{' and '.join(variables)} {verb} not read, because the task gives {option}."
