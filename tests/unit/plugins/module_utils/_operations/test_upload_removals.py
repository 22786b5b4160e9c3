# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an upload removes: from the DAM what has no counterpart, from the folder what is stored."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._operations.upload import OPERATION
from tests.support.assets import Dam
from tests.support.gateway import gateway_to
from tests.support.transfers import OLD, outcome, write_files
from tests.support.uploads import HERE, in_dam, names, unchanged, upload

# --- Removal


def test_a_mirror_has_no_more_than_the_folder(dam: Dam, src: Path) -> None:
    for name in ("a.jpg", "b.jpg", "sub/c.jpg", "sub/d.jpg", "old.jpg"):
        dam.create(f"{HERE}/{name}", b"same")
    dam.create("/Demo Zone/Elsewhere/x.jpg")
    write_files(src, {"a.jpg": "same", "b.jpg": "same", "sub/c.jpg": "same"})
    assert names(upload(dam, src, delete=True), "removed") == ["old.jpg", "sub/d.jpg"]
    assert in_dam(dam) == ["a.jpg", "b.jpg", "sub/c.jpg"]
    unchanged(dam, src, delete=True)
    assert dam.metadata('ancestorPaths:"/Demo Zone/Elsewhere"')


Prepare = Callable[[Path], object]
KEPT: list[tuple[str, Prepare, dict[str, Any]]] = [
    ("excluded here", lambda src: write_files(src, {"x.psd": ""}), {"excludes": ["*.psd"]}),
    ("excluded, not here", lambda _src: None, {"excludes": ["*.psd"]}),
    ("no pattern fits", lambda _src: None, {"patterns": ["*.jpg"]}),
    ("too young", lambda src: (src / "x.psd").write_text(""), {"min_age": 3600}),
    ("a link that leads outside", lambda src: (src / "x.psd").symlink_to("/etc/hostname"), {}),
    ("a broken link", lambda src: (src / "X.PSD").symlink_to("nowhere"), {}),
    ("a pipe", lambda src: os.mkfifo(src / "x.psd"), {}),
    ("a folder that is excluded", lambda _src: None, {"excludes": ["x.psd"]}),
]


@pytest.mark.parametrize(("prepare", "options"), [row[1:] for row in KEPT], ids=[row[0] for row in KEPT])
def test_what_is_never_removed(dam: Dam, src: Path, prepare: Prepare, options: dict[str, Any]) -> None:
    for name in ("a.jpg", "b.jpg", "x.psd"):
        dam.create(f"{HERE}/{name}", b"same")
    write_files(src, {"a.jpg": "same", "b.jpg": "same"})
    for path in (src / "a.jpg", src / "b.jpg"):
        os.utime(path, (OLD, OLD))
    prepare(src)
    result = upload(dam, src, delete=True, **options)
    assert (result["removed"], in_dam(dam)) == ([], ["a.jpg", "b.jpg", "x.psd"])


def test_below_an_empty_folder_nothing_is_removed(dam: Dam, src: Path) -> None:
    for name in ("a.jpg", "b.jpg", "c.jpg", "mounted/x.jpg"):
        dam.create(f"{HERE}/{name}", b"same")
    write_files(src, dict.fromkeys(("a.jpg", "b.jpg", "c.jpg"), "same"))
    (src / "mounted").mkdir()
    (left,) = unchanged(dam, src, delete=True)["left_out"]
    assert left["path"] == f"{HERE}/mounted/x.jpg"
    assert "mount point" in left["why"]


REFUSED: list[tuple[str, int, list[str], dict[str, Any], str]] = [
    ("more than half", 10, ["0.jpg"], {}, "never more than half"),
    ("more than the number", 10, [f"{n}.jpg" for n in range(7)], {"max_delete": 2}, "max_delete is 2"),
    ("more than the share", 10, [f"{n}.jpg" for n in range(7)], {"max_delete": "20%"}, "max_delete is 20%"),
    ("src is empty", 10, [], {"max_delete": "100%"}, "src is empty"),
    ("something failed", 4, ["0.jpg", "1.jpg", "2.jpg", "a#b.jpg"], {}, "something failed before"),
]


