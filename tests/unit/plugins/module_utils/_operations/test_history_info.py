# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happened to assets: which lines, in which order, in the result and in a file; whole or not at all."""

from __future__ import annotations

import csv
import json
import stat
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._changes import history_run
from ansible_collections.damops.elvis.plugins.module_utils._dam import asset_finder
from ansible_collections.damops.elvis.plugins.module_utils._operations.history_info import OPERATION
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.operations import at, fail, run
from tests.support.scripted import html_reply, json_reply, scripted_server

PATH = "/Zone/a.jpg"


@pytest.fixture
def story(dam: Dam, one_elvis: Emulator) -> Iterator[str]:
    """The id of an asset that alice made and changed, then admin, and then alice moved it."""
    asset_id = dam.create(PATH, status="New")
    _pause()
    admin = Dam(one_elvis, "admin", "changemenow")
    try:
        dam.post("update", id=asset_id, metadata=json.dumps({"status": "Final", "credit": "Alice"}))
        _pause()
        admin.post("update", id=asset_id, metadata=json.dumps({"credit": "Bob"}))
        _pause()
        dam.post("move", source=PATH, target="/Zone/b.jpg")
        yield asset_id
    finally:
        admin.leave()


def _pause() -> None:
    """Two actions of one millisecond have no order."""
    time.sleep(0.002)


