# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a query finds, complete or not at all, in the result and in files."""

from __future__ import annotations

import csv
import json
import re
import time
import tracemalloc
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import asset_finder
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_info import OPERATION
from tests.support.assets import Dam
from tests.support.disk import largest_file
from tests.support.emulator import Emulator
from tests.support.operations import fail, run
from tests.support.scripted import json_reply, scripted_server

UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


def test_the_fields_that_are_returned_without_being_asked_for(dam: Dam) -> None:
    asset_id = dam.create("/Zone/a.jpg", b"12345")
    dam.post(f"checkout/{asset_id}")
    result = run(OPERATION, session=dam.session, query="*:*")

    assert (result["changed"], result["total"], result["missing"]) == (False, 1, [])
    (asset,) = result["assets"]
    assert UTC_TIME.fullmatch(asset.pop("assetCreated"))
    assert UTC_TIME.fullmatch(asset.pop("assetFileModified"))
    assert asset == {
        "id": asset_id,
        "assetPath": "/Zone/a.jpg",
        "name": "a.jpg",
        "fileSize": 5,
        "assetType": "jpg",
        "checkedOutBy": "alice",
    }


def test_the_fields_that_are_asked_for_in_that_order(dam: Dam) -> None:
    asset_id = dam.create("/Zone/a.jpg", status="New", tags=["a", "b"])
    (asset,) = run(OPERATION, session=dam.session, ids=[asset_id], fields=["tags", "nothing", "id", "status"])["assets"]
    assert list(asset.items()) == [("tags", ["a", "b"]), ("nothing", None), ("id", asset_id), ("status", "New")]


def paths(result: dict[str, Any]) -> list[str]:
    return [asset["assetPath"] for asset in result["assets"]]


@pytest.mark.parametrize(
    ("options", "expected", "total"),
    [
        ({"query": "*:*"}, "abcde", 5),
        ({"query": "status:New"}, "ace", 3),
        ({"query": "status:None"}, "", 0),
        ({"query": "*:*", "limit": 2}, "ab", 5),
        ({"query": "*:*", "limit": 9}, "abcde", 5),
        ({"query": "*:*", "sort": "name-desc"}, "edcba", 5),
        ({"query": "*:*", "sort": "status-asc,name-desc", "limit": 3}, "eca", 5),
        ({"path": ["/Z/d", "/Z/x", "/Z/a", "/Z/d/"]}, "da", 2),
        ({"path": ["/Z/d", "/Z/a"], "limit": 1}, "d", 2),
    ],
)
@pytest.mark.parametrize("page", [2, 500])
def test_which_assets(
    dam: Dam, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], expected: str, total: int, page: int
) -> None:
    monkeypatch.setattr(asset_finder, "PAGE", page)
    for number, name in enumerate("abcde"):
        dam.create(f"/Z/{name}", status="Old" if number % 2 else "New")
        # Those of one millisecond come in the order of their ids, which are random.
        time.sleep(0.002)
    result = run(OPERATION, session=dam.session, fields=["assetPath"], **options)
    assert (paths(result), result["total"]) == ([f"/Z/{name}" for name in expected], total)
    assert result["missing"] == (["/Z/x"] if "/Z/x" in options.get("path", ()) else [])


def test_by_id_in_the_order_of_the_option(dam: Dam) -> None:
    ids = [dam.create(f"/Z/{name}") for name in "abc"]
    result = run(OPERATION, session=dam.session, ids=[ids[2], "nobody", ids[0]])
    assert (paths(result), result["missing"]) == (["/Z/c", "/Z/a"], ["nobody"])


