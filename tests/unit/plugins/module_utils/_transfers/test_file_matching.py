# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file gets the asset with the value in its name, or none: never one of several."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam.hits import Hit
from ansible_collections.damops.elvis.plugins.module_utils._errors import ElvisError
from ansible_collections.damops.elvis.plugins.module_utils._files.tree import LeftOut, LocalFile
from ansible_collections.damops.elvis.plugins.module_utils._transfers.file_matching import (
    Matched,
    NameMatch,
    match_files,
    read_name_match,
)

ARTICLE = r"(?<!\d)0*([1-9]\d{7,13})(?!\d)"


def matching(pattern: str = ARTICLE, *, skips: bool = False) -> NameMatch:
    return read_name_match("gtin", pattern, skips=skips, folder="/Z")


def asset(path: str, asset_id: str = "", url: str | None = "http://dam.test/file") -> Hit:
    return Hit(asset_id or path, path, {}, url)


def matched(match: NameMatch, names: Sequence[str], assets: dict[str, list[Hit]]) -> tuple[Matched, list[str]]:
    """Return what becomes of files, and the values that were looked for."""
    asked: list[str] = []

    def find(values: Sequence[str]) -> dict[str, list[Hit]]:
        asked.extend(values)
        return {value: assets[value] for value in values if value in assets}

    files = [LocalFile(name.encode(), name, 1, 1, 1, number, 1) for number, name in enumerate(names)]
    return match_files(match, files, find), asked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("12345678.jpg", "12345678"),
        ("00012345678_front.jpg", "12345678"),
        ("front-12345678-2.jpg", "12345678"),
        ("deep/87654321/12345678.jpg", "12345678"),
        ("12345678 012345678.jpg", "12345678"),
        ("12345678901234.tif", "12345678901234"),
    ],
)
def test_the_first_group_is_the_value(name: str, value: str) -> None:
    assert matching().value_of(name) == value


@pytest.mark.parametrize(
    ("name", "reason", "why"),
    [
        ("1234567.jpg", "not_found", "match.pattern finds no gtin in its name"),
        ("123456789012345.jpg", "not_found", "match.pattern finds no gtin in its name"),
        ("12345678/a.jpg", "not_found", "match.pattern finds no gtin in its name"),
        ("12345678_87654321.jpg", "conflict", "its name has several values of gtin: 12345678, 87654321"),
    ],
)
def test_a_name_without_one_value(name: str, reason: str, why: str) -> None:
    assert matching().value_of(name) == LeftOut(name, why, reason)
    assert matching(skips=True).value_of(name) == LeftOut(name, why, None if reason == "not_found" else reason)


def test_a_group_that_takes_no_part_or_is_empty() -> None:
    assert matching(r"x(\d+)?").value_of("x x7 x") == "7"
    assert matching(r"x(\d*)").value_of("x7 x") == "7"
    assert isinstance(matching(r"x(\d*)").value_of("x"), LeftOut)


def test_a_value_that_no_query_can_hold() -> None:
    assert matching("(.*).jpg").value_of("a<b.jpg") == LeftOut(
        "a<b.jpg", "the gtin in its name has <, which no query can hold", "bad_request"
    )


def test_forms_of_unicode_are_one() -> None:
    forms = [unicodedata.normalize(form, "Stühle") for form in ("NFC", "NFD")]
    assert {matching(f"({pattern})").value_of(f"{name}.jpg") for pattern in forms for name in forms} == {forms[0]}


def test_each_file_gets_its_asset() -> None:
    assets = {"12345678": [asset("/Z/chair.jpg")], "23456789": [asset("/Z/lamp.jpg")]}
    names = ["012345678.jpg", "x/23456789_1.jpg", "99999999.jpg", "none.jpg"]
    done, asked = matched(matching(), names, assets)
    assert asked == ["12345678", "23456789", "99999999"]
    assert {name: hit.path for name, hit in done.assets.items()} == {names[0]: "/Z/chair.jpg", names[1]: "/Z/lamp.jpg"}
    assert done.left_out == [
        LeftOut("none.jpg", "match.pattern finds no gtin in its name", "not_found"),
        LeftOut("99999999.jpg", "no asset below /Z has gtin 99999999", "not_found"),
    ]


@pytest.mark.parametrize(
    ("assets", "why"),
    [
        ([asset("/Z/b"), asset("/Z/a")], "2 assets have gtin 12345678: /Z/a, /Z/b"),
        ([asset("/Z/a.collection")], "/Z/a.collection is a container (collection)"),
        ([asset("/Z/a", url=None)], "/Z/a is an asset without a file"),
    ],
)
def test_what_is_no_single_asset_with_a_file_is_a_conflict(assets: list[Hit], why: str) -> None:
    done, _asked = matched(matching(skips=True), ["12345678.jpg"], {"12345678": assets})
    rivals = sorted(hit.path for hit in assets) if len(assets) > 1 else ()
    assert (done.assets, done.left_out) == ({}, [LeftOut("12345678.jpg", why, "conflict", rivals)])


def test_of_several_files_for_one_asset_none_is_sent() -> None:
    chair = asset("/Z/chair.jpg")
    assets = {"12345678": [chair], "23456789": [chair], "34567890": [asset("/Z/lamp.jpg")]}
    names = ["12345678.jpg", "23456789.jpg", "34567890.jpg"]
    done, _asked = matched(matching(skips=True), names, assets)
    assert list(done.assets) == ["34567890.jpg"]
    why = "2 files are for /Z/chair.jpg: 12345678.jpg; 23456789.jpg"
    assert done.left_out == [LeftOut(name, why, "conflict") for name in names[:2]]


@pytest.mark.parametrize(
    ("field", "pattern", "message"),
    [
        ("Art. No.", "(a)", "match.field: 'Art. No.' is not the name of a field"),
        (
            "gtin",
            "a",
            r"match.pattern has no group. Put brackets around the value of gtin, such as (?<!\d)(\d{8})(?!\d).",
        ),
        ("gtin", "(a", "match.pattern is not a regular expression of Python: missing )"),
        ("gtin", "(" * 5000, "match.pattern is not a regular expression of Python"),
    ],
)
def test_what_can_not_be_matched_is_refused(field: str, pattern: str, message: str) -> None:
    with pytest.raises(ElvisError) as caught:
        read_name_match(field, pattern, skips=False, folder="/Z")
    assert caught.value.reason == "bad_request"
    assert message in caught.value.message
