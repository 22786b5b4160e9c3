# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ends a task over many files before it is through: nothing is begun any more, and a second run does the rest."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from tests.support.assets import Dam, logged_in
from tests.support.emulator import start_emulator
from tests.support.gateway import Refusal, gateway_to
from tests.support.operations import result_of

HERE = "/Demo Zone/Inbox"
FILES = 24
CHILD = """
import json, sys
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from tests.support.operations import run
run(OPERATION, **json.load(sys.stdin))
"""


@pytest.fixture
def src(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number:02}.jpg").write_text(f"content of {number}")
    return folder


def options_of(dam: Dam, src: Path, url: str, **more: Any) -> dict[str, Any]:
    return {"session": {**dam.session, "server_url": url}, "src": str(src), "path": HERE, **more}


def upload(dam: Dam, src: Path, url: str = "", **more: Any) -> dict[str, Any]:
    return result_of(OPERATION, **options_of(dam, src, url or dam._elvis.url, **more))


def stored(dam: Dam) -> int:
    """Return how many files the DAM has."""
    return len(dam.metadata(f'ancestorPaths:"{HERE}"'))


def assert_rest_is_done(dam: Dam, src: Path, created: int) -> None:
    assert upload(dam, src)["counts"]["created"] == FILES - created
    found = dam.metadata(f'ancestorPaths:"{HERE}"')
    assert {path.rpartition("/")[2]: hit["versionNumber"] for path, hit in found.items()} == dict.fromkeys(
        (path.name for path in src.iterdir()), 1
    )
    assert upload(dam, src)["changed"] is False


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_first_failure_ends_it_where_the_task_says_so(dam: Dam, src: Path, concurrency: int) -> None:
    def decide(count: int, service: str) -> Any:
        return Refusal(400, {}) if (count, service) == (10, "create") else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = upload(dam, src, gateway.url, concurrency=concurrency, on_failure="stop")
    counts = result["counts"]
    assert (result["reason"], counts["failed"]) == ("bad_response", 1)
    assert 9 <= counts["created"] <= 9 + concurrency - 1
    assert result["left"] == FILES - counts["created"] - 1
    assert_rest_is_done(dam, src, counts["created"])


def test_no_file_is_begun_that_can_not_end_before_the_session_does(src: Path) -> None:
    def decide(_count: int, service: str) -> Any:
        if service == "create":
            # The first one tells the rate; a second one would arrive too late.
            time.sleep(4)
        return "pass"

    with start_emulator("--token-lifetime", "7") as server, logged_in(server) as dam:
        with gateway_to(server.url, decide) as gateway:
            result = upload(dam, src, gateway.url, concurrency=1)
        again = Dam(server)
        # The server was asked for nothing with a token that was over.
        assert (result["reason"], result["counts"]["failed"]) == ("not_logged_in", 0)
        assert "ends in" in result["msg"]
        created = result["counts"]["created"]
        assert created > 0
        assert result["left"] == FILES - created > 0
        assert_rest_is_done(again, src, created)


def test_a_task_that_is_killed(dam: Dam, src: Path) -> None:
    child: list[subprocess.Popen[str]] = []

    def decide(count: int, service: str) -> Any:
        if (count, service) == (10, "create"):
            child[0].send_signal(signal.SIGKILL)
        return "pass"

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with gateway_to(dam._elvis.url, decide) as gateway:
        process = subprocess.Popen([sys.executable, "-c", CHILD], stdin=subprocess.PIPE, text=True, env=environment)
        child.append(process)
        process.communicate(json.dumps(options_of(dam, src, gateway.url)))
        assert process.returncode == -signal.SIGKILL
        # What it had sent is still on its way.
        end = time.monotonic() + 10
        while (created := stored(dam)) < gateway.calls["create"] and time.monotonic() < end:
            time.sleep(0.05)
    assert 10 <= created <= 14
    assert_rest_is_done(dam, src, created)


class _TimedOut(BaseException):
    """As Ansible's own, which no operation may take for a failure of its work."""


def test_the_time_of_the_task_is_over(dam: Dam, src: Path) -> None:
    is_asked, moments = threading.Event(), []

    def decide(count: int, service: str) -> Any:
        if service == "create" and count > 8:
            is_asked.set()
            time.sleep(4)
        return "pass"

    def time_out(*_arguments: object) -> None:
        moments.append(time.monotonic())
        raise _TimedOut

    def ring() -> None:
        if is_asked.wait(30):
            os.kill(os.getpid(), signal.SIGALRM)

    before = signal.signal(signal.SIGALRM, time_out)
    watcher = threading.Thread(target=ring)
    watcher.start()
    try:
        with gateway_to(dam._elvis.url, decide) as gateway:
            with pytest.raises(_TimedOut):
                upload(dam, src, gateway.url)
            took = time.monotonic() - moments[0]
            asked = gateway.calls["create"]
            time.sleep(0.3)
            assert gateway.calls["create"] == asked
        assert took < 2
    finally:
        signal.signal(signal.SIGALRM, before)
        watcher.join()
    # What the gateway still held back may arrive.
    time.sleep(4)
    assert_rest_is_done(dam, src, stored(dam))
