# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import html
import json
import time
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._elvis.redaction import (
    LONGEST_QUOTE,
    LONGEST_READ,
    MASK,
    MOST_LEVELS,
    WITHHELD,
    Redactor,
    encode_cred,
)
from ansible_collections.damops.elvis.plugins.module_utils._text import one_line

SECRET = "p&ss* wörd/\"<1>'~"


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        SECRET.upper(),
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower(),
        quote_plus(SECRET),
        html.escape(SECRET),
        html.escape(SECRET).replace("&#x27;", "&#39;"),
        quote(SECRET, safe="!'()*"),
        quote_plus(SECRET, safe="*").replace("~", "%7E"),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("="),
        json.dumps(SECRET)[1:-1],
    ],
)
def test_a_secret_is_found_in_whatever_form_it_comes_back(form: str) -> None:
    assert Redactor([SECRET]).quote(f"wrong password '{form}' for alice") == f"wrong password '{MASK}' for alice"


@pytest.mark.parametrize(
    "hidden",
    ["won\u200bderland", "won\u00adderland", "wonder\x00land", "won\x1bderland", "wonderland\r\n"],
)
def test_an_invisible_character_does_not_hide_a_secret(hidden: str) -> None:
    assert Redactor(["wonderland"]).quote(f"not {hidden}") == f"not {MASK}"
    assert Redactor([hidden]).quote(f"not {one_line(hidden)}") == f"not {MASK}"


@pytest.mark.parametrize(
    ("secrets", "words", "quoted"),
    [
        ([], "Not logged in", "Not logged in"),
        ([None, ""], "Not logged in", "Not logged in"),
        (["wonderland", "wonder"], "wonderland", MASK),
        (["a.c+"], "abcc", "abcc"),
        (["four"], "four fours", f"{MASK} {MASK}s"),
        (["abc"], "Not logged in", WITHHELD),
        (["wonderland", "a"], "Not logged in", WITHHELD),
        ([], " two\r\nlines\x07 and\ta tab ", "two lines and a tab"),
        ([], "Caf\xe9 \u2192 \u202eevil", "Caf\xe9 \u2192 evil"),
        ([], "x" * LONGEST_QUOTE, "x" * LONGEST_QUOTE),
        ([], "x" * (LONGEST_QUOTE + 1), "x" * LONGEST_QUOTE + "…"),
    ],
)
def test_the_servers_words_are_made_fit_to_be_shown(secrets: list[str | None], words: str, quoted: str) -> None:
    assert Redactor(secrets).quote(words) == quoted


def test_a_secret_is_not_cut_in_half_at_the_end_of_a_long_text() -> None:
    quoted = Redactor(["wonderland"]).quote("x" * (LONGEST_QUOTE - 4) + "wonderland")
    assert "wond" not in quoted


@pytest.mark.parametrize("words", ["x" * 1_000_000, "wonder" * 200_000, "\\" * 1_000_000, "w\0" * 500_000])
def test_long_words_are_quoted_in_time(words: str) -> None:
    began = time.process_time()
    assert len(Redactor(["wonder\\land", "\\\\wonder land"]).quote(words)) <= LONGEST_QUOTE + 1
    assert time.process_time() - began < 0.5


def test_a_secret_is_not_cut_in_half_where_reading_ends() -> None:
    words = "\0" * (LONGEST_READ - 4) + "wonderland"
    assert Redactor(["wonderland"]).quote(words) == ""


def test_mask_leaves_the_rest_as_it_is() -> None:
    assert Redactor(["wonderland"]).mask("a\nwonderland\n") == f"a\n{MASK}\n"
    assert Redactor([]).mask("a\nb") == "a\nb"


@pytest.mark.parametrize(
    ("data", "masked"),
    [
        ("wonderland", MASK),
        ("a WONDERLAND\n", f"a {MASK}\n"),
        (["x", "wonderland", 7, None, True, 1.5], ["x", MASK, 7, None, True, 1.5]),
        ({"wonderland": {"a": ["wonderland"]}}, {MASK: {"a": [MASK]}}),
        ({"a": {}}, {"a": {}}),
    ],
)
def test_data_keeps_its_form(data: object, masked: object) -> None:
    assert Redactor(["wonderland"]).mask_data(data) == masked


@pytest.mark.parametrize("wrap", [lambda data: [data], lambda data: {"a": data}], ids=["lists", "dicts"])
@pytest.mark.parametrize(("levels", "is_too_much"), [(MOST_LEVELS, False), (MOST_LEVELS + 1, True)])
def test_data_may_be_nested_so_deeply_only(wrap: Callable[[object], object], levels: int, is_too_much: bool) -> None:
    data: object = "wonderland"
    for _dummy in range(levels):
        data = wrap(data)
    if is_too_much:
        with pytest.raises(RecursionError):
            Redactor([]).mask_data(data)
    else:
        assert Redactor([]).mask_data(data) == data


def test_cred_is_what_powershell_makes() -> None:
    assert encode_cred("alice", "wonder:länd") == "YWxpY2U6d29uZGVyOmzDpG5k"