@pytest.mark.parametrize(
    ("there", "here", "options", "why"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_nothing_is_removed_by_surprise(
    dam: Dam, src: Path, there: int, here: list[str], options: dict[str, Any], why: str
) -> None:
    for number in range(there):
        dam.create(f"{HERE}/{number}.jpg", b"same")
    write_files(src, dict.fromkeys(here, "same"))
    result = upload(dam, src, delete=True, **options)
    assert result["reason"] in ("conflict", "bad_request")
    assert why in result["msg"]
    assert len(in_dam(dam)) == there


@pytest.mark.parametrize("most", ["80%", "100%"])
def test_a_share_above_a_half_may_be_given(dam: Dam, src: Path, most: str) -> None:
    for number in range(5):
        dam.create(f"{HERE}/{number}.jpg", b"same")
    write_files(src, {"0.jpg": "same"})
    assert len(upload(dam, src, delete=True, max_delete=most)["removed"]) == 4


def test_containers_and_assets_without_a_file_take_no_part(dam: Dam, src: Path) -> None:
    dam.create(f"{HERE}/x.collection", None)
    dam.create(f"{HERE}/virtual.jpg", None)
    write_files(src, {"a.jpg": "a"})
    upload(dam, src)
    left_out = unchanged(dam, src, delete=True)["left_out"]
    assert sorted(names({"left_out": left_out}, "left_out")) == ["virtual.jpg", "x.collection"]


# --- A drop folder


@pytest.mark.parametrize("uploaded", ["remove", "move"])
def test_a_drop_folder_is_emptied(dam: Dam, src: Path, tmp_path: Path, uploaded: str) -> None:
    write_files(src, {"a.jpg": "a", "sub/b.jpg": "b", ".hidden": "", "there.jpg": "same"})
    dam.create(f"{HERE}/there.jpg", b"same")
    done = tmp_path / "done"
    done.mkdir()
    (done / "a.jpg").write_text("of an earlier run")
    options = {"uploaded": uploaded, **({"move_to": str(done)} if uploaded == "move" else {})}
    result = upload(dam, src, **options)
    assert (result["put_away"], result["counts"]["created"], result["changed"]) == (3, 2, True)
    assert sorted(path.name for path in src.rglob("*") if path.is_file()) == [".hidden"]
    moved = sorted(str(path.relative_to(done)) for path in done.rglob("*") if path.is_file())
    assert moved == (["a-1.jpg", "a.jpg", "sub/b.jpg", "there.jpg"] if uploaded == "move" else ["a.jpg"])
    assert (done / "a.jpg").read_text() == "of an earlier run"
    unchanged(dam, src, **options)


def test_files_are_moved_to_another_device(dam: Dam, src: Path) -> None:
    write_files(src, {"a.jpg": "a", "sub/b.jpg": "b"})
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        done = Path(name)
        assert done.stat().st_dev != src.stat().st_dev
        (done / "a.jpg").write_text("of an earlier run")
        assert upload(dam, src, uploaded="move", move_to=name)["put_away"] == 2
        moved = {str(path.relative_to(done)): path.read_text() for path in done.rglob("*") if path.is_file()}
        assert moved == {"a.jpg": "of an earlier run", "a-1.jpg": "a", "sub/b.jpg": "b"}
        assert int((done / "a-1.jpg").stat().st_mtime) == OLD
    assert [path for path in src.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("uploaded", ["remove", "move"])
@pytest.mark.parametrize("was_there", [False, True], ids=["created", "updated"])
def test_what_was_stored_counts_also_when_its_file_stays(
    dam: Dam, src: Path, tmp_path: Path, uploaded: str, was_there: bool
) -> None:
    write_files(src, {"a.jpg": "a", "b.jpg": "b"})
    if was_there:
        for name in ("a.jpg", "b.jpg"):
            dam.create(f"{HERE}/{name}", b"of yesterday")

    def replaced(body: bytes) -> bytes:
        (src / "a.jpg").write_text("of another moment")
        return body

    service = "update" if was_there else "create"
    with gateway_to(
        dam._elvis.url, lambda number, asked: replaced if (number, asked) == (1, service) else "pass"
    ) as gateway:
        more = {"move_to": str(tmp_path / "done")} if uploaded == "move" else {}
        options = {"src": str(src), "path": HERE, "uploaded": uploaded, "concurrency": 1, **more}
        result = outcome(OPERATION, dam, url=gateway.url, **options)
    kind = "updated" if was_there else "created"
    assert (result["counts"][kind], result["counts"]["failed"], result["changed"]) == (2, 1, True), result
    assert result["reason"] == "conflict"
    assert (src / "a.jpg").read_text() == "of another moment"
