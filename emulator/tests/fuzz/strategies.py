# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts and addresses that a client may send."""

from __future__ import annotations

from hypothesis import strategies as st

TROUBLE = "\"'<>&%+/\\=;,:@#?~*!(){}[]|^`$ \t\n\r\0\u200b\u202e\xa0é\u0130ſß漢😀"

texts = st.text(st.one_of(st.sampled_from(TROUBLE), st.characters(codec="utf-8")), max_size=24)
anything = st.text(st.one_of(st.sampled_from(TROUBLE + "\ud800\udcff"), st.characters()), max_size=40)
"""Text that Python can hold, halves of surrogate pairs included, which no encoding has."""

_pieces = st.sampled_from(
    [
        *("/", ":", "@", "?", "#", "[", "]", "%", ";", "\\", ".", "//", "..", "%2e", "%2F", "%5c", "%00", "%25"),
        *("a", "services", "logout", "apilogin", "search", "api", "file", "app", "jsessionid=1"),
        *("é", "ⓔ", "\u2100", "\t", " ", "\0", "\ud800", "1" * 70),
    ]
)
addresses = st.lists(_pieces, max_size=10).map("".join) | anything
