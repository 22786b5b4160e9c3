# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends changes of metadata, many in one request where that is possible, and never blindly twice.

Private to damops.elvis.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from .._elvis.client import Client
from .._errors import ENDS_TASK, CallFailure, ElvisError
from .asset_finder import AssetFinder
from .hits import Hit
from .metadata_requests import Change, many_request, one_request, read_many
from .unshown import read_written, unconfirmed
from .write_once import WriteOnce

IsDone = Callable[[Change, Hit], bool]
Outcomes = dict[str, "Hit | ElvisError"]


class MetadataCalls:
    """The writes of one task; several threads may use it.

    :param process_timeout: the seconds that the server may work on a request, and a gateway may hold requests back
    """

    def __init__(self, client: Client, process_timeout: float) -> None:
        self._client = client
        self._process_timeout = process_timeout
        self._once = WriteOnce(client, process_timeout)
        self._refuses_array = False
        self.fatal: ElvisError | None = None
        """Why nothing more can be written: the server is gone, or the session is over."""

    def write(self, changes: Sequence[Change], is_done: IsDone) -> Outcomes:
        """Write changes of different assets; return the asset as the reply shows it, or why it was not written, by ids.

        :param is_done: tells whether an asset has by now what was to be written
        """
        outcomes: Outcomes = {}
        try:
            self._write(changes, is_done, outcomes)
        except ElvisError as error:
            self.fatal = self.fatal or error
            # They may have been sent, and nobody can tell.
            for change in changes:
                outcomes.setdefault(change.asset.id, error)
        return outcomes

    def _write(self, changes: Sequence[Change], is_done: IsDone, outcomes: Outcomes) -> None:
        together = [change for change in changes if change.fits_array]
        if len(together) > 1 and not self._refuses_array:
            self._write_array(together, is_done, outcomes)
        singly = [change for change in changes if change.asset.id not in outcomes]
        for change in singly:
            outcomes[change.asset.id] = self._write_one(change, is_done)
        self._look_up([change for change in singly if _is_unshown(outcomes[change.asset.id])], is_done, outcomes)
        if len(singly) > 1 and len(singly) == len(together) == len(changes):
            # All of them are fine: it is the array that this server does not take.
            self._refuses_array = not any(isinstance(outcome, ElvisError) for outcome in outcomes.values())

    def _write_array(self, changes: Sequence[Change], is_done: IsDone, outcomes: Outcomes) -> None:
        """Write changes together; those of which the server doesn't say that it did are left out of the outcomes."""

        def look() -> Mapping[str, Hit] | None:
            return None if self._undone(changes, is_done, outcomes) else {}

        request = many_request(changes, self._process_timeout)
        read = partial(read_many, client=self._client)
        try:
            # A single asset that the server can't write must not be sent with all others again.
            written = self._once.attempt(request, read, look, lost_tries=0, is_harmless=True)
        except CallFailure as failure:
            # After a lost answer that was looked up already.
            if failure.delivery != "unknown":
                self._undone(changes, is_done, outcomes)
            return
        if written.result is None:
            self._wait(changes, is_done, outcomes)
        elif written.is_reply:
            shown: Mapping[str, Hit] = written.result
            outcomes.update({change.asset.id: shown[change.asset.id] for change in changes if change.asset.id in shown})
            self._undone([change for change in changes if change.asset.id not in shown], is_done, outcomes)

    def _write_one(self, change: Change, is_done: IsDone) -> Hit | ElvisError:
        """Write one change.

        :raises ElvisError: when the server is gone, or the session over
        """

        def look() -> Hit | None:
            found: dict[str, Hit | ElvisError] = {}
            self._undone([change], is_done, found)
            hit = found.get(change.asset.id)
            return hit if isinstance(hit, Hit) else None

        request = one_request(change, self._process_timeout)
        read = partial(read_written, client=self._client)
        try:
            written: Hit = self._once.attempt(request, read, look, is_harmless=change.is_literal).result
        except CallFailure as failure:
            outcome = failure
        else:
            return written
        error = self._client.error(request, outcome)
        # A write whose answers are lost says nothing of the server: it can be asked whether it was done.
        if error.reason in ENDS_TASK and outcome.delivery != "unknown":
            raise error
        return error

    def _look_up(self, changes: Sequence[Change], is_done: IsDone, outcomes: Outcomes) -> None:
        """Look up what was written where no answer shows it; what a server keeps otherwise counts once it is shown."""
        undone = self._wait(changes, is_done, outcomes)
        if undone:
            seen: Outcomes = {}
            self._undone(undone, lambda _change, _found: True, seen)
            for change in undone:
                error = self._client.error(one_request(change, self._process_timeout), unconfirmed())
                outcomes[change.asset.id] = seen.get(change.asset.id, error)

    def _wait(self, changes: Sequence[Change], is_done: IsDone, outcomes: Outcomes) -> list[Change]:
        """Wait until a search shows changes, or the longest lag is over; return those that it doesn't show."""
        undone = list(changes)

        def look() -> bool | None:
            undone[:] = self._undone(undone, is_done, outcomes)
            return None if undone else True

        self._once.wait_for_index(look)
        return undone

    def _undone(self, changes: Sequence[Change], is_done: IsDone, outcomes: Outcomes) -> list[Change]:
        """Look which changes are still to be made; the others get their outcome."""
        if not changes:
            return []
        fields = sorted({name for change in changes for name in change.metadata})
        now = AssetFinder(self._client, fields).by_ids(change.asset.id for change in changes)
        undone = []
        for change in changes:
            found = now.get(change.asset.id)
            if found and is_done(change, found):
                outcomes[change.asset.id] = found
            else:
                undone.append(change)
        return undone


def _is_unshown(outcome: Hit | ElvisError) -> bool:
    return isinstance(outcome, Hit) and not outcome.path