def brief(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return what matters of lines, without what the server itself changes: it makes a preview at some time."""
    names = ("user", "action", "path", "field", "before", "after")
    return [tuple(event[name] for name in names) for event in events if event["field"] != "previewState"]


CREATED = [
    ("alice", "CREATE", PATH, "status", None, "New"),
]
CHANGED = [
    ("alice", "METADATA_UPDATE", PATH, "credit", None, "Alice"),
    ("alice", "METADATA_UPDATE", PATH, "status", "New", "Final"),
    ("admin", "METADATA_UPDATE", PATH, "credit", "Alice", "Bob"),
]
MOVED = [("alice", "RENAME", "/Zone/b.jpg", "assetPath", PATH, "/Zone/b.jpg")]


def test_a_line_for_each_field_that_changed(dam: Dam, story: str) -> None:
    result = run(OPERATION, session=dam.session, ids=[story])
    found = brief(result["events"])
    assert [line for line in found if line[1] != "CREATE"] == [*CHANGED, *MOVED]
    assert found[0][:3] == ("alice", "CREATE", PATH)
    assert (result["changed"], result["total"], result["assets"]) == (False, len(result["events"]), 1)
    assert list(result["events"][-1]) == list(history_run.COLUMNS)
    assert {event["id"] for event in result["events"]} == {story}
    assert {event["client"] for event in result["events"]} == {"API"}
    times = [event["time"] for event in result["events"]]
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"actions": ["METADATA_UPDATE"]}, CHANGED),
        ({"actions": ["RENAME", "METADATA_UPDATE"]}, [*CHANGED, *MOVED]),
        ({"actions": ["REMOVE"]}, []),
        ({"users": ["ADMIN "]}, CHANGED[2:]),
        ({"users": ["admin", "carol"], "actions": ["RENAME"]}, []),
        ({"since": "1d", "actions": ["RENAME"]}, MOVED),
        ({"until": "1h"}, []),
        ({"since": "2500-01-01", "timezone": "+01:00"}, []),
    ],
)
def test_which_lines(dam: Dam, story: str, options: dict[str, Any], expected: list[Any]) -> None:
    for which in ({"ids": [story]}, {"path": ["/Zone/b.jpg"]}, {"query": "filename:b.jpg"}):
        assert brief(run(OPERATION, session=dam.session, **which, **options)["events"]) == expected


def test_a_span_has_its_first_moment_and_not_its_last(dam: Dam, story: str) -> None:
    options: dict[str, Any] = {"session": dam.session, "ids": [story], "actions": ["METADATA_UPDATE"]}
    first, _second, last = [
        event["time"] for event in run(OPERATION, **options)["events"] if event["field"] in "creditstatus"
    ]
    assert brief(run(OPERATION, **options, since=first, until=last)["events"]) == CHANGED[:2]
    assert brief(run(OPERATION, **options, since=last)["events"]) == CHANGED[2:]


def test_addresses_are_reported_only_when_they_are_asked_for(dam: Dam, story: str) -> None:
    options: dict[str, Any] = {"session": dam.session, "ids": [story], "actions": ["RENAME"]}
    assert "127.0.0.1" not in str(run(OPERATION, **options)["events"])
    assert run(OPERATION, **options, addresses=True)["events"][0]["address"] == "127.0.0.1"


def test_times_are_in_the_zone_that_is_asked_for(dam: Dam, story: str) -> None:
    options: dict[str, Any] = {"session": dam.session, "ids": [story], "actions": ["RENAME"]}
    assert run(OPERATION, **options)["events"][0]["time"].endswith("Z")
    assert run(OPERATION, **options, timezone="+05:30")["events"][0]["time"].endswith("+05:30")


def test_the_history_of_an_asset_that_no_search_finds(dam: Dam, story: str) -> None:
    dam.post("remove", ids=story)
    result = run(OPERATION, session=dam.session, ids=[story, "nobody"], actions=["REMOVE"])
    assert [(event["action"], event["id"], event["path"]) for event in result["events"]] == [
        ("REMOVE", story, "/Zone/b.jpg")
    ]
    assert (result["assets"], result["missing"]) == (1, ["nobody"])
    gone = run(OPERATION, session=dam.session, paths=["/Zone/b.jpg"])
    assert (gone["events"], gone["missing"]) == ([], ["/Zone/b.jpg"])


def many(dam: Dam, count: int) -> None:
    for number in range(count):
        dam.create(f"/Many/{number:03}.jpg", None, status="New")
    dam.post("updatebulk", q='ancestorPaths:"/Many"', status="Final")


def test_many_assets_in_batches(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_run, "AT_ONCE", 3)
    monkeypatch.setattr(asset_finder, "PAGE", 4)
    many(dam, 10)
    options: dict[str, Any] = {"session": dam.session, "query": 'ancestorPaths:"/Many"', "actions": ["METADATA_UPDATE"]}
    expected = sorted(f"/Many/{number:03}.jpg" for number in range(10))
    for concurrency in (1, 4):
        result = run(OPERATION, **options, concurrency=concurrency)
        assert [event["path"] for event in result["events"] if event["field"] == "status"] == expected
        assert result["assets"] == 10


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "json"])
def test_a_file(dam: Dam, story: str, tmp_path: Path, suffix: str) -> None:
    dest = tmp_path / f"history.{suffix}"
    options: dict[str, Any] = {"session": dam.session, "ids": [story], "actions": ["RENAME"], "dest": str(dest)}
    checked = run(OPERATION, check_mode=True, **options)
    assert (checked["changed"], dest.exists()) == (True, False)
    result = run(OPERATION, **options)
    assert (result["changed"], result["events"], result["total"]) == (True, [], 1)
    assert result["checksum"] == checked["checksum"]
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    for check_mode in (True, False):
        assert run(OPERATION, check_mode=check_mode, **options)["changed"] is False
    text = dest.read_text(encoding="utf-8")
    if suffix == "csv":
        (row,) = csv.DictReader(text.splitlines())
    else:
        row = json.loads(text)[0] if suffix == "json" else json.loads(text)
    assert list(row) == list(history_run.COLUMNS)
    assert (row["user"], row["before"], row["after"]) == ("alice", PATH, "/Zone/b.jpg")


def test_a_file_that_is_replaced_keeps_its_mode(dam: Dam, story: str, tmp_path: Path) -> None:
    dest = tmp_path / "history.csv"
    dest.write_text("before", encoding="utf-8")
    dest.chmod(0o640)
    run(OPERATION, session=dam.session, ids=[story], dest=str(dest))
    assert stat.S_IMODE(dest.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"query": " "}, "query is empty"),
        ({"paths": ["x"]}, "does not begin with a slash"),
        ({"ids": ["x"], "since": "yesterday"}, "since 'yesterday' is not a time"),
        ({"ids": ["x"], "since": "2026-11-01"}, "is a time without a zone"),
        ({"ids": ["x"], "until": "48 hours"}, "until '48 hours' is not a time"),
        ({"ids": ["x"], "since": "1d", "until": "2d"}, "until 2d is not later than since 1d"),
        ({"ids": ["x"], "actions": ["MOVE", ""]}, "actions has an empty element"),
        ({"ids": ["x"], "users": [" "]}, "users has an empty element"),
        ({"ids": ["x"], "concurrency": 17}, "concurrency must be from 1 to 16"),
        ({"ids": ["x"], "dest": "/srv/history"}, "or set format"),
        ({"ids": ["x"], "dest": "history.csv"}, "relative path"),
    ],
)
def test_what_is_refused_before_anything_is_sent(
    dam: Dam, one_elvis: Emulator, options: dict[str, Any], message: str
) -> None:
    error = fail(OPERATION, session=dam.session, **options)
    assert (error.reason, one_elvis.requests()) == ("bad_request", [])
    assert message in error.message


def record(number: int, **more: Any) -> dict[str, Any]:
    """Return an entry of a history as a server has it."""
    of_entry = {"logDate": 1_764_600_000_000 + number, "action": "DOWNLOAD", "userName": "eve", "assetPath": "/a"}
    return {"usageStatsRecord": {**of_entry, **more}}


def history(total: int, *records: dict[str, Any]) -> bytes:
    return json_reply(200, {"totalHits": total, "hits": list(records)})


def test_pages_are_read_to_the_last_and_then_sorted() -> None:
    pages = history(5, record(4), record(1)), history(5, record(5), record(2)), history(5, record(3))
    with scripted_server(*pages) as server:
        events = run(OPERATION, **at(server.url, ids=["x"], users=["eve"]))["events"]
    assert [event["time"][-4:-1] for event in events] == ["001", "002", "003", "004", "005"]
    assert [request.form["start"] for request in server.requests] == ["0", "2", "4"]


def test_entries_of_one_moment_come_in_one_order(tmp_path: Path) -> None:
    entries = [record(1, userName=name) for name in "abc"]
    options: dict[str, Any] = {"ids": ["x"], "dest": str(tmp_path / "history.csv")}
    with scripted_server(history(3, *entries), history(3, *reversed(entries))) as server:
        assert run(OPERATION, **at(server.url, **options))["changed"] is True
        assert run(OPERATION, **at(server.url, **options))["changed"] is False


def test_a_history_that_grows_while_it_is_read_is_read_again() -> None:
    before = history(3, record(2), record(1)), history(4, record(1))
    again = history(4, record(4), record(3)), history(4, record(2), record(1))
    with scripted_server(*before, *again) as server:
        result = run(OPERATION, **at(server.url, ids=["x"]))
    assert [event["time"][-4:-1] for event in result["events"]] == ["001", "002", "003", "004"]


def test_a_history_that_never_rests_is_a_conflict(tmp_path: Path) -> None:
    replies = [history(3 + number, record(number)) for number in range(12)]
    dest = tmp_path / "history.csv"
    dest.write_text("before", encoding="utf-8")
    with scripted_server(*replies) as server:
        error = fail(OPERATION, **at(server.url, ids=["x"], dest=str(dest)))
    assert (error.reason, len(server.requests)) == ("conflict", 10)
    assert "Cannot read the history of x" in error.message
    assert dest.read_text(encoding="utf-8") == "before"


FORBIDDEN = json_reply(200, {"errorcode": 403, "errorname": "SecurityException", "message": "no"})


@pytest.mark.parametrize("concurrency", [1, 4])
def test_a_failure_in_the_middle_leaves_the_file_as_it_is(tmp_path: Path, concurrency: int) -> None:
    dest = tmp_path / "history.csv"
    dest.write_text("before", encoding="utf-8")
    ids = [f"id{number}" for number in range(30)]
    replies = [history(1, record(number)) for number in range(5)]
    with scripted_server(*replies, FORBIDDEN) as server:
        error = fail(OPERATION, **at(server.url, ids=ids, dest=str(dest), concurrency=concurrency))
    assert (error.reason, list(tmp_path.iterdir())) == ("forbidden", [dest])
    assert dest.read_text(encoding="utf-8") == "before"
    assert len(server.requests) < len(ids)


def test_an_address_without_the_service_is_no_missing_asset() -> None:
    with scripted_server(html_reply(404)) as server:
        assert fail(OPERATION, **at(server.url, ids=["x"])).reason == "bad_response"


@pytest.mark.parametrize(
    "entry",
    [
        None,
        {},
        {"usageStatsRecord": None},
        record(0, logDate=None),
        record(0, logDate=True),
        record(0, logDate="yesterday"),
        record(0, action=None),
        record(0, changedMetadata=["status"]),
        record(0, changedMetadata={"status": "Final"}),
    ],
)
def test_what_is_no_entry_is_a_failure(entry: Any) -> None:
    with scripted_server(history(1, entry)) as server:
        assert fail(OPERATION, **at(server.url, ids=["x"])).reason == "bad_response"


@pytest.mark.parametrize(
    ("values", "before", "after"),
    [
        ({"oldValue": "a; b", "newValue": ["a", "b"]}, "a; b", ["a", "b"]),
        ({"newValue": 7}, None, 7),
        (
            {"oldValue": {"value": 1521956554000, "formatted": "2018-03-25 07:42:34 +0200"}},
            "2018-03-25T05:42:34Z",
            None,
        ),
    ],
)
def test_values_as_the_server_returns_them(values: dict[str, Any], before: Any, after: Any) -> None:
    with scripted_server(history(1, record(0, changedMetadata={"tags": values}))) as server:
        (event,) = run(OPERATION, **at(server.url, ids=["x"]))["events"]
    assert (event["field"], event["before"], event["after"]) == ("tags", before, after)


def test_an_entry_that_tells_little() -> None:
    with scripted_server(history(1, {"usageStatsRecord": {"logDate": 0, "action": "PREVIEW"}})) as server:
        (event,) = run(OPERATION, **at(server.url, ids=["x"], addresses=True))["events"]
    known = {"time": "1970-01-01T00:00:00Z", "action": "PREVIEW", "id": "x"}
    assert event == {**dict.fromkeys([*history_run.COLUMNS, "address"]), **known}


def test_the_memory_does_not_grow_with_the_number_of_assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_run, "AT_ONCE", 10)
    changes = {f"field {number}": {"oldValue": "x" * 100, "newValue": "y" * 100} for number in range(100)}
    reply = history(1, record(0, changedMetadata=changes))
    peaks = []
    for count in (20, 200):
        dest = tmp_path / f"{count}.csv"
        with scripted_server(reply) as server:
            tracemalloc.start()
            run(OPERATION, **at(server.url, ids=[f"{number:022}" for number in range(count)], dest=str(dest)))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert dest.stat().st_size > 5_000_000
    # The server keeps the requests that it got.
    assert peaks[1] < peaks[0] + 2_000_000


def test_check_mode_with_a_simulated_session_sends_nothing(one_elvis: Emulator, tmp_path: Path) -> None:
    session = {"server_url": one_elvis.url, "auth_method": "bearer", "auth_token": "t", "simulated": True}
    one_elvis.forget_requests()
    options: dict[str, Any] = {"session": session, "check_mode": True, "query": "x"}
    assert run(OPERATION, **options)["changed"] is False
    assert run(OPERATION, **options, dest=str(tmp_path / "history.csv"))["changed"] is True
    assert one_elvis.requests() == []
