# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Removes the local files that have no counterpart in the DAM. Private to damops.elvis."""

from __future__ import annotations

import os
from collections.abc import Collection

from .._dam.folders import browse
from .._elvis.client import Client
from .._elvis.paths import name_of, pairing_key, parent_of
from .._errors import ElvisError
from .._files.local_paths import shown_path
from .._files.removal import remove_file
from .._files.tree import LocalFile
from .._files.walk import list_folder
from .._text import escaped
from .._work.journal import Journal
from .download_plan import DownloadOrder
from .removal_limit import RemovalLimit


class LocalRemovals:
    """The files that go.

    :param limit: how many may
    :param there: the pairing keys of what the DAM has, below the local folder
    :param is_anything_fetched: whether the DAM has any file that this task brings, or has brought, here
    """

    def __init__(
        self,
        limit: RemovalLimit,
        order: DownloadOrder,
        there: Collection[str],
        journal: Journal,
        *,
        is_anything_fetched: bool,
    ) -> None:
        self._limit = limit
        self._order = order
        self._there = there
        self._is_anything_fetched = is_anything_fetched
        self._outcome = journal.outcome
        self._diffs = journal.diffs
        self._found: list[LocalFile] = []
        self._in_scope = 0

    def find(self, root: bytes) -> None:
        """Find them below a folder, which need not be there yet."""
        if not os.path.isdir(root):  # noqa: PTH112 - bytes
            return
        order = self._order
        tree = list_folder(
            root.decode("utf-8", "surrogateescape"), order.names, recursive=order.recursive, own=order.own
        )
        self._in_scope = len(tree.files)
        # What is reached through a link lies somewhere else.
        own = [file for file in tree.files if file.path == root.rstrip(b"/") + b"/" + file.relative.encode()]
        self._found = [file for file in own if pairing_key(file.relative) not in self._there]

    def predict(self) -> None:
        """Tell which would be removed.

        :raises ElvisError: when they must not be
        """
        self._check()
        for file in self._found:
            self._record(file)

    def remove(self, client: Client) -> None:
        """Remove them, but for those whose name something in the DAM has after all.

        :raises ElvisError: when they must not be
        """
        self._check()
        listed: dict[str, set[str]] = {}
        for file in self._found:
            path = f"{(self._order.base or '').rstrip('/')}/{file.relative}"
            folder = parent_of(path)
            try:
                # A search may lack what the index has not seen yet.
                if folder not in listed:
                    entries = browse(client, folder, with_assets=True) or ()
                    listed[folder] = {pairing_key(name_of(entry.path)) for entry in entries}
                if pairing_key(name_of(path)) in listed[folder]:
                    raise ElvisError(
                        f"{shown_path(file.path)} was not removed: the DAM has something of that name after all.",
                        "conflict",
                    )
                if remove_file(file, "has no counterpart in the DAM"):
                    self._record(file)
            except ElvisError as error:
                self._outcome.fail(error, path=path, dest=shown_path(file.path))

    def _check(self) -> None:
        """Make sure that the files may be removed.

        :raises ElvisError: when they may not
        """
        self._limit.check(
            len(self._found),
            self._in_scope,
            "file",
            escaped(self._order.dest),
            f"the DAM folder {self._order.base}",
            (not self._outcome.is_clean, "something failed before"),
            (not self._there, "the folder in the DAM is empty"),
            (not self._is_anything_fetched, "the folder in the DAM has no file that takes part"),
        )

    def _record(self, file: LocalFile) -> None:
        path = f"{(self._order.base or '').rstrip('/')}/{escaped(file.relative)}"
        self._outcome.add("removed", path=path, dest=shown_path(file.path))
        self._diffs.add_changes(shown_path(file.path), {"state": ("file", "absent")})
