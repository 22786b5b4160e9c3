# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes is the file that was listed, and nothing is overwritten where it goes."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files import removal
from ansible_collections.damops.elvis.plugins.module_utils._files.atomic_file import PREFIX, SUFFIX
from ansible_collections.damops.elvis.plugins.module_utils._files.tree import LocalFile
from tests.support.transfers import write_files

CONTENT = "content"


@pytest.fixture
def done(tmp_path: Path) -> Path:
    folder = tmp_path / "done"
    folder.mkdir()
    return folder


def listed(src: Path, name: str = "sub/a.jpg") -> LocalFile:
    write_files(src, {name: CONTENT})
    path = os.fsencode(src / name)
    return LocalFile.of(path, name, os.lstat(path))


def files(folder: Path) -> dict[str, str]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in found}


# --- A file that is another one by now


def rewrite_with_its_dates(path: Path) -> None:
    found = path.stat()
    path.write_text("CONTENT")
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


def replace_with_its_dates(path: Path) -> None:
    found = path.stat()
    other = path.with_name("other")
    other.write_text("CONTENT")
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)


def put_a_link_to_another_folder(path: Path) -> None:
    away = path.parent.with_name("away")
    path.parent.rename(away)
    path.parent.symlink_to(away)


def grow(path: Path) -> None:
    with path.open("a") as file:
        file.write("more")


OTHERS: list[Callable[[Path], None]] = [
    rewrite_with_its_dates,
    replace_with_its_dates,
    put_a_link_to_another_folder,
    grow,
]


@pytest.mark.parametrize("interfere", OTHERS)
@pytest.mark.parametrize("how", ["remove", "move"])
def test_a_file_that_is_another_one_by_now_stays(
    src: Path, done: Path, interfere: Callable[[Path], None], how: str
) -> None:
    file = listed(src)
    interfere(src / "sub/a.jpg")
    before = files(src)
    with pytest.raises(ElvisError, match="is stored in the DAM, but was not"):
        removal.remove_file(file) if how == "remove" else removal.move_file(file, str(done))
    assert (files(src), files(done)) == (before, {})


@pytest.mark.parametrize("how", ["remove", "move"])
@pytest.mark.parametrize("goes", ["file", "folder", "disk"])
def test_only_a_file_that_left_its_folder_is_gone(src: Path, done: Path, how: str, goes: str) -> None:
    file = listed(src)
    (src / "sub/a.jpg").unlink()
    if goes == "file":
        assert (removal.remove_file(file) if how == "remove" else removal.move_file(file, str(done))) is False
    else:
        if goes == "folder":
            (src / "sub").rmdir()
        file = file._replace(device=file.device + (goes == "disk"))
        with pytest.raises(ElvisError, match="somebody changed it meanwhile"):
            removal.remove_file(file) if how == "remove" else removal.move_file(file, str(done))
    assert files(done) == {}


@pytest.mark.parametrize("taken", [False, True])
def test_a_file_that_another_run_is_moving_is_left_to_it(src: Path, done: Path, taken: bool) -> None:
    file = listed(src)
    if taken:
        write_files(done, {"sub/a.jpg": "of somebody else"})
    (done / "sub").mkdir(exist_ok=True)
    os.link(src / "sub/a.jpg", done / ("sub/a-1.jpg" if taken else "sub/a.jpg"))
    before = files(done)
    assert removal.move_file(file, str(done)) is False
    assert (files(src), files(done)) == ({"sub/a.jpg": CONTENT}, before)


# --- A folder that has two paths


def test_a_file_is_not_moved_onto_itself(src: Path) -> None:
    """As it would be where a folder is mounted twice: no path shows that."""
    with pytest.raises(ElvisError, match="that is the folder that it lies in"):
        removal.move_file(listed(src), str(src))
    assert files(src) == {"sub/a.jpg": CONTENT}


