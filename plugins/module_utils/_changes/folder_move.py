# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Gives a folder another path, with all that is in it. Private to damops.elvis."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from .._dam.asset_finder import AssetFinder
from .._dam.asset_requests import moving
from .._dam.check_outs import refuse_held
from .._dam.folders import FolderFinder, find_folder, make_folders
from .._dam.processes import process_id_of, wait_for
from .._dam.query import tree_query
from .._dam.write_once import WriteOnce, read_answer
from .._elvis.client import Client
from .._elvis.paths import is_below, is_protected, join, name_of, parent_of, trimmed_key
from .._errors import ENDS_TASK, ElvisError
from .._text import counted
from .new_folders import missing_folders

SECONDS = 3600
"""For so long a server is waited for that moves or removes a folder."""


class FolderMove(NamedTuple):
    """The path that a folder had, and the one that it is to have."""

    source: str
    new_path: str


def check_move(move: FolderMove) -> None:
    """Make sure that a folder may get another path.

    :raises ElvisError: when it may not, before anything is sent
    """
    for path in move:
        if is_protected(path):
            what = "the DAM" if path == "/" else "a zone"
            raise ElvisError(f"{path} is {what}, and a folder below a zone is moved.", "bad_request")
    if move.source == move.new_path:
        raise ElvisError(f"moved_from and path are one folder, {move.source}.", "bad_request")
    if is_below(trimmed_key(move.new_path), trimmed_key(move.source)):
        raise ElvisError(f"{move.source} can't be moved to {move.new_path}, which is inside it.", "bad_request")


def move_folder(client: Client, move: FolderMove, *, check_mode: bool, tell: Callable[[str], None]) -> int | None:
    """Make a folder have its new path; return how many assets were moved with it, None where it had that path already.

    :raises ElvisError: when it has not
    """
    finder = FolderFinder(client)
    source, there = finder.find(move.source), finder.find(move.new_path)
    is_respelled = source == there and source is not None and name_of(source) != name_of(move.new_path)
    if source is None and there is None:
        raise ElvisError(
            f"Neither {move.source} nor {move.new_path} is a folder at {client.server_url}. Nothing was moved.",
            "not_found",
        )
    if source is None or (source == there and not is_respelled):
        return None
    if there is not None and not is_respelled:
        raise _both_there(client, FolderMove(source, there), "Nothing was moved.")
    parent = parent_of(move.new_path)
    new_folders = [] if is_respelled else missing_folders(client, finder, [parent])
    _refuse_asset(client, move)
    refuse_held(client, source, f"move {source}")
    assets = AssetFinder(client).count(tree_query(source))
    if not check_mode:
        made = make_folders(client, new_folders)
        if made.failed:
            raise made.failed[parent]
        found = FolderMove(source, join(finder.find(parent) or parent, name_of(move.new_path)))
        with _saying_what_changed(client, found, made.new):
            is_ours = _send(client, found, tell)
            _confirm(client, found)
        if not is_ours:
            return None
        client.own_writes.others.append(partial(_is_shown, client, found, assets))
    return assets


def _refuse_asset(client: Client, move: FolderMove) -> None:
    for path, asset in AssetFinder(client).by_paths([move.new_path]).items():
        raise ElvisError(
            f"Cannot move {move.source} at {client.server_url}: an asset has the path {path} ({asset.id}). Nothing was"
            " moved.",
            "conflict",
        )


def _send(client: Client, move: FolderMove, tell: Callable[[str], None]) -> bool:
    """Have the server move a folder, and tell whether it was not somebody else who did."""
    request = moving(*move, process_timeout=SECONDS)
    read = partial(read_answer, client=client, what=f"in {move.source} could not be moved")
    once = WriteOnce(client, SECONDS)
    written = once.bring_about(request, read, lambda: {} if _has_moved(client, move) else None)
    process_id = process_id_of(written.result)
    if process_id:
        wait_for(client, process_id, SECONDS, tell)
    return written.is_new


def _confirm(client: Client, move: FolderMove) -> None:
    """Make sure that a folder is where it was moved to.

    :raises ElvisError: when it is not, or not all of it
    """
    if _has_moved(client, move):
        return
    if find_folder(client, move.new_path):
        raise _both_there(client, move, "Not all of it was moved.")
    raise ElvisError(
        f"{client.server_url} said that it moved {move.source}, and {move.new_path} is not there. Look at both in"
        " Elvis.",
        "conflict",
    )


@contextlib.contextmanager
def _saying_what_changed(client: Client, move: FolderMove, made: Sequence[str]) -> Iterator[None]:
    """Run a block that moves a folder; its failure says whether the DAM is other than before.

    :param made: the folders that were made for it
    """
    try:
        yield
    except ElvisError as error:
        has_begun = False
        # Whoever can't be asked any more tells nothing.
        with contextlib.suppress(ElvisError):
            has_begun = error.reason not in ENDS_TASK and _is_there(client, move.new_path)
        folders = [{"path": path, "changed": True} for path in made]
        error.done = {"changed": bool(made) or has_begun, "folders": folders}
        raise


def _has_moved(client: Client, move: FolderMove) -> bool:
    there = find_folder(client, move.new_path)
    return there is not None and name_of(there) == name_of(move.new_path) and not _is_there(client, move.source)


def _is_there(client: Client, path: str) -> bool:
    """Tell whether a folder is there under exactly this name."""
    found = find_folder(client, path)
    return found is not None and name_of(found) == name_of(path)


def _is_shown(client: Client, move: FolderMove, assets: int) -> bool:
    """Tell whether a search shows the assets of a folder that was moved below its new path."""
    return AssetFinder(client).count(tree_query(move.new_path)) >= assets


def _both_there(client: Client, move: FolderMove, what_then: str) -> ElvisError:
    finder = AssetFinder(client)
    sides = [f"{path} with {counted(finder.count(tree_query(path)), 'asset')}" for path in move]
    return ElvisError(
        f"Both folders are there at {client.server_url}: {sides[0]}, and {sides[1]}. {what_then} Look at both in Elvis:"
        " an earlier move may have stopped half-way. Move the rest, or remove one of them.",
        "conflict",
    )
