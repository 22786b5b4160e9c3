# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and numbers as a message has them."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._text import as_they_should_be, counted, quoted


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a b.jpg", "a b.jpg"),
        ("a.jpg ", "'a.jpg '"),
        ("folder /a.jpg", "'folder /a.jpg'"),
        ("  ", "'  '"),
        ("a\u202egpj.exe", r"a\u202egpj.exe"),
        ("\xa0a\u200b", r"\xa0a\u200b"),
        ("a\r", r"a\r"),
    ],
)
def test_what_can_not_be_seen_in_a_name(name: str, shown: str) -> None:
    assert quoted(name) == shown


@pytest.mark.parametrize(
    ("number", "assets", "unchanged"),
    [
        (0, "0 assets", "0 were as they should be"),
        (1, "1 asset", "1 was as it should be"),
        (1501, "1,501 assets", "1,501 were as they should be"),
    ],
)
def test_numbers(number: int, assets: str, unchanged: str) -> None:
    assert (counted(number, "asset"), as_they_should_be(number)) == (assets, unchanged)
