# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A webhook is registered as a task says, or is not there; what check mode says is what is done then."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from ansible_collections.damops.elvis.plugins.module_utils._operations.webhook import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.operations import fail, run, shown
from tests.support.scripted import HttpResponse, hang_up, html_reply, json_reply, raw_reply, scripted_server

RECEIVER = "http://127.0.0.1:1/elvis"
GIVEN: dict[str, Any] = {
    "name": "eda",
    "url": RECEIVER,
    "event_types": ["asset_create", "asset_remove"],
    "metadata_to_return": ["id", "status"],
}
KEPT: dict[str, Any] = {
    "id": "7",
    "name": "eda",
    "url": RECEIVER,
    "eventTypes": ["asset_create", "asset_remove"],
    "metadataToReturn": ["id", "status"],
    "enabled": True,
    "secretToken": "humpty",
}
SESSION = {"auth_method": "bearer", "auth_token": "token-of-alice", "server_version": "6.107.0"}


@pytest.fixture
def admin(one_elvis: Emulator) -> Iterator[Dam]:
    """A superuser of a server without webhooks."""
    dam = Dam(one_elvis, "admin", "changemenow")
    for webhook in registered(dam):
        run(OPERATION, session=dam.session, id=webhook["id"], state="absent")
    one_elvis.forget_requests()
    yield dam
    dam.leave()


def registered(dam: Dam) -> list[dict[str, Any]]:
    """Return what the server has."""
    headers = {"Authorization": f"Bearer {dam.session['auth_token']}"}
    webhooks = requests.get(f"{dam.session['server_url']}/services/admin/webhook", headers=headers, timeout=10).json()
    assert isinstance(webhooks, list), webhooks
    return webhooks


def both_ways(dam: Dam, **options: Any) -> dict[str, Any]:
    """Run a task in check mode, and then for real: the first writes nothing, and says what the second does."""
    before = registered(dam)
    checked = run(OPERATION, session=dam.session, check_mode=True, diff=True, **options)
    assert registered(dam) == before
    assert checked["webhook"] is None or checked["webhook"]["secret_token"] is None
    done = run(OPERATION, session=dam.session, diff=True, **options)
    for result in (checked, done):
        result["webhook"] = result["webhook"] and {**result["webhook"], "secret_token": "", "id": ""}
    assert {**checked, "msg": ""} == {**done, "msg": ""}
    return done


def test_made_kept_and_removed(admin: Dam) -> None:
    assert both_ways(admin, **GIVEN, enabled=False)["changes"] == {"state": {"before": "absent", "after": "present"}}
    (webhook,) = registered(admin)
    assert (webhook["url"], webhook["eventTypes"]) == (RECEIVER, GIVEN["event_types"])
    assert webhook["enabled"] is False
    again = run(OPERATION, session=admin.session, **GIVEN, enabled=False)
    assert (again["changed"], again["changes"]) == (False, {})
    assert again["webhook"]["secret_token"] == webhook["secretToken"]
    removed = both_ways(admin, name="eda", state="absent")
    assert removed["changes"] == {"state": {"before": "present", "after": "absent"}}
    assert shown(removed["diff"][0])["before"]["url"] == RECEIVER
    assert registered(admin) == []
    assert run(OPERATION, session=admin.session, name="eda", state="absent")["changed"] is False


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        ({"url": "HTTP://127.0.0.1:1/elvis"}, []),
        ({"event_types": ["asset_remove", "asset_create", "asset_remove"]}, []),
        ({"event_types": ["ASSET_CREATE", "asset_remove"]}, []),
        ({"metadata_to_return": ["status", "ID"]}, []),
        ({"folders": ["/zone/A/"], "query": " status:Final "}, []),
        ({"trigger_metadata_fields": ["status"]}, []),
        ({"enabled": True}, []),
        ({"url": "https://127.0.0.1:1/elvis"}, ["url"]),
        ({"url": "http://127.0.0.1:1/Elvis"}, ["url"]),
        ({"event_types": []}, ["event_types"]),
        ({"event_types": ["asset_create"]}, ["event_types"]),
        ({"metadata_to_return": [], "enabled": False}, ["metadata_to_return", "enabled"]),
        ({"trigger_metadata_fields": []}, ["trigger_metadata_fields"]),
        ({"folders": []}, ["folders"]),
        ({"query": ""}, ["query"]),
        ({"query": "status:New", "folders": ["/Zone/A", "/Zone/B"]}, ["folders", "query"]),
        ({"rotate_secret": True}, ["secret_token"]),
    ],
)
def test_what_differs_is_changed_and_nothing_else(admin: Dam, given: dict[str, Any], changed: list[str]) -> None:
    filters: dict[str, Any] = {"trigger_metadata_fields": ["status"], "folders": ["/Zone/A"], "query": "status:Final"}
    run(OPERATION, session=admin.session, **GIVEN, **filters)
    (before,) = registered(admin)
    result = both_ways(admin, name="eda", **given)
    (after,) = registered(admin)

    assert list(result["changes"]) == changed
    assert result["changed"] is bool(changed)
    keys = {"event_types": "eventTypes", "metadata_to_return": "metadataToReturn", "secret_token": "secretToken"}
    keys |= {
        "trigger_metadata_fields": "triggerMetadataFields",
        "folders": "foldersAndQuery",
        "query": "foldersAndQuery",
    }
    assert {key for key in before if before[key] != after[key]} == {keys.get(name, name) for name in changed}
    if "query" not in changed and "folders" in changed:
        assert after["foldersAndQuery"]["query"] == "status:Final"
    again = run(OPERATION, session=admin.session, name="eda", **{**given, "rotate_secret": False})
    assert again["changed"] is False


