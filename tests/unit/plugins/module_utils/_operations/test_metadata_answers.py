# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Servers that answer the writes of metadata otherwise than they should, or not at all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._changes import metadata_run
from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION
from tests.support.operations import fail, run
from tests.support.scripted import HttpResponse, Request, ScriptedServer, hang_up, json_reply, scripted_server

pytestmark = pytest.mark.usefixtures("no_waiting")

HITS: dict[str, dict[str, Any]] = {
    name: {"id": name, "metadata": {"assetPath": f"/Z/{name}", "a": "old"}} for name in ("x", "y")
}
NEW: dict[str, dict[str, Any]] = {
    name: {"id": name, "metadata": {"assetPath": f"/Z/{name}", "a": "new"}} for name in ("x", "y")
}


def found(*hits: dict[str, Any]) -> bytes:
    return json_reply(200, {"totalHits": len(hits), "hits": list(hits)})


FIRST = found(*HITS.values())
REFUSED = json_reply(200, {"errorcode": 400, "message": "no array, please"})
TOO_MANY = json_reply(429, {}, Retry_After="0")


def paths(server: ScriptedServer) -> list[str]:
    return [request.path.rpartition("/")[2] for request in server.requests]


def set_new(server: ScriptedServer, **options: Any) -> dict[str, Any]:
    session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t", "username": "alice"}
    assets = [{"id": name, "metadata": {"a": "new"}} for name in HITS]
    return {"session": session, "assets": assets, "concurrency": 1, "index_wait": 0, **options}


@pytest.mark.parametrize(
    ("replies", "calls"),
    [
        # as it should be
        ([FIRST, json_reply(200, list(NEW.values()))], "search updatebulk"),
        # which metadata the reply shows is not documented
        ([FIRST, json_reply(200, [{"id": "x"}, {"id": "y"}])], "search updatebulk"),
        # the reply lacks one: it is looked for, and was written
        ([FIRST, json_reply(200, [NEW["x"]]), found(NEW["y"])], "search updatebulk search"),
        # the reply lacks one: it is looked for, and written alone
        (
            [FIRST, json_reply(200, [NEW["x"]]), found(HITS["y"]), json_reply(200, NEW["y"])],
            "search updatebulk search update",
        ),
        # the array is refused
        (
            [FIRST, REFUSED, FIRST, json_reply(200, NEW["x"]), json_reply(200, NEW["y"])],
            "search updatebulk search update update",
        ),
        # the answer is lost, and all is written
        ([FIRST, hang_up, found(*NEW.values())], "search updatebulk search"),
        # the answer is lost, and half is written
        (
            [FIRST, hang_up, found(NEW["x"], HITS["y"]), json_reply(200, NEW["y"])],
            "search updatebulk search update",
        ),
        # a gateway holds it back
        ([FIRST, TOO_MANY, FIRST, json_reply(200, list(NEW.values()))], "search updatebulk search updatebulk"),
        # a single one is lost, too
        (
            [FIRST, REFUSED, found(NEW["x"], HITS["y"]), hang_up, found(NEW["y"])],
            "search updatebulk search update search",
        ),
        (
            [FIRST, REFUSED, found(NEW["x"], HITS["y"]), TOO_MANY, found(HITS["y"]), json_reply(200, NEW["y"])],
            "search updatebulk search update search update",
        ),
    ],
)
def test_each_asset_is_written_in_the_end(replies: list[HttpResponse], calls: str) -> None:
    with scripted_server(*replies, stray_call) as server:
        result = run(OPERATION, **set_new(server))
    assert [entry["path"] for entry in result["updated"]] == ["/Z/x", "/Z/y"]
    assert " ".join(paths(server)) == calls


@pytest.mark.parametrize(
    ("value", "written", "calls"),
    [
        # A second time could add it twice: nothing is sent until a search would show the first.
        (["+new"], ["new"], "search update search search"),
        ("-new", "-new", "search update search update"),
    ],
)
def test_a_lost_answer_of_a_search_that_lags(
    value: Any, written: Any, calls: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 5)
    before, after = ({"id": "x", "metadata": {"assetPath": "/Z/x", "a": there}} for there in (None, written))
    answers = {"search": [found(before), found(before), found(after)], "update": [hang_up, json_reply(200, after)]}
    with scripted_server(*(answers[call].pop(0) for call in calls.split()), stray_call) as server:
        result = run(OPERATION, **set_new(server, assets=[{"id": "x", "metadata": {"a": value}}]))
    assert [entry["path"] for entry in result["updated"]] == ["/Z/x"]
    assert " ".join(paths(server)) == calls


