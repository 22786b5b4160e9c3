# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are fetched land in the folder that was looked at, in place of nothing that came meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.atomic_file import atomic_file
from ansible_collections.damops.elvis.plugins.module_utils._files.draft import LocalDraft
from ansible_collections.damops.elvis.plugins.module_utils._operations.download import OPERATION as DOWNLOAD
from tests.support.assets import Dam
from tests.support.gateway import gateway_to
from tests.support.transfers import OLD, outcome, write_files

THERE = "/Demo Zone/Inbox"


def count(_number: int) -> None:
    pass


def draft_at(path: Path, mode: int = 0o644) -> LocalDraft:
    return LocalDraft(os.fsencode(path), mode, count, lambda: None)


def contents(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(folder)): path.read_text() for path in found}


# --- A folder that is another one by now


def put_a_link(folder: Path, elsewhere: Path) -> None:
    folder.rename(folder.with_name("away"))
    folder.symlink_to(elsewhere)


def put_a_folder(folder: Path, _elsewhere: Path) -> None:
    folder.rename(folder.with_name("away"))
    (folder / "deep").mkdir(parents=True)


@pytest.mark.parametrize("put", [put_a_link, put_a_folder])
@pytest.mark.parametrize("name", ["sub", "sub/deep"])
def test_a_folder_that_is_replaced_while_a_download_runs(
    dam: Dam, tmp_path: Path, put: Callable[[Path, Path], None], name: str
) -> None:
    elsewhere, dest = tmp_path / "elsewhere", tmp_path / "dest"
    (elsewhere / "deep").mkdir(parents=True)
    write_files(dest, {"sub/deep/there.jpg": "there"})
    for number in range(4):
        dam.create(f"{THERE}/sub/deep/{number}.jpg", b"fetched")

    def decide(_number: int, service: str) -> Any:
        if service == "1.jpg" and not (dest / name).with_name("away").exists():
            put(dest / name, elsewhere)
        return "pass"

    with gateway_to(dam._elvis.url, decide) as gateway:
        result = outcome(DOWNLOAD, dam, url=gateway.url, path=THERE, dest=str(dest), concurrency=1)
    assert contents(elsewhere) == {}
    # The one that was being fetched lands where it was begun.
    away = (dest / name).with_name("away")
    assert {path.name for path in away.rglob("*.jpg")} == {"there.jpg", "0.jpg", "1.jpg"}
    done = (result.get("reason"), result["counts"]["created"], result["counts"]["failed"])
    assert done == (("storage", 2, 2) if put is put_a_link else (None, 4, 0))


# --- A file that comes meanwhile


def rewrite_with_its_dates(path: Path) -> None:
    found = path.stat()
    path.write_text("OLDER")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


MEANWHILE: list[tuple[str, bool, Callable[[Path], object]]] = [
    ("a new file", False, lambda path: path.write_text("of somebody else")),
    ("a new link", False, lambda path: path.symlink_to("nowhere")),
    ("another file", True, lambda path: path.write_text("of somebody else")),
    ("a file with the old size and dates", True, rewrite_with_its_dates),
    ("a link in its place", True, lambda path: (path.unlink(), path.symlink_to("nowhere"))),
]


@pytest.mark.parametrize(("was_there", "interfere"), [row[1:] for row in MEANWHILE], ids=[row[0] for row in MEANWHILE])
def test_what_comes_meanwhile_stays(tmp_path: Path, was_there: bool, interfere: Callable[[Path], object]) -> None:
    path = tmp_path / "a.jpg"
    if was_there:
        write_files(tmp_path, {"a.jpg": "older"})
    before = os.lstat(path) if was_there else None
    with pytest.raises(ElvisError, match="somebody wrote it meanwhile"), draft_at(path) as draft:  # noqa: PT012
        draft.fill([b"fetched"])
        interfere(path)
        left = os.readlink(path) if path.is_symlink() else path.read_text()  # noqa: PTH115
        draft.keep(OLD, before)
    assert (os.readlink(path) if path.is_symlink() else path.read_text()) == left  # noqa: PTH115
    assert [one.name for one in tmp_path.iterdir()] == ["a.jpg"]


@pytest.mark.parametrize("has_links", [True, False])
def test_a_file_has_its_mode_and_date_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    def no_links(*_arguments: Any, **_options: Any) -> None:
        raise PermissionError(1, "no hard links here")

    if not has_links:
        monkeypatch.setattr(os, "link", no_links)
    path = tmp_path / "a.jpg"
    with draft_at(path, 0o640) as draft:
        draft.fill([b"fetched"])
        assert [one.stat().st_mode & 0o777 for one in tmp_path.iterdir()] == [0o600]
        draft.keep(OLD, None)
    found = path.stat()
    assert (found.st_mode & 0o777, found.st_mtime, path.read_text()) == (0o640, OLD, "fetched")
    assert [one.name for one in tmp_path.iterdir()] == ["a.jpg"]


# --- A link that somebody else has put there


LINKS = [(0o777, 4711, True), (0o770, 4711, True), (0o755, 4711, False), (0o777, 0, False)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize(("folder_mode", "owner", "is_refused"), LINKS)
def test_a_link_of_another_user(tmp_path: Path, folder_mode: int, owner: int, is_refused: bool) -> None:
    folder, other = tmp_path / "reports", tmp_path / "passwd"
    folder.mkdir()
    folder.chmod(folder_mode)
    other.write_text("theirs")
    (folder / "report.jsonl").symlink_to(other)
    os.lchown(folder / "report.jsonl", owner, owner)
    if is_refused:
        with pytest.raises(ElvisError, match="a link that another user has put"):
            atomic_file(str(folder / "report.jsonl"), only_compare=False, option="report").__enter__()
    else:
        with atomic_file(str(folder / "report.jsonl"), only_compare=False, option="report") as file:
            file.write(b"ours")
            file.keep()
    assert other.read_text() == ("theirs" if is_refused else "ours")


def test_a_report_is_nobody_else_s_until_it_is_whole_and_replaces_the_last_one(tmp_path: Path) -> None:
    report = tmp_path / "report.jsonl"
    report.write_text("the last one")
    inode = report.stat().st_ino
    with atomic_file(str(report), only_compare=False, option="report") as file:
        file.write(b"this one")
        (draft,) = (path for path in tmp_path.iterdir() if path != report)
        assert draft.stat().st_mode & 0o777 == 0o600
        assert report.read_text() == "the last one"
        file.keep()
    assert (report.read_text(), report.stat().st_ino == inode) == ("this one", False)
    assert list(tmp_path.iterdir()) == [report]