def test_the_id_tells_which_one_and_the_name_what_it_is_called(admin: Dam) -> None:
    made = run(OPERATION, session=admin.session, **GIVEN)["webhook"]
    result = both_ways(admin, id=made["id"], name="other")
    assert result["changes"] == {"name": {"before": "eda", "after": "other"}}
    run(OPERATION, session=admin.session, **GIVEN)
    error = fail(OPERATION, session=admin.session, id=made["id"], name="eda")
    assert error.reason == "conflict"
    assert fail(OPERATION, session=admin.session, id="nothing", name="eda").reason == "not_found"
    assert run(OPERATION, session=admin.session, id="nothing", state="absent")["changed"] is False


def test_two_of_one_name_are_a_conflict(admin: Dam) -> None:
    first = run(OPERATION, session=admin.session, **GIVEN)["webhook"]["id"]
    second = run(OPERATION, session=admin.session, **{**GIVEN, "name": "x"})["webhook"]["id"]
    headers = {"Authorization": f"Bearer {admin.session['auth_token']}"}
    body = {"name": "eda", "url": RECEIVER, "eventTypes": []}
    address = f"{admin.session['server_url']}/services/admin/webhook/{second}"
    assert requests.put(address, json=body, headers=headers, timeout=10).ok
    for state in ("present", "absent"):
        error = fail(OPERATION, session=admin.session, name="eda", state=state)
        assert error.reason == "conflict"
        assert first in error.message
        assert second in error.message
    assert run(OPERATION, session=admin.session, id=second, state="absent")["changed"] is True
    assert run(OPERATION, session=admin.session, name="eda")["changed"] is False


@pytest.mark.parametrize(
    ("options", "mistake"),
    [
        ({"name": "eda"}, "must give url and event_types"),
        ({"name": "eda", "url": RECEIVER}, "must give event_types"),
        ({"name": " "}, "name is empty"),
        ({**GIVEN, "url": "eda.example.com"}, "not an address that a server could call"),
        ({**GIVEN, "url": "ftp://eda.example.com"}, "not an address that a server could call"),
        ({**GIVEN, "url": "http://eda.example.com:port/"}, "not an address that a server could call"),
        ({**GIVEN, "url": "https://u:humpty@eda.example.com/"}, "must not hold a user or a password"),
        ({**GIVEN, "folders": ["Zone"]}, "does not begin with a slash"),
    ],
)
def test_what_can_not_be_is_refused(admin: Dam, options: dict[str, Any], mistake: str) -> None:
    error = fail(OPERATION, session=admin.session, **options)
    assert error.reason == "bad_request"
    assert mistake in error.message
    assert "humpty" not in error.message
    assert registered(admin) == []


def test_it_takes_a_superuser_and_a_licence(dam: Dam) -> None:
    error = fail(OPERATION, session=dam.session, **GIVEN)
    assert error.reason == "forbidden"
    for word in ("superuser", "Pro licence", "API licence"):
        assert word in error.message


@pytest.mark.parametrize(
    ("version", "given", "is_refused"),
    [
        ("6.43.1", {"trigger_metadata_fields": ["status"]}, True),
        ("5.26.2", {"folders": ["/Zone"]}, True),
        ("6.9", {"query": "status:Final"}, True),
        ("6.43.1", {"trigger_metadata_fields": [], "folders": [], "query": ""}, False),
        ("6.44.0", {"trigger_metadata_fields": ["status"]}, False),
        ("7.0", {"query": "status:Final"}, False),
        ("unreadable", {"query": "status:Final"}, False),
    ],
)
def test_what_only_newer_servers_know_is_refused_by_version(
    version: str, given: dict[str, Any], is_refused: bool
) -> None:
    with scripted_server(json_reply(200, []), json_reply(201, KEPT)) as server:
        session = {**SESSION, "server_url": server.url, "server_version": version}
        if is_refused:
            error = fail(OPERATION, session=session, **GIVEN, **given)
            assert (error.reason, server.requests) == ("bad_request", [])
            assert f"Elvis {version}" in error.message
            assert "6.44" in error.message
            return
        run(OPERATION, session=session, index_wait=0, **GIVEN, **given)
        sent = json.loads(server.requests[-1].body)
        assert ("triggerMetadataFields" in sent) is bool(given.get("trigger_metadata_fields"))
        assert ("foldersAndQuery" in sent) is bool(given.get("query"))


