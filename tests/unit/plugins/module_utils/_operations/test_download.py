# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the DAM has is in a local folder: what is fetched, what is left alone, and what is removed."""

from __future__ import annotations

import errno
import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION
from tests.support.assets import Dam
from tests.support.operations import result_of, run
from tests.support.scripted import json_reply, raw_reply, scripted_server
from tests.support.transfers import outcome

THERE = "/Demo Zone/Print"


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "dest"


def download(dam: Dam, dest: Path, **options: Any) -> dict[str, Any]:
    """Run the task, with a look before it at what check mode says and that it writes nothing."""
    which = {} if options.keys() & {"query", "ids"} else {"path": THERE}
    options = {"session": dam.session, "dest": str(dest), **which, **options}
    before = content(dest)
    said = result_of(OPERATION, check_mode=True, **options)
    assert content(dest) == before
    dam._elvis.forget_requests()
    done = result_of(OPERATION, **options)
    if options.get("rendition", "original") != "original":
        # Nobody knows the size of one that was not fetched.
        assert all(entry.pop("bytes") for kind in ("created", "updated") for entry in done[kind])
    for key in ("changed", "counts", "folders", "reason", "created", "updated", "removed", "left_out", "failures"):
        assert said.get(key) == done.get(key), (key, said, done)
    return done


