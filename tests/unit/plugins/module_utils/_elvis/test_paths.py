# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which paths are valid in the DAM, and which two are one for it."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis import paths
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/Demo Zone",
        "/Demo Zone/Müller/a b.jpg",
        "/Zone/&%+',=@~()[]{}!$ .x",
        "/Zone/ leading and trailing ",
        "/Zone/e. V.",
        "/Zone/...",
        "/Zone/" + "a" * 300,
    ],
)
def test_what_a_dam_takes(path: str) -> None:
    assert paths.parse_path(path) == path


@pytest.mark.parametrize(("path", "bare"), [("/Zone/", "/Zone"), ("/Zone/a///", "/Zone/a"), ("//", "/"), ("///", "/")])
def test_slashes_at_the_end(path: str, bare: str) -> None:
    assert paths.parse_path(path) == bare


@pytest.mark.parametrize(
    ("path", "mistake"),
    [
        ("", "does not begin with a slash"),
        ("Zone", "does not begin with a slash"),
        (" /Zone", "does not begin with a slash"),
        ("/Zone//a", "has a segment that is empty"),
        ("//Zone", "has a segment that is empty"),
        ("/Zone/  /a", "has a segment that is blank"),
        ("/Zone/./a", "has ., which is ."),
        ("/Zone/../a", "has .., which is .."),
        ("/Zone/Icon\r", r"has Icon\\r, which has \\r, which a DAM doesn't take"),
        ("/Zone/a\nb", r"\\n"),
        ("/Zone/a\x00", r"\\x00"),
        ("/Zone/a\x85", r"\\x85"),
        ("/Zone/a\u2028b", r"\\u2028"),
        ("/Zone/\udcff", r"\\udcff"),
        *((f"/Zone/a{char}b", "which a DAM doesn't take") for char in '\\:*?"<>|#;'),
    ],
)
def test_what_a_dam_does_not_take(path: str, mistake: str) -> None:
    with pytest.raises(ElvisError, match=mistake) as caught:
        paths.parse_path(path)
    assert caught.value.reason == "bad_request"
    # A message is valid UTF-8, and on one line.
    assert caught.value.message.encode()
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("/Z/IMG_1.JPG", "/z/img_1.jpg", True),
        ("/Z/Mu\u0308ller", "/Z/M\u00fcller", True),
        ("/Z/MU\u0308LLER", "/Z/m\u00fcller", True),
        ("/Z/Straße", "/Z/STRASSE", False),
        ("/Z/Straße", "/Z/STRA\u1e9eE", True),
        ("/Z/o\ufb03ce", "/Z/office", False),
        ("/Z/\u0149", "/Z/\u02bcn", False),
        ("/Z/\u0130", "/Z/i", False),
        ("/Z/\u0130", "/Z/I\u0307", True),
        ("/Z/\u0391\u03a3", "/Z/\u03b1\u03c2", True),
        ("/Z/\u1f88", "/Z/\u1f80", True),
        ("/Z/\u1f80", "/Z/\u1f00\u03b9", False),
        ("/Z/\u212b", "/Z/\u00e5", True),
        ("/Z/a", "/Z/b", False),
        ("/Z/a", "/Z/a ", False),
        ("/Z/é", "/Z/e", False),
    ],
)
def test_what_may_be_one_for_the_server(one: str, other: str, are_one: bool) -> None:
    assert (paths.pairing_key(one) == paths.pairing_key(other)) is are_one


@pytest.mark.parametrize(("path", "key"), [("/Z/ a.jpg", "/z/a.jpg"), ("/Z / a .jpg ", "/z/a .jpg"), ("/Z", "/z")])
def test_blanks_at_the_ends_of_segments_may_be_taken_off(path: str, key: str) -> None:
    assert paths.trimmed_key(path) == key


def test_places() -> None:
    assert (paths.parent_of("/a/b"), paths.parent_of("/a"), paths.name_of("/a/b")) == ("/a", "/", "b")
    assert (paths.join("/", "a"), paths.join("/a", "b/c")) == ("/a", "/a/b/c")
    assert [paths.is_below(path, "/a") for path in ("/a/b", "/a/b/c", "/a", "/ab", "/")] == [True, True, *[False] * 3]
    assert [paths.is_below(path, "/") for path in ("/a", "/a/b", "/")] == [True, True, False]
    assert [paths.is_protected(path) for path in ("/", "/Zone", "/Zone/a")] == [True, True, False]


def test_spellings() -> None:
    assert paths.spellings("/a") == ["/a"]
    assert paths.spellings("/\u00fc") == ["/\u00fc", "/u\u0308"]
    assert paths.spellings("/u\u0308") == ["/u\u0308", "/\u00fc"]
