# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a task over many rows before it is through: each is written whole and once, a second run does the rest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._changes import metadata_run
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION
from tests.support.assets import Dam, logged_in
from tests.support.emulator import Emulator, start_emulator
from tests.support.gateway import gateway_to
from tests.support.transfers import outcome

ASSETS = 24
AT_ONCE = 3
CHILD = f"""
import json, sys
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._changes import metadata_run
from tests.support.operations import run
metadata_run.MOST_AT_ONCE = {AT_ONCE}
run(OPERATION, **json.load(sys.stdin))
"""


@pytest.fixture(autouse=True)
def few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata_run, "MOST_AT_ONCE", AT_ONCE)


@pytest.fixture
def server() -> Iterator[Emulator]:
    with start_emulator() as emulator:
        yield emulator


@pytest.fixture
def dam(server: Emulator) -> Iterator[Dam]:
    with logged_in(server) as dam:
        yield dam


@pytest.fixture
def src(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    rows = "".join(f"/Z/{number:02}.jpg,Done,{number},a; b\n" for number in range(ASSETS))
    path.write_text(f"path,status,headline,tags\n{rows}", encoding="utf-8")
    return path


def fill(dam: Dam) -> None:
    for number in range(ASSETS):
        dam.create(f"/Z/{number:02}.jpg", status="New")


def done(dam: Dam) -> int:
    """Return how many rows are written, each of them whole."""
    fields = [tuple(map(str, (hit.get("status"), hit.get("headline"), hit.get("tags")))) for hit in found(dam)]
    written = [(f"{number}", values) for number, values in enumerate(fields) if values[0] == "Done"]
    assert all(values == ("Done", number, "['a', 'b']") for number, values in written)
    assert all(values == ("New", "None", "None") for values in fields if values[0] != "Done")
    return len(written)


def found(dam: Dam) -> list[dict[str, Any]]:
    assets = dam.metadata('ancestorPaths:"/Z"')
    return [assets[path] for path in sorted(assets)]


def assert_rest_is_done(dam: Dam, src: Path, before: int) -> None:
    result = outcome(OPERATION, dam, src=str(src))
    assert (result.get("reason"), result["counts"]["updated"]) == (None, ASSETS - before)
    assert done(dam) == ASSETS
    events = dam._elvis._observe("events")
    times = Counter(event["id"] for event in events if event["action"] == "METADATA_UPDATE")
    assert set(times.values()) == {1}
    assert outcome(OPERATION, dam, src=str(src))["changed"] is False


def at(number: int, do: Callable[[], object]) -> Callable[[int, str], Any]:
    """Do something when the n-th request that writes comes."""

    def decide(count: int, service: str) -> Any:
        if (count, service) == (number, "updatebulk"):
            do()
        return "pass"

    return decide


def test_a_task_that_is_killed(dam: Dam, src: Path) -> None:
    fill(dam)
    child: list[subprocess.Popen[str]] = []
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with gateway_to(dam._elvis.url, at(3, lambda: child[0].send_signal(signal.SIGKILL))) as gateway:
        options = {"session": {**dam.session, "server_url": gateway.url}, "src": str(src), "concurrency": 2}
        process = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, text=True, env=environment)
        child.append(process)
        process.communicate(json.dumps(options))
        assert process.returncode == -signal.SIGKILL
        # What it had sent is still on its way.
        end = time.monotonic() + 10
        while (written := done(dam)) < AT_ONCE * gateway.calls["updatebulk"] and time.monotonic() < end:
            time.sleep(0.05)
    assert 2 * AT_ONCE <= written < ASSETS
    assert_rest_is_done(dam, src, written)


def test_a_session_that_ends_midway(server: Emulator, dam: Dam, src: Path) -> None:
    fill(dam)
    with gateway_to(server.url, at(4, server.end_sessions)) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, src=str(src), concurrency=1)
    counts = result["counts"]
    assert (result["reason"], counts["updated"], counts["failed"]) == ("not_logged_in", 3 * AT_ONCE, AT_ONCE)
    assert result["left"] == ASSETS - counts["updated"] - counts["failed"]
    assert " not begun. Run the task again" in result["msg"]
    again = Dam(server)
    assert done(again) == counts["updated"]
    assert_rest_is_done(again, src, counts["updated"])


def test_a_token_that_expires_midway(src: Path) -> None:
    def decide(_count: int, service: str) -> Any:
        if service == "updatebulk":
            time.sleep(0.7)
        return "pass"

    with start_emulator("--token-lifetime", "3") as server, logged_in(server) as dam:
        fill(dam)
        with gateway_to(server.url, decide) as gateway:
            result = outcome(OPERATION, dam, url=gateway.url, src=str(src), concurrency=1)
        counts = result["counts"]
        assert (result["reason"], "Its token expired at" in result["msg"]) == ("not_logged_in", True)
        assert 0 < counts["updated"] < ASSETS
        assert counts["updated"] + counts["failed"] + result["left"] == ASSETS
        again = Dam(server)
        assert done(again) == counts["updated"]
        assert_rest_is_done(again, src, counts["updated"])
