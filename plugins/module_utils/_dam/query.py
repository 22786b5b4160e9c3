# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes queries in Elvis' search language. Private to damops.elvis."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from .._elvis.paths import spellings

MOST_CLAUSES = 100
"""How many paths or ids one search asks for: the servers' own limit (1,024 in Lucene, if nobody changed it) is far."""
MOST_BYTES = 16_000
"""Of a query, in UTF-8. It is sent as a form: an address would be too long for many a proxy."""

EVERYTHING = "*:*"
"""The query that finds all assets, as Lucene has it (guess)."""

UNWRITABLE = "<>"
"""Signs of the query language for which it has no escape."""

_OR = " OR "
_RELATIONS = re.compile(
    r'\s*(?:(?:relatedTo|relationTarget|relationType):(?:"(?:[^"\\]|\\.)*"|[^\s"()]+)(?:\s+|$))+', re.DOTALL
)
_QUOTED_RELATED = re.compile(r'\s*relatedTo:"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PLAIN_ID = re.compile(r"\w[\w-]*", re.ASCII)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL = re.compile(r'[\\+\-=&|!(){}\[\]^"~*?:/]')


def quoted(value: str) -> str:
    """Return a text as one exact term of a query."""
    return '"' + _SPECIAL.sub(r"\\\g<0>", value) + '"'


def term(field: str, value: str) -> str:
    """Return the query for what has exactly this value in a field."""
    return f"{field}:{quoted(value)}"


def unwritable_in(value: str) -> str | None:
    """Return a sign of a text that no query can hold, None where there is none."""
    return next((sign for sign in UNWRITABLE if sign in value), None)


def tree_query(folder: str) -> str:
    """Return the query for all assets in a folder and in its sub-folders."""
    return EVERYTHING if folder == "/" else term("ancestorPaths", folder)


def folder_query(folder: str) -> str:
    """Return the query for the assets that lie directly in a folder."""
    return term("folderPath", folder)


def both(query: str | None, other: str) -> str:
    """Return the query for what two queries find; None finds everything.

    What asks for relations stays at the very start, without an operator: a server refuses anything else (documented).
    """
    if query is None or other == EVERYTHING:
        return query or other
    relations = _RELATIONS.match(query)
    if relations:
        return f"{relations[0].strip()} {both(query[relations.end() :] or None, other)}"
    return f"({query}) AND {other}"


def related_to(asset_id: str) -> str:
    """Return the clause for what an asset has a relation to: clients quote no id there, and a server may not either."""
    return f"relatedTo:{asset_id if _PLAIN_ID.fullmatch(asset_id) else quoted(asset_id)}"


def as_sent(query: str) -> str:
    """Return a query as clients send it; a playbook quotes each value, also an id after ``relatedTo``."""
    found = _QUOTED_RELATED.match(query)
    return related_to(_ESCAPED.sub(r"\1", found[1])) + query[found.end() :] if found else query


def path_clause(path: str) -> str:
    """Return the query for the asset at a path, however its Unicode is written."""
    return value_clause("assetPath", path)


def value_clause(field: str, value: str) -> str:
    """Return the query for what has a value in a field, however its Unicode is written."""
    return _OR.join(term(field, spelling) for spelling in spellings(value))


def id_clause(asset_id: str) -> str:
    """Return the query for the asset with an id."""
    return term("id", asset_id)


def batched(values: Iterable[str], clause: Callable[[str], str]) -> Iterator[tuple[str, list[str]]]:
    """Yield queries that together ask for all these values, each with those it asks for: bounded in number and bytes.

    :param clause: returns the query for one of them
    """
    clauses: list[str] = []
    batch: list[str] = []
    size = 0
    for value in values:
        text = clause(value)
        length = len(text.encode()) + len(_OR)
        if batch and (len(batch) == MOST_CLAUSES or size + length > MOST_BYTES):
            yield _OR.join(clauses), batch
            clauses, batch, size = [], [], 0
        clauses.append(text)
        batch.append(value)
        size += length
    if batch:
        yield _OR.join(clauses), batch
