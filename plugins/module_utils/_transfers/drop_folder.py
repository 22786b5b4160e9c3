# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Empties a drop folder: puts a local file away once it is proven that the DAM holds it. Private to damops.elvis."""

from __future__ import annotations

from .._dam.contents import Proofs
from .._dam.hits import Hit
from .._dam.write_once import Written
from .._elvis.advice import MEANINGS
from .._errors import CallFailure, ElvisError
from .._files.put_away import PutAway
from .._files.source import LocalSource
from .upload_plan import UploadStep


class DropFolder:
    """The files that are put away; several threads may ask."""

    def __init__(self, proofs: Proofs, put_away: PutAway) -> None:
        self._proofs = proofs
        self._put_away = put_away

    def put_away(self, step: UploadStep, written: Written | None, source: LocalSource) -> str | None:
        """Put the file of a step away; return why it stays, None where it does not.

        :param written: what the step has written, None where it has written nothing
        :param source: the file, which knows the checksum of what was sent
        :raises ElvisError: when the file can't be put away, or the server can't be asked
        """
        why = self._unproven(step, written, source)
        if why is None:
            self._put_away(step.file)
        return why

    def foresee(self, step: UploadStep) -> str | None:
        """Return why the file of a step would stay, None where it would not; what is to be sent is taken for stored.

        :raises ElvisError: when the server can't be asked
        """
        return None if step.todo.sends_file else self._unproven(step, None, LocalSource(step.file))

    def _unproven(self, step: UploadStep, written: Written | None, source: LocalSource) -> str | None:
        asset: Hit | None = written.result if written else step.todo.asset
        if asset is None:
            return "nothing was stored"
        try:
            checksum = source.checksum()
        except CallFailure as failure:
            raise ElvisError(f"{failure.summary}.", MEANINGS[failure.kind].reason) from None
        if not (step.todo.sends_file and written and written.is_reply):
            return self._proofs.found(asset, checksum)
        if step.todo.asset is None:
            return self._proofs.created(asset, checksum)
        return self._proofs.updated(step.todo.asset, asset, checksum)
