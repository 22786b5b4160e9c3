# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Only a proof that the DAM holds a file removes the file here, whatever a search says."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.asset import OPERATION as ASSET
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION as UPLOAD
from tests.support.assets import Dam, logged_in
from tests.support.emulator import start_emulator
from tests.support.gateway import gateway_to
from tests.support.transfers import OLD, both_ways, outcome, write_files
from tests.support.uploads import HERE

LAG = 1.5


@pytest.fixture(scope="module")
def lagging() -> Iterator[Any]:
    with start_emulator("--index-delay", str(int(1000 * LAG))) as emulator:
        yield emulator


@pytest.fixture
def slow(lagging: Any) -> Iterator[Dam]:
    """A user of an empty server whose search lags."""
    lagging.end_sessions()
    dam = Dam(lagging)
    for entry in dam.post("browse", path="/"):
        dam.post("remove", folderPath=entry["assetPath"])
    time.sleep(LAG + 0.1)
    yield dam
    dam.leave()


@pytest.fixture(params=[(), ("--checksum", "latest"), ("--embed",)], ids=["first", "latest", "embeds"])
def any_dam(request: pytest.FixtureRequest) -> Iterator[Dam]:
    with start_emulator(*request.param) as emulator, logged_in(emulator) as dam:
        yield dam


def here(src: Path) -> list[str]:
    return sorted(path.name for path in src.iterdir())


def stored(dam: Dam, name: str) -> bytes:
    """Return the original of an asset as the server has it now."""
    (asset_id,) = [asset_id for path, asset_id in dam.ids().items() if path == f"{HERE}/{name}"]
    reply = dam._http.get(f"{dam.session['server_url']}/file/{asset_id}/*/{name.rpartition('/')[2]}")
    assert reply.status_code == 200
    return bytes(reply.content)


def remove_by_ids(dam: Dam) -> None:
    dam.post("remove", ids=",".join(dam.ids().values()))


def remove_with_a_module(dam: Dam) -> None:
    for path in dam.ids():
        # Its own wait would bring the search up to date.
        assert outcome(ASSET, dam, path=path, state="absent", index_wait=0)["changed"]


@pytest.mark.parametrize("remove", [remove_by_ids, remove_with_a_module])
def test_what_was_removed_a_moment_ago_is_not_stored(slow: Dam, src: Path, remove: Callable[[Dam], None]) -> None:
    names = [f"{number:02}.jpg" for number in range(20)]
    write_files(src, {name: f"content of {name}" for name in names})
    assert outcome(UPLOAD, slow, src=str(src), path=HERE)["counts"]["created"] == 20
    time.sleep(LAG + 0.1)
    remove(slow)
    options: dict[str, Any] = {"src": str(src), "path": HERE, "uploaded": "remove"}
    result = both_ways(UPLOAD, slow, **options)
    assert (result["put_away"], here(src)) == (0, names)
    assert [kept["path"] for kept in result["kept"]] == names
    assert {kept["why"] for kept in result["kept"]} == {"the server returns no original for its id"}
    assert "nothing proves that the DAM holds them: 00.jpg" in result["warnings"][0]
    time.sleep(LAG + 0.1)
    result = outcome(UPLOAD, slow, **options)
    assert (result["counts"]["created"], result["put_away"], here(src)) == (20, 20, [])


def test_what_was_renamed_a_moment_ago_is_proven_by_its_original(slow: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "mine", "b.jpg": "mine as well"})
    outcome(UPLOAD, slow, src=str(src), path=HERE)
    time.sleep(LAG + 0.1)
    slow.post("move", source=f"{HERE}/a.jpg", target=f"{HERE}/c.jpg")
    slow.create(f"{HERE}/a.jpg", b"of somebody else")
    result = both_ways(UPLOAD, slow, src=str(src), path=HERE, uploaded="remove")
    # The asset of the first upload holds it, whatever it is called.
    assert (result["put_away"], here(src)) == (2, [])


ROWS: dict[str, dict[str, Any]] = {
    "as usual": {},
    "by date": {"checksum": False},
    "younger ones only": {"existing": "newer"},
}


