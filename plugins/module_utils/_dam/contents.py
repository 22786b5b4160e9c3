# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Decides whether an asset holds a file: is it to be sent, and is it proven to be stored? Private to damops.elvis.

These are two questions. The *comparison* decides whether a file is sent. It may rest on a search, which can lag, and on
dates. A *proof* decides whether a local file may be removed or moved. These are the proofs:

* A ``create`` of this run: the checksum in its reply.
* An ``update`` of this run: the id, a higher ``versionNumber`` and the checksum in its reply.
* What an earlier run stored: ``versionNumber`` 1, an equal checksum, a name that ``browse`` lists in its folder, and a
  GET of the original by its id that answers.
* Else, and where a checksum differs: the MD5 of the original, which is fetched.

A size proves nothing, because the server embeds texts into the file that it stores. A search alone proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from .._elvis.client import Client
from .folders import AssetNames
from .hits import Hit
from .originals import Originals

By = Literal["checksum", "date"]
Existing = Literal["update", "keep", "newer"]

TOLERANCE = 2.0
"""Seconds by which dates may differ and mean the same moment: FAT counts no finer."""
LEAST_SKEW = 2 * TOLERANCE
"""Seconds: clocks that differ by less count as equal. The header that tells has no fractions, and takes its time."""
NAMES_FRESH_FOR = 10.0
"""Seconds for which the list of a folder counts, beside an original that is fetched for each file."""
COMPARED_FIELDS = ("versionNumber", "firstExtractedChecksum", "assetFileModified", "fileSize")


class LocalContent(NamedTuple):
    """A file that may be stored.

    :param dated: the moment, in seconds since 1970, at which it became what it is
    :param checksum: reads its MD5
    """

    size: int
    dated: float
    checksum: Callable[[], str]


class Comparison:
    """Decides whether files are sent to assets that are there.

    :param checksum: whether checksums are compared, or dates alone
    :param existing: what to do with an asset that is there
    :param clock_ahead: the seconds by which the server's clock is ahead of this machine's
    """

    def __init__(self, originals: Originals, checksum: bool, existing: Existing, clock_ahead: float) -> None:
        self._originals = originals
        self._checksum = checksum
        self._existing = existing
        is_off = abs(clock_ahead) > LEAST_SKEW
        self._ahead = clock_ahead if is_off else 0.0
        self._doubt = TOLERANCE + (0.0 if is_off else abs(clock_ahead))

    def differs(self, content: LocalContent, asset: Hit) -> By | None:
        """Return how it shows that a file is to replace an asset's, None when it is not to.

        :raises CallFailure: when the file can't be read
        :raises ElvisError: when the original is needed and can't be fetched
        """
        if self._existing == "keep":
            return None
        age = self._age(content, asset)
        if self._existing == "newer" and age == "older":
            return None
        stored = checksum_of(asset) if self._checksum else None
        if stored and asset.number("versionNumber") == 1:
            return None if content.checksum() == stored else "checksum"
        if not stored and content.size == 0 and asset.number("fileSize") == 0:
            return None
        # Whether the checksum follows a replaced file is not documented.
        if age == "unknown" and self._checksum:
            return None if self._originals.checksum(asset) == content.checksum() else "checksum"
        return "date" if age == "younger" else None

    def _age(self, content: LocalContent, asset: Hit) -> Literal["older", "unknown", "younger"]:
        stored = asset.number("assetFileModified")
        if stored is None:
            return "younger"
        later = content.dated + self._ahead - stored / 1000
        if later > TOLERANCE:
            return "younger"
        # The tolerance, and clocks that count as equal, may hide a file that was rewritten right after it was stored.
        return "unknown" if later >= -self._doubt else "older"


class Proofs:
    """Finds out whether assets hold files; several threads may ask.

    Each answer is None for a proof, else why there is none, for a message.
    """

    def __init__(self, client: Client) -> None:
        self._originals = Originals(client)
        self._names = AssetNames(client, NAMES_FRESH_FOR)

    def created(self, reply: Hit, checksum: str) -> str | None:
        """Judge the reply of a ``create``.

        :param checksum: the MD5 of what was sent
        :raises ElvisError: when the server can't be asked
        """
        return None if checksum_of(reply) == checksum else self._fetched(reply, checksum)

    def updated(self, before: Hit, reply: Hit, checksum: str) -> str | None:
        """Judge the reply of an ``update`` with a file.

        :raises ElvisError: when the server can't be asked
        """
        if reply.id == before.id and is_newer(reply, before) and checksum_of(reply) == checksum:
            return None
        return self._fetched(reply, checksum)

    def found(self, hit: Hit, checksum: str) -> str | None:
        """Judge what only a search shows.

        :raises ElvisError: when the server can't be asked
        """
        is_first = hit.number("versionNumber") == 1 and checksum_of(hit) == checksum
        if is_first and self._names.has(hit.path) and self._originals.has(hit):
            return None
        return self._fetched(hit, checksum)

    def is_there(self, hit: Hit) -> bool:
        """Tell whether the DAM has an asset now, whatever it holds.

        :raises ElvisError: when the server can't be asked
        """
        return self._names.has(hit.path) and self._originals.has(hit)

    def _fetched(self, asset: Hit, checksum: str) -> str | None:
        original = self._originals.checksum(asset)
        if original is None:
            return "the server returns no original for its id"
        return None if original == checksum else "the original that the server returns has another checksum"


def checksum_of(asset: Hit) -> str:
    """Return the checksum that a hit or a reply shows, empty where it shows none."""
    return (asset.text("firstExtractedChecksum") or "").lower()


def is_newer(found: Hit, before: Hit) -> bool:
    """Tell whether an asset has had a file since it was as before. One that shows no version counts as the oldest."""
    return (found.number("versionNumber") or 0) > (before.number("versionNumber") or 0)