def stray_call(_connection: object) -> None:
    pytest.fail("a call too many")


def test_the_array_that_is_sent() -> None:
    with scripted_server(FIRST, json_reply(200, list(NEW.values()))) as server:
        run(OPERATION, **set_new(server))
        sent: Request = server.requests[1]
    assert json.loads(sent.body) == [{"id": name, "metadata": {"a": "new"}} for name in "xy"]


def test_one_bad_row_fails_alone() -> None:
    bad = json_reply(200, {"errorcode": 400, "message": "bad value"})
    with scripted_server(FIRST, REFUSED, FIRST, bad, json_reply(200, NEW["y"])) as server:
        error = fail(OPERATION, **set_new(server))
    result = error.as_result()
    assert [entry["path"] for entry in result["failures"]] == ["/Z/x"]
    assert [entry["path"] for entry in result["updated"]] == ["/Z/y"]
    assert "Cannot write the metadata of /Z/x" in error.message


def test_a_server_that_takes_no_array_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_run, "MOST_AT_ONCE", 2)
    names = "xyuv"
    old = {name: {"id": name, "metadata": {"assetPath": f"/Z/{name}", "a": "old"}} for name in names}
    new = {name: json_reply(200, {"id": name, "metadata": {"assetPath": f"/Z/{name}", "a": "new"}}) for name in names}
    replies = [found(old["x"], old["y"]), REFUSED, found(old["x"], old["y"]), new["x"], new["y"]]
    with scripted_server(*replies, found(old["u"], old["v"]), new["u"], new["v"]) as server:
        options = set_new(server)
        options["assets"] = [{"id": name, "metadata": {"a": "new"}} for name in names]
        assert run(OPERATION, **options)["counts"]["updated"] == 4
    assert " ".join(paths(server)) == "search updatebulk search update update search update update"


def test_what_the_server_keeps_otherwise_is_told_once() -> None:
    shortened = [{**NEW[name], "metadata": {**NEW[name]["metadata"], "a": "ne"}} for name in NEW]
    with scripted_server(FIRST, json_reply(200, shortened)) as server:
        result = run(OPERATION, **set_new(server))
    (warning,) = result["warnings"]
    assert "/Z/x: a stored as ne; /Z/y: a stored as ne" in warning
    assert result["updated"][0]["stored_as"] == {"a": "ne"}


GONE = json_reply(200, {"errorcode": 401, "message": "Not logged in"})


@pytest.mark.parametrize(
    ("replies", "updated", "failed", "left"),
    [
        ([GONE], 0, 0, 4),
        ([FIRST, GONE, GONE], 0, 2, 2),
        ([FIRST, json_reply(200, list(NEW.values())), GONE], 2, 0, 2),
    ],
)
def test_a_session_that_ends(
    monkeypatch: pytest.MonkeyPatch, replies: list[HttpResponse], updated: int, failed: int, left: int
) -> None:
    monkeypatch.setattr(metadata_run, "MOST_AT_ONCE", 2)
    with scripted_server(*replies) as server:
        options = set_new(server)
        options["assets"] += [{"id": name, "metadata": {"a": "new"}} for name in "uv"]
        error = fail(OPERATION, **options)
    result = error.as_result()
    assert (error.reason, result["left"]) == ("not_logged_in", left)
    assert (result["counts"]["updated"], result["counts"]["failed"]) == (updated, failed)
    assert f"{left} not begun. Run the task again" in error.message


def test_a_failure_that_ends_it_keeps_other_requests_from_being_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_run, "MOST_AT_ONCE", 1)
    bad = json_reply(200, {"errorcode": 400, "message": "bad value"})
    with scripted_server(found(HITS["x"]), bad) as server:
        error = fail(OPERATION, **set_new(server), on_failure="stop")
    assert (error.as_result()["left"], " ".join(paths(server))) == (1, "search update")
