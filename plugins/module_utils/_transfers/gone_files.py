# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds out what became of files that went before they were sent. Private to damops.elvis.

Another run over the same drop folder stores files and takes them away. What that run stored is proven like all that an
earlier run stored, with the checksum that was read before the file went. A file that was never read proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from .._dam import index_lag
from .._dam.asset_finder import AssetFinder
from .._dam.contents import Proofs
from .._dam.hits import Hit
from .._elvis.client import Client
from .._errors import ElvisError
from .._work.step_threads import StepThreads
from .upload_sender import Gone, UploadDone

UNREAD = "somebody took it away before it was read, so nothing shows whether the asset of that name holds it"


class _Case(NamedTuple):
    """A file that is gone.

    :param number: its place among all
    :param asset: what the DAM has in its place, None where it has nothing
    """

    number: int
    done: UploadDone
    gone: Gone
    asset: Hit | None


class GoneFiles:
    """The files of one task that are gone.

    :param finder: reads what is compared
    """

    def __init__(self, client: Client, finder: AssetFinder) -> None:
        self._client = client
        self._finder = finder
        self._proofs = Proofs(client)

    def judge(self, threads: StepThreads, done: Sequence[UploadDone | None]) -> list[UploadDone | None]:
        """Return what became of all files; one that is gone failed only where the DAM has no such asset."""
        judged = list(done)
        cases = [
            _Case(number, one, one.gone, one.step.todo.asset) for number, one in enumerate(done) if one and one.gone
        ]
        if not cases:
            return judged
        try:
            found = self._find([case.done.step.todo.path for case in cases if case.asset is None])
        except ElvisError as error:
            threads.end(error)
            return judged
        cases = [case._replace(asset=case.asset or found.get(case.done.step.todo.path)) for case in cases]
        outcomes = threads.run("Checked", self._judged, cases, fail=lambda case, _error: case.done)
        for case, outcome in zip(cases, outcomes):
            judged[case.number] = outcome or case.done
        return judged

    def _find(self, paths: Sequence[str]) -> dict[str, Hit]:
        found = self._finder.by_paths(paths)
        missing = [path for path in paths if path not in found]
        return {**found, **index_lag.find_missing(self._client, self._finder.by_paths, missing)}

    def _judged(self, case: _Case) -> UploadDone:
        done, asset, checksum = case.done, case.asset, case.gone.checksum
        if asset is None:
            return done
        if checksum is not None:
            is_stored = self._proofs.found(asset, checksum) is None
            return done._replace(hit=asset, is_new=done.is_written, error=None) if is_stored else done
        is_skipped = not done.is_written and self._proofs.is_there(asset)
        return done._replace(hit=asset, skipped=UNREAD, error=None) if is_skipped else done
