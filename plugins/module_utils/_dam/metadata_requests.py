# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The requests that write the metadata of assets: of many at once, or of one. Private to damops.elvis.

``updatebulk`` takes a JSON array of ``{id, metadata}`` and answers with the array of the updated objects (documented).
Where the parameter goes with which ``+x`` and ``-x`` are not modifications is documented for the other form only, so
such values are written one by one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .._elvis.client import Client, Request
from .._elvis.response import not_elvis, parse
from .._elvis.services import UPDATE, UPDATE_BULK
from .._errors import Reason
from .._http.transport import HttpResponse
from .hits import Hit, read_hit
from .metadata_values import as_sent, begins_with_sign
from .unshown import is_unshown

MOST_AT_ONCE = 100
"""Rows of one request; how many a server takes is not documented."""


ADVICE: Mapping[Reason, str] = {"bad_request": "Correct the value, or give it to another field."}


class Change(NamedTuple):
    """Metadata to write to an asset.

    :param is_literal: whether a sign at the beginning of a value is a part of it
    """

    asset: Hit
    metadata: Mapping[str, Any]
    is_literal: bool = True

    @property
    def fits_array(self) -> bool:
        """Whether it can be written together with others."""
        return not any(map(begins_with_sign, self.metadata.values()))


def many_request(changes: Sequence[Change], process_timeout: float) -> Request:
    """Return the request that writes metadata to several assets.

    :param process_timeout: the seconds that the server may work
    """
    rows = [{"id": change.asset.id, "metadata": as_sent(change.metadata)} for change in changes]
    purpose = f"write the metadata of {len(rows)} assets"
    return Request(purpose, "POST", UPDATE_BULK.address, json=rows, process_timeout=process_timeout)


def one_request(change: Change, process_timeout: float) -> Request:
    """Return the request that writes metadata to one asset; a check-out of ours stays as it is."""
    form = {
        "id": change.asset.id,
        "metadata": json.dumps(as_sent(change.metadata)),
        "metadataToReturn": ",".join(("assetPath", "assetModified", *change.metadata)),
        "clearCheckoutState": "false",
        "parseMetadataModifications": "false" if change.is_literal else "true",
    }
    purpose = f"write the metadata of {change.asset.path}"
    return Request(purpose, "POST", UPDATE.address, form=form, process_timeout=process_timeout, advice=ADVICE)


def read_many(reply: HttpResponse, client: Client) -> dict[str, Hit] | None:
    """Return the assets that a server wrote, by their ids; None when its answer shows none.

    :raises CallFailure: when that is not what it tells
    """
    if is_unshown(reply):
        return None
    answer = client.without_secrets(parse(reply))
    if not isinstance(answer, list):
        raise not_elvis(reply, "a list of the updated assets was expected")
    return {hit.id: hit for hit in map(_read_updated, answer) if hit}


def _read_updated(answer: Any) -> Hit | None:
    hit = read_hit(answer)
    asset_id = answer.get("id") if isinstance(answer, dict) else None
    # Which metadata it shows is not documented; the id is what tells that it was written.
    return hit or (Hit(asset_id, "", {}) if isinstance(asset_id, str) else None)
