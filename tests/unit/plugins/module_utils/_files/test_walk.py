# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in a local folder, and what takes no part."""

# ruff: noqa: PTH103, PTH109, PTH120, PTH123 - names that are not UTF-8 are bytes
from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.paths import pairing_key
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.name_filter import NameFilter
from ansible_collections.damops.elvis.plugins.module_utils._files.tree import LocalTree
from ansible_collections.damops.elvis.plugins.module_utils._files.walk import list_files, list_folder
from tests.support.locale import run_with_locale

NFC, NFD = "M\u00fcller.jpg", "Mu\u0308ller.jpg"
DAY = 24 * 60 * 60


def put(folder: Path, *names: str | bytes) -> None:
    """Make files, and the folders that they lie in; a name that ends with a slash is that of a folder."""
    for name in names:
        path = os.fsencode(folder) + b"/" + (name.encode() if isinstance(name, str) else name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if not path.endswith(b"/"):
            with open(path, "wb") as file:
                file.write(b"some content")


def read(
    folder: Path | str,
    patterns: Sequence[str] = (),
    excludes: Sequence[str] = (),
    default_excludes: bool = True,
    **more: Any,
) -> LocalTree:
    names = NameFilter(patterns, excludes, default_excludes=default_excludes)
    return list_folder(str(folder), names, **more)


def files(tree: LocalTree) -> list[str]:
    return [file.relative for file in tree.files]


def left_out(tree: LocalTree) -> dict[str, str]:
    return {item.relative: item.why for item in (*tree.skipped, *tree.failed)}


TAKEN = [
    " a.jpg",
    "a .jpg",
    "e. V.",
    "&%+',=@~()[]{}!$",
    "$HOME",
    "~",
    "~root.jpg",
    NFC,
    "é" * 120 + ".jpg",
    "x" * 255,
    "empty/deep/er/and/er/and/er/and/er/at last.jpg",
    "a,b.jpg",
]


@pytest.mark.parametrize("name", TAKEN)
def test_names_that_are_taken_as_they_are(tmp_path: Path, name: str) -> None:
    put(tmp_path, name)
    tree = read(tmp_path, default_excludes=False)
    assert (files(tree), left_out(tree)) == ([name], {})
    assert tree.is_whole
    assert Path(os.fsdecode(tree.files[0].path)).read_text() == "some content"


REFUSED: list[tuple[str | bytes, str, str]] = [
    *((f"a{char}b.jpg", f"a{char}b.jpg", f"its name has {char}, which a DAM doesn't take") for char in ':*?"<>|#;'),
    ("a\\b", "a\\b", "its name has \\, which a DAM doesn't take"),
    ("Picture\r", "Picture\\r", "its name has \\r, which a DAM doesn't take"),
    ("a\nb", "a\\nb", "its name has \\n, which a DAM doesn't take"),
    ("a\tb", "a\\tb", "its name has \\t, which a DAM doesn't take"),
    ("a\x7fb", "a\\x7fb", "its name has \\x7f, which a DAM doesn't take"),
    (b"M\xfcller.jpg", "M\\xfcller.jpg", "its name is not UTF-8"),
    (b"folder\xff/x.jpg", "folder\\xff", "its name is not UTF-8"),
    ("no#/x.jpg", "no#", "its name has #, which a DAM doesn't take"),
    ("  ", "  ", "its name is blank"),
    ("\u3000", "\\u3000", "its name is blank"),
    (" /x.jpg", " ", "its name is blank"),
    # Its composed form is longer than the file system's bound.
    ("\u0958" * 84, "\u0958" * 84, "its name is 504 bytes long, more than 255"),
]


@pytest.mark.parametrize(("name", "shown", "why"), REFUSED)
def test_names_that_a_dam_does_not_take(tmp_path: Path, name: str | bytes, shown: str, why: str) -> None:
    put(tmp_path, name, "good.jpg")
    tree = read(tmp_path)
    assert (files(tree), left_out(tree)) == (["good.jpg"], {shown: f"{why}. Rename it"})
    assert [item.reason for item in tree.failed] == ["bad_request"]
    str(left_out(tree)).encode()


def test_a_name_that_is_refused_does_not_count_when_it_is_not_wanted(tmp_path: Path) -> None:
    put(tmp_path, "Picture\r", b"\xff.tmp", "b#.pdf", "x.jpg")
    tree = read(tmp_path, patterns=["*.jpg"], excludes=["*.tmp"])
    assert (files(tree), left_out(tree)) == (["x.jpg"], {})


TWINS = [
    (["A.jpg", "a.jpg"], {"A.jpg": "a.jpg", "a.jpg": "A.jpg"}),
    ([NFC, NFD], {NFC: NFD, NFD: NFC}),
    ([NFC, NFD.upper()], {NFC: NFD.upper(), NFD.upper(): NFC}),
    (["Folder/x.jpg", "folder/X.JPG"], {"Folder/x.jpg": "folder/X.JPG", "folder/X.JPG": "Folder/x.jpg"}),
    (["stra\u00dfe.jpg", "STRASSE.jpg"], {}),
    (
        ["stra\u00dfe.jpg", "STRA\u1e9eE.jpg"],
        {"stra\u00dfe.jpg": "STRA\u1e9eE.jpg", "STRA\u1e9eE.jpg": "stra\u00dfe.jpg"},
    ),
    (["name/x.jpg", "Name"], {"Name": "the folder name"}),
    (["a.jpg", "A.jpg "], {"a.jpg": "'A.jpg '", "A.jpg ": "a.jpg"}),
    (["sub/x.jpg", " sub/x.jpg"], {"sub/x.jpg": "' sub/x.jpg'", " sub/x.jpg": "sub/x.jpg"}),
    ([" name/x.jpg", "Name"], {"Name": "the folder ' name'"}),
    (["a\u202e.jpg", "A\u202e.jpg"], {"a\\u202e.jpg": "A\\u202e.jpg", "A\\u202e.jpg": "a\\u202e.jpg"}),
    # Blanks within a name are its own.
    (["a .jpg", "a  .jpg"], {}),
]


def twin_of(other: str) -> str:
    return f"in the DAM it has the same name as {other}. Rename one of them"


@pytest.mark.parametrize(("names", "others"), TWINS)
def test_files_that_are_one_name_in_the_dam(tmp_path: Path, names: list[str], others: dict[str, str]) -> None:
    put(tmp_path, *names, "good.jpg")
    tree = read(tmp_path)
    assert left_out(tree) == {name: twin_of(other) for name, other in others.items()}
    assert {item.reason for item in tree.failed} == ({"conflict"} if others else set())
    assert "good.jpg" in files(tree)
    assert not others.keys() & set(files(tree))


def test_folders_that_are_one_name_are_one_folder(tmp_path: Path) -> None:
    put(tmp_path, "Folder/x.jpg", "folder/y.jpg")
    assert files(read(tmp_path)) == ["Folder/x.jpg", "folder/y.jpg"]


HIDDEN = [
    ".DS_Store",
    ".git/config",
    "Thumbs.db",
    "desktop.ini",
    "~$Layout.docx",
    ".~lock.x#",
    "x.part",
    "x.filepart",
    "x.crdownload",
    "x.tmp",
    ".elvis-a1b2c3d4.part",
]


@pytest.mark.parametrize("name", HIDDEN)
def test_what_is_left_out_unless_told_otherwise(tmp_path: Path, name: str) -> None:
    put(tmp_path, name, "good.jpg")
    assert (files(read(tmp_path)), left_out(read(tmp_path))) == (["good.jpg"], {})
    assert read(tmp_path).has(pairing_key(name.split("/", maxsplit=1)[0])) or name.startswith(".elvis-")
    everything = files(read(tmp_path, default_excludes=False))
    # A name with # is refused whatever is excluded.
    assert (name in everything) == (not name.startswith(".elvis-") and "#" not in name)


def test_only_our_own_drafts_are_ours(tmp_path: Path) -> None:
    put(tmp_path, ".elvis-notes.part", ".elvis-a1b2c3d4.part")
    assert files(read(tmp_path, default_excludes=False)) == [".elvis-notes.part"]


FILTERS = [
    ({"patterns": ["*.jpg"]}, ["a.jpg", "originals/b.jpg", "sub/c.jpg"]),
    ({"patterns": ["*.JPG"]}, []),
    ({"patterns": ["[ab].*"]}, ["a.jpg", "originals/b.jpg"]),
    ({"excludes": ["originals"]}, ["a.jpg", "sub/c.jpg", "sub/d.psd"]),
    ({"excludes": ["*.psd"]}, ["a.jpg", "originals/b.jpg", "sub/c.jpg"]),
    ({"patterns": ["*.psd", "a*"], "excludes": []}, ["a.jpg", "sub/d.psd"]),
    ({"patterns": []}, ["a.jpg", "originals/b.jpg", "sub/c.jpg", "sub/d.psd"]),
    ({"recursive": False}, ["a.jpg"]),
    ({"excludes": ["originals/"]}, ["a.jpg", "sub/c.jpg", "sub/d.psd"]),
    ({"excludes": ["a.jpg/", "c.jpg/"]}, ["a.jpg", "originals/b.jpg", "sub/c.jpg", "sub/d.psd"]),
    ({"excludes": ["sub/*.psd"]}, ["a.jpg", "originals/b.jpg", "sub/c.jpg"]),
    ({"patterns": ["/*.jpg"]}, ["a.jpg"]),
]


@pytest.mark.parametrize(("options", "expected"), FILTERS)
def test_patterns_and_excludes(tmp_path: Path, options: dict[str, Any], expected: list[str]) -> None:
    put(tmp_path, "a.jpg", "originals/b.jpg", "sub/c.jpg", "sub/d.psd")
    tree = read(tmp_path, **options)
    assert files(tree) == expected
    # The other side is looked at with the same eyes.
    names = NameFilter(options.get("patterns", ()), options.get("excludes", ()))
    everything = ["a.jpg", "originals/b.jpg", "sub/c.jpg", "sub/d.psd"]
    assert [name for name in everything if names.takes(name, options.get("recursive", True))] == expected


def test_a_pattern_fits_a_name_in_either_form_of_unicode(tmp_path: Path) -> None:
    put(tmp_path, NFD)
    assert files(read(tmp_path, patterns=[NFC])) == [NFD]
    assert files(read(tmp_path, excludes=[NFC])) == []


def fifo(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        here = os.getcwd()
        os.chdir(path.parent)
        try:
            server.bind(path.name)
        finally:
            os.chdir(here)


def device(path: Path) -> None:
    if os.geteuid():
        pytest.skip("only root makes devices")
    os.mknod(path, 0o600 | 0o020000, os.makedev(1, 3))


KINDS: list[tuple[Callable[[Path], None], str]] = [
    (fifo, "it is not a regular file but a pipe"),
    (listening, "it is not a regular file but a socket"),
    (device, "it is not a regular file but a device"),
    (lambda path: path.symlink_to("nowhere"), "a link that leads nowhere"),
    (lambda path: path.symlink_to(path.name), "a link that leads nowhere"),
    (lambda path: path.symlink_to("/etc/passwd"), "a link that leads outside"),
    (lambda path: path.symlink_to("../outside.jpg"), "a link that leads outside"),
    (lambda path: path.symlink_to("/etc"), "a link that leads outside"),
    (lambda path: path.symlink_to("."), "a link that leads back to a folder above it"),
    (lambda path: path.symlink_to("/"), "a link that leads back to a folder above it"),
    (lambda path: path.symlink_to("../src2"), "a link that leads outside"),
]


@pytest.mark.parametrize(("make", "why"), KINDS)
def test_what_is_no_file_of_this_folder(tmp_path: Path, make: Callable[[Path], None], why: str) -> None:
    src = tmp_path / "src"
    put(tmp_path, "src/good.jpg", "outside.jpg", "src2/x.jpg")
    make(src / "odd")
    tree = read(src)
    assert (files(tree), left_out(tree)) == (["good.jpg"], {"odd": why})
    assert (tree.failed, tree.is_whole, tree.has("odd")) == ([], True, True)


def test_links_that_stay_inside_are_followed(tmp_path: Path) -> None:
    put(tmp_path, "folder/x.jpg")
    (tmp_path / "link.jpg").symlink_to("folder/x.jpg")
    (tmp_path / "again").symlink_to("folder")
    assert files(read(tmp_path)) == ["again/x.jpg", "folder/x.jpg", "link.jpg"]


def test_loops_of_links_end(tmp_path: Path) -> None:
    put(tmp_path, "a/x.jpg", "b/y.jpg")
    (tmp_path / "a/to b").symlink_to("../b")
    (tmp_path / "b/to a").symlink_to("../a")
    tree = read(tmp_path)
    assert files(tree) == ["a/to b/y.jpg", "a/x.jpg", "b/to a/x.jpg", "b/y.jpg"]
    assert set(left_out(tree).values()) == {"a link that leads back to a folder above it"}


@pytest.mark.parametrize("form", ["{}", "{}/", "{}//", "{}/../src", "{}/."])
def test_src_is_what_lies_in_it(tmp_path: Path, form: str) -> None:
    put(tmp_path, "src/x.jpg")
    assert files(read(form.format(tmp_path / "src"))) == ["x.jpg"]


def test_src_may_be_a_link_and_outside_is_judged_from_where_it_leads(tmp_path: Path) -> None:
    put(tmp_path, "real/x.jpg")
    (tmp_path / "real/inside.jpg").symlink_to(tmp_path / "real/x.jpg")
    (tmp_path / "link").symlink_to("real")
    assert files(read(tmp_path / "link")) == ["inside.jpg", "x.jpg"]


@pytest.mark.parametrize(("make", "mistake"), [(None, "is not there"), ("src", "is not a folder")])
def test_no_src(tmp_path: Path, make: str | None, mistake: str) -> None:
    if make:
        put(tmp_path, make)
    with pytest.raises(ElvisError, match=mistake) as caught:
        read(tmp_path / "src")
    assert caught.value.reason == "bad_request"


AGES = [
    # the age of the content, that of the last change of the entry (None: now), whether the file is settled
    (100, 0, False),
    (-DAY, 0, False),
    (0, 0, False),
    (100, 100, True),
    (-DAY, 100, True),
    (-100 * 365 * DAY, 100, True),
    (2 * 60 * 60 * 24 * 365 * 50, 100, True),
]


@pytest.mark.parametrize(("mtime_age", "ctime_age", "is_settled"), AGES)
def test_a_file_that_may_still_be_arriving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mtime_age: float, ctime_age: float, is_settled: bool
) -> None:
    put(tmp_path, "x.jpg")
    now = time.time() + ctime_age
    os.utime(tmp_path / "x.jpg", (now - mtime_age, now - mtime_age))
    monkeypatch.setattr(time, "time", lambda: now)
    tree = read(tmp_path, min_age=60)
    assert files(tree) == (["x.jpg"] if is_settled else [])
    assert left_out(tree) == ({} if is_settled else {"x.jpg": "younger than 60 s, it may still be arriving"})
    assert tree.has("x.jpg")


@pytest.mark.parametrize("ahead", [0, DAY])
def test_a_file_that_arrives_while_the_tree_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: float
) -> None:
    put(tmp_path, "a/old.jpg", "b/old.jpg")
    listed: list[Any] = []
    real, real_lstat = os.listdir, os.lstat

    def list_later(path: Any) -> Any:
        if listed:
            time.sleep(0.05)
            put(tmp_path, "a/new.jpg", "b/new.jpg")
            moment = time.time() + ahead
            for name in ("a/new.jpg", "b/new.jpg"):
                os.utime(tmp_path / name, (moment, moment))
        listed.append(path)
        return real(path)

    def lstat(path: Any) -> Any:
        found = real_lstat(path)
        if not path.endswith(b"old.jpg"):
            return found
        # Nothing else makes an entry older, and however busy the machine is, the new ones stay younger than that.
        fields = {name: getattr(found, name) for name in dir(found) if name.startswith("st_")}
        return SimpleNamespace(**fields | {"st_mtime": found.st_mtime - DAY, "st_ctime": found.st_ctime - DAY})

    monkeypatch.setattr(os, "listdir", list_later)
    monkeypatch.setattr(os, "lstat", lstat)
    tree = read(tmp_path, min_age=DAY / 2)
    assert files(tree) == ["a/old.jpg", "b/old.jpg"]
    assert sorted(left_out(tree)) == ["a/new.jpg", "b/new.jpg"]