def content(folder: Path) -> dict[str, str]:
    """Return what is in a folder."""
    return {
        str(path.relative_to(folder)): "->" if path.is_symlink() else path.read_text(errors="replace")
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def fetched(dam: Dam) -> list[str]:
    return [seen["path"] for seen in dam._elvis.requests() if "/file/" in seen["path"]]


def test_patterns_that_fit_nothing_are_told(dam: Dam, dest: Path) -> None:
    dam.create(f"{THERE}/a.jpg", b"a")
    result = unchanged(dam, dest, patterns=["*.JPG"])
    assert result["warnings"] == ["No pattern of patterns fits any file, so no file takes part. Letter case counts."]
    assert "warnings" not in download(dam, dest, patterns=["*.jpg", "*.tif"], excludes=["*.psd"])


def unchanged(dam: Dam, dest: Path, **options: Any) -> dict[str, Any]:
    result = download(dam, dest, **options)
    assert (result["changed"], result.get("reason"), fetched(dam)) == (False, None, []), result
    return result


def test_a_tree_is_fetched_once(dam: Dam, dest: Path) -> None:
    files = {"a.jpg": "a", "sub/b.jpg": "b", "sub/deep/M\u00fcller, 1.jpg": "c", "empty.jpg": ""}
    for name, text in files.items():
        dam.create(f"{THERE}/{name}", text.encode())
    result = download(dam, dest)
    assert content(dest) == files
    assert result["counts"]["created"] == 4
    assert result["folders"] == [str(dest), str(dest / "sub"), str(dest / "sub/deep")]
    (asset,) = dam.metadata(f'assetPath:"{THERE}/a.jpg"').values()
    assert abs((dest / "a.jpg").stat().st_mtime - asset["assetFileModified"]["value"] / 1000) < 0.01
    unchanged(dam, dest)


@pytest.mark.parametrize(
    ("age", "options", "what"),
    [
        (-3600, {}, "updated"),
        (-3600, {"existing": "keep"}, "unchanged"),
        (1, {}, "unchanged"),
        (3600, {}, "failed"),
        (3600, {"force": True}, "updated"),
        (3600, {"existing": "keep"}, "unchanged"),
    ],
)
def test_dates_tell_which_side_was_changed(
    dam: Dam, dest: Path, age: float, options: dict[str, Any], what: str
) -> None:
    dam.create(f"{THERE}/a.jpg", b"theirs")
    download(dam, dest)
    (dest / "a.jpg").write_text("ours")
    (asset,) = dam.metadata(f'assetPath:"{THERE}/a.jpg"').values()
    date = asset["assetFileModified"]["value"] / 1000 + age
    os.utime(dest / "a.jpg", (date, date))
    result = download(dam, dest, **options)
    assert result["counts"][what] == 1
    assert content(dest) == {"a.jpg": "theirs" if what == "updated" else "ours"}
    if what == "failed":
        assert result["reason"] == "conflict"


@pytest.mark.parametrize(
    ("ours", "replace", "options", "what"),
    [
        # Edited here, and then replaced in the DAM.
        ("ours", "later", {}, "failed"),
        ("ours", "later", {"force": True}, "updated"),
        ("ours", "later", {"existing": "keep"}, "unchanged"),
        # As it is where the server's clock is ahead.
        ("ours", None, {}, "failed"),
        # The DAM holds it by now, or nobody has edited it.
        ("theirs", None, {}, "updated"),
        ("later", "later", {}, "updated"),
        (None, "later", {}, "updated"),
        ("", "later", {}, "updated"),
    ],
)
def test_what_somebody_wrote_here_is_replaced_only_where_the_dam_holds_it(
    dam: Dam, dest: Path, ours: str | None, replace: str | None, options: dict[str, Any], what: str
) -> None:
    asset_id = dam.create(f"{THERE}/a.jpg", b"theirs")
    download(dam, dest)
    if replace:
        dam.post("update", {"Filedata": ("a.jpg", replace.encode())}, id=asset_id)
    (asset,) = dam.metadata(f'assetPath:"{THERE}/a.jpg"').values()
    stored = asset["assetFileModified"]["value"] * 1_000_000
    if ours is not None:
        (dest / "a.jpg").write_text(ours)
    # What a program writes has a date that is finer than the DAM's.
    date = stored - 3_600_000_000_000 + (123_456 if ours is not None else 0)
    os.utime(dest / "a.jpg", ns=(date, date))
    result = download(dam, dest, **options)
    assert result["counts"][what] == 1
    theirs = replace or "theirs"
    assert content(dest) == {"a.jpg": theirs if what == "updated" else ours}
    if what == "failed":
        assert result["reason"] == "conflict"
        assert "nothing proves that the DAM holds it" in result["msg"]


@pytest.mark.parametrize(
    "milliseconds",
    [0, -1, -86_400_000, 4_102_444_800_000, -(10**13), 16_725_225_600_000, 10**17, -(10**19), 10**30],
    ids=["1970", "a moment before", "a day before", "2100", "1653", "2500", "beyond", "long before", "for ever"],
)
def test_a_date_is_kept_as_near_as_a_file_system_can(dest: Path, milliseconds: int) -> None:
    date = {"value": milliseconds, "formatted": ""}
    hit = {
        "id": "a1",
        "originalUrl": "/file/a1",
        "metadata": {"assetPath": "/Z/a.jpg", "fileSize": 3, "assetFileModified": date},
    }
    found = json_reply(200, {"totalHits": 1, "hits": [hit]})
    with scripted_server(found, raw_reply(200, b"abc", Content_Type="image/jpeg"), found) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t"}
        for is_changed in (True, False):
            result = run(OPERATION, session=session, ids=["a1"], dest=str(dest))
            assert (result["changed"], result["counts"]["failed"]) == (is_changed, 0)


def test_single_assets_lie_as_in_the_dam_or_side_by_side(dam: Dam, dest: Path) -> None:
    ids = [dam.create(path, b"x") for path in (f"{THERE}/a.jpg", "/Demo Zone/Other/b.jpg")]
    assert sorted(content(dest)) == []
    download(dam, dest / "tree", ids=ids)
    download(dam, dest / "flat", ids=ids, layout="flat")
    download(dam, dest / "query", query="extension:jpg", layout="flat")
    assert sorted(content(dest)) == [
        "flat/a.jpg",
        "flat/b.jpg",
        "query/a.jpg",
        "query/b.jpg",
        "tree/Demo Zone/Other/b.jpg",
        "tree/Demo Zone/Print/a.jpg",
    ]
    unchanged(dam, dest / "flat", ids=ids, layout="flat")


@pytest.mark.parametrize("spelled", ["/Demo Zone/Bu\u0308cher", "/demo zone/B\u00dcCHER", "/Demo Zone/B\u00fccher/"])
def test_the_folder_may_be_spelled_otherwise(dam: Dam, dest: Path, spelled: str) -> None:
    for name in ("a.jpg", "sub/b.jpg"):
        dam.create(f"/Demo Zone/B\u00fccher/{name}", name.encode())
    assert len(download(dam, dest, path=spelled, delete=True)["created"]) == 2
    assert content(dest) == {"a.jpg": "a.jpg", "sub/b.jpg": "sub/b.jpg"}
    unchanged(dam, dest, path=spelled, delete=True)


def test_two_of_one_name_are_refused_and_the_rest_is_fetched(dam: Dam, dest: Path) -> None:
    for name in ("1/a.jpg", "2/A.jpg", "3/b.jpg"):
        dam.create(f"{THERE}/{name}", b"x")
    result = download(dam, dest, layout="flat")
    assert [(item["path"], item["reason"]) for item in result["failures"]] == [
        (f"{THERE}/2/A.jpg", "conflict"),
        (f"{THERE}/1/a.jpg", "conflict"),
    ]
    assert sorted(content(dest)) == ["b.jpg"]


@pytest.mark.parametrize(("name", "expected"), [("a.png", "a.png.jpg"), ("b.JPG", "b.JPG"), ("c.jpeg", "c.jpeg")])
def test_a_preview_is_called_like_a_picture(dam: Dam, dest: Path, name: str, expected: str) -> None:
    picture = io.BytesIO()
    Image.new("RGB", (800, 600)).save(picture, "png" if name.endswith("png") else "jpeg")
    dam.create(f"{THERE}/{name}", picture.getvalue())
    dam.create(f"{THERE}/no picture.bin", b"x")
    result = download(dam, dest, rendition="preview")
    assert sorted(content(dest)) == [expected]
    assert [item["why"] for item in result["left_out"]] == ["it has no preview"]
    assert (dest / expected).read_bytes().startswith(b"\xff\xd8")
    unchanged(dam, dest, rendition="preview")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"patterns": ["*.jpg"]}, ["a.jpg", "sub/c.jpg"]),
        ({"excludes": ["sub"]}, ["a.jpg", "b.psd"]),
        ({"recursive": False}, ["a.jpg", "b.psd"]),
    ],
)
def test_the_other_side_is_filtered_alike(dam: Dam, dest: Path, options: dict[str, Any], expected: list[str]) -> None:
    for name in ("a.jpg", "b.psd", "sub/c.jpg"):
        dam.create(f"{THERE}/{name}", b"x")
    download(dam, dest, **options)
    assert sorted(content(dest)) == expected


