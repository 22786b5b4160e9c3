# Copyright (c) 2026, the damops.elvis authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads the hits of a search, and the replies of writes: an asset as the server shows it. Private to damops.elvis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from .._elvis.field_values import plain
from .._elvis.times import as_number


class Hit(NamedTuple):
    """An asset, as a search or the reply of a write shows it.

    :param relation_id: the id of the relation by which a search for what is related found it
    """

    id: str
    path: str
    fields: Mapping[str, Any]
    original_url: str | None = None
    preview_url: str | None = None
    thumbnail_url: str | None = None
    relation_id: str | None = None

    def text(self, field: str) -> str | None:
        """Return the text in a field, None where there is none."""
        value = plain(self.fields.get(field))
        return value if isinstance(value, str) and value else None

    def number(self, field: str) -> int | None:
        """Return the whole number in a field, a moment's milliseconds as well; None where there is none."""
        number = as_number(plain(self.fields.get(field)))
        return int(number) if number is not None and math.isfinite(number) else None

    @property
    def checked_out_by(self) -> str | None:
        """Who has the asset checked out, None when nobody has."""
        return self.text("checkedOutBy")


def read_hit(hit: Any) -> Hit | None:
    """Return what a hit of the server's tells, None when it is not one of an asset with a path."""
    if not isinstance(hit, dict) or not isinstance(hit.get("metadata"), dict):
        return None
    asset_id, metadata = hit.get("id"), hit["metadata"]
    path = plain(metadata.get("assetPath"))
    if not isinstance(asset_id, str) or not isinstance(path, str):
        return None
    urls = (hit.get(name) for name in ("originalUrl", "previewUrl", "thumbnailUrl"))
    relation = hit.get("relation")
    relation_id = relation.get("relationId") if isinstance(relation, dict) else None
    texts = (text if isinstance(text, str) and text else None for text in (*urls, relation_id))
    return Hit(asset_id, path, metadata, *texts)
