# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries in Elvis' search language: escaped, and bounded."""

from __future__ import annotations

import pytest

from ansible_collections.damops.elvis.plugins.module_utils._dam import query


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a b", '"a b"'),
        ("/Demo Zone/ü.jpg", r'"\/Demo Zone\/ü.jpg"'),
        ('\\+-=&|!(){}[]^"~*?:/', r'"\\\+\-\=\&\|\!\(\)\{\}\[\]\^\"\~\*\?\:\/"'),
        ("50%, $', @;#.", '"50%, $\', @;#."'),
        ("AND", '"AND"'),
    ],
)
def test_escaping(value: str, written: str) -> None:
    assert query.quoted(value) == written


def test_clauses() -> None:
    assert query.id_clause("a-b_c") == r'id:"a\-b_c"'
    assert query.path_clause("/a") == r'assetPath:"\/a"'
    assert query.path_clause("/\u00fc") == 'assetPath:"\\/\u00fc" OR assetPath:"\\/u\u0308"'
    assert query.tree_query("/a") == r'ancestorPaths:"\/a"'
    assert query.tree_query("/") == "*:*"
    assert query.both(None, "id:x") == "id:x"
    assert query.both("id:x", query.tree_query("/")) == "id:x"
    assert query.both("a OR b", "id:x") == "(a OR b) AND id:x"


@pytest.mark.parametrize(
    ("relations", "together"),
    [
        ("relatedTo:a", "relatedTo:a id:x"),
        (" relatedTo:a-_b relationTarget:child relationType:contains ", "relatedTo:a-_b relationTarget:child"),
        (r'relatedTo:"a\-b" status:New', r'relatedTo:"a\-b" (status:New) AND id:x'),
        ("relatedTo:a status:New OR status:Old", "relatedTo:a (status:New OR status:Old) AND id:x"),
        ('headline:"relatedTo:a"', '(headline:"relatedTo:a") AND id:x'),
    ],
)
def test_what_asks_for_relations_begins_a_query(relations: str, together: str) -> None:
    assert query.both(relations, "id:x").startswith(together)


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ('relatedTo:"9mUVYBJ5qj" relationTarget:child', "relatedTo:9mUVYBJ5qj relationTarget:child"),
        (r'relatedTo:"a\-b_c"', "relatedTo:a-b_c"),
        (r'relatedTo:"\-ab" status:New', r'relatedTo:"\-ab" status:New'),
        ('relatedTo:"a OR b"', 'relatedTo:"a OR b"'),
        ("relatedTo:a", "relatedTo:a"),
        ('headline:"relatedTo:a"', 'headline:"relatedTo:a"'),
    ],
)
def test_an_id_is_sent_without_quotes_after_related_to(written: str, sent: str) -> None:
    assert query.as_sent(written) == sent


@pytest.mark.parametrize(
    ("number", "length", "sizes"),
    [(0, 1, []), (1, 1, [1]), (100, 1, [100]), (101, 1, [100, 1]), (250, 9, [100, 100, 50]), (40, 1000, [15, 15, 10])],
)
def test_batches_are_bounded_in_number_and_in_bytes(number: int, length: int, sizes: list[int]) -> None:
    ids = [f"{place:0{length}}" for place in range(number)]
    batches = list(query.batched(ids, query.id_clause))
    assert [len(batch) for _query, batch in batches] == sizes
    assert [value for _query, batch in batches for value in batch] == ids
    assert all(len(text.encode()) <= query.MOST_BYTES for text, _batch in batches)
    assert all(text.count(" OR ") == len(batch) - 1 for text, batch in batches)


def test_one_value_that_is_too_long_goes_alone() -> None:
    assert [len(batch) for _query, batch in query.batched(["a", "b" * 20_000, "c"], query.id_clause)] == [1, 1, 1]


def test_bytes_are_counted_not_characters() -> None:
    batches = list(query.batched(["ü" * 5000, "ä" * 5000], query.id_clause))
    assert len(batches) == 2
