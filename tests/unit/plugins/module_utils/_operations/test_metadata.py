# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Metadata of many assets: only what differs is written, and what check mode says is what is done then."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ansible_collections.damops.elvis.plugins.module_utils._changes import metadata_run, new_fields
from ansible_collections.damops.elvis.plugins.module_utils._changes.refused_values import with_place
from ansible_collections.damops.elvis.plugins.module_utils._dam import asset_finder, index_lag
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION as ASSET
from ansible_collections.damops.elvis.plugins.module_utils._operations.asset_info import OPERATION as INFO
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from ansible_collections.damops.elvis.plugins.module_utils._tables.rows import RowFile
from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.gateway import gateway_to
from tests.support.operations import fail, result_of, run, shown
from tests.support.transfers import outcome

pytestmark = pytest.mark.usefixtures("no_waiting")

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and return its path."""

    def write(content: str, name: str = "rows.csv") -> str:
        path = tmp_path / name
        path.write_text(content, encoding="utf-8", newline="")
        return str(path)

    return write


def fields(dam: Dam, *names: str) -> dict[str, tuple[Any, ...]]:
    """Return what each asset has in these fields."""
    return {path: tuple(metadata.get(name) for name in names) for path, metadata in dam.metadata("*:*").items()}


def both_ways(dam: Dam, **options: Any) -> dict[str, Any]:
    """Run a task in check mode, and then for real: the first writes nothing, and says what the second does."""
    before = dam.metadata("*:*")
    dam._elvis.forget_requests()
    checked = run(OPERATION, session=dam.session, check_mode=True, diff=True, **options)
    assert (dam.metadata("*:*"), dam.writes()) == (before, [])
    done = run(OPERATION, session=dam.session, diff=True, **options)
    assert {**checked, "msg": "", "seconds": 0} == {**done, "msg": "", "seconds": 0}
    again = run(OPERATION, session=dam.session, **options)
    assert (again["changed"], again["counts"]["updated"]) == (False, 0)
    return done


# --- Rows


def test_rows_of_a_file(dam: Dam, write: Write) -> None:
    ids = [dam.create(f"/Z/{name}", status="New", tags=["a", "b"]) for name in "abc"]
    src = write(f"path,id,status,tags,credit\n/Z/a,,Done,b; a,Alice\n,{ids[1]},New,c,\n/Z/c,,New,a;b,\n")
    result = both_ways(dam, src=src)

    assert fields(dam, "status", "tags", "credit") == {
        "/Z/a": ("Done", ["a", "b"], "Alice"),
        "/Z/b": ("New", ["c"], None),
        "/Z/c": ("New", ["a", "b"], None),
    }
    assert result["counts"] == {**dict.fromkeys(result["counts"], 0), "updated": 2, "unchanged": 1}
    assert result["updated"] == [
        {"id": ids[0], "path": "/Z/a", "fields": ["credit", "status"]},
        {"id": ids[1], "path": "/Z/b", "fields": ["tags"]},
    ]
    assert shown(result["diff"][0]) == {
        "before_header": "/Z/a",
        "after_header": "/Z/a",
        "before": {"status": "New", "credit": None},
        "after": {"status": "Done", "credit": "Alice"},
    }
    assert result["warnings"] == [
        f"src {src}: no asset had a value in the column credit. {new_fields.ADVICE}",
    ]
    assert "has 2 empty cells: empty cells leave their fields as they are." in result["msg"]


def test_rows_of_a_task(dam: Dam) -> None:
    asset_id = dam.create("/Z/a", status="New", credit="Bob", tags=["x"])
    dam.create("/Z/b", status="New")
    assets = [
        {"id": asset_id, "metadata": {"status": "Done", "credit": None, "tags": ["y", "z"]}},
        {"path": "/Z/b/", "metadata": {"status": "Done"}},
    ]
    with pytest.raises(AssertionError):
        both_ways(dam, assets=[{"path": "/Z/a", "metadata": {}}, {"metadata": {}}])
    assert "segment that is empty" in fail(OPERATION, session=dam.session, assets=assets).message
    assets[1]["path"] = "/Z/b"
    both_ways(dam, assets=assets)
    assert fields(dam, "status", "credit", "tags") == {
        "/Z/a": ("Done", None, ["y", "z"]),
        "/Z/b": ("Done", None, None),
    }


def test_one_set_for_all_that_a_query_finds(dam: Dam) -> None:
    for name, status in zip("abcd", ("New", "Done", "New", "Old"), strict=True):
        dam.create(f"/Z/{name}", status=status)
    result = both_ways(dam, query="status:New OR status:Done", max_change=2, metadata={"status": "Done"})
    assert fields(dam, "status") == dict.fromkeys(("/Z/a", "/Z/b", "/Z/c"), ("Done",)) | {"/Z/d": ("Old",)}
    assert (result["counts"]["updated"], result["counts"]["unchanged"]) == (2, 1)


@pytest.mark.parametrize("force", [False, True])
def test_the_most_that_a_query_changes(dam: Dam, force: bool) -> None:
    for number in range(4):
        asset_id = dam.create(f"/Z/{number}", status="New" if number else "Done")
    Dam(dam._elvis, "api", "api").post(f"checkout/{asset_id}")
    options: dict[str, Any] = {"query": "status:*", "metadata": {"status": "Done"}, "force": force}
    change = 3 if force else 2
    for check_mode in (True, False):
        for limit, said in (
            ({}, "query finds 4 assets of the 4 that this user can see, which is more than half: nothing was changed"),
            ({"max_change": change - 1}, f"{change} assets would be updated, and max_change is {change - 1}: nothing"),
        ):
            error = fail(OPERATION, session=dam.session, check_mode=check_mode, **options, **limit)
            assert (error.reason, said in error.message, error.done["changed"]) == ("conflict", True, False)
    assert fields(dam, "status")["/Z/1"] == ("New",)
    result = result_of(OPERATION, session=dam.session, **options, max_change=2)
    assert result["counts"]["updated"] == (0 if force else 2)


def test_an_empty_query_needs_a_limit(dam: Dam) -> None:
    dam.create("/Z/a", status="New")
    for query in ("", " "):
        assert "query is empty" in fail(OPERATION, session=dam.session, query=query, metadata={}).message
    both_ways(dam, query="", max_change=1, metadata={"status": "Done"})
    assert fields(dam, "status") == {"/Z/a": ("Done",)}


def test_a_query_that_its_own_writes_change(dam: Dam, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asset_finder, "PAGE", 3)
    for number in range(10):
        dam.create(f"/Z/{number}", status="New")
    result = run(OPERATION, session=dam.session, query="status:New", max_change=10, metadata={"status": "Done"})
    assert result["counts"]["updated"] == 10
    assert set(fields(dam, "status").values()) == {("Done",)}


@pytest.mark.parametrize(
    ("present", "given", "after"),
    [
        (["a"], ["+b"], ["a", "b"]),
        (["a", "b"], ["-a"], ["b"]),
        (["a"], "+b", ["+b"]),
        (["a", "b"], ["+c", "-a"], ["b", "c"]),
        (["a"], "b", ["b"]),
    ],
)
def test_signs_in_a_task_add_and_take_away(dam: Dam, present: list[str], given: Any, after: list[str]) -> None:
    dam.create("/Z/a", tags=present)
    both_ways(dam, query="*:*", max_change=100, metadata={"tags": given})
    (tags,) = fields(dam, "tags")["/Z/a"]
    assert sorted(tags) == after


@pytest.mark.parametrize(
    "text", ["-5 °C in Berlin", "+49 30 1234", "-", "+", "--", "- one\n- two", "+1,-2", "−5", " -5", "-5"]
)
@pytest.mark.parametrize("tags", [{}, {"tags": ["+b"]}, {"tags": ["b"]}], ids=["alone", "with a change", "with a list"])
def test_a_text_of_a_task_is_stored_as_it_stands(dam: Dam, text: str, tags: dict[str, Any]) -> None:
    for path in ("/Z/a", "/Z/b"):
        dam.create(path, headline="x", tags=["a"])
    both_ways(dam, query="*:*", max_change=100, metadata={"headline": text, **tags})
    after = {"+b": ["a", "b"], "b": ["b"], "": ["a"]}[next(iter(tags.get("tags", [""])))]
    assert fields(dam, "headline", "tags")["/Z/a"] == (text, after)


@pytest.mark.parametrize("value", ["-5", "+49 30 1234", "=1+1", "@home", "'tis", "007", "one\ntwo", " blanks "])
def test_signs_in_a_file_belong_to_the_value(dam: Dam, write: Write, value: str) -> None:
    dam.create("/Z/a", headline="x")
    dam.create("/Z/b", headline="y")
    both_ways(dam, src=write(f'path,headline\n/Z/a,"{value}"\n/Z/b,z\n'))
    (headline,) = fields(dam, "headline")["/Z/a"]
    assert headline.strip() == value.strip()


@pytest.mark.parametrize(("empty_cells", "credit"), [("keep", "Bob"), ("clear", None)])
def test_empty_cells(dam: Dam, write: Write, empty_cells: str, credit: str | None) -> None:
    dam.create("/Z/a", credit="Bob", status="New")
    both_ways(dam, src=write("path,status,credit\n/Z/a,Done,\n"), empty_cells=empty_cells)
    assert fields(dam, "status", "credit") == {"/Z/a": ("Done", credit)}


def test_what_an_editor_changed_is_set_again(dam: Dam, write: Write) -> None:
    asset_id = dam.create("/Z/a", status="New")
    src = write("path,status\n/Z/a,Done\n")
    run(OPERATION, session=dam.session, src=src)
    dam.post("update", id=asset_id, metadata=json.dumps({"status": "Other"}))
    assert run(OPERATION, session=dam.session, src=src)["updated"][0]["fields"] == ["status"]


def test_many_rows_take_a_request_for_a_hundred(dam: Dam, write: Write, one_elvis: Emulator) -> None:
    ids = [dam.create(f"/Z/{number}", status="New") for number in range(230)]
    src = write("id,status,headline\n" + "".join(f"{name},Done,{number}\n" for number, name in enumerate(ids)))
    one_elvis.forget_requests()
    result = run(OPERATION, session=dam.session, src=src, concurrency=3)
    assert [entry["id"] for entry in result["updated"]] == ids
    assert sorted(request["path"].rpartition("/")[2] for request in one_elvis.requests()) == [
        # The last one is for what was written.
        *["search"] * 4,
        *["updatebulk"] * 3,
    ]
    one_elvis.forget_requests()
    assert run(OPERATION, session=dam.session, src=src)["changed"] is False
    assert len(one_elvis.requests()) == 3


def test_the_report_has_everything(dam: Dam, tmp_path: Path) -> None:
    dam.create("/Z/a", status="New")
    dam.create("/Z/b", status="Done")
    report = tmp_path / "report.jsonl"
    options: dict[str, Any] = {"query": "*:*", "max_change": 100, "metadata": {"status": "Done"}, "report": str(report)}
    run(OPERATION, session=dam.session, check_mode=True, **options)
    assert not report.exists()
    run(OPERATION, session=dam.session, **options)
    lines = [json.loads(line) for line in report.read_text(encoding="utf-8").splitlines()]
    assert [(line["outcome"], line["path"]) for line in lines] == [("updated", "/Z/a"), ("unchanged", "/Z/b")]


# --- What keeps an asset from being written


def test_an_asset_that_is_not_there_fails_alone(dam: Dam, write: Write) -> None:
    dam.create("/Z/a", status="New")
    src = write("path,status\n/Z/nothing,Done\n/Z/a,Done\n")
    checked = run(OPERATION, session=dam.session, src=src, check_mode=True)
    assert checked["left_out"] == [
        {"id": None, "path": "/Z/nothing", "why": "there is no asset with the path /Z/nothing"}
    ]
    assert checked["counts"]["updated"] == 1

    error = fail(OPERATION, session=dam.session, src=src)
    result = error.as_result()
    assert (error.reason, result["changed"], result["counts"]["updated"]) == ("not_found", True, 1)
    assert f"src {src}, line 2: there is no asset with the path /Z/nothing" in error.message
    assert result["failures"][0]["reason"] == "not_found"
    assert fields(dam, "status") == {"/Z/a": ("Done",)}


def test_an_asset_that_the_index_knows_a_little_later(dam: Dam, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 10)
    src = write("path,status\n/Z/a,Done\n/Z/b,Done\n")
    dam.create("/Z/b", status="New")
    looks: list[Any] = []
    search = asset_finder.AssetFinder.by_paths

    def create_late(tree: Any, paths: Any, query: Any = None) -> Any:
        looks.append(paths)
        if len(looks) == 3:
            dam.create("/Z/a", status="New")
        return search(tree, paths, query)

    monkeypatch.setattr(asset_finder.AssetFinder, "by_paths", create_late)
    result = run(OPERATION, session=dam.session, src=src)
    assert [entry["path"] for entry in result["updated"]] == ["/Z/a", "/Z/b"]


@pytest.mark.parametrize("check_mode", [True, False])
def test_what_somebody_works_on_is_left_alone(dam: Dam, check_mode: bool) -> None:
    theirs, _ours = dam.create("/Z/a", status="New"), dam.create("/Z/b", status="New")
    Dam(dam._elvis, "api", "api").post(f"checkout/{theirs}")
    dam.post(f"checkout/{_ours}")
    options: dict[str, Any] = {
        "session": dam.session,
        "query": "*:*",
        "max_change": 100,
        "metadata": {"status": "Done"},
    }
    error = fail(OPERATION, check_mode=check_mode, **options)
    assert error.reason == "conflict"
    assert "was left unchanged: api has it checked out since 2" in error.message
    assert "Ask api to check it in. force: true ends that check-out, and" in error.message
    assert error.as_result()["counts"]["updated"] == 1
    assert fields(dam, "status", "checkedOutBy") == {
        "/Z/a": ("New", "api"),
        "/Z/b": ("New" if check_mode else "Done", "alice"),
    }
    # What is as it shall be doesn't need to be written.
    assert run(OPERATION, **{**options, "metadata": {"status": "New"}}, check_mode=True)["counts"]["failed"] == 0


def test_force_ends_a_check_out(dam: Dam) -> None:
    dam.post(f"checkout/{dam.create('/Z/a', status='New')}")
    admin = Dam(dam._elvis, "admin", "changemenow")
    options: dict[str, Any] = {"query": "*:*", "max_change": 100, "metadata": {"status": "Done"}, "force": True}
    assert run(OPERATION, session=admin.session, **options, check_mode=True)["counts"]["updated"] == 1
    assert run(OPERATION, session=admin.session, **options)["counts"]["updated"] == 1
    assert fields(dam, "status", "checkedOutBy") == {"/Z/a": ("Done", None)}


@pytest.mark.parametrize("ends", ["write", "session"])
def test_a_check_out_that_was_ended_for_nothing_is_told(dam: Dam, ends: str) -> None:
    for name in "abc":
        asset_id = dam.create(f"/Z/{name}", rating=3)
        if name != "c":
            dam.post(f"checkout/{asset_id}")
    admin = Dam(dam._elvis, "admin", "changemenow")
    rows = [{"path": f"/Z/{name}", "metadata": {"rating": "five" if name == "a" else 4}} for name in "abc"]

    ids = dam.ids()

    def decide(_number: int, service: str) -> Any:
        if ends == "session" and service == ids["/Z/b"]:
            dam._elvis.end_sessions()
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, admin, url=gateway.url, assets=rows, force=True, concurrency=1)
    ended = [entry["path"] for entry in result["updated"] if entry["fields"] == ["checkedOutBy"]]
    if ends == "write":
        assert (result["reason"], ended, result["counts"]["updated"]) == ("bad_request", ["/Z/a"], 3)
        assert fields(dam, "rating", "checkedOutBy") == {"/Z/a": (3, None), "/Z/b": (4, None), "/Z/c": (4, None)}
    else:
        assert (result["reason"], ended, result["counts"]["failed"]) == ("not_logged_in", ["/Z/a"], 3)
        now = fields(Dam(dam._elvis), "rating", "checkedOutBy")
        assert now == {"/Z/a": (3, None), "/Z/b": (3, "alice"), "/Z/c": (3, None)}
    assert result["changed"] is True


def test_force_of_somebody_who_may_not(dam: Dam) -> None:
    asset_id = dam.create("/Z/a", status="New")
    dam.create("/Z/b", status="New")
    Dam(dam._elvis, "api", "api").post(f"checkout/{asset_id}")
    error = fail(OPERATION, session=dam.session, query="*:*", max_change=100, metadata={"status": "Done"}, force=True)
    assert error.reason == "forbidden"
    assert "end the check-out of /Z/a by api" in error.message
    assert fields(dam, "status") == {"/Z/a": ("New",), "/Z/b": ("Done",)}


def test_a_time_that_can_not_be_one(dam: Dam, write: Write) -> None:
    dam.create("/Z/a", status="New", licenseEndDate="2026-01-01T00:00:00Z")
    dam.create("/Z/b", status="New", licenseEndDate="2026-01-01T00:00:00Z")
    src = write("path,licenseEndDate\n/Z/a,2027-01-01\n/Z/b,2026-01-01T01:00:00+01:00\n")
    error = fail(OPERATION, session=dam.session, src=src)
    assert error.reason == "bad_request"
    assert f"src {src}, line 2, column licenseEndDate: '2027-01-01' is a time without a zone" in error.message
    assert error.as_result()["counts"]["unchanged"] == 1
    result = run(OPERATION, session=dam.session, src=src, timezone="+01:00")
    assert [entry["path"] for entry in result["updated"]] == ["/Z/a"]


def test_rows_by_the_value_of_a_field(dam: Dam, write: Write, one_elvis: Emulator) -> None:
    numbers = [str(7000 + number) for number in range(120)]
    for number in numbers:
        dam.create(f"/Z/{number}.jpg", status="New", cf_articleNumber=number)
    src = write("Art.-Nr.;path;status\n" + "".join(f"{number};/nowhere;Done\n" for number in numbers))
    options = {"src": src, "key": "Art.-Nr.", "mapping": {"Art.-Nr.": "cf_articleNumber"}}
    both_ways(dam, **options)
    assert set(fields(dam, "status", "cf_articleNumber").values()) == {("Done", number) for number in numbers}
    one_elvis.forget_requests()
    assert run(OPERATION, session=dam.session, **options)["changed"] is False
    # One for a hundred rows.
    assert len(one_elvis.requests()) == 2


@pytest.mark.parametrize("name", ["rows.csv", "rows.jsonl"])
def test_a_value_that_none_or_several_assets_have(dam: Dam, write: Write, name: str) -> None:
    for path, gtin in (("/Z/a", "1"), ("/Z/b", "2"), ("/Z/c", "2"), ("/Z/d", "23"), ("/Z/e", "2-3")):
        dam.create(path, gtin=gtin, status="New")
    content = {
        "rows.csv": "gtin,status\n1,Done\n2,Done\n3,Done\n",
        "rows.jsonl": "".join(f'{{"gtin": {number}, "status": "Done"}}\n' for number in (1, 2, 3)),
    }[name]
    options = {"session": dam.session, "src": write(content, name), "key": "gtin"}
    result = fail(OPERATION, **options).as_result()
    assert {path: status for path, (status,) in fields(dam, "status").items() if status == "Done"} == {"/Z/a": "Done"}
    assert [(entry["reason"], entry["key"]) for entry in result["failures"]] == [
        ("conflict", {"gtin": "2"}),
        ("not_found", {"gtin": "3"}),
    ]
    assert "2 assets have gtin 2: /Z/b, /Z/c. None of them was changed." in result["failures"][0]["message"]
    assert [entry.get("assets") for entry in result["failures"]] == [["/Z/b", "/Z/c"], None]
    assert "there is no asset with the gtin 3" in result["failures"][1]["message"]
    checked = fail(OPERATION, **options, check_mode=True).as_result()
    assert checked["left_out"][0]["key"] == {"gtin": "3"}


def test_a_row_that_a_line_break_cuts_by_the_value_of_a_field(dam: Dam, write: Write) -> None:
    dam.create("/Z/a", gtin="1", status="New")
    dam.create("/Z/b", gtin="2", status="New")
    whole = write("gtin,status,credit\n1,Done\n2,Done,Alice\n")
    assert run(OPERATION, session=dam.session, src=whole, key="gtin")["counts"]["updated"] == 2
    cut = write("gtin,status,credit\n1,Old\nAlice,and,Bob\n2,Old,x\n")
    error = fail(OPERATION, session=dam.session, src=cut, key="gtin")
    assert "what follows names nothing that is there: Alice" in error.message
    assert fields(dam, "status") == {"/Z/a": ("Done",), "/Z/b": ("Done",)}


def test_two_values_that_name_one_asset(dam: Dam, write: Write) -> None:
    dam.create("/Z/a", gtin="ü", status="New")
    error = fail(OPERATION, session=dam.session, src=write("gtin,status\nü,Done\nu\u0308,Other\n"), key="gtin")
    assert error.reason == "conflict"
    assert "names the same asset" in error.message
    assert fields(dam, "status") == {"/Z/a": ("Done",)}


def test_one_asset_by_id_and_by_path(dam: Dam, write: Write) -> None:
    asset_id = dam.create("/Z/a", status="New")
    error = fail(OPERATION, session=dam.session, src=write(f"path,id,status\n/Z/a,,Done\n,{asset_id},Other\n"))
    assert error.reason == "conflict"
    assert "names the same asset" in error.message
    assert error.as_result()["counts"] | {"updated": 1, "failed": 1} == error.as_result()["counts"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"query": " ", "metadata": {"a": "b"}}, "query is empty"),
        ({"query": "x", "metadata": {"name": "b"}}, "'name' is kept by the server itself"),
        ({"query": "x", "metadata": {"tags": ["+a", "b"]}}, "elements with a sign"),
        ({"query": "x", "metadata": {"a": {"b": "c"}}}, "has an object"),
        ({"query": "x", "metadata": {"a": "\ud83d"}}, "is not text in UTF-8"),
        ({"query": "x", "metadata": {}, "concurrency": 17}, "concurrency must be from 1 to 16"),
        ({"query": "x", "metadata": {}, "concurrency": 0}, "concurrency must be from 1 to 16"),
        ({"query": "x", "metadata": {}, "process_timeout": 0}, "process_timeout must be"),
        ({"query": "x", "metadata": {}, "timezone": "Mars"}, "timezone Mars"),
        ({"query": "x", "metadata": {}, "report": "report.jsonl"}, "report report.jsonl can't be written"),
        ({"assets": [{"path": "Z/a", "metadata": {}}]}, "assets, entry 1: Z/a does not begin with a slash"),
        (
            {"assets": [{"id": "x", "metadata": {"a": "1"}}, {"id": "x", "metadata": {"a": "2"}}]},
            "assets, entry 2: a differs from assets, entry 1",
        ),
        ({"src": "/srv/nothing.csv"}, "src /srv/nothing.csv can't be read"),
        ({"src": "/dev/null"}, "not a regular file"),
        ({"src": "/dev/null", "key": "Art.-Nr."}, "key: 'Art.-Nr.' is not the name of a field in Elvis"),
    ],
)
def test_what_is_refused_before_anything_is_sent(
    dam: Dam, one_elvis: Emulator, options: dict[str, Any], message: str
) -> None:
    error = fail(OPERATION, session=dam.session, **options)
    assert message in error.message
    assert one_elvis.requests() == []


def test_a_file_with_a_mistake_in_its_last_row(dam: Dam, write: Write, one_elvis: Emulator) -> None:
    src = write("path,status\n" + "/Z/a,x\n" * 3000 + "/Z/b,y,z\n")
    for session in (dam.session, {**dam.session, "simulated": True}):
        error = fail(OPERATION, session=session, src=src, check_mode="simulated" in session)
        assert "line 3002 has 3 cells, and the header has 2" in error.message
    assert one_elvis.requests() == []


def test_a_header_and_no_row(dam: Dam, write: Write) -> None:
    result = run(OPERATION, session=dam.session, src=write("path,status\n"))
    assert result["changed"] is False
    assert "has no row" in result["warnings"][0]


def test_a_simulated_session(write: Write) -> None:
    session = {"server_url": "http://127.0.0.1:9", "auth_method": "bearer", "auth_token": "t", "simulated": True}
    result = run(OPERATION, session=session, src=write("path,a\n/Z/a,b\n"), check_mode=True)
    assert (result["changed"], result["simulated"], result["updated"], result["failures"]) == (True, True, [], [])
    assert len(result["warnings"]) == 1


@pytest.mark.parametrize(("on_failure", "left"), [("stop", 2), ("continue", 0)])
def test_the_first_failure_may_end_it(dam: Dam, monkeypatch: pytest.MonkeyPatch, on_failure: str, left: int) -> None:
    monkeypatch.setattr(metadata_run, "MOST_AT_ONCE", 1)
    for name in "abcd":
        dam.create(f"/Z/{name}")
    names = ["/Z/nothing", *[f"/Z/{name}" for name in "abcd"]]
    assets = [{"path": name, "metadata": {"status": "Done"}} for name in names]
    options: dict[str, Any] = {"assets": assets, "concurrency": 1, "on_failure": on_failure}
    error = fail(OPERATION, session=dam.session, **options)
    result = error.as_result()
    assert (error.reason, result["left"], result["counts"]["failed"]) == ("not_found", left + left // 2, 1)


def test_a_file_that_is_changed_after_it_was_checked(dam: Dam, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    dam.create("/Z/a", status="New")
    content = "path,status\n/Z/a,Done\n"
    src = write(content)
    check = RowFile.check

    def change_file(file: RowFile) -> Any:
        summary = check(file)
        write(content + "/Z/b,Done\n")
        return summary

    monkeypatch.setattr(RowFile, "check", change_file)
    error = fail(OPERATION, session=dam.session, src=src)
    assert (error.reason, error.as_result()["left"]) == ("storage", 1)
    assert "was changed while it was used" in error.message
    assert fields(dam, "status") == {"/Z/a": ("New",)}


# --- What a person must read


ROWS = "path,Bewertung,headline\n/Z/a,4,One\n/Z/b,five,Two\n"


@pytest.mark.parametrize("name", ["rows.csv", "rows.json", "rows.xlsx"])
def test_a_value_that_the_server_refuses(dam: Dam, write: Write, name: str) -> None:
    dam.create("/Z/a")
    dam.create("/Z/b")
    src = write(ROWS, name)
    where = f"src {src}"
    line = 3
    if name == "rows.json":
        objects = [{"path": "/Z/a", "Bewertung": "4"}, {"path": "/Z/b", "Bewertung": "five", "headline": "Two"}]
        src = write(json.dumps(objects, indent=1), name)
        line = 6
    if name == "rows.xlsx":
        book = openpyxl.Workbook()
        for row in csv.reader(ROWS.splitlines()):
            book.active.append(row)
        book.save(src)
        where += ", sheet Sheet"
    error = fail(OPERATION, session=dam.session, src=src, mapping={"Bewertung": "rating"})
    assert error.reason == "bad_request"
    assert error.message.startswith(
        f"{where}, line {line}, column Bewertung, 'five': Cannot write the metadata of /Z/b"
    )
    assert "Correct the value, or give it to another field." in error.message
    assert error.as_result()["failures"][0]["message"].startswith(where)


def test_a_value_of_a_task_that_the_server_refuses(dam: Dam) -> None:
    dam.create("/Z/a")
    assets = [{"path": "/Z/a", "metadata": {"rating": "five", "headline": "x"}}]
    error = fail(OPERATION, session=dam.session, assets=assets)
    assert error.message.startswith("assets, entry 1, 'five': Cannot write the metadata of /Z/a")


def test_a_server_that_does_not_say_which_value_it_refuses() -> None:
    failure = ElvisError("Cannot write: HTTP 400.", "bad_request")
    placed = with_place(failure, {"a": "x", "b": 5}, lambda field: f"line 2, column {field}")
    assert placed.message == "line 2, column a, 'x'; line 2, column b, '5': Cannot write: HTTP 400."
    gone = ElvisError("gone", "unreachable")
    assert with_place(gone, {"a": "x"}, str).message == "gone"
    assert with_place(ElvisError("no", "forbidden"), {"a": "x"}, lambda field: f"{field}").message == "None: no"


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("path,status,Length,LastWriteTime,Name\n/Z/a,New,5,x,a\n", "the columns Length, LastWriteTime."),
        ("path,headline,File size\n/Z/a,x,5 KB\n", "the column File size."),
        ("path,headline,status\n/Z/a,x,y\n", None),
        ("path,headline,status,credit\n/Z/a,x,,\n", None),
        ("path,credit\n/Z/nothing,x\n", None),
    ],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_columns_that_no_asset_has_had_a_value_for(
    dam: Dam, write: Write, content: str, columns: str | None, check_mode: bool
) -> None:
    dam.create("/Z/a", status="Old", headline="old")
    src = write(content)
    result = result_of(OPERATION, session=dam.session, src=src, check_mode=check_mode)
    warnings = [words for words in result.get("warnings", []) if "had a value in" in words]
    assert [columns in words for words in warnings if columns] == [True] * bool(columns)
    assert bool(warnings) is bool(columns)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("path,headline,credit\n/Z/a,One line\nand the next one,Bob\n", None),
        ("id,headline,credit\n{a},One line\nand the next one,Bob\n", 2),
        ('id,headline,credit\n{a},One\n{b},One line\n"more",of it,Bob\n', 3),
    ],
)
def test_a_line_break_without_quotes(dam: Dam, write: Write, content: str, line: int | None) -> None:
    ids = {name: dam.create(f"/Z/{name}", headline="x") for name in "ab"}
    src = write(content.format(**ids))
    dam._elvis.forget_requests()
    error = fail(OPERATION, session=dam.session, src=src)
    assert (error.reason, dam.writes()) == ("bad_request", [])
    expected = f"line {line} lacks its last cells, and what follows names nothing" if line else "line 3, column path:"
    assert f"src {src}" in error.message
    assert expected in error.message
    if line:
        checked = result_of(OPERATION, session=dam.session, src=src, check_mode=True)
        assert any(expected in words for words in checked["warnings"])


def test_rows_whose_last_cells_were_left_off(dam: Dam, write: Write) -> None:
    for name in "abc":
        dam.create(f"/Z/{name}", headline="x", credit="Bob", status="Old")
    src = write("path;headline;credit;status\n/Z/a;One\n/Z/b;Two;Alice;\n/Z/c;Three\n")
    result = run(OPERATION, session=dam.session, src=src, empty_cells="clear")
    assert fields(dam, "headline", "credit", "status") == {
        "/Z/a": ("One", "Bob", "Old"),
        "/Z/b": ("Two", "Alice", None),
        "/Z/c": ("Three", "Bob", "Old"),
    }
    assert result["warnings"] == [
        f"src {src} has 2 rows (lines 2, 4) whose last cells are missing. Their fields stay as they are."
    ]


# --- Times and booleans

A_TIME = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("value", [20140102123000, "20140102123000", 201401021230, 1388620800, "1388620800", 2014])
@pytest.mark.parametrize("operation", ["metadata", "asset", "upload"])
def test_digits_of_a_task_that_may_mean_several_times(dam: Dam, tmp_path: Path, value: Any, operation: str) -> None:
    dam.create("/Z/a.jpg", licenseEndDate=A_TIME)
    (tmp_path / "a.jpg").write_bytes(b"content")
    options: dict[str, Any] = {"metadata": {"licenseEndDate": value}, "session": dam.session}
    of_operation: dict[str, tuple[Any, dict[str, Any]]] = {
        "metadata": (OPERATION, {"query": "*:*", "max_change": 100}),
        "asset": (ASSET, {"path": "/Z/a.jpg"}),
        "upload": (UPLOAD, {"src": str(tmp_path), "path": "/Z", "metadata_on": "always"}),
    }
    error = fail(of_operation[operation][0], **options, **of_operation[operation][1])
    assert error.reason == "bad_request"
    assert re.search(f"licenseEndDate: '{value}' (reads as a calendar date|is not a time)", error.message)
    now = {**of_operation[operation][1], **options, "metadata": {"licenseEndDate": 1521956554000}}
    assert run(of_operation[operation][0], **now)["changed"] is True
    assert (
        run(of_operation[operation][0], **{**now, "metadata": {"licenseEndDate": "2018-03-25T05:42:34Z"}})["changed"]
        is False
    )


@pytest.mark.parametrize(
    ("options", "cell", "after"),
    [
        ({"date_formats": ["%d.%m.%Y"], "timezone": "Europe/Berlin"}, "24.12.2025", 1766530800000),
        ({"date_formats": ["ms"]}, "1388620800000", 1388620800000),
        ({"date_formats": ["s"]}, "1388620800", 1388620800000),
        ({"date_formats": ["%Y%m%d%H%M%S"], "timezone": "UTC"}, "20140102123000", 1388665800000),
    ],
)
def test_dates_of_a_file_as_the_task_says(
    dam: Dam, write: Write, options: dict[str, Any], cell: str, after: int
) -> None:
    dam.create("/Z/a", licenseEndDate=A_TIME)
    dam.create("/Z/b")
    src = write(f"path,licenseEndDate\n/Z/a,{cell}\n/Z/b,{cell}\n")
    both_ways(dam, src=src, date_fields=["licenseEndDate"], **options)
    assert {path: value["value"] for path, (value,) in fields(dam, "licenseEndDate").items()} == {
        "/Z/a": after,
        "/Z/b": after,
    }


@pytest.mark.parametrize("cell", ["1388620800", "20140102123000", "201401021230", "24.12.2025"])
def test_dates_of_a_file_that_are_refused(dam: Dam, write: Write, one_elvis: Emulator, cell: str) -> None:
    dam.create("/Z/a", licenseEndDate=A_TIME)
    src = write(f"path,licenseEndDate\n/Z/a,{cell}\n")
    place = f"src {src}, line 2, column licenseEndDate: '{cell}' "
    assert place in fail(OPERATION, session=dam.session, src=src).message
    one_elvis.forget_requests()
    error = fail(OPERATION, session=dam.session, src=src, date_fields=["licenseEndDate"])
    assert f"line 2, column licenseEndDate: '{cell}' " in error.message
    assert one_elvis.requests() == []


@pytest.mark.parametrize(("cell", "after"), [("WAHR", True), ("VRAI", True), ("onwaar", False), ("0", False)])
def test_booleans_of_a_spreadsheet(dam: Dam, write: Write, cell: str, after: bool) -> None:
    dam.create("/Z/a", live=not after)
    both_ways(dam, src=write(f"path,live\n/Z/a,{cell}\n"))
    assert fields(dam, "live") == {"/Z/a": (after,)}


# --- The round trip


def test_a_report_changes_nothing(dam: Dam, tmp_path: Path) -> None:
    values = ["-5", "+49 30 1234", "=1+1", "@x", "'tis", "one\r\ntwo", "a; b", "", "007", "ü 😀", '"quoted", yes']
    for number, value in enumerate(values):
        dam.create(f"/Z/-{number}.jpg", headline=value, tags=[value, "b;c", "d\\"] if value else [], rating=number - 5)
    for suffix in ("csv", "jsonl", "json", "xlsx"):
        dest = str(tmp_path / f"report.{suffix}")
        columns = ["id", "assetPath", "name", "headline", "tags", "rating", "assetCreated", "fileSize"]
        run(INFO, session=dam.session, query="*:*", fields=columns, dest=dest)
        result = run(OPERATION, session=dam.session, src=dest)
        assert (result["changed"], result["counts"]["unchanged"]) == (False, len(values))
        assert "name, assetCreated, fileSize" in result["msg"]
