# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does what is to be done with one local file: sends it, writes its metadata, puts it away. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from .._dam.assets import Assets, Content
from .._dam.check_outs import CheckOuts
from .._dam.hits import Hit
from .._errors import ElvisError
from .._files.put_away import PutAway
from .._files.source import LocalSource
from .progress import Progress
from .upload_plan import Step, UploadRules


class Done(NamedTuple):
    """What became of a step.

    :param hit: the asset as the server's reply shows it
    :param is_new: whether it was this task that did it
    :param checksum: that of what was sent
    """

    step: Step
    hit: Hit | None = None
    is_new: bool = True
    checksum: str | None = None
    error: ElvisError | None = None


class UploadSender:
    """What does the steps of one task; several threads may use it.

    :param lacking: the folders that could not be made
    :param put_away: what becomes of a file that is stored
    """

    def __init__(
        self,
        rules: UploadRules,
        assets: Assets,
        check_outs: CheckOuts,
        progress: Progress,
        *,
        lacking: Iterable[str] = (),
        put_away: PutAway | None = None,
    ) -> None:
        self._rules = rules
        self._assets = assets
        self._check_outs = check_outs
        self._progress = progress
        self._lacking = tuple(f"{path}/" for path in lacking)
        self._put_away = put_away

    def do(self, step: Step) -> Done:
        """Do a step, and put its file away once it is stored.

        :raises ElvisError: when it is not done
        """
        if step.action == "failed":
            return Done(step, step.asset, error=step.error)
        if step.path.startswith(self._lacking):
            raise ElvisError(f"{step.path} was not sent: its folder could not be made.", "forbidden")
        done = Done(step, step.asset, checksum=step.checksum) if step.action == "unchanged" else self._send(step)
        if self._put_away and done.hit:
            try:
                self._put_away(step.file, is_stored=_shows(done.hit, step.file.size, done.checksum))
            except ElvisError as error:
                return done._replace(error=error)
        return done

    def _send(self, step: Step) -> Done:
        source = LocalSource(step.file, self._progress.add, is_checked=self._rules.is_checked)
        content = Content(source, source.checksum) if step.sends_file else None
        metadata = {name: value for name, (_before, value) in step.wanted.items()}
        is_new = True
        if step.asset is None:
            hit, is_new = self._assets.create(step.path, content, metadata)
        else:
            hit = self._update(step, step.asset, content, metadata)
        if not self._rules.is_checked:
            return Done(step, hit, is_new)
        return Done(step, hit, is_new, source.checksum() if content else step.checksum)

    def _update(self, step: Step, asset: Hit, content: Content | None, metadata: Mapping[str, Any]) -> Hit:
        if self._rules.force and self._check_outs.of_another(asset):
            self._check_outs.undo(asset)
        hit = asset
        if content or metadata:
            hit = self._assets.update(
                asset, content, metadata, ends_check_out=step.ends_check_out and content is not None
            )
        if step.ends_check_out and not content:
            # There is no new file to check in, so that nothing is lost.
            self._check_outs.undo(asset)
        return hit


def _shows(asset: Hit, size: int, checksum: str | None) -> bool:
    """Tell whether an asset has the size and the checksum of a file."""
    return ((asset.text("firstExtractedChecksum") or "").lower(), asset.number("fileSize")) == (checksum, size)
