# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are for the assets with a number in their names: each asset keeps its name and its place."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import index_lag
from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from ansible_collections.damops.elvis.plugins.module_utils._transfers import upload_run
from tests.support.assets import Dam
from tests.support.emulator import Emulator, start_emulator
from tests.support.operations import fail, run
from tests.support.transfers import both_ways, outcome, write

pytestmark = pytest.mark.usefixtures("no_waiting")

FIELD = "cf_articleNumber"
MATCH = {"field": FIELD, "pattern": r"(?<!\d)0*([1-9]\d{7,13})(?!\d)"}
SHOP = {
    "/Z/chair.jpg": "12345678",
    "/Z/deep/lamp.jpg": "23456789",
    "/Z/table.tif": "34567890",
    "/Y/old.jpg": "45678901",
}


def fill(dam: Dam, numbers: Mapping[str, str] = MappingProxyType(SHOP)) -> dict[str, str]:
    """Make assets with article numbers, and return their ids."""
    return {path: dam.create(path, path.encode(), **{FIELD: number}) for path, number in numbers.items()}


def match(dam: Dam, src: Path, **options: Any) -> dict[str, Any]:
    return both_ways(OPERATION, dam, **{"src": str(src), "path": "/Z", "match": MATCH, **options})


def contents(dam: Dam) -> dict[str, str]:
    """Return what each asset holds, by its path."""
    return {path: dam.download(asset_id).decode() for path, asset_id in dam.ids().items()}


def test_each_asset_gets_its_file_and_keeps_its_name_and_place(dam: Dam, src: Path) -> None:
    ids = fill(dam)
    write(src, "012345678_front.jpg", "x/23456789.jpg")
    write(src, **{"34567890.tif": "/Z/table.tif"})
    done = match(dam, src)
    assert (done["counts"]["updated"], done["counts"]["unchanged"], done["counts"]["failed"]) == (2, 1, 0)
    assert dam.ids() == ids
    assert contents(dam) == {path: path for path in SHOP} | {
        "/Z/chair.jpg": "012345678_front.jpg",
        "/Z/deep/lamp.jpg": "x/23456789.jpg",
    }
    assert {entry["file"]: entry["path"] for entry in done["updated"]} == {
        "012345678_front.jpg": "/Z/chair.jpg",
        "x/23456789.jpg": "/Z/deep/lamp.jpg",
    }
    assert dam.metadata("*:*")["/Z/chair.jpg"][FIELD] == "12345678"
    assert match(dam, src)["changed"] is False


def test_no_folder_is_made(dam: Dam, src: Path) -> None:
    fill(dam, {"/Z/chair.jpg": "12345678"})
    write(src, "new/12345678.jpg")
    (src / "empty").mkdir()
    assert match(dam, src)["folders"] == []
    assert match(dam, src, path="/nowhere", unmatched="skip")["counts"]["skipped"] == 1
    assert [entry["assetPath"] for entry in dam.post("browse", path="/")] == ["/Z"]


def test_the_whole_dam(dam: Dam, src: Path) -> None:
    fill(dam)
    write(src, "45678901.jpg")
    assert [entry["path"] for entry in match(dam, src, path="/")["updated"]] == ["/Y/old.jpg"]


@pytest.mark.parametrize(("unmatched", "reason"), [("fail", "not_found"), ("skip", None)])
def test_a_file_without_an_asset(dam: Dam, src: Path, unmatched: str, reason: str | None) -> None:
    fill(dam)
    # The last one lies elsewhere.
    write(src, "12345678.jpg", "99999999.jpg", "none.jpg", "45678901.jpg")
    options = {"src": str(src), "path": "/Z", "match": MATCH, "unmatched": unmatched}
    done = match(dam, src, unmatched=unmatched)
    assert (done.get("reason"), done["counts"]["updated"]) == (reason, 1)
    listed = done["left_out" if unmatched == "skip" else "failures"]
    assert sorted(entry["path"] for entry in listed) == ["45678901.jpg", "99999999.jpg", "none.jpg"]
    words = {entry["path"]: entry.get("why") or entry["message"] for entry in listed}
    assert f"no asset below /Z has {FIELD} 45678901" in words["45678901.jpg"]
    assert f"match.pattern finds no {FIELD} in its name" in words["none.jpg"]
    assert outcome(OPERATION, dam, **options)["counts"]["updated"] == 0


def test_what_can_not_be_told_apart_is_not_sent(dam: Dam, src: Path) -> None:
    fill(dam)
    fill(dam, {"/Z/twin.jpg": "34567890", "/Z/almost.jpg": "56789012 B"})
    before = contents(dam)
    names = ["12345678_front.jpg", "12345678_back.jpg", "23456789_34567890.jpg", "34567890.jpg", "56789012.jpg"]
    write(src, *names)
    done = match(dam, src, unmatched="skip")
    assert (done["reason"], done["changed"], contents(dam)) == ("conflict", False, before)
    messages = {entry["path"]: entry["message"] for entry in done["failures"]}
    assert sorted(messages) == sorted(names[:4])
    assert "2 files are for /Z/chair.jpg: 12345678_back.jpg; 12345678_front.jpg" in messages[names[0]]
    assert "has several values of cf_articleNumber: 23456789, 34567890" in messages[names[2]]
    assert "2 assets have cf_articleNumber 34567890: /Z/table.tif, /Z/twin.jpg" in messages[names[3]]
    assert [entry["path"] for entry in done["left_out"]] == ["56789012.jpg"]