@pytest.mark.parametrize(
    "shown",
    [
        {"eventTypes": ["asset_remove", "ASSET_CREATE", "asset_create"], "metadataToReturn": ["status", "ID", "id"]},
        {"url": "HTTP://127.0.0.1:1/elvis"},
        {"foldersAndQuery": None, "triggerMetadataFields": None},
        {"enabled": None},
    ],
)
def test_a_server_may_show_it_in_another_form(shown: dict[str, Any]) -> None:
    with scripted_server(json_reply(200, [{**KEPT, **shown}])) as server:
        result = run(OPERATION, session={**SESSION, "server_url": server.url}, **GIVEN, folders=[], enabled=True)
        assert (result["changed"], len(server.requests)) == (False, 1)


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://EDA.example.com:443", "https://eda.example.com/"),
        ("http://eda.example.com:80/x", "http://eda.example.com/x"),
        ("https://[::1]:5000/x%2fy", "HTTPS://[::1]:5000/x%2Fy"),
        ("https://eda.m\u00fcnchen.example/", "https://EDA.xn--mnchen-3ya.example"),
        ("https://eda.example.com/\u00fc b?c=\u00e4", "https://eda.example.com/%c3%bc%20b?c=%C3%A4"),
        (" https://eda.example.com/x ", "https://eda.example.com/x"),
    ],
)
def test_two_addresses_that_are_one(url: str, same: str) -> None:
    with scripted_server(json_reply(200, [{**KEPT, "url": same}])) as server:
        session = {**SESSION, "server_url": server.url}
        assert run(OPERATION, session=session, **{**GIVEN, "url": url})["changed"] is False


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://eda.example.com/x", "https://eda.example.com/X"),
        ("https://eda.example.com/x", "https://eda.example.com/x/"),
        ("https://eda.example.com/x", "http://eda.example.com/x"),
        ("https://eda.example.com/x", "https://eda.example.com:5000/x"),
        ("https://eda.example.com/x?a=1", "https://eda.example.com/x?a=2"),
        ("https://eda.example.com/x%2Fy", "https://eda.example.com/x/y"),
    ],
)
def test_two_addresses_that_are_not_one(url: str, other: str) -> None:
    with scripted_server(json_reply(200, [{**KEPT, "url": other}])) as server:
        session = {**SESSION, "server_url": server.url}
        assert run(OPERATION, check_mode=True, session=session, **{**GIVEN, "url": url})["changed"] is True


@pytest.mark.parametrize(
    ("folders", "query"),
    [
        (["/Zone/A", "/Zone/B"], "status:Final"),
        (["/Zone/B", "/Zone/A"], " status:Final\n"),
        (["/zone/a", "/ZONE/B", "/Zone/A"], "status:Final"),
        (["/Zone/A/", "/Zone/B/"], "status:Final"),
    ],
)
def test_folders_are_a_set(folders: list[str], query: str) -> None:
    shown = {"foldersAndQuery": {"folders": folders, "query": query}}
    with scripted_server(json_reply(200, [{**KEPT, **shown}])) as server:
        session = {**SESSION, "server_url": server.url}
        given = {**GIVEN, "folders": ["/Zone/A/", "/Zone/B"], "query": "status:Final"}
        assert run(OPERATION, session=session, **given)["changed"] is False
        assert len(server.requests) == 1


@pytest.mark.parametrize("secret", ["********", "\N{BULLET}" * 8, "c2Vj****", "", None, 5])
def test_a_masked_secret_is_unknown(secret: object) -> None:
    with scripted_server(json_reply(200, [{**KEPT, "secretToken": secret}])) as server:
        result = run(OPERATION, session={**SESSION, "server_url": server.url}, **GIVEN)
        assert (result["changed"], result["webhook"]["secret_token"]) == (False, None)


@pytest.mark.parametrize("status", [404, 405])
@pytest.mark.parametrize(
    "body", [html_reply, lambda status: json_reply(status, {"errorcode": status, "message": "No"})]
)
def test_a_guess_that_was_wrong_gets_a_sentence(status: int, body: Callable[[int], bytes]) -> None:
    with scripted_server(body(status)) as server:
        error = fail(OPERATION, session={**SESSION, "server_url": server.url}, **GIVEN)
        assert (error.reason, error.status, len(server.requests)) == ("not_found", status, 1)
        assert "is a guess" in error.message
        assert "Manage the webhooks of this server in its own pages" in error.message
    with scripted_server(json_reply(200, [KEPT]), body(status)) as server:
        error = fail(OPERATION, session={**SESSION, "server_url": server.url}, **GIVEN, rotate_secret=True)
        assert (error.reason, len(server.requests)) == ("not_found", 2)
        assert "Make the new secret in the pages of the server" in error.message


