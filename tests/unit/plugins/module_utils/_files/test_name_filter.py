# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files take part in a transfer, by name and by path."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.name_filter import NameFilter, is_hidden

EVERYTHING = ["a.jpg", "originals", "b/originals1/c.jpg", "b/x/originals2/d.jpg", "b/x/e.psd", "x/originals/f.jpg"]

LEFT_BY_EXCLUDES = [
    ("x/originals*", ["a.jpg", "originals", "b/originals1/c.jpg", "b/x/e.psd"]),
    ("/x/originals*", ["a.jpg", "originals", "b/originals1/c.jpg", "b/x/originals2/d.jpg", "b/x/e.psd"]),
    # A folder alone: the file of that name takes part.
    ("originals/", ["a.jpg", "originals", "b/originals1/c.jpg", "b/x/originals2/d.jpg", "b/x/e.psd"]),
    ("originals", ["a.jpg", "b/originals1/c.jpg", "b/x/originals2/d.jpg", "b/x/e.psd"]),
    ("ORIGINALS/", ["a.jpg", "originals", "b/originals1/c.jpg", "b/x/originals2/d.jpg", "b/x/e.psd"]),
    # * stops at a slash, ** does not.
    ("b/*.psd", EVERYTHING),
    ("b/**.psd", [path for path in EVERYTHING if not path.endswith(".psd")]),
    ("b/**/c.jpg", [path for path in EVERYTHING if path != "b/originals1/c.jpg"]),
    ("/b/**", ["a.jpg", "originals", "x/originals/f.jpg"]),
    ("b/?/e.psd", [path for path in EVERYTHING if path != "b/x/e.psd"]),
    ("b?x?e.psd", EVERYTHING),
    ("x/[!o]*", [path for path in EVERYTHING if path != "b/x/e.psd"]),
    ("[a-b].jpg", [path for path in EVERYTHING if path != "a.jpg"]),
    ("[^b].jpg", EVERYTHING),
    ("a[.jpg", EVERYTHING),
    ("a.jpg/", EVERYTHING),
]


@pytest.mark.parametrize(("pattern", "left"), LEFT_BY_EXCLUDES)
def test_excludes(pattern: str, left: list[str]) -> None:
    names = NameFilter(excludes=[pattern])
    assert [path for path in EVERYTHING if names.takes(path)] == left


TAKEN_BY_PATTERNS = [
    ("*.jpg", ["a.jpg", "b/originals1/c.jpg", "b/x/originals2/d.jpg", "x/originals/f.jpg"]),
    ("/*.jpg", ["a.jpg"]),
    ("originals/*", ["x/originals/f.jpg"]),
    ("b/**", ["b/originals1/c.jpg", "b/x/originals2/d.jpg", "b/x/e.psd"]),
    ("**/e.psd", ["b/x/e.psd"]),
    ("**/a.jpg", ["a.jpg"]),
    ("*.JPG", []),
]


@pytest.mark.parametrize(("pattern", "taken"), TAKEN_BY_PATTERNS)
def test_patterns(pattern: str, taken: list[str]) -> None:
    names = NameFilter([pattern])
    assert [path for path in EVERYTHING if names.takes(path)] == taken


@pytest.mark.parametrize(
    ("patterns", "excludes", "said"),
    [
        (["originals/"], [], "give originals/**"),
        ([], ["/"], "excludes has /, which is no pattern"),
        ([], ["sub\\deep"], "a backslash separates no folders here. Write /, as in sub/deep"),
        (["sub\\*.jpg"], [], "Write /, as in sub/*.jpg"),
        ([], ["\\\\nas\\photos"], "Write /, as in //nas/photos"),
        (["/"], [], "patterns has /"),
        ([], ["[z-a]"], "excludes has [z-a], which is no pattern"),
        ([], ["*.psd; *.docx"], "excludes has *.psd; *.docx, which are several patterns in one text"),
        ([], ["*.psd, *.docx"], "several patterns in one text"),
        (["*.jpg|*.png"], [], "patterns has *.jpg|*.png, which are several"),
        ([], ["Thumbs.db *.tmp"], "several patterns in one text"),
    ],
)
def test_what_is_no_pattern(patterns: list[str], excludes: list[str], said: str) -> None:
    with pytest.raises(ElvisError) as caught:
        NameFilter(patterns, excludes)
    assert said in caught.value.message
    assert caught.value.reason == "bad_request"


@pytest.mark.parametrize("pattern", ["a, b.jpg", "*,*", "a;*", "v1.2 *", "cover *.jpg", "[;,|]*.jpg"])
def test_patterns_that_look_like_several(pattern: str) -> None:
    NameFilter([pattern], [pattern])


def test_which_patterns_fitted_nothing() -> None:
    names = NameFilter(["*.jpg"], ["*.psd", "originals/", ".*"])
    # An empty folder says nothing about the patterns.
    assert (names.is_idle, names.idle_excludes) == (False, ["*.psd", "originals/", ".*"])

    for path in ("a.PSD", "b/.hidden", "originals"):
        names.takes(path)
    # A file of that name is no folder.
    assert (names.is_idle, names.idle_excludes) == (True, ["originals/"])

    assert names.takes("b/c.jpg")
    assert not names.takes("Originals/c.jpg")
    assert (names.is_idle, names.idle_excludes) == (False, [])
    assert not NameFilter().is_idle


NOBODY_MEANS = [
    "@eaDir/a.jpg/SYNOPHOTO_THUMB_M.jpg",
    "x/@eadir/a.jpg",
    "#recycle/a.jpg",
    "#snapshot/hourly/a.jpg",
    "@Recycle/a.jpg",
    "@Recently-Snapshot/a.jpg",
    "$RECYCLE.BIN/S-1-5/$R1.jpg",
    "$Recycle.Bin/a.jpg",
    "~snapshot/daily/a.jpg",
    "System Volume Information/a",
    "lost+found/a",
    "Icon\r",
    "sub/Icon\r",
    "catalog.lrtmp",
    "page.idlk",
    ".page.indd.swp",
    "notes.swp",
    "THUMBS.DB",
    "A.TMP",
    ".DS_Store",
    ".snapshot/a.jpg",
]


@pytest.mark.parametrize("path", NOBODY_MEANS)
def test_the_defaults(path: str) -> None:
    assert not NameFilter().takes(path)
    # What a task excludes adds to them.
    assert not NameFilter(excludes=["*.psd"]).takes(path)
    assert NameFilter(default_excludes=False).takes(path)
    assert not NameFilter(excludes=[path.split("/", maxsplit=1)[0]], default_excludes=False).takes(path)


@pytest.mark.parametrize("path", ["recycle/a.jpg", "eaDir.jpg", "Icon", "a.swp.jpg", "snapshot~/a.jpg", "#1.jpg"])
def test_neighbours_of_the_defaults(path: str) -> None:
    assert NameFilter().takes(path)


def test_a_draft_of_ours_never_takes_part() -> None:
    assert not NameFilter(default_excludes=False).takes("sub/.elvis-a1b2c3d4.part")
    assert NameFilter(default_excludes=False).takes("sub/.elvis-notes.part")
    assert is_hidden(".elvis-a1b2c3d4.part")
