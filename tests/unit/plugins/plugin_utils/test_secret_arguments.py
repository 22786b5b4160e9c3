# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left on a task for callbacks to read; the playbooks in tests/integration have real ones."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.playbook.block import Block
from ansible.playbook.task import Task

from ansible_collections.damops.elvis.plugins.module_utils._operations import login, request
from ansible_collections.damops.elvis.plugins.module_utils._task.arguments import ArgumentSpec
from ansible_collections.damops.elvis.plugins.plugin_utils._secret_arguments import (
    HIDDEN,
    arguments_of,
    fit_to_show,
    hide_elsewhere,
    split_arguments,
)

TOKEN = "eyJhbGciOi.JIUzUxMiJ9.c2lnbmF0dXJl"
URL = "https://dam.example.com"
SESSION = {"server_url": URL, "auth_method": "bearer", "auth_token": TOKEN, "csrf_token": None, "username": "alice"}
READABLE_SESSION = {**SESSION, "auth_token": HIDDEN}
SPEC: ArgumentSpec = {
    **request.OPERATION.argument_spec,
    "target": {"type": "str", "aliases": ["to"]},
    "old_secret": {"type": "str", "no_log": True, "aliases": ["older"]},
    "logins": {"type": "list", "elements": "dict", "options": {"pin": {"type": "str", "no_log": True}}},
}

ROWS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "session": ({"session": SESSION, "path": "services/ping"}, {"session": READABLE_SESSION, "path": "services/ping"}),
    "token": ({"auth_token": TOKEN, "server_url": URL}, {"auth_token": HIDDEN, "server_url": URL}),
    "proxy": ({"proxy": "http://alice:tweedledee@proxy:3128"}, {"proxy": HIDDEN}),
    "headers": (
        {"extra_headers": {"X-Api-Key": "tweedledum"}, "path": "a/tweedledum"},
        {"extra_headers": {"X-Api-Key": HIDDEN}, "path": HIDDEN},
    ),
    "headers_as_text": ({"extra_headers": '{"X-Api-Key": "tweedledum"}'}, {"extra_headers": HIDDEN}),
    "alias": ({"older": TOKEN, "to": "x"}, {"older": HIDDEN, "to": "x"}),
    "list_of_options": ({"logins": [{"pin": "12345"}]}, {"logins": [{"pin": HIDDEN}]}),
    "list_where_a_dict_belongs": ({"session": [SESSION]}, {"session": [READABLE_SESSION]}),
    "text_where_a_dict_belongs": ({"session": str(SESSION)}, {"session": HIDDEN}),
    "whole_login": (
        {"session": {"changed": True, "session": SESSION, "headers": {"Authorization": f"Bearer {TOKEN}"}}},
        {"session": {"changed": True, "session": HIDDEN, "headers": HIDDEN}},
    ),
    "none": ({"session": None, "auth_token": None}, {"session": None, "auth_token": None}),
    "wrong_option": ({"tokn": TOKEN, "verify": True}, {"tokn": HIDDEN, "verify": True}),
    "as_a_name": ({TOKEN: "x"}, {HIDDEN: HIDDEN}),
    "elsewhere_too": (
        {"session": SESSION, "path": f"services/x/{TOKEN}", "query": {TOKEN: [TOKEN, "q"]}},
        {"session": READABLE_SESSION, "path": HIDDEN, "query": {HIDDEN: [HIDDEN, "q"]}},
    ),
    "form": (
        {"form": {"username": "bob", "newPassword": "humpty", "credit": "Getty", "secretToken": "dumpty"}},
        {"form": {"username": "bob", "newPassword": HIDDEN, "credit": "Getty", "secretToken": HIDDEN}},
    ),
    "json": ({"json": {"a": [{"token": TOKEN, "n": 1}]}}, {"json": {"a": [{"token": HIDDEN, "n": 1}]}}),
    "json_as_text": ({"json": '{"secretToken": "humpty"}'}, {"json": HIDDEN}),
    "json_list_as_text": ({"json": ' [{"newPassword": "humpty"}]'}, {"json": HIDDEN}),
    "signed_address": ({"path": f"{URL}/file/a?requestSecret=x"}, {"path": HIDDEN}),
    "auth_key_in_an_address": ({"query": {"q": f"{URL}/web/?authkey=x"}}, {"query": {"q": HIDDEN}}),
    "password_in_an_address": ({"path": "http://a:b@c/d"}, {"path": HIDDEN}),
    "token_in_a_wrong_option": ({"path": f"services/x/{TOKEN}"}, {"path": HIDDEN}),
    "token_as_a_name_in_data": ({"query": {TOKEN: "x"}}, {"query": {HIDDEN: "x"}}),
    "short_secret": ({"auth_token": "a", "path": "a/b"}, {"auth_token": HIDDEN, "path": "a/b"}),
}