def test_what_somebody_works_on_is_left_alone(dam: Dam, src: Path) -> None:
    ids = fill(dam)
    Dam(dam._elvis, "api", "api").post(f"checkout/{ids['/Z/chair.jpg']}")
    write(src, "12345678.jpg", "23456789.jpg")
    done = match(dam, src, uploaded="remove")
    assert (done["reason"], done["put_away"]) == ("conflict", 1)
    assert "was left unchanged: api has it checked out" in done["failures"][0]["message"]
    assert [path.name for path in src.iterdir()] == ["12345678.jpg"]


def test_all_assets_with_one_value_are_named(dam: Dam, src: Path) -> None:
    paths = [f"/Z/{number:02}.jpg" for number in range(25)]
    fill(dam, dict.fromkeys(paths, "12345678"))
    write(src, "12345678.jpg")
    (failure,) = match(dam, src)["failures"]
    assert (failure["reason"], failure["assets"]) == ("conflict", paths)
    assert failure["message"].endswith("/Z/19.jpg and 5 more.")


def test_an_asset_that_gets_another_number_meanwhile(dam: Dam, src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = fill(dam)
    write(src, "12345678.jpg", "23456789.jpg")
    make_folders = upload_run.make_folders

    def renumber(*arguments: Any) -> Any:
        dam.post("update", id=ids["/Z/chair.jpg"], metadata=json.dumps({FIELD: "87654321"}))
        return make_folders(*arguments)

    monkeypatch.setattr(upload_run, "make_folders", renumber)
    done = outcome(OPERATION, dam, src=str(src), path="/Z", match=MATCH)
    assert (done["reason"], done["counts"]["updated"]) == ("conflict", 1)
    assert f"it has changed meanwhile: {FIELD}" in done["failures"][0]["message"]
    assert contents(dam)["/Z/chair.jpg"] == "/Z/chair.jpg"


def test_a_drop_folder_keeps_what_has_no_asset(dam: Dam, src: Path, tmp_path: Path) -> None:
    fill(dam)
    write(src, "12345678.jpg", "99999999.jpg")
    # The bytes are there already.
    write(src, **{"23456789.jpg": "/Z/deep/lamp.jpg"})
    done = match(dam, src, unmatched="skip", uploaded="move", move_to=str(tmp_path / "done"))
    assert (done["put_away"], done["counts"]["updated"], done["counts"]["unchanged"]) == (2, 1, 1)
    assert [path.name for path in src.iterdir()] == ["99999999.jpg"]
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["12345678.jpg", "23456789.jpg"]


def test_metadata_are_state(dam: Dam, src: Path, tmp_path: Path) -> None:
    fill(dam)
    write(src, "12345678.jpg")
    captions = tmp_path / "captions.csv"
    captions.write_text("path,headline\n12345678.jpg,A chair\n", encoding="utf-8")
    options = {"metadata": {"status": "New"}, "metadata_src": str(captions), "metadata_on": "always"}
    match(dam, src, **options)
    metadata = dam.metadata("*:*")["/Z/chair.jpg"]
    assert (metadata["status"], metadata["headline"]) == ("New", "A chair")
    assert match(dam, src, **options)["changed"] is False


def test_a_hundred_files_take_one_search(dam: Dam, src: Path, one_elvis: Emulator) -> None:
    numbers = {f"/Z/{number}.jpg": str(number) for number in range(10_000_000, 10_000_130)}
    fill(dam, numbers)
    write(src, **{f"{number}_x.jpg": path for path, number in numbers.items()})
    one_elvis.forget_requests()
    assert match(dam, src)["counts"]["unchanged"] == 130
    searches = [seen for seen in one_elvis.requests() if seen["path"].endswith("/search")]
    # The check and the run.
    assert len(searches) == 2 * 2


def test_an_asset_that_the_search_knows_a_little_later(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_lag, "INDEX_LAG", 20)
    with start_emulator("--index-delay", "700") as server:
        dam = Dam(server)
        dam.create("/Z/other.jpg")
        write(src, "12345678.jpg")
        threading.Timer(0.5, fill, (dam, {"/Z/chair.jpg": "12345678"})).start()
        done = run(OPERATION, session=dam.session, src=str(src), path="/Z", match=MATCH)
        assert done["counts"]["updated"] == 1
        dam.leave()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delete": True}, "delete can't be used with match"),
        ({"metadata": {"status": "New"}}, "Use metadata_on: always"),
        ({"metadata_src": "/srv/captions.csv"}, "Use metadata_on: always"),
        ({"match": {"field": "Art. No.", "pattern": "(a)"}}, "match.field: 'Art. No.' is not the name of a field"),
        ({"match": {"field": "gtin", "pattern": "a"}}, "match.pattern has no group"),
    ],
)
def test_what_is_refused(dam: Dam, src: Path, one_elvis: Emulator, options: dict[str, Any], message: str) -> None:
    one_elvis.forget_requests()
    error = fail(OPERATION, **{"session": dam.session, "src": str(src), "path": "/Z", "match": MATCH, **options})
    assert error.reason == "bad_request"
    assert message in error.message
    assert one_elvis.requests() == []
