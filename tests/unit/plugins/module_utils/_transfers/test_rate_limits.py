# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A gateway that allows few requests a second: whoever is refused for now takes turns, and nothing fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.metadata import OPERATION as METADATA
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.assets import Dam, logged_in
from tests.support.emulator import start_emulator
from tests.support.gateway import Decide, Refusal, gateway_to
from tests.support.transfers import outcome, write

HERE = "/Demo Zone/Inbox"
FILES = 24


@pytest.fixture
def dam() -> Iterator[Dam]:
    with start_emulator() as emulator, logged_in(emulator) as dam:
        yield dam


def allowing(most: int, refusal: Refusal) -> Decide:
    """Let so many requests a second pass."""
    window: list[float] = []
    lock = threading.Lock()

    def decide(_count: int, _service: str) -> Any:
        with lock:
            now = time.monotonic()
            window[:] = [moment for moment in window if now - moment < 1]
            if len(window) >= most:
                return refusal
            window.append(now)
            return "pass"

    return decide


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal(429, {"Retry-After": "1"}),
        Refusal(429, {}),
        Refusal(503, {"Retry-After": "1"}),
        Refusal(200, {"Retry-After": "1"}, b'{"errorcode": 429, "message": "Too many requests"}'),
        Refusal(200, {}, b'{"errorcode": 429}'),
        Refusal(200, {"Retry-After": "1"}, b'{"errorcode": 503}'),
    ],
    ids=["429", "429 without a time", "503", "429 in a 200", "429 in a 200 without a time", "503 in a 200"],
)
def test_all_is_done_in_the_end(dam: Dam, tmp_path: Path, refusal: Refusal) -> None:
    names = [f"{number:02}.jpg" for number in range(FILES)]
    write(tmp_path / "src", *names)
    rows = "".join(f"{HERE}/{name},Done\n" for name in names)
    write(tmp_path, **{"rows.csv": f"path,status\n{rows}"})
    # More threads than it allows requests, and fewer tries than it takes.
    options: dict[str, Any] = {"concurrency": 16, "retries": 1}
    with gateway_to(dam._elvis.url, allowing(10, refusal)) as gateway:
        options["url"] = gateway.url
        sent = outcome(UPLOAD, dam, path=HERE, src=str(tmp_path / "src"), **options)
        fetched = outcome(DOWNLOAD, dam, path=HERE, dest=str(tmp_path / "dest"), **options)
        described = outcome(METADATA, dam, src=str(tmp_path / "rows.csv"), **options)
    for result, kind in ((sent, "created"), (fetched, "created"), (described, "updated")):
        assert (result.get("reason"), result["counts"][kind]) == (None, FILES), result.get("failures")
    assert sorted(path.name for path in (tmp_path / "dest").iterdir()) == names
    found = dam.metadata(f'ancestorPaths:"{HERE}"')
    assert {(hit["status"], hit["versionNumber"]) for hit in found.values()} == {("Done", 1)}


def test_a_gateway_that_allows_nothing_is_not_waited_for_without_end(dam: Dam, tmp_path: Path) -> None:
    begin = time.monotonic()
    with gateway_to(dam._elvis.url, allowing(0, Refusal(429, {}))) as gateway:
        dest = str(tmp_path / "dest")
        result = outcome(DOWNLOAD, dam, url=gateway.url, path=HERE, dest=dest, process_timeout=2)
    assert (result["reason"], time.monotonic() - begin < 10) == ("server", True)
