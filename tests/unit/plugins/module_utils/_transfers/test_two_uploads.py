# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs empty one drop folder: each file is stored once and put away once, and neither run fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._transfers import gone_files, upload_plan
from tests.support.assets import Dam
from tests.support.gateway import gateway_to
from tests.support.transfers import outcome, write_files
from tests.support.uploads import HERE, in_dam

FILES = 40
NAMES = [f"{number:02}.jpg" for number in range(FILES)]


@pytest.fixture(autouse=True)
def short_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 0.3)
    monkeypatch.setattr(index_lag, "FIRST_LOOK", 0.05)


def here(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def options(src: Path, how: str, done: Path) -> dict[str, Any]:
    return {"src": str(src), "path": HERE, "uploaded": how, **({"move_to": str(done)} if how == "move" else {})}


@pytest.mark.parametrize("how", ["remove", "move"])
@pytest.mark.parametrize("was_there", [False, True], ids=["new", "stored before"])
def test_two_runs_at_once(dam: Dam, src: Path, tmp_path: Path, how: str, was_there: bool) -> None:
    write_files(src, {name: f"content of {name}" for name in NAMES})
    if was_there:
        outcome(OPERATION, dam, src=str(src), path=HERE)
    results: list[dict[str, Any]] = []

    def run() -> None:
        results.append(outcome(OPERATION, dam, **options(src, how, tmp_path / "done")))

    threads = [threading.Thread(target=run) for _run in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = [result["counts"] for result in results]
    assert [result.get("reason") for result in results] == [None, None], [result["failures"] for result in results]
    assert sum(count["created"] for count in counts) == (0 if was_there else FILES)
    assert sum(result["put_away"] for result in results) == FILES
    assert (in_dam(dam), here(src)) == (NAMES, [])
    if how == "move":
        assert here(tmp_path / "done") == NAMES


Interfere = Callable[[Dam, Path], object]


def store(dam: Dam, file: Path) -> None:
    dam.create(f"{HERE}/sub/{file.name}", file.read_bytes())
    file.unlink()


def store_other(dam: Dam, file: Path) -> None:
    dam.create(f"{HERE}/sub/{file.name}", b"of somebody else")
    file.unlink()


def unlink(_dam: Dam, file: Path) -> None:
    file.unlink()


def unmount(_dam: Dam, file: Path) -> None:
    file.unlink()
    file.parent.rmdir()


ROWS: dict[str, tuple[Interfere, int, str]] = {
    "another run has stored it": (store, upload_plan.MOST_READ_AHEAD, "unchanged"),
    "another run has stored it, and it is large": (store, 0, "skipped"),
    "the DAM has another file": (store_other, upload_plan.MOST_READ_AHEAD, "failed"),
    "the DAM has nothing": (unlink, upload_plan.MOST_READ_AHEAD, "failed"),
    "its folder went as well": (unmount, 0, "failed"),
}


@pytest.mark.parametrize(("interfere", "read_ahead", "kind"), ROWS.values(), ids=ROWS)
def test_a_file_that_goes_before_it_is_sent(
    dam: Dam, src: Path, monkeypatch: pytest.MonkeyPatch, interfere: Interfere, read_ahead: int, kind: str
) -> None:
    monkeypatch.setattr(upload_plan, "MOST_READ_AHEAD", read_ahead)
    write_files(src, {"a.jpg": "a", "sub/b.jpg": "b"})

    def decide(number: int, service: str) -> Any:
        if (number, service) == (1, "create"):
            interfere(dam, src / "sub/b.jpg")
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(OPERATION, dam, url=gateway.url, src=str(src), path=HERE, uploaded="remove", concurrency=1)
    assert (result["counts"]["created"], result["counts"][kind], result["put_away"]) == (1, 1, 1), result
    assert result.get("reason") == ("conflict" if kind == "failed" else None)
    if kind == "skipped":
        assert result["left_out"] == [
            {"id": dam.ids()[f"{HERE}/sub/b.jpg"], "path": f"{HERE}/sub/b.jpg", "why": gone_files.UNREAD}
        ]