@pytest.mark.parametrize("name", ROWS)
def test_what_anybody_may_read(name: str) -> None:
    given, left = ROWS[name]

    assert split_arguments(given, SPEC)[0] == left


@pytest.mark.parametrize("option", ["password", "cred", "proxy"])
def test_each_secret_of_a_login(option: str) -> None:
    readable, secrets = split_arguments({option: "humpty", "username": "alice"}, login.OPERATION.argument_spec)

    assert readable == {option: HIDDEN, "username": "alice"}
    assert secrets == {"humpty"}


def test_what_is_not_secret_stays_what_it_is() -> None:
    """Ansible marks text that no template engine may read, for one."""

    class Marked(str):
        __slots__ = ()

    path = Marked("services/ping")

    assert split_arguments({"session": SESSION, "path": path}, SPEC)[0]["path"] is path


def test_each_try_of_a_task_has_its_arguments() -> None:
    task = Task()
    task.args = {"session": SESSION}
    task.environment = {
        "ELVIS_PASSWORD": "humpty",
        "ELVIS_EXTRA_HEADERS": "X-Gateway: humpty",
        "HTTP_PROXY": "http://a:b@c",
        "LANG": "C",
    }
    task.module_defaults, task.vars = [{"damops.elvis.elvis_login": {"password": "humpty"}}], {"pin": "humpty"}
    hidden = {**dict.fromkeys(task.environment, HIDDEN), "LANG": "C"}

    for _try in range(2):
        with arguments_of(task, SPEC) as arguments:
            assert arguments == {"session": SESSION}
            arguments["session"]["auth_token"] = "changed"
            assert task.args == {"session": READABLE_SESSION}
            assert task.environment["ELVIS_PASSWORD"] == "humpty"
        assert task.environment == hidden
    assert (task.module_defaults, task.vars) == ([], {"pin": HIDDEN})
    assert TOKEN not in repr((vars(task), task.dump_attrs()))


def test_what_others_say_in_place_of_the_task_is_hidden_wherever_it_stands() -> None:
    task = Task()
    # Not one that looks like a token, which is hidden wherever it stands.
    task.args = {"path": "services/x/humpty-dumpty", "method": "GET"}
    with arguments_of(task, SPEC):
        hide_elsewhere(task, {"auth_token": "humpty-dumpty"}, SPEC)
        shown = fit_to_show(task, {"failed": True, "msg": "No such thing: humpty-dumpty."})

    assert task.args == {"path": HIDDEN, "method": "GET"}
    assert shown["msg"] == "No such thing: ********."


def test_the_templates_of_a_loop_are_left_to_nobody() -> None:
    """What prints a failed loop would render them."""
    block = Block()
    whole = Task(block=block)
    block.block = [whole]
    whole.args = {"path": "{{ path }}", "auth_token": "{{ token }}", "method": "GET"}
    whole.vars = {"token": "{{ secret }}"}
    whole.environment = [{"LANG": "C", "HOME": "{{ secret }}"}]
    whole.loop = [1, 2]
    for _item in whole.loop:
        one = whole.copy(exclude_parent=True, exclude_tasks=True)
        one._parent = whole._parent
        with arguments_of(one, SPEC):
            # The next item begins with the templates.
            assert whole.args["path"] == "{{ path }}"

    attributes = whole.dump_attrs()
    assert attributes["args"] == {"path": HIDDEN, "auth_token": HIDDEN, "method": "GET"}
    assert attributes["environment"] == [{"LANG": "C", "HOME": HIDDEN}]
    assert attributes["vars"] == {"token": HIDDEN}


@pytest.mark.parametrize(
    "given",
    [{"path": f"services/{TOKEN}"}, {TOKEN: "x"}, {"auth_token": TOKEN}, {"method": TOKEN}, {"tokn": TOKEN}],
    ids=str,
)
@pytest.mark.parametrize("is_failed", [True, False])
def test_no_sentence_repeats_a_secret(given: dict[str, Any], is_failed: bool) -> None:
    task = Task()
    task.args = given
    words = f"Cannot make the call: GET {URL}/x/{TOKEN}: got {TOKEN.upper()}."
    result = {"failed": is_failed, "msg": words, "warnings": [words], "status": 404}
    with arguments_of(task, SPEC):
        shown = fit_to_show(task, result)

    assert shown["msg"] == f"Cannot make the call: GET {URL}/x/********: got ********."
    assert shown["warnings"] == [shown["msg"]]
    assert shown["status"] == 404


def test_a_task_that_fails_leaves_nothing_either() -> None:
    task = Task()
    task.args, task.environment = {"auth_token": TOKEN}, [{"ELVIS_CRED": TOKEN}]

    with pytest.raises(KeyboardInterrupt), arguments_of(task, SPEC):
        raise KeyboardInterrupt
    assert (task.args, task.environment) == ({"auth_token": HIDDEN}, [{"ELVIS_CRED": HIDDEN}])
