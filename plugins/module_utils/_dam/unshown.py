# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Finds what was written where the server's answer does not show it. Private to damops.elvis.

What ``create`` and ``update`` answer is documented as the asset. Servers and what is in front of them may answer its id
alone, an empty object, or nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._elvis.client import Client, Request
from .._elvis.field_values import is_same
from .._elvis.response import not_elvis, parse
from .._errors import CallFailure, ElvisError
from .._http.transport import HttpResponse
from . import index_lag
from .asset_finder import AssetFinder
from .contents import checksum_of, is_newer
from .hits import Hit, read_hit


class Unshown(NamedTuple):
    """A write that was answered without the asset.

    :param id: the asset's, None where only its path is known
    :param before: the asset as it was, None for a new one
    :param checksum: reads the MD5 of the file that was sent, None where none was
    :param metadata: what was written besides
    """

    request: Request
    path: str
    id: str | None
    before: Hit | None
    checksum: Callable[[], str] | None
    metadata: Mapping[str, Any]

    def is_shown_by(self, found: Hit) -> bool:
        """Tell whether the asset is what this write made of it."""
        if self.checksum is None:
            return all(is_same(found.fields.get(name), value) for name, value in self.metadata.items())
        if self.before is not None:
            return is_newer(found, self.before)
        stored = checksum_of(found)
        return not stored or stored == self.checksum()


def is_unshown(reply: HttpResponse) -> bool:
    """Tell whether a success shows nothing of what was written: it is empty, or an empty object."""
    return 200 <= reply.status < 300 and reply.body.strip() in (b"", b"null", b"{}")


def read_written(reply: HttpResponse, client: Client) -> Hit:
    """Return the asset that a server wrote; without a path where its answer does not show it.

    :raises ElvisFailure: when the answer is no success of Elvis'
    """
    if is_unshown(reply):
        return Hit("", "", {})
    answer = client.without_secrets(parse(reply), reply.body)
    if not isinstance(answer, dict):
        raise not_elvis(reply, "the asset that was written was expected")
    asset_id = answer.get("id")
    return read_hit(answer) or Hit(asset_id if isinstance(asset_id, str) else "", "", {})


def look_up(client: Client, writes: Sequence[Unshown], fields: Iterable[str]) -> list[Hit | ElvisError]:
    """Return the asset of each write, or the error that tells that no search shows it. Many are looked up at once.

    What a server keeps otherwise than it was written counts as shown once the longest lag is over.

    :raises ElvisError: when the server can't be asked
    """
    finder = AssetFinder(client, tuple(fields))
    shown: dict[int, Hit] = {}
    seen: dict[int, Hit] = {}

    def look() -> bool | None:
        left = [number for number in range(len(writes)) if number not in shown]
        ids = [asset_id for asset_id in (writes[number].id for number in left) if asset_id]
        by_id = finder.by_ids(ids)
        by_path = finder.by_paths(writes[number].path for number in left if not writes[number].id)
        for number in left:
            write = writes[number]
            found = by_id.get(write.id) if write.id else by_path.get(write.path)
            if found:
                seen[number] = found
                if write.is_shown_by(found):
                    shown[number] = found
        return True if len(shown) == len(writes) else None

    index_lag.look_until(client.gate, time.monotonic() + index_lag.longest_lag(client), look)
    # Of a file that was sent, another content or an old version proves that it is not there.
    late = {number: found for number, found in seen.items() if writes[number].checksum is None}
    found = {**late, **shown}
    return [found.get(number) or _missing(client, write) for number, write in enumerate(writes)]


def _missing(client: Client, write: Unshown) -> ElvisError:
    return client.error(write.request, unconfirmed())


def unconfirmed() -> CallFailure:
    """Return the failure of a write of which nobody can tell what became."""
    summary = "the answer does not show the asset, and no search does either"
    return CallFailure("unconfirmed", summary, "unknown")
