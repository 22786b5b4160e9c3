# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file is put at its place when it is whole, and leaves nothing behind when it is not."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import CallFailure, ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.atomic_file import HEAD, SavedFile, atomic_file
from tests.support.disk import largest_file


def write(dest: Path, content: bytes, only_compare: bool = False) -> SavedFile:
    with atomic_file(str(dest), only_compare) as draft:
        draft.fill([content])
        return draft.keep()


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def test_a_new_file(tmp_path: Path) -> None:
    dest = tmp_path / "a.jpg"
    with umask(0o027), atomic_file(str(dest), only_compare=False) as draft:
        assert draft.fill([b"abc", b"", b"def"]) == b"abcdef"
        assert not dest.exists()
        kept = draft.keep()
    assert kept == SavedFile(True, str(dest), 6, hashlib.sha256(b"abcdef").hexdigest())
    assert dest.read_bytes() == b"abcdef"
    assert dest.stat().st_mode & 0o777 == 0o640
    assert names_in(tmp_path) == ["a.jpg"]


def test_another_content_keeps_the_mode(tmp_path: Path) -> None:
    dest = tmp_path / "a.jpg"
    dest.write_bytes(b"before")
    dest.chmod(0o604)
    assert write(dest, b"after!").changed is True
    assert dest.read_bytes() == b"after!"
    assert dest.stat().st_mode & 0o777 == 0o604


def test_the_same_content_is_left_alone(tmp_path: Path) -> None:
    dest = tmp_path / "a.jpg"
    write(dest, b"same")
    before = dest.stat()
    assert write(dest, b"same").changed is False
    after = dest.stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)
    assert names_in(tmp_path) == ["a.jpg"]


def test_an_empty_file_is_one(tmp_path: Path) -> None:
    dest = tmp_path / "a.jpg"
    assert write(dest, b"") == SavedFile(True, str(dest), 0, hashlib.sha256().hexdigest())
    assert dest.read_bytes() == b""


@pytest.mark.parametrize("there", [None, b"other", b"equal"])
def test_comparing_writes_nothing(tmp_path: Path, there: bytes | None) -> None:
    dest = tmp_path / "a.jpg"
    if there is not None:
        dest.write_bytes(there)
    assert write(dest, b"equal", only_compare=True).changed is (there != b"equal")
    assert (dest.read_bytes() if dest.exists() else None) == there
    assert names_in(tmp_path) == ([] if there is None else ["a.jpg"])


@pytest.mark.parametrize("is_dangling", [False, True])
def test_a_link_is_followed(tmp_path: Path, is_dangling: bool) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    link.symlink_to(target)
    if not is_dangling:
        target.write_bytes(b"before")
    assert write(link, b"after") == SavedFile(True, str(target), 5, hashlib.sha256(b"after").hexdigest())
    assert link.is_symlink()
    assert target.read_bytes() == b"after"


def test_another_try_begins_anew(tmp_path: Path) -> None:
    dest = tmp_path / "a.jpg"
    with atomic_file(str(dest), only_compare=False) as draft:
        draft.fill([b"a long beginning"])
        draft.fill([b"whole"])
        draft.write(b" thing")
        assert draft.keep() == SavedFile(True, str(dest), 11, hashlib.sha256(b"whole thing").hexdigest())
    assert dest.read_bytes() == b"whole thing"


def test_the_beginning_is_bounded(tmp_path: Path) -> None:
    with atomic_file(str(tmp_path / "a.jpg"), only_compare=True) as draft:
        head = draft.fill([b"a" * (HEAD - 1), b"bc", b"d" * HEAD])
    assert (len(head), head[-2:]) == (HEAD, b"ab")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, ElvisError("no", "server"), ValueError])
def test_what_is_not_kept_leaves_nothing(tmp_path: Path, interruption: type[BaseException]) -> None:
    dest = tmp_path / "a.jpg"
    dest.write_bytes(b"before")

    def stop() -> None:
        with atomic_file(str(dest), only_compare=False) as draft:
            draft.fill([b"half of it"])
            raise interruption

    with pytest.raises(BaseException):  # noqa: B017, PT011 - whichever it is
        stop()
    assert dest.read_bytes() == b"before"
    assert names_in(tmp_path) == ["a.jpg"]


def test_a_full_disk(tmp_path: Path) -> None:
    dest = tmp_path / "a.jpg"
    dest.write_bytes(b"before")
    with (
        largest_file(1000),
        atomic_file(str(dest), only_compare=False) as draft,
        pytest.raises(CallFailure, match=f"{dest} can't be written: file too large") as caught,
    ):
        draft.fill([b"a" * 100_000])
    assert (caught.value.kind, caught.value.delivery, caught.value.transient) == ("storage", "answered", False)
    assert dest.read_bytes() == b"before"
    assert names_in(tmp_path) == ["a.jpg"]


def test_a_disk_that_is_full_at_the_very_end(tmp_path: Path) -> None:
    with largest_file(1000), atomic_file(str(tmp_path / "a.jpg"), only_compare=False) as draft:
        draft.fill([b"a" * 2000])
        with pytest.raises(CallFailure, match="can't be written", check=lambda failure: failure.kind == "storage"):
            draft.keep()
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("dest", "mistake"),
    [
        ("a.jpg", "it is a relative path"),
        ("", "it is a relative path"),
        ("{tmp}", "something that is not a file, such as a folder, has that name"),
        ("{tmp}/", "something that is not a file, such as a folder, has that name"),
        ("{tmp}/pipe", "something that is not a file, such as a folder, has that name"),
        ("{tmp}/file/a.jpg", "its folder is not there"),
        ("{tmp}/a\0.jpg", "no file can have such a name"),
    ],
)
@pytest.mark.parametrize("only_compare", [False, True])
def test_where_no_file_can_be(tmp_path: Path, dest: str, mistake: str, only_compare: bool) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    before = names_in(tmp_path)
    with (
        pytest.raises(
            ElvisError, match=f"can't be written: ({mistake})", check=lambda error: error.reason == "bad_request"
        ),
        atomic_file(dest.format(tmp=tmp_path), only_compare),
    ):
        pass
    assert names_in(tmp_path) == before


def test_a_folder_need_not_be_there_to_compare(tmp_path: Path) -> None:
    dest = tmp_path / "missing/folder/a.jpg"
    assert write(dest, b"new", only_compare=True).changed is True
    with pytest.raises(ElvisError, match="its folder is not there"):
        write(dest, b"new")
    assert names_in(tmp_path) == []


def test_a_folder_where_nobody_can_make_a_file() -> None:
    with pytest.raises(ElvisError, match="dest /proc/a can't be written"), atomic_file("/proc/a", False):
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ElvisError, match="its folder is not writable"), atomic_file(str(tmp_path / "a.jpg"), False):
        pass
