# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that several modules share, in Ansible's form. Private to damops.elvis.

A default stands in the dataclass that carries the option.
"""

from __future__ import annotations

from typing import Any

from .._elvis.session import Session
from .._http.transport import ConnectionOptions

ArgumentSpec = dict[str, dict[str, Any]]

CONNECTION_ARGUMENTS: ArgumentSpec = {
    "validate_certs": {"type": "bool", "default": ConnectionOptions.validate_certs},
    "ca_path": {"type": "path"},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "proxy": {"type": "str", "no_log": True},
    "timeout": {"type": "float", "default": ConnectionOptions.timeout},
    "retries": {"type": "int", "default": ConnectionOptions.retries},
    "http_agent": {"type": "str", "default": ConnectionOptions.http_agent},
    "extra_headers": {"type": "dict", "no_log": True},
}
"""Every module has these."""

SESSION_ARGUMENTS: ArgumentSpec = {
    "session": {
        "type": "dict",
        "options": {
            "server_url": {"type": "str"},
            "auth_method": {"type": "str", "choices": ["bearer", "cookie"]},
            "auth_token": {"type": "str", "no_log": True},
            "csrf_token": {"type": "str", "no_log": True},
            "cookie": {"type": "str", "no_log": True},
            "username": {"type": "str"},
            "server_version": {"type": "str"},
            "expires_at": {"type": "str"},
            "simulated": {"type": "bool", "default": Session.simulated},
        },
    },
    "server_url": {"type": "str"},
    "auth_token": {"type": "str", "no_log": True},
}
"""Every module that works with a session has these."""
SESSION_CONSTRAINTS = {"mutually_exclusive": [("session", "auth_token")]}
