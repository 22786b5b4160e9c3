# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task over many assets tells: everything in the report, and as much in the result as AWX takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.atomic_file import AtomicFile, atomic_file
from ansible_collections.damops.elvis.plugins.module_utils._work import outcome
from ansible_collections.damops.elvis.plugins.module_utils._work.outcome import Outcome
from tests.support.disk import largest_file

FAILURE = ElvisError("Cannot do it.", "conflict", 409, {"errorcode": 409, "errorname": None, "message": "taken"})


def test_nothing_to_do() -> None:
    told = Outcome()
    told.add("unchanged", path="/Z/a", id="a")
    told.add("skipped", path="/Z/b", why="a container")
    result = told.finish()
    assert (result["changed"], result["left"], result["bytes"], result["folders"]) == (False, 0, 0, [])
    assert result["counts"] == {
        "created": 0,
        "updated": 0,
        "removed": 0,
        "unchanged": 1,
        "skipped": 1,
        "failed": 0,
    }
    assert result["left_out"] == [{"id": None, "path": "/Z/b", "why": "a container"}]
    assert "unchanged" not in result
    assert result["created"] == result["updated"] == result["removed"] == result["failures"] == []


@pytest.mark.parametrize("kind", ["created", "updated", "removed"])
def test_changes(kind: outcome.Kind) -> None:
    told = Outcome()
    told.add(kind, path="/Z/a", id="a", bytes=5, compared_by=None)
    result = told.finish()
    assert result["changed"] is True
    assert result[kind] == [{"id": "a", "path": "/Z/a", "bytes": 5}]


def test_a_new_folder_is_a_change() -> None:
    told = Outcome()
    told.folders.append("/Z")
    assert told.finish()["changed"] is True


@pytest.mark.parametrize(
    ("failures", "message"),
    [
        (1, "Cannot do it. Done: 1 updated. Left: 1 failed."),
        (2, "Cannot do it. Another one failed as well. Done: 1 updated. Left: 2 failed."),
        (5, "Cannot do it. 4 others failed as well. Done: 1 updated. Left: 5 failed."),
    ],
)
def test_a_failure_is_told_with_all_that_was_done(failures: int, message: str) -> None:
    told = Outcome()
    told.add("updated", path="/Z/a", id="a", fields=["status"])
    told.fail(FAILURE, path="/Z/b", id="b")
    for number in range(1, failures):
        told.refuse("bad_request", "It is no name.", path=f"/Z/{number}")
    with pytest.raises(ElvisError) as caught:
        told.finish()
    result = caught.value.as_result()
    assert (result["msg"], result["reason"], result["status"]) == (message, "conflict", 409)
    assert (result["changed"], result["counts"]["failed"], result["counts"]["updated"]) == (True, failures, 1)
    assert result["failures"][0] == {"id": "b", "path": "/Z/b", "reason": "conflict", "message": "Cannot do it."}
    assert len(result["failures"]) == failures


def test_what_ends_a_task_is_told_in_the_same_way() -> None:
    told = Outcome()
    told.add("created", path="/Z/a", id="a")
    told.not_started = 7
    result = told.broken_off(ElvisError("Over.", "not_logged_in")).as_result()
    assert (result["reason"], result["left"]) == ("not_logged_in", 7)
    assert result["msg"].startswith("Over. Done: 1 created. Left: 7 not begun. Run the task again")
    assert result["created"] == [{"id": "a", "path": "/Z/a"}]


def test_lists_are_bounded() -> None:
    told = Outcome()
    for number in range(outcome.MOST_ENTRIES + 5):
        told.add("created", path=f"/Z/{number}")
    result = told.finish()
    assert (len(result["created"]), result["counts"]["created"]) == (1000, 1005)
    assert result["created"][-1]["path"] == "/Z/999"


def test_long_failures_are_bounded_by_bytes_and_come_before_all_else() -> None:
    told = Outcome()
    for number in range(1000):
        told.add("created", path=f"/Z/{number}" + "x" * 1000)
        told.refuse("conflict", "ü" * 800, path=f"/Z/{number}")
    result = told.as_result()
    assert len(json.dumps(result)) < 510_000
    assert len(result["failures"]) > 80
    assert len(result["created"]) < 10
    assert result["counts"]["created"] == result["counts"]["failed"] == 1000


