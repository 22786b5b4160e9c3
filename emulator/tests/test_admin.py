# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the server, statistics, texts, and what an administrator sets."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.tests.client import Client, Start

ADMIN = "admin:changemenow"
ENGINES = "/services/admin/externalProcessing"
RULES = "/api/admin/permission/rule"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_metrics_and_version_need_no_login(shared: Client, method: str) -> None:
    assert set(shared.request(method, "/services/system/metrics").json()) == {"sessions", "assets"}
    page = shared.get("/version.jsp")
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (200, "text/xml")
    assert shared.get("/services/ping").json()["version"] in page.text


def test_engines_for_external_processing(start: Start) -> None:
    client = start("--errors", "status")
    header = client.bearer(ADMIN)
    body = {"name": "engine 1", "url": "http://192.0.2.1:5000/", "renditions": [], "assetTypes": ["png"]}
    made = client.post(ENGINES, json=body, headers=header)
    assert made.status_code == 201
    engine = made.json()
    assert engine == body | {"enabled": True, "id": engine["id"]}
    one = f"{ENGINES}/{engine['id']}"
    assert client.get(ENGINES, headers=header).json() == [engine]
    changed = client.request("PUT", one, json={"id": "other", "enabled": False}, headers=header).json()
    assert changed == engine | {"enabled": False} == client.get(one, headers=header).json()
    assert client.request("DELETE", one, headers=header).status_code == 200
    assert client.request("DELETE", one, headers=header).status_code == 404
    client.post(ENGINES, json=body, headers=header)
    assert client.request("DELETE", f"{ENGINES}/all", headers=header).status_code == 200
    assert client.get(ENGINES, headers=header).json() == []
    assert client.post(ENGINES, json={"name": "x"}, headers=header).status_code == 400
    assert client.post(ENGINES, json=body, headers=client.bearer()).status_code == 403


def test_permission_rules(start: Start) -> None:
    client = start()
    header = client.bearer(ADMIN)
    rules = [client.post(RULES, json={"subject": name, "query": "*"}, headers=header).json() for name in ("a", "b")]
    assert client.post(f"{RULES}/search", json={"subject": "b", "onlyActive": True}, headers=header).json() == rules[1:]
    assert client.request("DELETE", f"{RULES}/{rules[0]['id']}", headers=header).status_code == 200
    assert client.post(f"{RULES}/search", json={}, headers=header).json() == rules[1:]
    assert {"name": "ROLE_API"} in client.get("/api/admin/permission/roles", headers=header).json()
    # Under /api the status is real in both ways.
    assert client.post(RULES, json={}, headers=client.bearer()).status_code == 403


def test_activation_and_the_update_of_assets(start: Start) -> None:
    client = start()
    header = client.bearer(ADMIN)
    state = client.post("/controller/admin/activation/currentState", headers=header).json()
    assert state["activated"] is True
    client.post("/services/create", data={"assetPath": "/a.txt"}, headers=header)
    update = "/private-api/system/asset/update/start"
    process = client.post(update, json={"filterQuery": "name:a.txt"}, headers=header).json()
    info = client.post("/services/process/info", data=process, headers=header).json()
    assert info["total"] == 1
    assert client.post(update, json={}, headers=header).status_code == 400


def test_usage_is_logged_and_counted(start: Start) -> None:
    client = start()
    alice, api = client.bearer(), client.bearer("api:api")
    ids = [
        client.post("/services/create", data={"assetPath": path}, headers=alice).json()["id"]
        for path in ("/a.jpg", "/b.txt")
    ]
    for header, asset_id, action in (
        (alice, ids[0], "CUSTOM_ACTION_placed"),
        (alice, ids[1], "CUSTOM_ACTION_placed"),
        (api, ids[0], "placed"),
        (api, ids[0], "other"),
    ):
        reply = client.post(
            "/services/logUsage", data={"assetId": asset_id, "action": action, "page__s": "7"}, headers=header
        )
        assert (reply.status_code, reply.json()) == (200, {})

    def count(report: str = "usageLog.sql", **more: str) -> Any:
        data = {"queryFile": f"plugin/sql/{report}", "action_type": "CUSTOM_ACTION_placed,X", **more}
        return client.get("/services/queryStats", params=data, headers=alice).json()

    assert count() == [{"count_rs": 3}]
    assert count(group_by_user_name="true") == [
        {"user_name_rs": "alice", "count_rs": 2},
        {"user_name_rs": "api", "count_rs": 1},
    ]
    assert count(group_by_asset_domain="true", group_by_user_groups="true") == [
        {"user_groups_rs": "users", "asset_domain_rs": "image", "count_rs": 2},
        {"user_groups_rs": "users", "asset_domain_rs": "text", "count_rs": 1},
    ]
    assert count(period_end="2001-01-01") == []
    (row,) = count("usageLogChart.sql", periodicity="month", period_start="2001-01-01")
    assert (row["download_count"], row["action_date_rs"][-3:]) == (3, "-01")
    assert count("another.sql")["errorcode"] == 404
    assert count(period_start="soon")["errorcode"] == 400


@pytest.mark.parametrize("data", [{"action": "x"}, {"assetId": "nothing", "action": "x"}, {"assetId": "x"}])
def test_usage_of_what_is_not_there(shared: Client, data: dict[str, str]) -> None:
    reply = shared.post("/services/logUsage", data=data, headers=shared.bearer()).json()
    assert reply["errorcode"] in (400, 404)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "Contains"),
        ({"localeChain": "de_DE,fr_FR"}, "Enthält"),
        ({"localeChain": "xx_XX,fr-FR", "bundle": "acm"}, "Contient"),
        ({"localeChain": "xx_XX", "ifModifiedSince": "0"}, "Contains"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_messages(shared: Client, method: str, params: dict[str, str], text: str) -> None:
    reply = shared.request(method, "/services/messages", params=params, headers=shared.bearer())
    assert reply.json()["relation.contains.label"] == text


def test_messages_that_are_not_new(shared: Client) -> None:
    header = shared.bearer()
    params = {"ifModifiedSince": "9999999999999"}
    assert shared.get("/services/messages", params=params, headers=header).status_code == 304
    assert shared.get("/services/messages", params={"bundle": "?"}, headers=header).json()["errorcode"] == 400


@pytest.mark.parametrize("path", ["/services/notify/email", "/notify/email"])
def test_mail(shared: Client, path: str) -> None:
    header = shared.bearer()
    mail = {"to": "a@example.com", "subject": "x", "htmlBody": "<p>x</p>"}
    for body in ({"json": mail}, {"data": mail}):
        reply = shared.post(path, headers=header, **body)
        assert (reply.status_code, reply.json()) == (200, {})
    assert shared.post(path, json={"to": "x"}, headers=header).json()["errorcode"] == 400
