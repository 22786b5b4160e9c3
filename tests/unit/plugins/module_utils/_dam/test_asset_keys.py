# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets are found by the exact value of a field, by few searches, though a search is for words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import asset_keys
from ansible_collections.damops.elvis.plugins.module_utils._dam.asset_finder import AssetFinder
from ansible_collections.damops.elvis.plugins.module_utils._dam.asset_keys import find_by_keys, find_by_values
from tests.support.assets import Dam
from tests.support.emulator import Emulator

FIELD = "cf_articleNumber"
COMPOSED, DECOMPOSED = (unicodedata.normalize(form, "Stühle 7") for form in ("NFC", "NFD"))


def found(dam: Dam, values: Iterable[str], folder: str = "/") -> dict[str, list[str]]:
    """Return the paths of the assets that hold each value."""
    hits = find_by_values(AssetFinder(dam.client, (FIELD,)), FIELD, values, folder)
    return {value: sorted(hit.path for hit in assets) for value, assets in hits.items()}


@pytest.mark.parametrize(
    ("present", "value"),
    [
        ("12345678", "12345678"),
        (12345678, "12345678"),
        (0.5, "0.5"),
        (["12345678"], "12345678"),
        ("AB-12/7 (new)", "AB-12/7 (new)"),
        ('5" "x" \\ OR *:*', '5" "x" \\ OR *:*'),
        ("a & b | !c [d] {e} ^f ~g *h ?i :j +k =l", "a & b | !c [d] {e} ^f ~g *h ?i :j +k =l"),
        (COMPOSED, DECOMPOSED),
        (DECOMPOSED, COMPOSED),
    ],
)
def test_the_value_is_found(dam: Dam, present: Any, value: str) -> None:
    dam.create("/Z/a", **{FIELD: present})
    dam.create("/Z/b", **{FIELD: "other"})
    dam.create("/Z/c")
    assert found(dam, [value]) == {value: ["/Z/a"]}


@pytest.mark.parametrize(
    "present",
    ["12345678 9", "9-12345678", "012345678", "123456789", " 12345678", "12345678,87654321", ["12345678", "87654321"]],
)
def test_what_only_has_the_word_is_not(dam: Dam, present: Any) -> None:
    dam.create("/Z/a", **{FIELD: present})
    assert found(dam, ["12345678"]) == {}


def test_letter_case_counts(dam: Dam) -> None:
    dam.create("/Z/a", **{FIELD: "ab7"})
    dam.create("/Z/b", **{FIELD: "AB7"})
    assert found(dam, ["AB7", "Ab7"]) == {"AB7": ["/Z/b"]}


def test_several_assets_and_other_folders(dam: Dam) -> None:
    for path in ("/Z/in/a", "/Z/in/deep/b", "/Z/inner/c", "/Y/d"):
        dam.create(path, **{FIELD: "7"})
    assert found(dam, ["7"], "/Z/in") == {"7": ["/Z/in/a", "/Z/in/deep/b"]}
    assert found(dam, ["7"]) == {"7": ["/Y/d", "/Z/in/a", "/Z/in/deep/b", "/Z/inner/c"]}


def test_a_hundred_values_are_one_search(dam: Dam, one_elvis: Emulator) -> None:
    values = [str(10_000_000 + number) for number in range(230)]
    for value in values[::10]:
        dam.create(f"/Z/{value}.jpg", **{FIELD: value})
    one_elvis.forget_requests()
    assert list(found(dam, [*values, *values], "/Z")) == values[::10]
    assert [request["path"].rpartition("/")[2] for request in one_elvis.requests()] == ["search"] * 3


def test_keys_of_every_kind(dam: Dam) -> None:
    ids = {path: dam.create(path, **{FIELD: path[-1]}) for path in ("/Z/a", "/Z/b", "/Z/c")}
    keys = [("id", ids["/Z/a"]), ("path", "/Z/b"), (FIELD, "c"), (FIELD, "d"), ("path", "/Z/d"), ("name", "a")]
    paths = {key: [hit.path for hit in hits] for key, hits in find_by_keys(dam.client, keys).items()}
    assert paths == {keys[0]: ["/Z/a"], keys[1]: ["/Z/b"], keys[2]: ["/Z/c"], keys[5]: ["/Z/a"]}
    assert find_by_keys(dam.client, []) == {}


@pytest.mark.parametrize("name", ["cf_articleNumber", "gtin", "größe", "xmp.title", "a1"])
def test_names_of_fields(name: str) -> None:
    assert asset_keys.field_mistake(name) is None


@pytest.mark.parametrize("name", ["", "Article number", "a:b", "a-b", "-a", "a OR b", '"a"', "a*", "a.", "ü\n"])
def test_what_can_be_no_name_of_a_field(name: str) -> None:
    assert asset_keys.field_mistake(name)


@pytest.mark.parametrize(("value", "mistake"), [("", "is empty"), ("  ", "is empty"), ("a<b", "has <"), (">", "has >")])
def test_what_no_query_can_hold(value: str, mistake: str) -> None:
    assert str(asset_keys.value_mistake(value)).startswith(mistake)
    assert asset_keys.value_mistake("a-b: 7") is None


def test_all_assets_with_one_value_are_named(dam: Dam) -> None:
    for number in range(22):
        dam.create(f"/Z/{number:02}", **{FIELD: "7"})
    hits = find_by_keys(dam.client, [(FIELD, "7")])[FIELD, "7"]
    assert asset_keys.several_words(FIELD, "7", hits[:2]) == f"2 assets have {FIELD} 7: /Z/00, /Z/01"
    assert asset_keys.several_words(FIELD, "7", hits).endswith("/Z/19 and 2 more")
