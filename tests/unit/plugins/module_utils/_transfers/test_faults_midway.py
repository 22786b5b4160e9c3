# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes wrong in the middle of many files: nothing twice, nothing half, and a second run does the rest."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.assets import Dam, logged_in
from tests.support.disk import largest_file
from tests.support.emulator import Emulator, start_emulator
from tests.support.gateway import Decide, Refusal, gateway_to
from tests.support.transfers import outcome

HERE = "/Demo Zone/Inbox"
OLD = 1_600_000_000
FILES = 24


@pytest.fixture(scope="module", params=["hidden", "status"])
def server(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    options = ("--errors", "status") if request.param == "status" else ()
    with start_emulator(*options) as emulator:
        yield emulator


@pytest.fixture
def dam(server: Emulator) -> Iterator[Dam]:
    server.end_sessions()
    with logged_in(server) as dam:
        yield dam


@pytest.fixture(autouse=True)
def short_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 0.3)
    monkeypatch.setattr(index_lag, "FIRST_LOOK", 0.05)


@pytest.fixture
def src(tmp_path: Path) -> Path:
    folder = tmp_path / "src"
    folder.mkdir()
    for number in range(FILES):
        write(folder / f"{number:02}.jpg", f"content of {number}")
    return folder


def write(path: Path, content: str) -> None:
    path.write_text(content)
    os.utime(path, (OLD, OLD))


def upload(dam: Dam, src: Path, url: str | None = None, **options: Any) -> dict[str, Any]:
    return outcome(UPLOAD, dam, url=url, src=str(src), path=HERE, **options)


def stored(dam: Dam) -> dict[str, int]:
    """Return the names of the assets, and their versions."""
    found = dam.metadata(f'ancestorPaths:"{HERE}"')
    return {path.rpartition("/")[2]: hit["versionNumber"] for path, hit in found.items()}


def assert_whole(dam: Dam, src: Path, version: int = 1) -> None:
    """Everything is there, once, and a further run has nothing to do."""
    assert stored(dam) == dict.fromkeys((path.name for path in src.iterdir()), version)
    dam._elvis.forget_requests()
    again = upload(dam, src)
    assert (again["changed"], again["counts"]["unchanged"]) == (False, FILES)
    assert dam.writes() == []


def every(number: int, service: str, fate: Any) -> Decide:
    return lambda count, asked: fate if asked == service and count % number == 0 else "pass"


LOST: list[tuple[str, Any]] = [
    ("the answer is lost after it was stored", "lose answer"),
    ("the connection breaks before it was stored", "hang up"),
    ("a gateway says when to come back", Refusal(429, {"Retry-After": "0"})),
    ("a gateway does not say when", Refusal(429, {})),
    ("a server is busy", Refusal(503, {"Retry-After": "1"})),
    ("a gateway loses the server's answer", Refusal(504, {})),
]


@pytest.mark.parametrize("fate", [row[1] for row in LOST], ids=[row[0] for row in LOST])
def test_a_lost_answer_makes_nothing_twice(dam: Dam, src: Path, fate: Any) -> None:
    with gateway_to(dam._elvis.url, every(9, "create", fate)) as gateway:
        result = upload(dam, src, gateway.url)
    assert (result.get("reason"), result["counts"]["created"]) == (None, FILES), result.get("failures")
    assert_whole(dam, src)


@pytest.mark.parametrize("fate", ["lose answer", "hang up"])
def test_a_lost_answer_makes_no_version_twice(dam: Dam, src: Path, fate: Any) -> None:
    upload(dam, src)
    for number in range(FILES):
        write(src / f"{number:02}.jpg", f"other content of {number}")
    with gateway_to(dam._elvis.url, every(9, "update", fate)) as gateway:
        result = upload(dam, src, gateway.url)
    assert (result.get("reason"), result["counts"]["updated"]) == (None, FILES)
    assert_whole(dam, src, version=2)


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_the_same_bytes_at_several_paths_are_several_assets(dam: Dam, tmp_path: Path, lost: int) -> None:
    names = ("x.jpg", "x.png", "y.jpg", "sub/x.jpg")
    for name in names:
        (tmp_path / "src" / name).parent.mkdir(parents=True, exist_ok=True)
        write(tmp_path / "src" / name, "the same")

    def decide(count: int, service: str) -> Any:
        return "lose answer" if (count, service) == (lost, "create") else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = upload(dam, tmp_path / "src", gateway.url, concurrency=1)
    assert (result.get("reason"), result["counts"]["created"]) == (None, len(names)), result.get("failures")
    found = dam.metadata(f'ancestorPaths:"{HERE}"')
    assert {path.removeprefix(f"{HERE}/") for path in found} == set(names)
    assert upload(dam, tmp_path / "src")["changed"] is False


