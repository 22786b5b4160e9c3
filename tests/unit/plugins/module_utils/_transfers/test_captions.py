# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rows on files of a tree: each finds its file however that is spelled, and none finds two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.paths import pairing_key
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.tree import LocalFile
from ansible_collections.damops.elvis.plugins.module_utils._tables.cell_values import RowOptions
from ansible_collections.damops.elvis.plugins.module_utils._transfers.captions import Captions

BASES = ("/Demo Zone/Inbox", "/srv/inbox")
FILE = "sub/M\u00fcller 1.jpg"

Match = Callable[..., dict[str, Any]]


@pytest.fixture
def told() -> list[str]:
    """What was told and warned of."""
    return []


@pytest.fixture
def match(tmp_path: Path, told: list[str]) -> Match:
    """Match a file of rows with files, and return the headline that each gets."""

    def match(rows: str, files: Sequence[str] = (FILE, "other.jpg"), **options: Any) -> dict[str, Any]:
        path = tmp_path / "captions.csv"
        path.write_text(rows, encoding="utf-8")
        tree = [LocalFile(name.encode(), name, 1, 1, 1, number, 1) for number, name in enumerate(files)]
        captions = Captions(str(path), BASES, RowOptions(**options), told.append, told.append)
        captions.match(tree, {pairing_key(name): name for name in files})
        found = {file.relative: captions.of(file, {}) for file in tree}
        return {name: values["headline"] for name, values in found.items() if values}

    return match


KEYS = [
    FILE,
    "sub/Mu\u0308ller 1.jpg",
    "sub\\M\u00fcller 1.jpg",
    "./sub/M\u00fcller 1.jpg",
    ".\\sub\\M\u00fcller 1.jpg",
    "sub//M\u00fcller 1.jpg",
    "sub/./M\u00fcller 1.jpg",
    "sub/x/../M\u00fcller 1.jpg",
    "  sub/M\u00fcller 1.jpg ",
    "\u00a0sub/M\u00fcller 1.jpg\t",
    "SUB/M\u00dcLLER 1.JPG",
    f"/Demo Zone/Inbox/{FILE}",
    f"/demo zone/INBOX/{FILE}",
    f"/srv/inbox/{FILE}",
    f"/srv/inbox/./{FILE}",
]


@pytest.mark.parametrize("key", KEYS)
def test_a_row_finds_its_file(match: Match, key: str) -> None:
    assert match(f'path,headline\n"{key}",One\n') == {FILE: "One"}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ([" a.jpg"], " a.jpg"),
        (["a.jpg "], "a.jpg "),
        ([" a.jpg", "a.jpg"], "a.jpg"),
        ([" Sub /a.jpg"], " Sub /a.jpg"),
        (["$HOME.jpg"], "$HOME.jpg"),
        (["~.jpg"], "~.jpg"),
        (["=1+1.jpg"], "=1+1.jpg"),
        (["a, b.jpg"], "a, b.jpg"),
    ],
)
def test_names_with_blanks_and_the_like(match: Match, files: list[str], found: str) -> None:
    assert match(f'path,headline\n"{found}",One\n', files) == {found: "One"}


@pytest.mark.parametrize(
    "key",
    [
        "gone.jpg",
        "sub",
        "sub2/M\u00fcller 1.jpg",
        "Inbox/x.jpg",
        "~/other.jpg",
        "C:\\x\\other.jpg",
        "...und mehr.jpg",
        "..alt/x.jpg",
        "..jpg",
    ],
)
def test_a_row_without_a_file_is_told(match: Match, told: list[str], key: str) -> None:
    assert match(f"path,headline\n{key},One\nother.jpg,Two\n") == {"other.jpg": "Two"}
    assert f"{key.replace(chr(92), '/')} (line 2)" in told[0]
    assert "1 of 2 files" in told[1]


@pytest.mark.parametrize(
    "key",
    [
        "../other.jpg",
        "/etc/passwd",
        "/srv/inbox",
        "/srv/inbox2/other.jpg",
        "/Demo Zone/other.jpg",
        ".",
        "..",
        "a/../../b",
        "/",
    ],
)
def test_what_is_no_path_below_src_is_refused(match: Match, key: str) -> None:
    with pytest.raises(ElvisError, match=r"line 2, column path: .* is not a path below src"):
        match(f"path,headline\n{key},One\n")


@pytest.mark.parametrize(
    ("rows", "files", "mistake"),
    [
        ("A.JPG,One\n", ["a.jpg", "A.jpg"], "line 2: A.JPG fits a.jpg, A.jpg"),
        ("b.jpg,One\nA.JPG ,Two\n", ["b.jpg", " a.jpg", "a.jpg "], "line 3: A.JPG fits  a.jpg, a.jpg "),
        ("a.jpg,One\nA.JPG,Two\n", ["a.jpg"], "line 3: has another value in column headline than line 2"),
        ("a.jpg,One\n/srv/inbox/a.jpg,Two\n", ["a.jpg"], "line 3 has another value in column headline than line 2"),
    ],
)
def test_what_can_not_be_told_apart_is_refused(match: Match, rows: str, files: list[str], mistake: str) -> None:
    with pytest.raises(ElvisError) as caught:
        match(f"path,headline\n{rows}", files)
    assert (caught.value.reason, mistake in caught.value.message) == ("bad_request", True), caught.value.message


def test_rows_on_one_file_that_agree_are_one(match: Match) -> None:
    assert match("path,headline\na.jpg,One\nA.JPG,One\n./a.jpg,\n", ["a.jpg"]) == {"a.jpg": "One"}


@pytest.mark.parametrize(("clears", "what"), [(False, "leave their fields as they are"), (True, "empty their fields")])
def test_empty_cells_are_told(match: Match, told: list[str], clears: bool, what: str) -> None:
    match(f"path,headline\n{FILE},\nother.jpg,Two\n", clears=clears)
    assert any(f"has 1 empty cell: empty cells {what}" in words for words in told)


def test_a_header_and_no_row_is_told(match: Match, told: list[str]) -> None:
    assert match("path,headline\n") == {}
    assert "has no row" in told[0]