def test_dates_that_are_ahead_are_counted(tmp_path: Path) -> None:
    put(tmp_path, "x.jpg", "y.jpg")
    os.utime(tmp_path / "x.jpg", (0, time.time() + DAY))
    assert read(tmp_path).ahead == 1


def test_a_file_of_the_task_is_none_of_the_tree(tmp_path: Path) -> None:
    put(tmp_path, "captions.csv", "x.jpg")
    (tmp_path / "link").symlink_to("captions.csv")
    assert files(read(tmp_path, own=[str(tmp_path / "captions.csv")])) == ["x.jpg"]


def test_folders_and_those_in_which_there_is_no_file(tmp_path: Path) -> None:
    put(tmp_path, "full/x.jpg", "Empty/", "hidden/.x", "hidden/A.TMP", "deep/er/", "half/full/x.psd", "half/empty/")
    (tmp_path / "link").symlink_to("gone")
    tree = read(tmp_path, excludes=["*.psd"])
    assert sorted(tree.folders) == ["Empty", "deep", "deep/er", "full", "half", "half/empty", "half/full", "hidden"]
    sheltered = ["Empty", "hidden", "deep", "deep/er", "half/empty", "link"]
    for name in (*tree.folders, "link", "elsewhere"):
        shelter = tree.shelter(f"{name.upper()}/x.jpg")
        assert bool(shelter) is (name in sheltered), (name, shelter)
    assert "If that is meant, remove the local folder" in str(tree.shelter("Empty/x.jpg"))