def test_a_share_that_is_mounted_twice_loses_no_file(src: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system says that these are two devices, which have the same file."""
    file = listed(src)
    seen: list[int] = []

    def look(folder: int, name: bytes) -> Any:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        seen.append(folder)
        fields = {field: getattr(found, field) for field in dir(found) if field.startswith("st_")}
        return SimpleNamespace(**{**fields, "st_dev": found.st_dev + (folder != seen[0])})

    monkeypatch.setattr(removal, "look", look)
    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os.path, "samestat", lambda *_found: False)
    removal.move_file(file, str(src))
    assert list(files(src).values()) == [CONTENT]


# --- Where it goes


def no_links(*_arguments: Any, **_options: Any) -> None:
    raise OSError(errno.EPERM, "no hard links here")


LINKS: list[tuple[str, Callable[..., None] | None]] = [("links", None), ("no links", no_links)]
either = pytest.mark.parametrize("link", [row[1] for row in LINKS], ids=[row[0] for row in LINKS])


@either
def test_a_name_that_is_taken_a_moment_later_is_not_overwritten(
    src: Path, done: Path, monkeypatch: pytest.MonkeyPatch, link: Callable[..., None] | None
) -> None:
    file = listed(src)
    real = os.link

    def taken_meanwhile(source: Any, target: Any, **options: Any) -> None:
        if target == b"a.jpg" and not (done / "sub/a.jpg").exists():
            (done / "sub/a.jpg").write_text("of somebody else")
        (link or real)(source, target, **options)

    monkeypatch.setattr(os, "link", taken_meanwhile)
    removal.move_file(file, str(done))
    assert files(done) == {"sub/a.jpg": "of somebody else", "sub/a-1.jpg": CONTENT}
    assert files(src) == {}


@either
@pytest.mark.parametrize("step", ["unlink", "stat"])
def test_a_move_that_was_killed_is_finished(
    src: Path, done: Path, monkeypatch: pytest.MonkeyPatch, link: Callable[..., None] | None, step: str
) -> None:
    if link:
        monkeypatch.setattr(os, "link", link)
    file = listed(src)

    class Killed(BaseException):
        pass

    def kill(name: Any, *arguments: Any, **options: Any) -> Any:
        if name == b"a.jpg" and (done / "sub/a.jpg").exists() and (done / "sub/a.jpg").read_text() == CONTENT:
            raise Killed
        return real(name, *arguments, **options)

    with monkeypatch.context() as patch:
        real = getattr(os, step)
        patch.setattr(os, step, kill)
        with pytest.raises(Killed):
            removal.move_file(file, str(done))
    assert files(src) == files(done) == {"sub/a.jpg": CONTENT}
    path = os.fsencode(src / "sub/a.jpg")
    removal.move_file(LocalFile.of(path, "sub/a.jpg", os.lstat(path)), str(done))
    assert (files(src), files(done)) == ({}, {"sub/a.jpg": CONTENT})


@pytest.mark.parametrize("content", [CONTENT, "of somebody else"])
def test_what_has_the_name_by_the_time_that_a_copy_is_whole(
    src: Path, done: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    file = listed(src)
    monkeypatch.setattr(os, "link", no_links)
    real = os.fsync

    def publish_first(handle: int) -> None:
        real(handle)
        write_files(done, {"sub/a.jpg": content})

    monkeypatch.setattr(os, "fsync", publish_first)
    assert removal.move_file(file, str(done)) is True
    # A copy that another run has made is enough.
    beside = {} if content == CONTENT else {"sub/a-1.jpg": CONTENT}
    assert (files(src), files(done)) == ({}, {"sub/a.jpg": content, **beside})


def test_a_link_with_the_name_of_a_draft_is_not_followed(
    src: Path, done: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = listed(src)
    write_files(tmp_path, {"victim": "of somebody else"})
    (done / "sub").mkdir()
    (done / f"sub/{PREFIX}00000000{SUFFIX}").symlink_to(tmp_path / "victim")
    monkeypatch.setattr(os, "link", no_links)
    monkeypatch.setattr(os, "urandom", bytes)
    with pytest.raises(ElvisError, match="was not moved"):
        removal.move_file(file, str(done))
    assert (files(src), (tmp_path / "victim").read_text()) == ({"sub/a.jpg": CONTENT}, "of somebody else")


@pytest.mark.parametrize("content", ["CONTENT", CONTENT[:-1], CONTENT + "!"], ids=["other", "shorter", "longer"])
@either
def test_another_file_of_that_name_is_another_file(
    src: Path, done: Path, monkeypatch: pytest.MonkeyPatch, link: Callable[..., None] | None, content: str
) -> None:
    if link:
        monkeypatch.setattr(os, "link", link)
    write_files(done, {"sub/a.jpg": content})
    removal.move_file(listed(src), str(done))
    assert files(done) == {"sub/a.jpg": content, "sub/a-1.jpg": CONTENT}


def test_a_draft_is_nobody_else_s_until_it_is_whole(src: Path, done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    (done / "sub").mkdir()
    seen: list[tuple[str, int]] = []
    real = os.fsync

    def look(handle: int) -> None:
        seen.extend((path.name, path.stat().st_mode & 0o777) for path in (done / "sub").iterdir())
        real(handle)

    monkeypatch.setattr(os, "fsync", look)
    file = listed(src)
    os.chmod(src / "sub/a.jpg", 0o664)  # noqa: PTH101
    file = LocalFile.of(file.path, file.relative, os.lstat(file.path))
    removal.move_file(file, str(done))
    ((name, mode),) = seen
    assert (name.startswith(".elvis-"), mode) == (True, 0o600)
    assert (done / "sub/a.jpg").stat().st_mode & 0o777 == 0o664


def test_a_folder_below_move_to_that_is_a_link_is_not_followed(src: Path, done: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (done / "sub").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ElvisError, match="was not moved to"):
        removal.move_file(listed(src), str(done))
    assert (files(tmp_path / "elsewhere"), files(src)) == ({}, {"sub/a.jpg": CONTENT})
