# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers in which one part is something else than Elvis puts there."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest
import yaml

from tests.support.answers import COOKIE, CSRF, TOKEN
from tests.support.faults.calls import options_of
from tests.support.operations import OPERATIONS, fail, result_of
from tests.support.scripted import json_reply, raw_reply, scripted_server

GRANT = {"loginSuccess": True, "serverVersion": "6.107.0", "loginFaultMessage": None}
SESSION_LOGIN: dict[str, Any] = {"auth_method": "cookie", "return_profile": True}
PING = {"available": True, "state": "running", "version": "6", "server": "Elvis"}
PROCESS = {"processId": "1", "state": "done", "progress": 1, "message": "x"}
ERROR = {"errorcode": 500, "errorname": "X", "message": "x"}


class Answer(NamedTuple):
    """What a module is answered, to a call with these options."""

    module: str
    call: str
    answer: dict[str, Any]
    options: Mapping[str, Any] = {}


ANSWERS = {
    "login": Answer("elvis_login", "login", GRANT | {"authToken": TOKEN}),
    "session login": Answer(
        "elvis_login", "login", GRANT | {"csrfToken": CSRF, "userProfile": {"username": "alice"}}, SESSION_LOGIN
    ),
    "logout": Answer("elvis_logout", "logout", {"logoutSuccess": True}),
    "profile": Answer("elvis_session_info", "session_info", {"username": "alice", "groups": [], "authorities": []}),
    "ping": Answer("elvis_session_info", "session_info", PING, {"ping": True}),
    "read": Answer("elvis_request", "read", {"errorCount": 0, "processId": "1"}),
    "search": Answer("elvis_request", "read", {"totalHits": 1, "hits": [{"id": "a"}]}, {"paginate": True}),
    "process": Answer("elvis_request", "write", PROCESS, {"wait": True, "wait_timeout": 0.01}),
    "refused login": Answer("elvis_login", "login", ERROR),
    "refused logout": Answer("elvis_logout", "logout", ERROR),
    "refused profile": Answer("elvis_session_info", "session_info", ERROR),
    "refused read": Answer("elvis_request", "read", ERROR),
}
PARTS = [(name, part) for name, answer in ANSWERS.items() for part in answer.answer]
VALUES: list[Any] = [
    *(None, True, False, 0, 401, -1, 1.5, 1e300),
    *("", "true", "{{ 1 }}", "\ud800\u202e\x00\x1b[2J", "x" * 100_000),
    *([], [None], [{"id": 7}], {}, {"id": []}, {"": {}}),
]


def outcome_of(answer: Answer, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a call, or of its failure."""
    with scripted_server(json_reply(200, answer.answer | changes, Set_Cookie=COOKIE)) as server:
        options = {**options_of(answer.call, server.url), **answer.options}
        return result_of(OPERATIONS[answer.call], **options)


def promised_types(module: str) -> dict[str, str]:
    """Return the type of each key of a module's result, by its page."""
    page = importlib.import_module(f"ansible_collections.damops.elvis.plugins.modules.{module}").RETURN
    return {key: about["type"] for key, about in yaml.safe_load(page).items() if about["type"] != "raw"}


@pytest.mark.parametrize(("name", "part"), PARTS)
def test_a_result_is_what_the_page_promises(name: str, part: str) -> None:
    answer = ANSWERS[name]
    for value in VALUES:
        result = outcome_of(answer, {part: value})
        assert result.get("reason") != "internal", (value, result["msg"])
        assert result["msg"].isprintable()
        json.dumps(result, allow_nan=False)
        for key, promised in promised_types(answer.module).items():
            assert result.get(key) is None or type(result[key]).__name__ == promised, (value, key)


@pytest.mark.parametrize("is_asked_for", [False, True], ids=["in the answer", "asked for"])
def test_a_profile_that_ansible_could_not_bear_gives_the_session_back(is_asked_for: bool) -> None:
    deep = '{"a": ' + "[" * 900 + "]" * 900 + "}"
    granted = json.dumps(GRANT | {"csrfToken": CSRF})[:-1] + (f', "userProfile": {deep}}}' if not is_asked_for else "}")
    profile = [raw_reply(200, deep.encode())] if is_asked_for else []
    login = raw_reply(200, granted.encode(), Set_Cookie=COOKIE)
    with scripted_server(login, *profile, json_reply(200, {"logoutSuccess": True})) as server:
        error = fail(OPERATIONS["login"], **options_of("login", server.url), **SESSION_LOGIN)
    assert error.reason == "bad_response"
    assert "nested too deeply" in error.message
    assert "was logged out again" in error.message
    assert server.requests[-1].path == "/services/logout"
