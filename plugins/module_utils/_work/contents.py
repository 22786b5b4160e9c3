# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tells whether a local file has another content than an asset. Private to damops.elvis."""

from __future__ import annotations

from typing import Literal

from .._dam.hits import Hit
from .._files.source import LocalSource
from .._files.tree import LocalFile

By = Literal["checksum", "date"]
Existing = Literal["update", "keep", "newer"]

TOLERANCE = 2.0
"""Seconds by which dates may differ and mean the same moment: FAT counts no finer."""

COMPARED_FIELDS = ("firstExtractedChecksum", "assetFileModified", "fileSize")


class Contents:
    """How contents are compared.

    :param checksum: whether by checksums, or by dates alone
    :param existing: what to do with an asset that is there
    :param clock_ahead: the seconds by which the server's clock is ahead of this machine's
    :param now: the time when the task began
    """

    def __init__(self, checksum: bool, existing: Existing, clock_ahead: float, now: float) -> None:
        self._checksum = checksum
        self._existing = existing
        # Nobody's clock is right to the second, and the header that tells has no fractions.
        self._ahead = clock_ahead if abs(clock_ahead) > 2 * TOLERANCE else 0.0
        self._now = now

    def compare(self, file: LocalFile, asset: Hit) -> tuple[By | None, str | None]:
        """Return how it shows that a file is to replace an asset's, and the checksum of both when they are the same.

        :raises CallFailure: when the file can't be read
        """
        if self._existing == "keep":
            return None, None
        is_younger = self._is_younger(file, asset)
        if self._existing == "newer" and not is_younger:
            return None, None
        stored = asset.text("firstExtractedChecksum")
        if self._checksum and stored:
            checksum = LocalSource(file).checksum()
            if checksum == stored.lower():
                return None, checksum
            if asset.number("versionNumber") == 1:
                return "checksum", None
        elif file.size == 0 and asset.number("fileSize") == 0:
            return None, None
        # Whether the checksum follows a replaced file is not documented.
        return ("date" if is_younger else None), None

    @staticmethod
    def same(file: LocalFile, asset: Hit) -> str | None:
        """Return the checksum of both when the DAM has the very content of a file, however contents are compared.

        :raises CallFailure: when the file can't be read
        """
        stored = (asset.text("firstExtractedChecksum") or "").lower()
        return stored if stored and LocalSource(file).checksum() == stored else None

    def _is_younger(self, file: LocalFile, asset: Hit) -> bool:
        stored = asset.number("assetFileModified")
        # A date that is ahead tells nothing; when the file was put here does.
        dated = file.modified if file.modified <= self._now else file.changed
        return stored is None or dated + self._ahead > stored / 1000 + TOLERANCE