def at(number: int, service: str, do: Callable[[], object]) -> Decide:
    """Do something when the n-th call of a service comes."""

    def decide(count: int, asked: str) -> Any:
        if (count, asked) == (number, service):
            do()
        return "pass"

    return decide


def test_a_session_that_ends_midway(server: Emulator, dam: Dam, src: Path) -> None:
    with gateway_to(server.url, at(10, "create", server.end_sessions)) as gateway:
        result = upload(dam, src, gateway.url)
    assert result["reason"] == "not_logged_in"
    counts = result["counts"]
    assert counts["created"] + counts["failed"] + result["left"] == FILES
    assert 1 <= counts["failed"] <= 4
    assert result["left"] >= FILES - 16
    again = Dam(server)
    assert len(stored(again)) == counts["created"]
    assert upload(again, src)["counts"]["created"] == FILES - counts["created"]
    assert_whole(again, src)


def test_a_server_that_goes_midway(dam: Dam, src: Path) -> None:
    is_gone = threading.Event()

    def decide(count: int, service: str) -> Any:
        if service == "create" and count > 9:
            is_gone.set()
        return "hang up" if is_gone.is_set() else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = upload(dam, src, gateway.url, retries=1)
    assert (result["reason"], result["counts"]["created"]) == ("unreachable", 9)
    assert result["left"] >= FILES - 9 - 4
    assert upload(dam, src)["counts"]["created"] == FILES - 9
    assert_whole(dam, src)


@pytest.mark.parametrize("how", ["changes", "grows", "vanishes", "becomes a pipe"])
def test_a_file_that_is_not_what_it_was(dam: Dam, src: Path, how: str) -> None:
    last = src / f"{FILES - 1:02}.jpg"

    def change() -> None:
        if how == "changes":
            last.write_text("x" * last.stat().st_size)
        elif how == "grows":
            last.write_text("longer than before, and longer")
        else:
            last.unlink()
            if how == "becomes a pipe":
                os.mkfifo(last)

    with gateway_to(dam._elvis.url, at(2, "create", change)) as gateway:
        result = upload(dam, src, gateway.url, concurrency=1)
    assert (result["reason"], result["counts"]["created"], result["counts"]["failed"]) == ("conflict", FILES - 1, 1)
    assert result["failures"][0]["path"] == f"{HERE}/{last.name}"
    assert last.name not in stored(dam)


@pytest.mark.parametrize(("content", "what"), [("content of 23", "unchanged"), ("of somebody else", "failed")])
def test_a_name_that_is_taken_meanwhile(dam: Dam, src: Path, content: str, what: str) -> None:
    def take() -> None:
        dam.create(f"{HERE}/{FILES - 1:02}.jpg", content.encode())

    with gateway_to(dam._elvis.url, at(2, "create", take)) as gateway:
        result = upload(dam, src, gateway.url, concurrency=1)
    assert (result["counts"]["created"], result["counts"][what]) == (FILES - 1, 1)
    assert len(stored(dam)) == FILES
    assert result.get("reason") == (None if what == "unchanged" else "conflict")


def test_an_asset_that_is_checked_out_meanwhile(server: Emulator, dam: Dam, src: Path) -> None:
    asset_id = dam.create(f"{HERE}/05.jpg", b"older")
    other = Dam(server, "api", "api")
    with gateway_to(server.url, at(2, "create", lambda: other.post(f"checkout/{asset_id}"))) as gateway:
        result = upload(dam, src, gateway.url, concurrency=1)
    assert (result["reason"], result["counts"]["created"]) == ("conflict", FILES - 1)
    assert stored(dam)["05.jpg"] == 1


