# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An upload to assets that somebody has checked out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.assets import Dam
from tests.support.emulator import Emulator
from tests.support.transfers import write_files
from tests.support.uploads import HERE, in_dam, names, unchanged, upload


def test_what_somebody_else_has_checked_out_is_left_alone(one_elvis: Emulator, dam: Dam, src: Path) -> None:
    other = Dam(one_elvis, "api", "api")
    asset_id = dam.create(f"{HERE}/a.jpg", b"there")
    other.post(f"checkout/{asset_id}")
    write_files(src, {"a.jpg": "here"})
    result = upload(dam, src)
    (failure,) = result["failures"]
    assert (failure["reason"], "api has it checked out since" in failure["message"]) == ("conflict", True)


@pytest.mark.parametrize("check_in", [False, True])
def test_our_own_check_out_stays_unless_it_is_to_end(dam: Dam, src: Path, check_in: bool) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"there")
    dam.post(f"checkout/{asset_id}")
    write_files(src, {"a.jpg": "here"})
    assert names(upload(dam, src, check_in=check_in), "updated") == ["a.jpg"]
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    assert bool(asset.get("checkedOutBy")) is not check_in


def test_our_own_check_out_of_an_unchanged_file_is_ended_as_well(dam: Dam, src: Path) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"same")
    dam.create(f"{HERE}/b.jpg", b"same")
    dam.post(f"checkout/{asset_id}")
    write_files(src, {"a.jpg": "same", "b.jpg": "same"})
    unchanged(dam, src)
    (entry,) = upload(dam, src, check_in=True)["updated"]
    assert (entry["path"], entry["fields"], "bytes" in entry) == (f"{HERE}/a.jpg", ["checkedOutBy"], False)
    asset = dam.metadata(f"id:{asset_id}")[f"{HERE}/a.jpg"]
    assert (asset.get("checkedOutBy"), asset["versionNumber"]) == (None, 1)
    unchanged(dam, src, check_in=True)


def test_a_check_out_of_somebody_else_is_none_of_an_unchanged_file(one_elvis: Emulator, dam: Dam, src: Path) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"same")
    Dam(one_elvis, "api", "api").post(f"checkout/{asset_id}")
    write_files(src, {"a.jpg": "same"})
    unchanged(dam, src, check_in=True)


def test_a_check_out_of_somebody_else_is_ended_by_force(one_elvis: Emulator, dam: Dam, src: Path) -> None:
    asset_id = dam.create(f"{HERE}/a.jpg", b"there")
    dam.post(f"checkout/{asset_id}")
    write_files(src, {"a.jpg": "here"})
    superuser = Dam(one_elvis, "admin", "changemenow")
    result = upload(superuser, src)
    assert "alice has it checked out since" in result["failures"][0]["message"]
    assert names(upload(superuser, src, force=True), "updated") == ["a.jpg"]
    (asset,) = dam.metadata(f'ancestorPaths:"{HERE}"').values()
    assert not asset.get("checkedOutBy")


@pytest.mark.parametrize("force", [False, True])
def test_an_asset_that_somebody_else_has_checked_out_goes_only_by_force(
    one_elvis: Emulator, dam: Dam, src: Path, force: bool
) -> None:
    write_files(src, {"a.jpg": "same", "b.jpg": "same", "c.jpg": "same"})
    ids = {name: dam.create(f"{HERE}/{name}", b"same") for name in ("a.jpg", "b.jpg", "c.jpg", "held.jpg", "old.jpg")}
    dam.post(f"checkout/{ids['held.jpg']}")
    result = upload(Dam(one_elvis, "admin", "changemenow"), src, delete=True, force=force)
    if force:
        assert names(result, "removed") == ["held.jpg", "old.jpg"]
        return
    (failure,) = result["failures"]
    assert (failure["reason"], names(result, "removed")) == ("conflict", ["old.jpg"])
    assert "alice has it checked out since" in failure["message"]
    assert "force: true" in failure["message"]
    assert in_dam(dam) == ["a.jpg", "b.jpg", "c.jpg", "held.jpg"]