def test_more_than_a_server_returns(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in "ab":
        for number in range(3):
            dam.create(f"/Z/{folder}/{number}", status="New")
    monkeypatch.setattr(asset_finder, "MOST_HITS", 4)
    monkeypatch.setattr("ansible_collections.damops.elvis.plugins.module_utils._changes.asset_reading.MOST_HITS", 4)
    options: dict[str, Any] = {"session": dam.session, "query": "status:New", "fields": ["assetPath"]}

    assert sorted(paths(run(OPERATION, **options))) == [
        f"/Z/{folder}/{number}" for folder in "ab" for number in range(3)
    ]
    assert len(paths(run(OPERATION, **options, limit=5))) == 5
    assert paths(run(OPERATION, **options, limit=4, sort="assetPath-desc"))[0] == "/Z/b/2"
    error = fail(OPERATION, **options, sort="assetPath-asc")
    assert error.reason == "bad_request"
    assert "finds 6 assets, and Elvis returns no hit beyond the first 4" in error.message


def test_too_many_leave_the_file_as_it_is(dam: Dam, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(asset_finder, "MOST_HITS", 1)
    for name in "ab":
        dam.create(f"/Z/{name}")
    dest = tmp_path / "report.csv"
    dest.write_text("before", encoding="utf-8")
    fail(OPERATION, session=dam.session, query="*:*", sort="name", dest=str(dest))
    assert dest.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [dest]


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
def test_a_file(dam: Dam, tmp_path: Path, form: str) -> None:
    first = dam.create("/Z/a", headline="=1+1", tags=["x", "y"])
    second = dam.create("/Z/ü", headline='-5; "z"\n')
    dest = tmp_path / f"report.{form}"
    options: dict[str, Any] = {
        "session": dam.session,
        "query": "*:*",
        "fields": ["id", "headline", "tags"],
        "dest": str(dest),
    }

    checked = run(OPERATION, check_mode=True, **options)
    assert (checked["changed"], dest.exists()) == (True, False)
    result = run(OPERATION, **options)
    assert (result["changed"], result["assets"], result["total"]) == (True, [], 2)
    assert {name: result[name] for name in ("dest", "size", "checksum")} == {
        name: checked[name] for name in ("dest", "size", "checksum")
    }
    assert result["size"] == dest.stat().st_size
    for check_mode, place in ((True, "has this list already."), (False, f"The list is in {dest}.")):
        again = run(OPERATION, check_mode=check_mode, **options)
        assert (again["changed"], again["msg"].endswith(place)) == (False, True)
    text = dest.read_bytes().decode()
    if form == "csv":
        rows = list(csv.reader(text.splitlines(keepends=True)))
        assert [[cell.removeprefix("'") for cell in row] for row in rows] == [
            ["id", "headline", "tags"],
            [first, "=1+1", "x; y"],
            [second, '-5; "z"\n', ""],
        ]
        assert "'=1+1" in text
    else:
        assets = json.loads(text) if form == "json" else [json.loads(line) for line in text.splitlines()]
        assert assets[0] == {"id": first, "headline": "=1+1", "tags": ["x", "y"]}
        assert assets[1]["headline"] == '-5; "z"\n'


def test_how_a_csv_file_is_written(dam: Dam, tmp_path: Path) -> None:
    dam.create("/Z/ä", tags=["a", "b"])
    options: dict[str, Any] = {"encoding": "windows-1252", "delimiter": "\\t", "list_separator": "|", "format": "csv"}
    dest = tmp_path / "report.txt"
    run(OPERATION, session=dam.session, query="*:*", fields=["assetPath", "tags"], dest=str(dest), **options)
    assert dest.read_bytes() == 'assetPath\ttags\r\n/Z/ä\t"a|b"\r\n'.encode("windows-1252")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"query": " "}, "query is empty"),
        ({"query": "x", "limit": 0}, "limit must be"),
        ({"query": "x", "fields": []}, "fields must name at least one"),
        ({"query": "x", "fields": ["name", " "]}, "no empty one"),
        ({"query": "x", "dest": "/srv/report"}, "set format"),
        ({"query": "x", "dest": "report.csv"}, "relative path"),
        ({"query": "x", "delimiter": "ab"}, "delimiter must be one character"),
        ({"query": "x", "delimiter": '"'}, "delimiter must be one character"),
        ({"query": "x", "encoding": "klingon"}, "not one that Python knows"),
        ({"query": "x", "encoding": "base64"}, "not one that Python knows"),
        ({"query": "x", "list_separator": ""}, "list_separator must"),
        ({"path": ["x"]}, "does not begin with a slash"),
    ],
)
def test_what_is_refused_before_anything_is_sent(
    dam: Dam, one_elvis: Emulator, options: dict[str, Any], message: str
) -> None:
    error = fail(OPERATION, session=dam.session, **options)
    assert (error.reason, one_elvis.requests()) == ("bad_request", [])
    assert message in error.message


def test_texts_that_no_result_can_hold() -> None:
    hit = {"id": "x", "metadata": {"assetPath": "/a", "headline": "a\0b\ud83d", "tags": ["\udcff"]}}
    with scripted_server(json_reply(200, {"totalHits": 1, "hits": [hit]})) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t"}
        (asset,) = run(OPERATION, session=session, query="x", fields=["headline", "tags"])["assets"]
    assert asset == {"headline": "a\ufffdb\ufffd", "tags": ["\ufffd"]}