@pytest.mark.parametrize(
    ("present", "options"),
    [
        ([], GIVEN),
        ([KEPT], {**GIVEN, "event_types": []}),
        ([KEPT], {"name": "eda", "enabled": False}),
        ([KEPT], {"name": "eda", "rotate_secret": True}),
        ([KEPT], {"name": "eda", "state": "absent"}),
    ],
)
@pytest.mark.parametrize("reply", [hang_up, json_reply(503, {}, Retry_After="0")])
def test_no_change_is_sent_twice(present: list[object], options: dict[str, Any], reply: HttpResponse) -> None:
    with scripted_server(json_reply(200, present), reply) as server:
        error = fail(OPERATION, session={**SESSION, "server_url": server.url}, **options)
        assert len(server.requests) == 2
        if reply is hang_up:
            assert "Run the task again: it looks first." in error.message


def test_an_empty_answer_to_a_change_is_one() -> None:
    changed = {**KEPT, "eventTypes": []}
    replies = json_reply(200, [KEPT]), raw_reply(204), json_reply(200, [changed])
    with scripted_server(*replies) as server:
        result = run(OPERATION, session={**SESSION, "server_url": server.url}, name="eda", event_types=[], index_wait=0)
        assert (result["changed"], result["webhook"]["event_types"]) == (True, [])
        assert [request.method for request in server.requests] == ["GET", "PUT", "GET"]


def test_what_was_done_before_a_failure_is_told() -> None:
    replies = json_reply(200, []), json_reply(201, KEPT), json_reply(500, {"errorcode": 500, "message": "Out of luck"})
    with scripted_server(*replies) as server:
        error = fail(OPERATION, session={**SESSION, "server_url": server.url}, **GIVEN, enabled=False)
    result = error.as_result()
    assert (result["changed"], list(result["changes"])) == (True, ["state"])
    assert KEPT["secretToken"] not in str(result)


def test_what_the_server_stores_otherwise_is_told() -> None:
    stored = {**KEPT, "eventTypes": ["asset_create"]}
    with scripted_server(json_reply(200, []), json_reply(201, stored)) as server:
        result = run(OPERATION, session={**SESSION, "server_url": server.url}, **GIVEN)
    assert "The server stored event_types of the webhook eda in a form that differs" in result["warnings"][0]


@pytest.mark.parametrize("answer", [{"webhooks": []}, [{"name": "eda"}], "eda", [None]])
def test_an_answer_that_lists_no_webhooks_is_not_taken_for_none(answer: object) -> None:
    with scripted_server(json_reply(200, answer)) as server:
        error = fail(OPERATION, session={**SESSION, "server_url": server.url}, **GIVEN)
        assert (error.reason, len(server.requests)) == ("bad_response", 1)


def test_with_a_simulated_session_nothing_is_sent() -> None:
    session = {
        "server_url": "http://127.0.0.1:1",
        "auth_method": "bearer",
        "auth_token": "simulated",
        "simulated": True,
    }
    result = run(OPERATION, session=session, check_mode=True, **GIVEN)
    assert (result["changed"], result["simulated"], result["webhook"]) == (True, True, None)


@pytest.mark.parametrize(
    ("answer", "is_removed", "words"),
    [
        ({"id": "w1", "url": RECEIVER}, True, "It had the id w1, and was removed again"),
        ({"id": 7, "name": None}, True, "It had the id 7, and was removed again"),
        ({"id": "w1", "name": ""}, True, "It had the id w1, and was removed again"),
        ({"url": RECEIVER}, False, "No id came, so nothing was removed"),
        ({}, False, "No id came, so nothing was removed"),
        (None, False, "No id came, so nothing was removed"),
    ],
)
def test_a_webhook_without_a_name_is_removed_again(answer: Any, is_removed: bool, words: str) -> None:
    made = json_reply(201, answer) if answer is not None else raw_reply(201)
    with scripted_server(json_reply(200, []), made, raw_reply(204)) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t", "server_version": "6.107.0"}
        error = fail(OPERATION, session=session, **GIVEN)
        calls = [(request.method, request.path) for request in server.requests]
    assert error.reason == "bad_response"
    assert words in error.message
    listed, created, *others = calls
    assert (listed[0], created[0]) == ("GET", "POST")
    removed = [("DELETE", f"/services/admin/webhook/{answer['id']}")] if is_removed else []
    assert others == removed