def test_what_has_no_file_takes_no_part(dam: Dam, dest: Path) -> None:
    dam.create(f"{THERE}/x.collection", None)
    dam.create(f"{THERE}/virtual.jpg", None)
    dam.create(f"{THERE}/a.jpg", b"a")
    assert len(download(dam, dest)["left_out"]) == 2
    assert sorted(content(dest)) == ["a.jpg"]


# --- The local side


def test_nothing_is_written_through_a_link_that_leads_out(dam: Dam, dest: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.jpg").write_text("mine")
    dest.mkdir()
    (dest / "sub").symlink_to(outside)
    (dest / "b.jpg").symlink_to(outside / "b.jpg")
    (dest / "c.jpg").symlink_to("d.jpg")
    for name in ("sub/a.jpg", "b.jpg", "c.jpg", "good.jpg"):
        dam.create(f"{THERE}/{name}", b"theirs")
    result = download(dam, dest)
    assert [item["path"] for item in result["failures"]] == [f"{THERE}/b.jpg", f"{THERE}/sub/a.jpg"]
    assert content(outside) == {"b.jpg": "mine"}
    assert content(dest) == {"b.jpg": "->", "c.jpg": "->", "d.jpg": "theirs", "good.jpg": "theirs", "sub": "->"}


@pytest.mark.parametrize(
    ("there", "here"),
    [("IMG.JPG", "img.jpg"), ("M\u00fcller.jpg", "Mu\u0308ller.jpg"), ("Sub/x.jpg", "sub/X.jpg")],
)
def test_what_is_one_name_is_one_file(dam: Dam, dest: Path, there: str, here: str) -> None:
    dam.create(f"{THERE}/{there}", b"theirs")
    (dest / here).parent.mkdir(parents=True)
    (dest / here).write_text("older")
    os.utime(dest / here, (1, 1))
    assert download(dam, dest, delete=True)["counts"]["updated"] == 1
    assert content(dest) == {here: "theirs"}
    unchanged(dam, dest, delete=True)


@pytest.mark.parametrize("kind", ["folder", "pipe", "file above"])
def test_what_is_in_the_way_is_left_alone(dam: Dam, dest: Path, kind: str) -> None:
    dam.create(f"{THERE}/name/x.jpg" if kind == "file above" else f"{THERE}/name", b"theirs")
    dest.mkdir()
    if kind == "folder":
        (dest / "name").mkdir()
    elif kind == "pipe":
        os.mkfifo(dest / "name")
    else:
        (dest / "name").write_text("mine")
    assert download(dam, dest)["reason"] == "conflict"


def test_a_name_that_is_too_long_here_fails_alone(dam: Dam, dest: Path) -> None:
    dam.create(f"{THERE}/{'é' * 200}.jpg", b"x")
    dam.create(f"{THERE}/good.jpg", b"x")
    result = download(dam, dest)
    assert "404 bytes long" in result["failures"][0]["message"]
    assert sorted(content(dest)) == ["good.jpg"]


@pytest.mark.parametrize("folders", [22, 19], ids=["its folder as well", "it alone"])
def test_a_path_that_is_too_long_here_fails_alone(dest: Path, folders: int) -> None:
    deep = "/".join(["d" * 200] * folders)
    hits = [
        {"id": name, "originalUrl": f"/file/{name}", "metadata": {"assetPath": f"/Z/{path}", "fileSize": 3}}
        for name, path in (("a", "a.jpg"), ("b", f"{deep}/{'f' * 250}"))
    ]
    replies = json_reply(200, {"totalHits": 2, "hits": hits}), raw_reply(200, b"abc", Content_Type="image/jpeg")
    with scripted_server(*replies) as server:
        session = {"server_url": server.url, "auth_method": "bearer", "auth_token": "t"}
        result = result_of(OPERATION, session=session, ids=["a", "b"], dest=str(dest))
    assert (result["counts"]["created"], result["counts"]["failed"]) == (1, 1)
    assert "file name too long" in result["failures"][0]["message"]


def test_a_folder_that_can_not_be_made_fails_alone(dam: Dam, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.jpg", "closed/b.jpg", "closed/deep/c.jpg", "open/d.jpg"):
        dam.create(f"{THERE}/{name}", b"x")
    make = os.mkdir

    def refuse(path: Any, *mode: int, **options: Any) -> None:
        if b"closed" in os.fsencode(path):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        make(path, *mode, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", refuse)
        result = outcome(OPERATION, dam, path=THERE, dest=str(dest))
    assert (result["reason"], result["counts"]["created"]) == ("storage", 2)
    assert [entry["path"].removeprefix(f"{THERE}/") for entry in result["failures"]] == [
        "closed/b.jpg",
        "closed/deep/c.jpg",
    ]
    assert "closed can't be made: permission denied" in result["msg"]
    assert result["folders"] == [str(dest), str(dest / "open")]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["write", "fsync", "link", "makedirs"])
def test_a_disk_that_takes_nothing_more_ends_the_task(
    dam: Dam, dest: Path, monkeypatch: pytest.MonkeyPatch, number: int, call: str
) -> None:
    for place in range(8):
        dam.create(f"{THERE}/{place}.jpg", b"x" * 70_000)
    real = getattr(os, call)

    def fail(target: Any, *more: Any, **options: Any) -> Any:
        handle = options.get("src_dir_fd", target)
        name = str(Path(f"/proc/self/fd/{handle}").readlink()) if isinstance(handle, int) else os.fsdecode(target)
        if str(dest) in name:
            raise OSError(number, os.strerror(number))
        return real(target, *more, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        result = outcome(OPERATION, dam, path=THERE, dest=str(dest), concurrency=1)
    assert (result["reason"], result["counts"]["created"]) == ("storage", 0)
    assert result["counts"]["failed"] == (0 if call == "makedirs" else 1)
    assert content(dest) == {}
    assert outcome(OPERATION, dam, path=THERE, dest=str(dest))["counts"]["created"] == 8


def test_parts_of_an_interrupted_run_are_removed_after_a_day(dam: Dam, dest: Path) -> None:
    dam.create(f"{THERE}/a.jpg", b"x")
    dest.mkdir()
    for name, age in ((".elvis-a1b2c3d4.part", 2), (".elvis-a1b2c3d5.part", 0.5), (".elvis-x.part", 2)):
        (dest / name).write_text("")
        date = time.time() - age * 86400
        os.utime(dest / name, (date, date))
    download(dam, dest)
    assert sorted(content(dest)) == [".elvis-a1b2c3d5.part", ".elvis-x.part", "a.jpg"]


def test_what_a_machine_that_lost_its_power_has_of_a_file_is_fetched_again(dam: Dam, dest: Path) -> None:
    dam.create(f"{THERE}/a.jpg", b"content")
    dam.create(f"{THERE}/empty.jpg", b"")
    download(dam, dest)
    unchanged(dam, dest)
    before = (dest / "a.jpg").stat()
    (dest / "a.jpg").write_bytes(b"")
    os.utime(dest / "a.jpg", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert [entry["dest"] for entry in download(dam, dest)["updated"]] == [str(dest / "a.jpg")]
    assert content(dest) == {"a.jpg": "content", "empty.jpg": ""}
    unchanged(dam, dest)


def test_a_file_keeps_its_mode(dam: Dam, dest: Path) -> None:
    dam.create(f"{THERE}/a.jpg", b"x")
    download(dam, dest)
    (dest / "a.jpg").chmod(0o640)
    os.utime(dest / "a.jpg", (1, 1))
    download(dam, dest)
    assert (dest / "a.jpg").stat().st_mode & 0o777 == 0o640


# --- Removal


def test_a_mirror_has_no_more_than_the_dam(dam: Dam, dest: Path) -> None:
    for name in ("a.jpg", "b.jpg", "sub/c.jpg"):
        dam.create(f"{THERE}/{name}", b"x")
    download(dam, dest)
    (dest / "sub/old.jpg").write_text("")
    (dest / ".hidden").write_text("")
    assert [item["path"] for item in download(dam, dest, delete=True)["removed"]] == [f"{THERE}/sub/old.jpg"]
    assert sorted(content(dest)) == [".hidden", "a.jpg", "b.jpg", "sub/c.jpg"]
    unchanged(dam, dest, delete=True)


@pytest.mark.parametrize(
    ("there", "options", "why"),
    [
        (1, {}, "never more than half"),
        (9, {"max_delete": 0}, "max_delete is 0"),
        (0, {"max_delete": "100%"}, "the folder in the DAM is empty"),
    ],
)
def test_nothing_is_removed_by_surprise(dam: Dam, dest: Path, there: int, options: dict[str, Any], why: str) -> None:
    dam.folder(THERE)
    for number in range(there):
        dam.create(f"{THERE}/{number}.jpg", b"x")
    download(dam, dest)
    dest.mkdir(exist_ok=True)
    for number in range(3):
        (dest / f"old-{number}.jpg").write_text("")
    result = download(dam, dest, delete=True, **options)
    assert (result["reason"], why in result["msg"]) == ("conflict", True), result["msg"]
    assert len(content(dest)) == there + 3


# --- Metadata beside the files


def test_metadata_are_written_as_an_upload_reads_them(dam: Dam, dest: Path, tmp_path: Path) -> None:
    dam.create(f"{THERE}/sub/a.jpg", b"x", headline="=1+1", tags=["x", "y"])
    target = tmp_path / "metadata.csv"
    options = {"metadata_dest": str(target), "fields": ["headline", "tags"]}
    assert download(dam, dest, **options)["changed"]
    assert target.read_text() == 'path,headline,tags\nsub/a.jpg,\'=1+1,"x; y"\n'
    unchanged(dam, dest, **options)


def test_metadata_of_nothing_are_a_header(dam: Dam, dest: Path) -> None:
    dam.folder(THERE)
    options = {"metadata_dest": str(dest / "metadata.csv"), "fields": ["headline"]}
    assert download(dam, dest, **options)["folders"] == [str(dest)]
    assert (dest / "metadata.csv").read_text() == "path,headline\n"
    unchanged(dam, dest, **options)


@pytest.mark.parametrize("place", ["{tmp}", "{tmp}/nowhere/m.csv", "relative.csv", "/proc/m.csv"])
def test_metadata_that_can_not_be_written_are_told_before_anything_is_fetched(
    dam: Dam, dest: Path, tmp_path: Path, place: str
) -> None:
    dam.create(f"{THERE}/a.jpg")
    dam._elvis.forget_requests()
    metadata_dest = place.format(tmp=tmp_path)
    result = outcome(OPERATION, dam, path=THERE, dest=str(dest), metadata_dest=metadata_dest, fields=["headline"])
    assert (result["reason"], dam._elvis.requests(), dest.exists()) == ("bad_request", [], False)


@pytest.mark.parametrize("place", ["m.csv", "sub/m.csv"])
def test_metadata_may_lie_in_a_folder_that_is_fetched(dam: Dam, dest: Path, place: str) -> None:
    dam.create(f"{THERE}/sub/a.jpg", headline="One")
    options = {"metadata_dest": str(dest / place), "fields": ["headline"]}
    download(dam, dest, **options)
    assert (dest / place).read_text() == "path,headline\nsub/a.jpg,One\n"
    unchanged(dam, dest, **options)


# --- Options


@pytest.mark.parametrize(
    ("options", "reason", "why"),
    [
        ({"dest": "relative"}, "bad_request", "dest must be an absolute path"),
        ({"query": "extension:jpg", "delete": True}, "bad_request", "delete needs path"),
        ({"delete": True, "layout": "flat"}, "bad_request", "delete needs path"),
        ({"delete": True, "rendition": "preview"}, "bad_request", "delete needs path"),
        ({"path": "/Demo Zone/Nowhere"}, "not_found", "There is no folder /Demo Zone/Nowhere"),
        ({"ids": ["nobody"]}, "not_found", "no asset with the id nobody"),
        ({"query": " "}, "bad_request", "query is empty"),
        ({"dest": "/dev/null"}, "bad_request", "is not a folder"),
    ],
)
def test_what_can_not_be_meant(dam: Dam, dest: Path, options: dict[str, Any], reason: str, why: str) -> None:
    dam.folder(THERE)
    which = {} if options.keys() & {"query", "ids"} else {"path": THERE}
    result = outcome(OPERATION, dam, **{"dest": str(dest), **which, **options})
    assert (result["reason"], why in result["msg"]) == (reason, True), result["msg"]
    assert not dest.exists()


def test_a_simulated_session_sends_nothing(dam: Dam, dest: Path) -> None:
    session = {**dam.session, "auth_token": "simulated-by-check-mode", "simulated": True}
    result = run(OPERATION, check_mode=True, session=session, dest=str(dest), path=THERE)
    assert (result["simulated"], result["changed"], result["created"]) == (True, True, [])
    assert dam._elvis.requests() == []