@pytest.mark.parametrize("folder", ["stays", "goes", "is another one"])
def test_a_file_that_goes_while_its_folder_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    put(tmp_path, "sub/x.jpg", "y.jpg")
    real = os.listdir

    def list_then_go(path: Any) -> Any:
        names = real(path)
        if path.endswith(b"sub"):
            (tmp_path / "sub/x.jpg").unlink()
            if folder != "stays":
                (tmp_path / "sub").rename(tmp_path / "other")
            if folder == "is another one":
                (tmp_path / "sub").mkdir()
        return names

    monkeypatch.setattr(os, "listdir", list_then_go)
    tree = read(tmp_path)
    assert files(tree) == ["y.jpg"]
    why = "it was taken away while its folder was listed" if folder == "stays" else "it is not there"
    assert left_out(tree) == {"sub/x.jpg": why}
    assert bool(tree.failed) is (folder != "stays")


def test_a_folder_that_can_not_be_read(tmp_path: Path) -> None:
    put(tmp_path, "closed/x.jpg", "good.jpg")
    real = os.listdir

    def refuse(path: Any) -> Any:
        if os.fsencode(path).endswith(b"closed"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "listdir", refuse)
        tree = read(tmp_path)
    assert (files(tree), tree.is_whole) == (["good.jpg"], False)
    assert left_out(tree) == {"closed": "it can't be read: permission denied"}


