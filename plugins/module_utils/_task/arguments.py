# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the modules take: argument specs that several share, and what stands in for an option in the environment.

Private to damops.elvis.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.parameters import AnsibleFallbackNotFound  # type: ignore[attr-defined]

from .._elvis.server_url import parse_server_url
from .._elvis.session import Session
from .._errors import ElvisError

ArgumentSpec = dict[str, dict[str, Any]]

ENVIRONMENT = {
    "server_url": "ELVIS_SERVER_URL",
    "username": "ELVIS_USERNAME",
    "password": "ELVIS_PASSWORD",
    "cred": "ELVIS_CRED",
    "validate_certs": "ELVIS_VALIDATE_CERTS",
    "ca_path": "ELVIS_CA_PATH",
}
"""The environment variable that stands in for an option, for each option that has one."""


def env_unless_empty(name: str) -> str:
    """Return an environment variable; an empty one, as a job template leaves behind, counts as not set."""
    value = os.environ.get(name)
    if not value:
        raise AnsibleFallbackNotFound
    return value


CONNECTION_ARGUMENTS: ArgumentSpec = {
    "validate_certs": {
        "type": "bool",
        "default": True,
        "fallback": (env_unless_empty, [ENVIRONMENT["validate_certs"]]),
    },
    "ca_path": {"type": "path", "fallback": (env_unless_empty, [ENVIRONMENT["ca_path"]])},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "proxy": {"type": "str", "no_log": True},
    "timeout": {"type": "float", "default": 30},
    "retries": {"type": "int", "default": 2},
    "http_agent": {"type": "str", "default": "damops.elvis"},
}

SESSION_ARGUMENTS: ArgumentSpec = {
    "session": {
        "type": "dict",
        "options": {
            "server_url": {"type": "str"},
            "auth_method": {"type": "str", "choices": ["bearer", "session"]},
            "auth_token": {"type": "str", "no_log": True},
            "csrf_token": {"type": "str", "no_log": True},
            "cookie": {"type": "str", "no_log": True},
            "username": {"type": "str"},
            "server_version": {"type": "str"},
            "expires_at": {"type": "str"},
            "simulated": {"type": "bool", "default": False},
        },
    },
    "server_url": {"type": "str"},
    "auth_token": {"type": "str", "no_log": True},
}

# What the task itself says of one of a group keeps the whole group from being read from the environment: a session
# brings its server along, and a task's user must not be paired with somebody else's password.
_RESOLVED_TOGETHER = (
    ({"username", "password", "cred"}, {"username", "password", "cred"}),
    ({"server_url"}, {"server_url", "session"}),
    ({"validate_certs"}, {"validate_certs"}),
    ({"ca_path"}, {"ca_path"}),
)


def with_environment(params: Mapping[str, Any], environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the options of a task, the ones that it leaves open read from the environment.

    :param params: the options as the task gives them, None where it gives none
    :param environment: environment variables; an empty one counts as not set
    """
    resolved = dict(params)
    for options, given_by in _RESOLVED_TOGETHER:
        if any(params.get(name) is not None for name in given_by):
            continue
        for name in options & params.keys():
            resolved[name] = environment.get(ENVIRONMENT[name]) or None
    return resolved


def read_session(params: Mapping[str, Any], check_mode: bool) -> Session | None:
    """Return the session that a task works with, or None when it is given an empty one.

    :raises ElvisError: when there is none, or it can't be used
    """
    option, token, server_url = params["session"], params["auth_token"], params["server_url"]
    if option is not None:
        if not any(option.values()):
            return None
        session = Session.from_option(option)
        if server_url and parse_server_url(server_url) != session.server_url:
            raise ElvisError(
                f"The session was made for {session.server_url}, but server_url is {parse_server_url(server_url)}."
                " Leave server_url out, or pass on the session of that server.",
                "bad_request",
            )
    elif token is not None:
        if not server_url:
            raise ElvisError("auth_token needs server_url, the server that issued it.", "bad_request")
        session = Session(parse_server_url(server_url), "bearer", token)
    else:
        raise ElvisError(
            "Neither session nor auth_token is given."
            " Pass on what elvis_login returned as session, or server_url with auth_token.",
            "bad_request",
        )
    if session.simulated and not check_mode:
        raise ElvisError(
            "The session was simulated by a login in check mode, and this task runs for real."
            " Run the login without check mode as well.",
            "bad_request",
        )
    return session
