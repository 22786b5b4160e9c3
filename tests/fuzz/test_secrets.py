# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing that was submitted comes back in a message, in whatever form a server repeats it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import assume, given, strategies as st

from ansible_collections.damops.elvis.plugins.module_utils._elvis.redaction import (
    LONGEST_QUOTE,
    SHORTEST_MASKED,
    WITHHELD,
    Redactor,
    encode_cred,
)
from ansible_collections.damops.elvis.plugins.module_utils._text import one_line
from tests.fuzz.strategies import anything, data, echoes, passwords, short_secrets, texts, tokens


@given(passwords, echoes, texts, texts)
def test_no_echo_of_a_secret_is_quoted(secret: str, echo: Callable[[str], str], before: str, after: str) -> None:
    echoed = echo(secret)
    seen = one_line(echoed)
    assume(len(seen) >= SHORTEST_MASKED)
    quoted = Redactor([secret]).quote(f"{before}{echoed}{after}")
    assert seen not in quoted
    assert len(quoted) <= LONGEST_QUOTE + 1


@given(passwords, st.text(min_size=1).filter(lambda user: user.isprintable() and ":" not in user), echoes)
def test_no_echo_of_a_cred_is_quoted(password: str, user: str, echo: Callable[[str], str]) -> None:
    cred = encode_cred(user, password)
    assert echo(cred) not in Redactor([password, cred]).quote(f"wrong: {echo(cred)}.")


@given(short_secrets, anything)
def test_next_to_a_short_secret_nothing_is_quoted(secret: str, words: str) -> None:
    assert Redactor([secret]).quote(words) == WITHHELD


@given(st.lists(passwords | tokens | anything, max_size=4), anything)
def test_what_is_quoted_is_one_line_of_text(secrets: list[str], words: str) -> None:
    quoted = Redactor(secrets).quote(words)
    quoted.encode()
    assert quoted.isprintable() or "\xa0" in quoted


@given(tokens, data, echoes)
def test_no_secret_is_left_in_data(secret: str, answer: Any, echo: Callable[[str], str]) -> None:
    answer = {"a": [answer, echo(secret), {f"x{echo(secret)}": secret}]}
    masked = Redactor([secret]).mask_data(answer)
    assert secret not in json.dumps(masked, ensure_ascii=False)
    assert json.dumps(secret)[1:-1] not in json.dumps(masked)


@given(passwords | tokens, st.text(min_size=1, max_size=3))
def test_words_of_any_length_are_quoted_in_time(secret: str, piece: str) -> None:
    # Such a secret, next to what replaces one, looks like another.
    assume("*" not in secret)
    redactor = Redactor([secret, secret * 10])
    for words in (piece * 70_000, f"{piece}{secret}" * 4000, secret[:-1] * 4000):
        quoted = redactor.quote(words)
        assert len(quoted) <= LONGEST_QUOTE + 1
        assert secret not in quoted