def test_what_came_after_it_was_listed_is_seen(tmp_path: Path) -> None:
    put(tmp_path, "Sub/x.jpg")
    tree = read(tmp_path)
    assert not tree.has("sub/y.jpg")
    put(tmp_path, "Sub/Y.jpg", "new/z.jpg")
    assert tree.has("sub/y.jpg")
    assert tree.has("new/z.jpg")
    # Nobody has looked into this folder, so nothing below it counts as missing.
    assert tree.has("new/zz.jpg")
    assert not tree.has("sub/zz.jpg")
    (tmp_path / "link").symlink_to("link")
    assert tree.has("link/zz.jpg")


def test_a_list_of_files(tmp_path: Path) -> None:
    put(tmp_path, "a/x.jpg", "b/X.jpg", "b/$HOME.jpg")
    paths = [str(tmp_path / name) for name in ("a/x.jpg", "b/X.jpg", "b/$HOME.jpg", "b/$HOME.jpg", "gone.jpg")]
    tree = list_files(paths, NameFilter())
    assert files(tree) == ["$HOME.jpg"]
    assert left_out(tree) == {
        "X.jpg": twin_of(f"{tmp_path}/a/x.jpg"),
        "x.jpg": twin_of(f"{tmp_path}/b/X.jpg"),
        "gone.jpg": "it is not there",
    }


