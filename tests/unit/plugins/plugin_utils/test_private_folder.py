# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose folders are private, and which are refused."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ansible_collections.damops.elvis.plugins.plugin_utils import _private_folder
from ansible_collections.damops.elvis.plugins.plugin_utils._private_folder import cache_folder, private_folder

SOMEBODY_ELSE = 54321
IS_ROOT = os.geteuid() == 0


@pytest.fixture(autouse=True)
def byte_code_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_is_made_for_this_user_alone(private_tmp: Path) -> None:
    path = private_tmp / ".cache/damops.elvis"
    with private_folder(str(path)) as opened:
        _private_folder.write(opened, "a.pyc", b"one")
        _private_folder.write(opened, "a.pyc", b"two")
        assert _private_folder.read(opened, "a.pyc") == b"two"
    assert [stat.S_IMODE(made.stat().st_mode) for made in (path.parent, path, path / "a.pyc")] == [0o700, 0o700, 0o600]
    assert list(path.iterdir()) == [path / "a.pyc"]


def test_is_not_made_where_python_writes_no_byte_code(private_tmp: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    with pytest.raises(FileNotFoundError), private_folder(str(private_tmp / ".cache/damops.elvis")):
        pass
    assert list(private_tmp.iterdir()) == []


def writable(mode: int) -> Callable[[Path], None]:
    return lambda folder: folder.chmod(mode)


def replaced_by_link(folder: Path) -> None:
    elsewhere = folder.with_name("elsewhere")
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere, target_is_directory=True)


def replaced_by_file(folder: Path) -> None:
    folder.rmdir()
    folder.touch()


def given_away(folder: Path) -> None:
    os.chown(folder, SOMEBODY_ELSE, -1)


CHANGES = {
    "group": writable(0o770),
    "others": writable(0o707),
    "sticky": writable(0o1777),
    "link": replaced_by_link,
    "file": replaced_by_file,
    "owner": pytest.param(given_away, marks=pytest.mark.skipif(not IS_ROOT, reason="only root gives files away")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("which", [".", "..", "../.."])
def test_is_refused(private_tmp: Path, which: str, change: Callable[[Path], None]) -> None:
    path = private_tmp / "home/.cache/damops.elvis"
    path.mkdir(parents=True, mode=0o700)
    changed = Path(os.path.normpath(path / which))
    if change is replaced_by_file:
        shutil.rmtree(changed)
        changed.mkdir()
    change(changed)
    with pytest.raises(OSError, match=r"write to it|Not a directory|symbolic link"), private_folder(str(path)):
        pass


@pytest.mark.skipif(not IS_ROOT, reason="only root becomes somebody else")
def test_that_of_the_user_who_became_another_one_is_refused(private_tmp: Path) -> None:
    """As with sudo, which may leave HOME as it was."""
    path = private_tmp / ".cache/damops.elvis"
    os.chown(private_tmp, SOMEBODY_ELSE, -1)
    with pytest.raises(PermissionError), private_folder(str(path)):
        pass
    assert not path.parent.exists()


@contextlib.contextmanager
def as_user(user: int) -> Iterator[None]:
    os.seteuid(user)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(not IS_ROOT, reason="only root becomes somebody else")
def test_that_of_root_is_nobody_elses(private_tmp: Path) -> None:
    path = private_tmp / ".cache/damops.elvis"
    path.mkdir(parents=True)
    with as_user(SOMEBODY_ELSE), pytest.raises(PermissionError), private_folder(str(path)):
        pass


def test_a_home_that_is_not_there_is_not_made(private_tmp: Path) -> None:
    with pytest.raises(FileNotFoundError), private_folder(str(private_tmp / "none/.cache/damops.elvis")):
        pass
    assert not (private_tmp / "none").exists()


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"HOME": "/home/alice"}, "/home/alice/.cache/damops.elvis"),
        ({"HOME": "/home/alice", "XDG_CACHE_HOME": "/var/alice/"}, "/var/alice/damops.elvis"),
        ({"HOME": "/home/alice", "XDG_CACHE_HOME": ""}, "/home/alice/.cache/damops.elvis"),
        ({"HOME": "/home/alice", "XDG_CACHE_HOME": "relative"}, "/home/alice/.cache/damops.elvis"),
        ({"HOME": "/home/alice", "XDG_CACHE_HOME": "//var/../x"}, "/x/damops.elvis"),
        ({"XDG_CACHE_HOME": "/var/alice"}, "/var/alice/damops.elvis"),
        ({"HOME": "/"}, "/.cache/damops.elvis"),
        ({"HOME": ""}, None),
        ({"HOME": "alice"}, None),
        ({}, None),
    ],
)
def test_where_it_is(environment: dict[str, str], folder: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    if folder:
        assert cache_folder() == folder
    else:
        with pytest.raises(FileNotFoundError):
            cache_folder()


def test_nothing_is_left_of_a_file_that_can_not_be_written(private_tmp: Path) -> None:
    path = private_tmp / "damops.elvis"
    (path / "a.pyc").mkdir(parents=True, mode=0o700)
    with private_folder(str(path)) as opened, pytest.raises(OSError, match="irectory"):
        _private_folder.write(opened, "a.pyc", b"one")
    assert list(path.iterdir()) == [path / "a.pyc"]


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_file_that_others_can_write_is_not_read(private_tmp: Path, mode: int) -> None:
    file = private_tmp / "a.pyc"
    file.touch()
    file.chmod(mode)
    with private_folder(str(file.parent)) as opened, pytest.raises(PermissionError):
        _private_folder.read(opened, "a.pyc")


def test_no_link_is_followed_to_a_file(private_tmp: Path) -> None:
    (private_tmp / "elsewhere").touch()
    (private_tmp / "a.pyc").symlink_to("elsewhere")
    with private_folder(str(private_tmp)) as opened, pytest.raises(OSError, match="symbolic"):
        _private_folder.read(opened, "a.pyc")
