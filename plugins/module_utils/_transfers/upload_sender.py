# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Does what is to be done with one local file: sends it, writes its metadata, puts it away. Private to damops.elvis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .._changes.asset_step import do_step
from .._dam.assets import Assets
from .._dam.hits import Hit
from .._dam.unshown import Unshown
from .._dam.write_once import Written
from .._errors import ElvisError
from .._files.source import LocalSource
from .._work.journal import Journal
from .drop_folder import DropFolder
from .upload_plan import UploadStep
from .upload_review import UploadReview


class Gone(NamedTuple):
    """A file that somebody took away before it was sent.

    :param checksum: its MD5, None where it was never read
    """

    checksum: str | None


class UploadDone(NamedTuple):
    """What became of a step.

    :param hit: the asset as the server's reply shows it
    :param is_new: whether it was this task that did it
    :param is_written: whether something was written before it failed
    :param unshown: what was written, where no answer has shown it yet, and the file
    :param kept: why the file stays in a drop folder
    :param skipped: why nothing was done
    :param gone: the file, where somebody took it away; ``error`` says so
    :param renamed_from: the path that somebody had given the asset meanwhile, and that the new file has taken away
    """

    step: UploadStep
    hit: Hit | None = None
    is_new: bool = True
    is_written: bool = False
    unshown: tuple[Written, LocalSource] | None = None
    kept: str | None = None
    skipped: str | None = None
    gone: Gone | None = None
    renamed_from: str | None = None
    error: ElvisError | None = None


class UploadSender:
    """What does the steps of one task; several threads may use it.

    :param lacking: the folders that could not be made
    :param review: says which steps may be done
    :param drop_folder: puts a file away that is stored; None where it stays
    """

    def __init__(
        self,
        assets: Assets,
        journal: Journal,
        lacking: Iterable[str],
        drop_folder: DropFolder | None,
        review: UploadReview,
    ) -> None:
        self._review = review
        self._assets = assets
        self._progress = journal.progress
        self._lacking = tuple(f"{path}/" for path in lacking)
        self._drop_folder = drop_folder

    def do(self, step: UploadStep) -> UploadDone:
        """Do a step, and put its file away once it is stored.

        :raises ElvisError: when it is not done
        """
        if step.todo.action == "failed":
            gone = Gone(None) if step.is_gone else None
            return UploadDone(step, step.todo.asset, gone=gone, error=step.todo.error)
        if step.todo.path.startswith(self._lacking):
            raise ElvisError(f"{step.todo.path} was not sent: its folder could not be made.", "forbidden")
        refusal = self._review.refusal(step)
        if refusal:
            return UploadDone(step, step.todo.asset, error=refusal)
        is_checked, sha256 = self._drop_folder is not None, self._review.checksum(step)
        source = LocalSource(step.file, self._progress.add, is_checked, sha256)
        try:
            written = do_step(self._assets, step.todo, source)
        except ElvisError as error:
            if not source.is_gone or error.done:
                raise
            return UploadDone(step, step.todo.asset, gone=_gone(step, source), error=error)
        asset = written.result if written else step.todo.asset
        is_new, renamed_from = (written.is_new, written.renamed_from) if written else (True, None)
        done = UploadDone(step, asset, is_new, written is not None and is_new, renamed_from=renamed_from)
        if written and isinstance(asset, Unshown):
            return done._replace(hit=step.todo.asset, unshown=(written, source))
        return self._put_away(done, written, source)

    def settle(self, done: UploadDone, asset: Hit | ElvisError) -> UploadDone:
        """Go on with a step whose asset no answer has shown.

        :param asset: what a search shows, or why it shows none
        """
        if done.unshown is None or isinstance(asset, ElvisError):
            return done._replace(is_written=False, error=asset if isinstance(asset, ElvisError) else None)
        written, source = done.unshown
        return self._put_away(done._replace(hit=asset), written._replace(result=asset), source)

    def _put_away(self, done: UploadDone, written: Written | None, source: LocalSource) -> UploadDone:
        if self._drop_folder is None:
            return done
        kept = self._review.kept(done.step)
        if kept:
            return done._replace(kept=kept)
        try:
            return done._replace(kept=self._drop_folder.put_away(done.step, written, source))
        except ElvisError as error:
            return done._replace(gone=_gone(done.step, source) if source.is_gone else None, error=error)


def _gone(step: UploadStep, source: LocalSource) -> Gone:
    return Gone(source.known_checksum or step.checksum)
