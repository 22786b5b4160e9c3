# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says of options that its module does not have."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION as LOGOUT
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from ansible_collections.damops.elvis.plugins.module_utils._task.refused_options import refused_options

MODULE = "damops.elvis.a_module"


def refusal(operation: Operation, options: dict[str, Any]) -> str:
    """Return the message for options that Ansible's own validation refuses."""
    errors = ArgumentSpecValidator(operation.argument_spec).validate(options).errors
    return refused_options(errors.errors, MODULE, operation.argument_spec).message


@pytest.mark.parametrize(
    ("operation", "options", "meant"),
    [
        (LOGIN, {"passwort": "x"}, "password"),
        (LOGIN, {"user": "alice", "validate_cert": False}, "username and validate_certs"),
        (LOGIN, {"Username": "alice", "nonsense": 1}, "username"),
        (LOGOUT, {"session": {"auth_tokn": "x"}}, "session.auth_token"),
        (LOGOUT, {"session": {"crsf_token": "x"}, "mod": "redirect"}, "mode and session.csrf_token"),
        (LOGOUT, {"session": {"cookies": "x", "cooky": "x"}}, "session.cookie"),
    ],
)
def test_names_the_nearest_option(operation: Operation, options: dict[str, Any], meant: str) -> None:
    options = {"server_url": "https://dam.example.com", **options}
    assert f". Did you mean {meant}? Nothing was sent. The options of {MODULE}" in refusal(operation, options)


@pytest.mark.parametrize(
    ("options", "meant"),
    [({"source": "/srv/inbox", "path": "/Inbox"}, "src"), ({"src": "/srv/inbox", "paths_": "/Inbox"}, "path")],
)
def test_names_the_option_that_is_missing(options: dict[str, Any], meant: str) -> None:
    """Of elvis_upload, ``force`` has more letters of ``source`` than ``src`` has."""
    said = refusal(UPLOAD, options)
    assert f"Did you mean {meant}?" in said
    assert "missing" not in said


@pytest.mark.parametrize(
    ("session", "said"),
    [
        ({"changed": False, "headers": {}, "session": {"auth_token": "x"}}, "the whole result of the login"),
        ({"Authorization": "Bearer x"}, "the headers of the login"),
        ({"Cookie": "authToken=x", "X-CSRF-TOKEN": "y"}, "the headers of the login"),
        ({"failed": True, "msg": "refused"}, "a task that failed"),
    ],
)
def test_a_wrong_session_is_explained_in_one_sentence(session: dict[str, Any], said: str) -> None:
    message = refusal(LOGOUT, {"session": session})
    assert message.startswith("session has ")
    assert said in message
    assert '"{{ elvis.session }}"' in message
    assert "Supported parameters" not in message


def test_a_token_is_no_session() -> None:
    message = refusal(LOGOUT, {"session": "x" * 40})
    assert message.startswith("session is a dict")
    assert "auth_token" in message


def test_a_missing_option_that_has_a_variable_names_it() -> None:
    assert "or set the environment variable ELVIS_SERVER_URL" in refusal(LOGIN, {})


@pytest.mark.parametrize(
    ("operation", "options"),
    [
        (LOGIN, {"nonsense": 1}),
        (LOGIN, {"nonsense.of.mine": 1, "": 2}),
        (LOGOUT, {"mode.servic": "x"}),
        # The key is right, and the place is not.
        (LOGOUT, {"session": {"session": {}, "server_versions": "6"}}),
    ],
)
def test_names_none_where_none_is_near(operation: Operation, options: dict[str, Any]) -> None:
    assert "Did you mean" not in refusal(operation, {"server_url": "https://dam.example.com", **options})
