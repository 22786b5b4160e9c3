# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds assets by what names them: an id, a path, or the value of any other field. Private to damops.elvis.

A search is for analysed text: it finds ``12-345`` for ``345``. So a hit counts only when its field holds exactly the
value. Several assets may hold it: the caller decides what that means.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import partial

from .._elvis.client import Client
from .._elvis.field_values import exact_text
from .._text import counted, escaped
from .asset_finder import AssetFinder, collected
from .hits import Hit
from .query import batched, unwritable_in, value_clause

ID, PATH = "id", "path"
"""The kinds of key that name one asset at most; any other kind is a field."""
MOST_NAMED = 20
"""Assets with one value that a message names."""
_FIELD = re.compile(r"\w+(?:\.\w+)*")
"""The name of a field. Any other character is a sign of the query language."""


def field_mistake(name: str) -> str | None:
    """Return why a name can't be one of a field, None when it can."""
    return None if _FIELD.fullmatch(name) else f"{escaped(name)!r} is not the name of a field in Elvis"


def value_mistake(value: str) -> str | None:
    """Return why nothing can be searched for a value, None when it can."""
    if not value.strip():
        return "is empty"
    sign = unwritable_in(value)
    return f"has {sign}, which no query can hold" if sign else None


def find_by_keys(
    client: Client, keys: Iterable[tuple[str, str]], fields: Iterable[str] = ()
) -> dict[tuple[str, str], Sequence[Hit]]:
    """Return the assets that each key names, without the keys that name none.

    :param keys: kinds, and the texts of these kinds
    :param fields: what to read of each asset
    """
    by_kind: dict[str, list[str]] = {}
    for kind, text in keys:
        by_kind.setdefault(kind, []).append(text)
    finder = AssetFinder(client, (*fields, *(kind for kind in by_kind if kind not in (ID, PATH))))
    return {
        (kind, text): hits
        for kind, texts in by_kind.items()
        for text, hits in _find_by_kind(finder, kind, texts).items()
    }


def find_by_values(
    finder: AssetFinder, field: str, values: Iterable[str], folder: str = "/"
) -> dict[str, Sequence[Hit]]:
    """Return the assets in a folder and its sub-folders that hold each value, without the values that none holds.

    :param finder: reads the field
    """
    found: dict[str, Sequence[Hit]] = {}
    for query, batch in batched(dict.fromkeys(values), partial(value_clause, field)):
        by_text: dict[str | None, list[Hit]] = {}
        for hit in collected(finder.tree(folder, query)):
            by_text.setdefault(exact_text(hit.fields.get(field)), []).append(hit)
        found.update({value: by_text[text] for value in batch if (text := exact_text(value)) in by_text})
    return found


def several_words(field: str, value: str, assets: Sequence[Hit]) -> str:
    """Return the words for assets that hold one value, where one asset is wanted."""
    paths = sorted(asset.path for asset in assets)
    more = f" and {len(paths) - MOST_NAMED:,} more" if len(paths) > MOST_NAMED else ""
    return f"{counted(len(paths), 'asset')} have {field} {escaped(value)}: {', '.join(paths[:MOST_NAMED])}{more}"


def _find_by_kind(finder: AssetFinder, kind: str, texts: Sequence[str]) -> dict[str, Sequence[Hit]]:
    if kind not in (ID, PATH):
        return find_by_values(finder, kind, texts)
    found = finder.by_ids(texts) if kind == ID else finder.by_paths(texts)
    return {text: [hit] for text, hit in found.items()}
