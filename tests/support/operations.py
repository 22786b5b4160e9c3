# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs an operation of the collection as Ansible does: with options that its own validation has seen."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.damops.elvis.plugins.module_utils._elvis.redaction import SHORTEST_MASKED
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._operations.login import OPERATION as LOGIN
from ansible_collections.damops.elvis.plugins.module_utils._operations.logout import OPERATION as LOGOUT
from ansible_collections.damops.elvis.plugins.module_utils._operations.request import OPERATION as REQUEST
from ansible_collections.damops.elvis.plugins.module_utils._operations.session_info import OPERATION as SESSION_INFO
from ansible_collections.damops.elvis.plugins.module_utils._task.call import Call
from ansible_collections.damops.elvis.plugins.module_utils._task.environment import resolve
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.truth import told_truly

OPERATIONS = {"login": LOGIN, "write": REQUEST, "read": REQUEST, "logout": LOGOUT, "session_info": SESSION_INFO}
"""What does the work of each of the calls in tests.support.faults."""

BEARER = {"auth_method": "bearer", "auth_token": "token-of-alice"}
COOKIE = {
    "auth_method": "cookie",
    "auth_token": "token-of-alice",
    "csrf_token": "csrf-of-alice",
    "cookie": "authToken=token-of-alice; AWSELB=balancer-value",
}
"""The option session, but for the server; no server granted it."""
TOKEN = "a-token-of-this-session"


def at(url: str, **more: Any) -> dict[str, Any]:
    """The options for a call to a scripted server."""
    return {"session": {"server_url": url, "auth_method": "bearer", "auth_token": TOKEN}, **more}


def run(
    operation: Operation,
    *,
    check_mode: bool = False,
    diff: bool = False,
    tell: Callable[[str], None] = print,
    **options: Any,
) -> dict[str, Any]:
    """Return what a task with these options returns, or raise its ElvisError."""
    validator = ArgumentSpecValidator(operation.argument_spec, **operation.constraints)
    resolved = resolve(options, operation.argument_spec, os.environ)
    validated = validator.validate(resolved.options)
    assert not validated.error_messages, validated.error_messages
    call = Call(validated.validated_parameters, check_mode, tell, resolved.unread, diff)
    with told_truly(operation, options, check_mode=check_mode) as compare:
        try:
            result = operation.run(call)
        except ElvisError as error:
            compare(error.as_result())
            raise
        compare(result)
    return result


def result_of(operation: Operation, **options: Any) -> dict[str, Any]:
    """Return what a task with these options returns, whether it fails or not."""
    try:
        return run(operation, **options)
    except ElvisError as error:
        return error.as_result()


def fail(operation: Operation, *, check_mode: bool = False, **options: Any) -> ElvisError:
    """Return the failure of a task with these options; no secret among them is in it."""
    with pytest.raises(ElvisError) as caught:
        run(operation, check_mode=check_mode, **options)
    shown = str(caught.value.as_result())
    for secret in secrets_in(options, operation.argument_spec):
        assert secret not in shown
    return caught.value


def shown(diff: Mapping[str, str]) -> dict[str, Any]:
    """Return what a difference shows, with the values that its texts stand for."""
    return {name: json.loads(text) if name in ("before", "after") else text for name, text in diff.items()}


def secrets_in(options: Mapping[str, Any], spec: Mapping[str, Any]) -> Iterator[str]:
    """Yield each value that must not be shown, those in suboptions too."""
    for name, value in options.items():
        if isinstance(value, dict) and spec.get(name, {}).get("no_log"):
            yield from (item for item in value.values() if len(str(item)) >= SHORTEST_MASKED)
        elif isinstance(value, dict):
            yield from secrets_in(value, spec.get(name, {}).get("options", {}))
        elif spec.get(name, {}).get("no_log") and len(value or "") >= SHORTEST_MASKED:
            yield value
