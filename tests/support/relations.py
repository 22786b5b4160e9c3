# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads relations as other clients do: with the search of the vendor's own pages."""

from __future__ import annotations

from tests.support.assets import Dam

QUERIES = {
    "related": "relationType:related",
    "duplicate": "relationType:duplicate",
    **{type_: f"relationTarget:child relationType:{type_}" for type_ in ("references", "contains", "variation")},
    "referenced-by": "relationTarget:parent relationType:references",
    "contained-by": "relationTarget:parent relationType:contains",
    "variation-of": "relationTarget:parent relationType:variation",
}


def related(dam: Dam, asset_id: str, type_: str | None = None) -> list[str]:
    """Return the paths of what an asset has a relation to."""
    query = f"relatedTo:{asset_id} {QUERIES[type_] if type_ else ''}"
    hits = dam.post("search", q=query.strip(), num=10000)["hits"]
    return sorted(hit["metadata"]["assetPath"] for hit in hits)
