# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task that wrote something ends when a search shows it, or says that it does not."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations import asset, folder, metadata, upload, webhook
from ansible_collections.damops.elvis.plugins.module_utils._task.operation import Operation
from tests.support.answers import GONE
from tests.support.assets import Dam
from tests.support.emulator import Emulator, start_emulator
from tests.support.gateway import Decide, Edit, gateway_to
from tests.support.operations import at, fail, result_of, run
from tests.support.scripted import HttpResponse, json_reply, scripted_server
from tests.support.transfers import outcome

WRITERS = (asset.OPERATION, folder.OPERATION, metadata.OPERATION, upload.OPERATION, webhook.OPERATION)


@pytest.fixture(autouse=True)
def short_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "FIRST_LOOK", 0.01)


@pytest.fixture(scope="module")
def lagging() -> Iterator[Emulator]:
    """A server whose searches see nothing of what these tests write."""
    with start_emulator("--index-delay", "60000") as server:
        yield server


@pytest.fixture
def slow(lagging: Emulator) -> Iterator[Dam]:
    dam = Dam(lagging)
    lagging.forget_requests()
    yield dam
    dam.leave()


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "a.txt").write_text("text")
    return str(tmp_path / "a.txt")


def searches(server: Emulator) -> int:
    return [request["path"] for request in server.requests()].count(f"{server.prefix}/services/search")


def test_all_that_write_have_the_option() -> None:
    options = [writer.argument_spec["index_wait"] for writer in WRITERS]
    assert options == [{"type": "float", "default": 10.0}] * len(WRITERS)


def test_what_is_not_shown_is_one_warning(slow: Dam, lagging: Emulator, file: str) -> None:
    result = run(asset.OPERATION, session=slow.session, path="/Z/warned.txt", file=file, index_wait=0.1)
    assert result["created"] is True
    (warning,) = result["warnings"]
    assert warning.startswith(f"{lagging.url} does not show 1 of 1 writes of this task after 0.1 s (index_wait).")


def test_0_neither_looks_nor_waits(slow: Dam, lagging: Emulator, file: str) -> None:
    result = run(asset.OPERATION, session=slow.session, path="/Z/unseen.txt", file=file, index_wait=0)
    assert "warnings" not in result
    assert searches(lagging) == 1


def test_a_task_that_writes_nothing_does_not_look(dam: Dam, one_elvis: Emulator, file: str) -> None:
    options: dict[str, Any] = {"session": dam.session, "path": "/Z/a.txt", "file": file}
    run(asset.OPERATION, **options, check_mode=True)
    assert searches(one_elvis) == 1
    run(asset.OPERATION, **options)
    assert searches(one_elvis) == 3
    assert run(asset.OPERATION, **options)["changed"] is False
    assert searches(one_elvis) == 4


def test_what_others_of_one_task_failed_with_is_no_reason_not_to_wait(slow: Dam, file: str) -> None:
    bad = str(Path(file).with_name("b;ad.txt"))
    Path(bad).write_text("text")
    error = fail(upload.OPERATION, session=slow.session, path="/Z/half", src=[file, bad], index_wait=0.1)
    assert "does not show 1 of 1 writes" in error.warnings[-1]


WRITTEN_TEXT = "A long headline"
KEPT: dict[str, str] = {
    "shortened": "A long",
    "in other case": "a LONG headline",
    "with other blanks": "Along headline",
}
TOLD = "headline stored as"


def only_a_search(shows: str, *, is_dated: bool) -> Decide:
    """Return what lets searches show another text than was written, and the replies of writes not."""

    def edit(body: bytes) -> bytes:
        return body.replace(f'"{WRITTEN_TEXT}"'.encode(), f'"{shows}"'.encode())

    def undated(body: bytes) -> bytes:
        return body.replace(b'"assetModified"', b'"somethingElse"')

    def decide(_number: int, service: str) -> Edit | Literal["pass"]:
        if service == "search":
            return edit
        return "pass" if is_dated else undated

    return decide


@pytest.mark.parametrize("is_dated", [True, False], ids=["at once", "after the wait"])
@pytest.mark.parametrize("shows", KEPT.values(), ids=KEPT)
def test_a_value_that_only_a_search_shows_otherwise_is_told_once(
    dam: Dam, tmp_path: Path, shows: str, is_dated: bool
) -> None:
    names = ["a.txt", "b.txt", "c.txt"]
    for name in names:
        (tmp_path / name).write_text("text")
        dam.create(f"/Z/{name}", b"text")
    headline = {"headline": WRITTEN_TEXT}
    many = {"assets": [{"path": f"/Z/{name}", "metadata": headline} for name in names]}
    tasks: list[tuple[Operation, dict[str, Any], int]] = [
        # Of what was not there before, only the last one is asked for, as long as nothing is missing.
        (metadata.OPERATION, many, 1 if is_dated else 3),
        (metadata.OPERATION, many, 3),
        (asset.OPERATION, {"path": "/Z/a.txt", "metadata": headline}, 1),
        (upload.OPERATION, {"src": str(tmp_path), "path": "/Z", "metadata": headline, "metadata_on": "always"}, 3),
    ]
    with gateway_to(dam._elvis.url, only_a_search(shows, is_dated=is_dated)) as gateway:
        for operation, options, number in tasks:
            began = time.monotonic()
            index_wait = 30 if is_dated else 0.1
            result = outcome(operation, dam, url=gateway.url, **options, index_wait=index_wait)
            assert time.monotonic() - began < 10
            assert result["changed"] is True
            warnings = result["warnings"]
            assert len(warnings) == 1, warnings
            assert warnings[0].count(f": {TOLD} {shows}") == number
            assert "writes them in each run" in warnings[0]


FIRST = json_reply(200, {"totalHits": 1, "hits": [{"id": "x", "metadata": {"assetPath": "/Z/x", "a": "old"}}]})
WRITTEN = json_reply(200, {"id": "x", "metadata": {"assetPath": "/Z/x", "a": "new"}})


def test_a_lost_session_ends_the_task_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ansible_collections.damops.elvis.plugins.module_utils._changes.metadata_run.MOST_AT_ONCE", 1)
    assets = [{"id": name, "metadata": {"a": "new"}} for name in "xy"]
    with scripted_server(FIRST, WRITTEN, GONE) as server:
        error = fail(metadata.OPERATION, **at(server.url), assets=assets, concurrency=1)
        assert [request.path.rpartition("/")[2] for request in server.requests] == ["search", "update", "search"]
    assert error.reason == "not_logged_in"


@pytest.mark.parametrize("answer", [GONE, json_reply(200, {"what": "is this"})])
def test_a_server_that_can_not_say_does_not_fail_the_task(answer: HttpResponse) -> None:
    with scripted_server(FIRST, WRITTEN, answer) as server:
        result = run(metadata.OPERATION, **at(server.url), assets=[{"id": "x", "metadata": {"a": "new"}}])
    assert result["counts"]["updated"] == 1
    (warning,) = result["warnings"]
    assert warning.startswith("Whether a search shows what this task wrote is not known: Cannot find assets")


@pytest.mark.parametrize("seconds", [-1, 1e9, float("nan")])
def test_a_time_that_makes_no_sense_is_refused(slow: Dam, lagging: Emulator, seconds: float) -> None:
    error = result_of(folder.OPERATION, session=slow.session, path=["/Z/new"], index_wait=seconds)
    assert error["reason"] == "bad_request"
    assert "index_wait must be from 0 to" in error["msg"]
    assert lagging.requests() == []