def test_a_file_that_a_list_names_twice_is_one(tmp_path: Path) -> None:
    put(tmp_path, "a/x.jpg", "b/")
    (tmp_path / "c").symlink_to("a")
    ways = ("a/x.jpg", "a//x.jpg", "./a/x.jpg", "b/../a/x.jpg", "c/x.jpg")
    tree = list_files([f"{tmp_path}/{way}" for way in ways], NameFilter())
    assert (files(tree), left_out(tree)) == (["x.jpg"], {})


@pytest.mark.parametrize("path", ["relative.jpg", "/"])
def test_a_list_with_something_that_can_not_be_meant(path: str) -> None:
    with pytest.raises(ElvisError) as caught:
        list_files([path], NameFilter())
    assert caught.value.reason == "bad_request"


def test_deep_folders_have_no_bound_of_ours(tmp_path: Path) -> None:
    folder = tmp_path
    for _depth in range(1200):
        folder = folder / "d"
        folder.mkdir()
    put(folder, "x.jpg")
    try:
        assert len(read(tmp_path).files) == 1
    finally:
        # Before 3.13, Python's own rmtree, with which pytest tidies up, has a bound.
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)


@pytest.mark.parametrize("locale", ["C", "POSIX", "en_US.ISO-8859-1"])
def test_names_are_utf_8_whatever_the_locale_says(tmp_path: Path, locale: str) -> None:
    put(tmp_path, "Grüße/日本.jpg")
    program = (
        "from ansible_collections.damops.elvis.plugins.module_utils._files import name_filter, walk\n"
        "tree = walk.list_folder(src, name_filter.NameFilter())\n"
        "assert [file.relative for file in tree.files] == ['日本.jpg'], tree\n"
    )
    run_with_locale(locale, f"src = {str(tmp_path / 'Grüße')!r}\n{program}")