def test_the_content_before_the_last_one_comes_back(any_dam: Dam, src: Path) -> None:
    for number, content in enumerate(("a's content", "b's content", "a's content")):
        if number:
            # Each is younger than what is stored, beyond what the tolerance of dates hides.
            time.sleep(2.1)
        write_files(src, {"a.jpg": content})
        moment = time.time() - (0 if number else 60)
        os.utime(src / "a.jpg", (moment, moment))
        for name, options in ROWS.items():
            result = outcome(UPLOAD, any_dam, src=str(src), path=f"{HERE}/{name}", **options)
            assert result["counts"]["updated" if number else "created"] == 1, (name, number, result)
            assert stored(any_dam, f"{name}/a.jpg").startswith(content.encode())
    for metadata in any_dam.metadata(f'ancestorPaths:"{HERE}"').values():
        assert metadata["versionNumber"] == 3


def test_an_older_file_with_the_first_checksum_is_neither_sent_nor_removed(any_dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "first"})
    outcome(UPLOAD, any_dam, src=str(src), path=HERE)
    any_dam.post(
        "update",
        {"Filedata": ("a.jpg", b"other")},
        id=any_dam.ids()[f"{HERE}/a.jpg"],
        metadata="{}",
    )
    for _run in range(2):
        result = both_ways(UPLOAD, any_dam, src=str(src), path=HERE, uploaded="remove")
        assert (result["counts"]["unchanged"], result["put_away"], here(src)) == (1, 0, ["a.jpg"])
        assert [kept["path"] for kept in result["kept"]] == ["a.jpg"]
    (metadata,) = any_dam.metadata(f'ancestorPaths:"{HERE}"').values()
    assert metadata["versionNumber"] == 2


@pytest.mark.parametrize("size", [5, 6], ids=["as long", "longer"])
@pytest.mark.parametrize("operation", [UPLOAD, ASSET], ids=["elvis_upload", "elvis_asset"])
def test_a_file_that_is_rewritten_right_after_its_upload(dam: Dam, src: Path, size: int, operation: Any) -> None:
    dam.create(f"{HERE}/a.jpg", b"one")
    time.sleep(2.1)
    where = (
        {"src": str(src), "path": HERE} if operation is UPLOAD else {"file": f"{src}/a.jpg", "path": f"{HERE}/a.jpg"}
    )
    for content in ("two..", "three...."[:size], "three...."[:size]):
        is_same = (src / "a.jpg").exists() and (src / "a.jpg").read_text() == content
        if not is_same:
            (src / "a.jpg").write_text(content)
        result = outcome(operation, dam, **where)
        assert result["changed"] is not is_same, (content, result)
        assert stored(dam, "a.jpg") == content.encode()


@pytest.mark.parametrize("answer", ["lose answer", "pass"])
def test_a_lost_answer_is_no_proof(any_dam: Dam, src: Path, answer: Any) -> None:
    write_files(src, {"a.jpg": "mine"})

    def decide(_number: int, service: str) -> Any:
        return answer if service == "create" else "pass"

    with gateway_to(any_dam._elvis.url, decide) as gateway:
        result = outcome(UPLOAD, any_dam, url=gateway.url, src=str(src), path=HERE, uploaded="remove")
    asked = [seen["path"] for seen in any_dam._elvis.requests() if "/file/" in seen["path"]]
    assert (result["put_away"], len(asked)) == (1, 1 if answer == "lose answer" else 0), result


def test_a_file_that_a_server_stores_with_texts_in_it_stays_after_an_update(src: Path) -> None:
    with start_emulator("--embed") as emulator, logged_in(emulator) as dam:
        dam.create(f"{HERE}/a.jpg", b"\xff\xd8\xff one", headline="One")
        content = b"\xff\xd8\xff two"
        write_files(src, {"a.jpg": content})
        os.utime(src / "a.jpg", (time.time() + 2.5, time.time() + 2.5))
        time.sleep(2.5)
        result = outcome(UPLOAD, dam, src=str(src), path=HERE, uploaded="remove")
        assert (result["counts"]["updated"], result["put_away"], here(src)) == (1, 0, ["a.jpg"]), result
        assert result["updated"][0]["kept"] == result["kept"][0]["why"]
        os.utime(src / "a.jpg", (OLD, OLD))
        again = both_ways(UPLOAD, dam, src=str(src), path=HERE, uploaded="remove")
        assert (again["counts"]["unchanged"], again["put_away"], here(src)) == (1, 0, ["a.jpg"])
        (metadata,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
        assert metadata["versionNumber"] == 2
