# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Writes one asset at a time: creates, updates, moves and removes it. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from .._elvis.client import Client, Request
from .._elvis.paths import is_protected, name_of, trimmed_key
from .._errors import CallFailure, ElvisError, kept_on_failure
from . import index_lag
from .asset_finder import AssetFinder
from .asset_requests import FIELDS, FileContent, Writing, creating, moving, removing, updating
from .check_outs import CheckOuts
from .contents import checksum_of, is_newer
from .hits import Hit
from .present import PresentAssets, name_meanwhile
from .unshown import Unshown, look_up, read_written
from .write_once import WriteOnce, Written, read_counts

Check = Callable[[], object]
"""Makes sure that a request is still to be sent; see :class:`Request`."""
LOOK = "Look at it in Elvis, and at the rules by which the server names assets."


class Assets:
    """The assets of one server, which one session writes.

    Before a change, an asset is read again; only then the check-out of somebody else ends, where that is forced.
    A search may take its time to show that end, and would show an asset that has changed meanwhile.

    :param key: the field that names the assets that get files, which the finder reads; None where no field does
    """

    def __init__(
        self, client: Client, finder: AssetFinder, writing: Writing, check_outs: CheckOuts, key: str | None = None
    ) -> None:
        self._client = client
        self._finder = finder
        self._check_outs = check_outs
        self._writing = writing
        self._present = PresentAssets(client, finder, key=key)
        self._once = WriteOnce(client, writing.process_timeout)

    def create(self, path: str, content: FileContent | None, metadata: Mapping[str, Any]) -> Written:
        """Store a new asset, at this path and no other. The result is the asset.

        :raises ElvisError: when it is not stored
        """

        def is_ours(found: Hit) -> bool:
            return content is None or checksum_of(found) == content.checksum()

        request = creating(path, content, metadata, self._writing)
        written = self._write(request, lambda: self._finder.by_paths([path]).get(path), is_ours)
        return self._shown(written, Unshown(request, path, None, None, content and content.checksum, metadata))

    def change(
        self,
        asset: Hit,
        content: FileContent | None,
        metadata: Mapping[str, Any],
        *,
        ends_check_out: bool,
        move_to: str | None = None,
    ) -> Written | None:
        """Do as :meth:`update`, and end the check-outs that are to end; without a file and metadata that is all.

        :param ends_check_out: whether our own check-out ends
        :param move_to: the path that the asset gets first
        :raises ElvisError: when it is not done
        """
        done: dict[str, Any] = {}
        with kept_on_failure(done):
            is_checked_in = ends_check_out and content is not None
            present, written = asset, None
            if move_to:
                present = self._move(asset, move_to, done)
                written = Written(present, is_new=True, is_reply=False)
            if content or metadata:
                written = self._update(present, content, metadata, done, ends_check_out=is_checked_in)
                for name, value in metadata.items():
                    done[name] = {"before": asset.fields.get(name), "after": value}
                if content:
                    done["file"] = {"before": "other content", "after": "file"}
            if ends_check_out and not is_checked_in:
                self._check_outs.end(present)
            return written

    def _update(
        self,
        asset: Hit,
        content: FileContent | None,
        metadata: Mapping[str, Any],
        done: dict[str, Any],
        *,
        ends_check_out: bool,
    ) -> Written:
        """Give an asset another file, or other metadata, or both. The result is the asset.

        :param done: gets what was changed before that
        :param ends_check_out: whether our own check-out ends
        :raises ElvisError: when it is not stored
        """
        present = self._present.take(asset) if content else None
        asset = present.asset if present else asset
        self._check_outs.free_noting(asset, done)

        def find_newer() -> Hit | None:
            found = self._finder.by_ids([asset.id]).get(asset.id)
            return found if found and is_newer(found, asset) else None

        request = updating(asset, content, metadata, self._writing, ends_check_out=ends_check_out)
        # Metadata are the same after a second time.
        written = self._write(request, find_newer if content else None)
        written = self._shown(
            written, Unshown(request, asset.path, asset.id, asset, content and content.checksum, metadata)
        )
        return written._replace(renamed_from=name_meanwhile(self._client, present)) if present else written

    def settle(self, writes: Sequence[Unshown]) -> list[Hit | ElvisError]:
        """Return the asset of each write whose answer did not show it, or why it is not as it was to be.

        :raises ElvisError: when the server can't be asked
        """
        found = look_up(self._client, writes, (*FIELDS, *self._writing.fields))
        return [hit if isinstance(hit, ElvisError) else self._accepted(write, hit) for write, hit in zip(writes, found)]

    def _shown(self, written: Written, write: Unshown) -> Written:
        """Return a write with its asset. One that is looked up later has what it is to be looked up by.

        :raises ElvisError: when the asset is not as it was to be
        """
        hit: Hit = written.result
        if hit.path:
            result: Hit | Unshown | ElvisError = self._accepted(write, hit, is_new=written.is_new)
        elif self._writing.settles_later:
            result = write._replace(id=write.id or hit.id or None)
        else:
            (result,) = self.settle([write._replace(id=write.id or hit.id or None)])
        if isinstance(result, ElvisError):
            raise result
        return written._replace(result=result, is_reply=written.is_reply and bool(hit.path))

    def _accepted(self, write: Unshown, hit: Hit, *, is_new: bool = True) -> Hit | ElvisError:
        """Return the asset of a write, or the error of one that lies elsewhere."""
        if write.before is None:
            if is_new and trimmed_key(hit.path) != trimmed_key(write.path):
                # A stray one, which this call has made: nothing else could be at a path that nobody asked for.
                return self._strayed(write.request, write.path, hit, self._removed_again(hit))
            index_lag.note_written(self._client, hit, {}, {})
            return hit
        index_lag.note_written(self._client, hit, write.metadata, write.before.fields)
        # Only a file's part carries a name. An asset that somebody moved meanwhile stays where it is.
        if write.checksum and trimmed_key(name_of(hit.path)) != trimmed_key(name_of(write.path)):
            return self._strayed(write.request, write.path, hit, "It was left there.")
        return hit

    def expect_files(self, assets: Iterable[Hit]) -> None:
        """Take note of which assets get a new file, in this order: they are read again many at once."""
        self._present.expect([asset.id for asset in assets])

    def _move(self, asset: Hit, new_path: str, done: dict[str, Any]) -> Hit:
        """Give an asset another path, which nothing has.

        :param done: gets what was changed
        :raises ElvisError: when it is not there afterwards
        """
        self.send_move(asset, new_path, self._present.guard(asset), done)
        (moved,) = self.moved([(asset, new_path)])
        if isinstance(moved, ElvisError):
            raise moved
        done["path"] = {"before": asset.path, "after": new_path}
        return moved

    def send_move(self, asset: Hit, new_path: str, check: Check, done: dict[str, Any]) -> bool:
        """Give an asset another path; return whether this call did anything, and not somebody else all of it meanwhile.

        The check-out of somebody else ends first, where that is forced. :meth:`moved` tells whether the asset is there.

        :param check: makes sure, right before each try, that the asset is as it was
        :param done: gets what was changed before the move
        :raises ElvisError: when the server does not move it, with what was changed before
        """

        def find_moved() -> Hit | None:
            found = self._finder.by_ids([asset.id]).get(asset.id)
            return found if found and _has_arrived(found, new_path) else None

        with kept_on_failure(done):
            self._check_outs.free_noting(asset, done, check)
            return self._send(replace(moving(asset.path, new_path), check=check), find_moved) or bool(done)

    def moved(self, moves: Sequence[tuple[Hit, str]]) -> list[Hit | ElvisError]:
        """Return assets that were moved once a search shows them at their new paths, or why one is not there.

        :raises ElvisError: when the server can't be asked
        """
        new_paths = {asset.id: new_path for asset, new_path in moves}
        found: dict[str, Hit] = {}

        def look() -> bool | None:
            left = [asset_id for asset_id in new_paths if not arrived(asset_id)]
            found.update(self._finder.by_ids(left))
            return True if all(map(arrived, new_paths)) else None

        def arrived(asset_id: str) -> bool:
            return asset_id in found and _has_arrived(found[asset_id], new_paths[asset_id])

        self._once.wait_for_index(look)
        return [
            found[asset.id] if arrived(asset.id) else self._elsewhere(asset, new_path, found.get(asset.id))
            for asset, new_path in moves
        ]

    def _elsewhere(self, asset: Hit, new_path: str, found: Hit | None) -> ElvisError:
        where = found.path if found else "no path that can be found"
        return self._conflict(moving(asset.path, new_path), f"it is at {where}", LOOK)

    def remove(self, asset: Hit) -> bool:
        """Remove an asset, if it is still as it was; return whether this call did it, and not somebody else meanwhile.

        :raises ElvisError: when it is not, or can't be removed
        """
        check_removable(self._client, asset)
        return self.send_removal(asset, self._present.guard(asset, is_listed=True))

    def send_removal(self, asset: Hit, check: Check) -> bool:
        """Remove an asset; return whether this call did anything, and not somebody else all of it meanwhile.

        The check-out of somebody else ends first, where that is forced.

        :param check: makes sure, right before each try, that the asset is as it was
        :raises ElvisError: when it can't be removed, with what was changed before
        """
        done: dict[str, Any] = {}
        with kept_on_failure(done):
            self._check_outs.free_noting(asset, done, check)
            request = replace(removing(asset), check=check)
            is_new = self._send(request, lambda: None if asset.id in self._finder.by_ids([asset.id]) else asset)
        index_lag.note_removed(self._client, asset)
        return is_new or bool(done)

    def _send(self, request: Request, look_up: Callable[[], Hit | None]) -> bool:
        """Send a write; return whether this call did it, and not somebody else meanwhile, whom the server let win.

        :param look_up: returns the asset once it is as the write was to make it
        :raises ElvisError: when it is not done
        """
        return self._once.bring_about(request, partial(read_counts, client=self._client), look_up).is_new

    def find_free(self, asset: Hit, error: ElvisError) -> Hit | None:
        """Return an asset whose check-out could not be ended where somebody else has ended it, else None."""

        def look() -> Hit | None:
            found = self._finder.by_ids([asset.id]).get(asset.id)
            return found if found and not found.checked_out_by else None

        return self._once.find_after(error, look)

    def _conflict(self, request: Request, summary: str, advice: str) -> ElvisError:
        return self._client.error(
            replace(request, advice={"conflict": advice}), CallFailure("conflict", summary, "answered")
        )

    def _write(
        self,
        request: Request,
        look_up: Callable[[], Hit | None] | None,
        is_ours: Callable[[Hit], bool] = lambda _hit: True,
    ) -> Written:
        """Send a write; the result is the asset, as the reply or a look-up shows it."""
        return self._once.send(request, partial(read_written, client=self._client), look_up, is_ours)

    def _removed_again(self, stray: Hit) -> str:
        try:
            self._client.call(removing(stray), partial(read_counts, client=self._client))
        except ElvisError:
            return "It could not be removed again."
        return "It was removed again."

    def _strayed(self, request: Request, path: str, hit: Hit, what_then: str) -> ElvisError:
        return self._conflict(request, f"the server stored it as {hit.path} instead of {path}", f"{what_then} {LOOK}")


def _has_arrived(found: Hit, new_path: str) -> bool:
    return trimmed_key(found.path) == trimmed_key(new_path)


def check_removable(client: Client, asset: Hit) -> None:
    """Make sure that an asset is no zone.

    :raises ElvisError: when it is
    """
    if is_protected(asset.path):
        failure = CallFailure("bad_request", "a zone is never removed", "unsent")
        raise client.error(removing(asset), failure)
