# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sends changes of metadata, many in one request where that is possible, and never blindly twice.

Private to damops.elvis.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial

from .._elvis.client import Client
from .._elvis.response import ElvisFailure
from .._errors import ENDS_TASK, CallFailure, ElvisError
from . import index_lag
from .asset_finder import AssetFinder
from .hits import Hit
from .metadata_requests import Change, many_request, one_request, read_many
from .unshown import read_written, unconfirmed

IsDone = Callable[[Change, Hit], bool]
Outcomes = dict[str, "Hit | ElvisError"]


class MetadataCalls:
    """The writes of one task; several threads may use it.

    :param patience: the seconds that the server may work on a request, and a gateway may hold requests back
    """

    def __init__(self, client: Client, patience: float) -> None:
        self._client = client
        self._patience = patience
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
        end = time.monotonic() + self._patience
        while changes:
            try:
                written = self._client.attempt(
                    many_request(changes, self._patience), partial(read_many, client=self._client)
                )
            except CallFailure as failure:
                is_refused = self._hold(failure)
                changes = self._undone(changes, is_done, outcomes)
                if is_refused and time.monotonic() < end:
                    continue
                return
            if written is None:
                self._wait(changes, is_done, outcomes)
                return
            outcomes.update(
                {change.asset.id: written[change.asset.id] for change in changes if change.asset.id in written}
            )
            self._undone([change for change in changes if change.asset.id not in written], is_done, outcomes)
            return

    def _write_one(self, change: Change, is_done: IsDone) -> Hit | ElvisError:
        """Write one change.

        :raises ElvisError: when the server is gone, or the session over
        """
        request = one_request(change, self._patience)
        end = time.monotonic() + self._patience
        tries = self._client.connection.retries
        while True:
            try:
                return self._client.attempt(request, partial(read_written, client=self._client))
            except CallFailure as caught:
                failure = caught
            error = self._client.error(request, failure)
            is_refused = self._hold(failure)
            if not is_refused and failure.delivery != "unknown":
                if error.reason in ENDS_TASK:
                    raise error
                return error
            found: Outcomes = {}
            if not self._undone([change], is_done, found):
                return found[change.asset.id]
            tries -= not is_refused
            if tries < 0 or time.monotonic() > end:
                return error

    def _look_up(self, changes: Sequence[Change], is_done: IsDone, outcomes: Outcomes) -> None:
        """Look up what was written where no answer shows it; what a server keeps otherwise counts once it is shown."""
        undone = self._wait(changes, is_done, outcomes)
        if undone:
            seen: Outcomes = {}
            self._undone(undone, lambda _change, _found: True, seen)
            for change in undone:
                error = self._client.error(one_request(change, self._patience), unconfirmed())
                outcomes[change.asset.id] = seen.get(change.asset.id, error)

    def _wait(self, changes: Sequence[Change], is_done: IsDone, outcomes: Outcomes) -> list[Change]:
        """Wait until a search shows changes, or the longest lag is over; return those that it doesn't show."""
        undone = list(changes)

        def look() -> bool | None:
            undone[:] = self._undone(undone, is_done, outcomes)
            return None if undone else True

        index_lag.look_until(self._client.gate, time.monotonic() + index_lag.longest_lag(self._client), look)
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

    def _hold(self, failure: CallFailure) -> bool:
        """Tell whether a request was not even looked at; all threads wait then as long as they are asked to."""
        hold = failure.hold if isinstance(failure, ElvisFailure) else None
        if hold is None:
            return False
        self._client.gate.hold(hold)
        return True


def _is_unshown(outcome: Hit | ElvisError) -> bool:
    return isinstance(outcome, Hit) and not outcome.path