def test_replaced_characters_are_told(tmp_path: Path) -> None:
    hit = {"id": "x", "metadata": {"assetPath": "/a", "headline": "a\0b\ud83d"}}
    with scripted_server(json_reply(200, {"totalHits": 1, "hits": [hit]})) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t"}
        dest = tmp_path / "report.csv"
        result = run(OPERATION, session=session, query="x", fields=["headline"], dest=str(dest))
    (warning,) = result["warnings"]
    assert "U+FFFD stands for a NUL" in warning
    assert dest.read_text(encoding="utf-8").splitlines() == ["headline", "a\ufffdb\ufffd"]


@pytest.mark.parametrize(("dest", "changed"), [(None, False), ("/srv/report.csv", True)])
def test_a_simulated_session(dest: str | None, changed: bool) -> None:
    session = {"server_url": "http://127.0.0.1:9", "auth_method": "bearer", "auth_token": "t", "simulated": True}
    result = run(OPERATION, session=session, query="*:*", dest=dest, check_mode=True)
    assert (result["changed"], result["simulated"], result["assets"], result["total"]) == (changed, True, [], 0)
    assert len(result["warnings"]) == 1


@pytest.mark.parametrize("form", ["csv", "jsonl", "json"])
@pytest.mark.parametrize("before", [None, "of yesterday"])
@pytest.mark.parametrize("most", [0, 3000], ids=["at the end", "in the middle"])
def test_a_disk_that_is_full(
    dam: Dam, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, before: str | None, most: int
) -> None:
    monkeypatch.setattr(asset_finder, "PAGE", 5)
    # What is small is written when the file is put in its place.
    for number in range(20 if most else 1):
        dam.create(f"/Z/{number}", headline="x" * 500 if most else "x")
    dest = tmp_path / f"report.{form}"
    if before is not None:
        dest.write_text(before, encoding="utf-8")
    with largest_file(most):
        error = fail(OPERATION, session=dam.session, query="*:*", fields=["headline"], dest=str(dest))
    left = "What was there before stays as it was." if before else "Nothing of it is left there."
    assert (error.reason, f"{dest} can't be written: file too large. {left}" in error.message) == ("storage", True)
    assert [path.read_text(encoding="utf-8") for path in tmp_path.iterdir()] == ([before] if before else [])


def test_a_folder_that_no_report_can_be_in(dam: Dam) -> None:
    error = fail(OPERATION, session=dam.session, query="*:*", dest="/dev/full/x.csv")
    assert error.reason == "bad_request"


@pytest.mark.parametrize("form", [None, "csv", "jsonl", "json"])
def test_what_is_removed_while_it_is_read(tmp_path: Path, form: str | None) -> None:
    def page(total: int, numbers: Iterable[int]) -> bytes:
        hits = [{"id": f"{number}", "metadata": {"assetPath": f"/Z/{number}.jpg"}} for number in numbers]
        return json_reply(200, {"totalHits": total, "hits": hits})

    # Three of the first page are gone when the second one is asked for, and what follows has moved up.
    replies = [page(1300, range(500)), page(1297, range(502, 1002)), page(1297, range(1001, 1300))]
    again = [page(1297, range(3, 503)), page(1297, range(502, 1002)), page(1297, range(1001, 1300))]
    with scripted_server(*replies, *again) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t"}
        dest: dict[str, Any] = {"dest": str(tmp_path / f"report.{form}")} if form else {}
        result = run(OPERATION, session=session, query="x", fields=["id"], **dest)
    assert result["total"] == 1297
    text = (tmp_path / f"report.{form}").read_text() if form else ""
    if form == "csv":
        read = text.splitlines()[1:]
    elif form == "jsonl":
        read = [json.loads(line)["id"] for line in text.splitlines()]
    else:
        read = [row["id"] for row in (json.loads(text) if form else result["assets"])]
    assert read == [str(number) for number in range(3, 1300)]


def test_the_memory_does_not_grow_with_the_number_of_assets(tmp_path: Path) -> None:
    def hit(number: int) -> dict[str, Any]:
        return {"id": f"{number:022}", "metadata": {"assetPath": f"/Z/{number}.jpg", "headline": "x" * 300}}

    def page(start: int) -> bytes:
        hits = [hit(number) for number in range(max(0, start - 1), min(start + 499, 9981))]
        return json_reply(200, {"totalHits": 9981, "hits": hits})

    pages = [page(0), *(page(start) for start in range(499, 9981, 499))]
    with scripted_server(*pages) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t"}
        tracemalloc.start()
        result = run(OPERATION, session=session, query="x", fields=["headline"], dest=str(tmp_path / "report.csv"))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert result["size"] > 3_000_000
    # Two pages as they are read, and the ids.
    assert peak < 12_000_000