@pytest.mark.parametrize("change", ["edited", "moved", "checked out", "a file has come"])
def test_what_changes_before_it_is_removed_stays(dam: Dam, src: Path, change: str) -> None:
    upload(dam, src)
    asset_id = dam.create(f"{HERE}/old.jpg", b"old")

    def interfere() -> None:
        if change == "edited":
            dam.post("update", {"Filedata": ("old.jpg", b"new")}, id=asset_id)
        elif change == "moved":
            dam.post("move", source=f"{HERE}/old.jpg", target="/Demo Zone/kept.jpg")
        elif change == "checked out":
            dam.post(f"checkout/{asset_id}")
        else:
            (src / "OLD.jpg").write_text("back again")

    write(src / "new.jpg", "new")
    with gateway_to(dam._elvis.url, at(1, "create", interfere)) as gateway:
        result = upload(dam, src, gateway.url, delete=True)
    assert (result["reason"], result["counts"]["removed"]) == ("conflict", 0)
    assert dam.metadata(f"id:{asset_id}")


def test_nothing_is_removed_when_an_upload_failed(dam: Dam, src: Path) -> None:
    upload(dam, src)
    (src / "00.jpg").rename(src / "renamed.jpg")
    with gateway_to(dam._elvis.url, every(1, "create", Refusal(400, {}))) as gateway:
        result = upload(dam, src, gateway.url, delete=True)
    assert (result["counts"]["failed"], result["counts"]["removed"]) == (1, 0)
    assert "00.jpg" in stored(dam)


def test_two_runs_over_one_tree_store_each_file_once(dam: Dam, src: Path) -> None:
    results: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: results.append(upload(dam, src))) for _run in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [result.get("reason") for result in results] == [None, None]
    assert sum(result["counts"]["created"] for result in results) == FILES
    assert sum(result["counts"]["unchanged"] for result in results) == FILES
    assert_whole(dam, src)


def test_an_index_that_lags(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 10.0)
    with start_emulator("--index-delay", "600") as server, logged_in(server) as dam:
        with gateway_to(server.url, every(9, "create", "lose answer")) as gateway:
            result = upload(dam, src, gateway.url)
        assert (result.get("reason"), result["counts"]["created"]) == (None, FILES), result.get("failures")
        # A second run comes before the index knows what the first has stored.
        again = upload(dam, src)
        assert (again.get("reason"), again["changed"], again["counts"]["unchanged"]) == (None, False, FILES)
        time.sleep(0.7)
        assert_whole(dam, src)


def test_a_disk_that_is_full_ends_the_task(dam: Dam, src: Path, tmp_path: Path) -> None:
    write(src / "10.jpg", "x" * 100_000)
    upload(dam, src)
    dest = tmp_path / "dest"
    with largest_file(50_000):
        result = outcome(DOWNLOAD, dam, dest=str(dest), path=HERE, concurrency=1)
    assert (result["reason"], result["counts"]["created"], result["counts"]["failed"]) == ("storage", 10, 1)
    assert result["left"] == FILES - 11
    assert sorted(path.name for path in dest.iterdir()) == [f"{number:02}.jpg" for number in range(10)]
    assert outcome(DOWNLOAD, dam, dest=str(dest), path=HERE)["counts"]["created"] == FILES - 10
    assert {path.name: path.read_text() for path in dest.iterdir()} == {
        path.name: path.read_text() for path in src.iterdir()
    }


@pytest.mark.parametrize("fate", ["lose answer", "hang up", Refusal(503, {"Retry-After": "0"})])
def test_a_download_that_breaks_is_begun_anew(dam: Dam, src: Path, tmp_path: Path, fate: Any) -> None:
    upload(dam, src)
    dest = tmp_path / "dest"

    def decide(count: int, service: str) -> Any:
        return fate if service.endswith(".jpg") and count == 1 and int(service[:2]) % 5 == 0 else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(DOWNLOAD, dam, url=gateway.url, dest=str(dest), path=HERE)
    assert (result.get("reason"), result["counts"]["created"]) == (None, FILES), result.get("failures")


def test_an_answer_that_is_no_file_is_not_kept(dam: Dam, src: Path, tmp_path: Path) -> None:
    upload(dam, src)
    dest = tmp_path / "dest"

    def decide(_count: int, service: str) -> Any:
        return Refusal(200, {"Content-Type": "text/html"}) if service == "07.jpg" else "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(DOWNLOAD, dam, url=gateway.url, dest=str(dest), path=HERE)
    assert (result["counts"]["created"], result["counts"]["failed"]) == (FILES - 1, 1)
    assert not (dest / "07.jpg").exists()
