# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds the assets that a task names one by one, and tells of those that are not there. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._dam import index_lag
from .._dam.asset_finder import AssetFinder
from .._dam.asset_keys import ID, PATH, value_mistake
from .._dam.hits import Hit
from .._elvis.advice import NOT_THERE
from .._elvis.client import Client
from .._errors import ElvisError
from .._tables.cell_values import BadCell
from .._tables.rows import Key, dam_key
from .._work.outcome import Outcome


def read_row_key(kind: str, text: str) -> Key:
    """Return the key of an asset that a row names.

    :param kind: ``id``, ``path``, or the name of a field
    :raises BadCell: when it names none
    """
    key = dam_key(kind, text)
    mistake = None if key[0] in (ID, PATH) else value_mistake(text)
    if mistake:
        raise BadCell(mistake)
    return key


def read_name(text: str, place: str, kind: str = "") -> str:
    """Return the id or the path of an asset, as the DAM has it.

    :param kind: ``id``, ``path``, or nothing where the text has to tell: a path begins with a slash
    :param place: where the task says it
    :raises ElvisError: when it names none
    """
    try:
        name = dam_key(kind, text.strip())[1]
    except BadCell as mistake:
        raise ElvisError(f"{place}: {mistake}.", "bad_request") from None
    if not name:
        raise ElvisError(f"{place} is empty. Give the id or the path of an asset.", "bad_request")
    return name


def read_names(names: Iterable[str], option: str, kind: str) -> list[str]:
    """Return the ids or paths of assets that an option lists; see :func:`read_name`."""
    return [read_name(name, f"{option}, entry {number}", kind) for number, name in enumerate(names, 1)]


def read_given_names(ids: Iterable[str] | None, paths: Iterable[str] | None) -> list[str] | None:
    """Return what the options ``ids`` and ``paths`` name, each once; None when a task gives neither.

    :raises ElvisError: when an element names no asset
    """
    given = [
        (names, option, kind)
        for names, option, kind in ((ids, "ids", "id"), (paths, "paths", "path"))
        if names is not None
    ]
    return next((list(dict.fromkeys(read_names(*one))) for one in given), None)


def find_named(client: Client, names: Iterable[str], *, waits: bool) -> dict[str, Hit]:
    """Return the assets that are there, by the ids and paths that name them.

    :param waits: whether to look again for what an earlier task may just have made
    """
    finder = AssetFinder(client)
    wanted = list(dict.fromkeys(names))

    def find(left: Iterable[str]) -> dict[str, Hit]:
        paths = [name for name in left if name.startswith("/")]
        ids = [name for name in left if not name.startswith("/")]
        return {**finder.by_ids(ids), **finder.by_paths(paths)}

    found = find(wanted)
    if waits:
        found.update(index_lag.find_missing(client, find, [name for name in wanted if name not in found]))
    return found


def named(name: str) -> dict[str, str | None]:
    """Return what an id or a path says of an asset."""
    is_path = name.startswith("/")
    return {"id": None if is_path else name, "path": name if is_path else None}


def words_for(name: str) -> str:
    """Return the words for an asset that is named by its id or its path."""
    return f"asset with the {'path' if name.startswith('/') else 'id'} {name}"


def record_missing(
    outcome: Outcome,
    client: Client,
    words: str,
    *,
    is_absence: bool,
    check_mode: bool,
    place: str | None = None,
    **entry: Any,
) -> None:
    """Tell of an asset that a task names and that is not there.

    It is as it should be where it is to be absent. In check mode, an earlier task may be what makes it.

    :param words: what names it, such as ``asset with the id x``
    :param place: where the task names it, None where that goes without saying
    :param entry: what the result says of it
    """
    if is_absence:
        outcome.add("unchanged", **entry)
    elif check_mode:
        outcome.add("skipped", **entry, why=f"there is no {words}")
    else:
        there = f"{place}: there" if place else "There"
        outcome.refuse("not_found", f"{there} is no {words} at {client.server_url}. {NOT_THERE}", **entry)