@pytest.mark.parametrize("fails", [False, True])
def test_everything_is_in_the_report(tmp_path: Path, fails: bool) -> None:
    with atomic_file(str(tmp_path / "report.jsonl"), only_compare=False) as file:
        told = Outcome(file)
        for number in range(1200):
            told.add("unchanged", path=f"/Z/{number}", id=str(number))
        if fails:
            told.fail(FAILURE, path="/Z/\u2028ü")
            with pytest.raises(ElvisError):
                told.finish()
        else:
            told.finish()
    lines = (tmp_path / "report.jsonl").read_bytes().decode("ascii").split("\n")
    assert len(lines) == 1201 + fails
    assert json.loads(lines[0]) == {"outcome": "unchanged", "id": "0", "path": "/Z/0"}
    if fails:
        assert json.loads(lines[-2])["path"] == "/Z/\u2028ü"


@pytest.mark.parametrize("fails", [False, True])
@pytest.mark.parametrize("number", [3, 1000])
def test_a_report_that_can_not_be_written_ends_nothing(tmp_path: Path, number: int, fails: bool) -> None:
    place = tmp_path / "report.jsonl"
    with largest_file(100), atomic_file(str(place), only_compare=False) as file:
        told = Outcome(file, lambda: {"log": ["a line"]})
        for count in range(number):
            told.add("created", path=f"/Z/{count}", id=str(count))
        # What is written in small pieces fails only at the end.
        assert told.is_clean is (number == 3)
        if fails:
            told.fail(FAILURE, path="/Z/b")
        with pytest.raises(ElvisError, match=r"report\.jsonl can't be written: file too large\.") as caught:
            told.finish()
    result = caught.value.as_result()
    assert result["reason"] == ("conflict" if fails else "storage")
    assert (result["counts"]["created"], len(result["created"]), result["log"]) == (number, 3, ["a line"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("/Z/a was left unchanged: why.", "/Z/a was left unchanged: why. The server is https://dam.example.com."),
        ("Cannot do it: POST https://dam.example.com/x: HTTP 500.", None),
    ],
)
def test_a_failure_names_the_server(message: str, told: str | None) -> None:
    def failing(times: int) -> ElvisError:
        tells = Outcome(server_url="https://dam.example.com")
        for _failure in range(times):
            tells.fail(ElvisError(message, "conflict", 409), path="/Z/a")
        with pytest.raises(ElvisError) as caught:
            tells.finish()
        return caught.value

    told = told or message
    assert failing(1).as_result()["msg"] == f"{told} Done: nothing. Left: 1 failed."
    assert failing(2).as_result()["msg"] == f"{told} Another one failed as well. Done: nothing. Left: 2 failed."
    assert (failing(1).reason, failing(1).status) == ("conflict", 409)
    # In the list it would be the same for each.
    assert failing(2).done["failures"][0]["message"] == message
    ended = Outcome(server_url="https://dam.example.com").broken_off(ElvisError(message, "tls"))
    assert (ended.message, ended.reason, ended.done["changed"]) == (told, "tls", False)


def failed_with(made: int, report: AtomicFile | None = None, left: int = 0) -> dict[str, Any]:
    told = Outcome(report, more=lambda: {"log": [f"line {number}" for number in range(made)], "put_away": made})
    for number in range(made):
        told.add("created", path=f"/Z/{number}")
        told.refuse("bad_request", "It is no name.", path=f"/Z/{number}?")
    told.folders = [f"/Z/folder {number}" for number in range(made)]
    told.not_started = left
    with pytest.raises(ElvisError) as caught:
        told.finish()
    return caught.value.as_result()


@pytest.mark.parametrize("made", [20, 21, 750])
def test_a_failed_result_fits_on_a_screen_or_two(made: int) -> None:
    result = failed_with(made)
    lists = ("created", "failures", "folders", "log")
    assert [len(result[name]) for name in lists] == [3, 20, 3, 3]
    assert (result["counts"]["created"], result["counts"]["failed"], result["put_away"]) == (made, made, made)
    assert sorted(result["truncated"]) == sorted(name for name in lists if name != "failures" or made > 20)
    assert "the option report writes all of it" in result["msg"]


def test_a_failure_names_the_report(tmp_path: Path) -> None:
    place = tmp_path / "report.jsonl"
    with atomic_file(str(place), only_compare=False, option="report") as report:
        result = failed_with(30, report)
    assert f"The report {place} has every file and asset." in result["msg"]
    assert len(place.read_text(encoding="utf-8").splitlines()) == 60


def test_a_failure_says_how_much_is_left() -> None:
    assert (
        "Done: 3 created. Left: 3 failed, 4 not begun. Run the task again: it goes on with the rest."
        in failed_with(3, left=4)["msg"]
    )
    assert failed_with(3)["msg"].endswith("Done: 3 created. Left: 3 failed.")


def test_a_success_is_not_shortened_like_a_failure() -> None:
    told = Outcome()
    for number in range(1001):
        told.add("created", path=f"/Z/{number}")
    result = told.finish()
    assert (len(result["created"]), result["truncated"]) == (1000, ["created"])
