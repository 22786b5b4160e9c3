# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an asset is shown to a client, and in which order."""

from __future__ import annotations

import time
from collections.abc import Iterable
from functools import partial
from urllib.parse import quote

from . import unknowns
from .call import Call
from .store import Asset

TIMES = frozenset({"assetCreated", "assetModified", "checkedOut"})


def hit(call: Call, asset: Asset) -> dict[str, object]:
    """One asset as a client sees it, with the fields that the call asks for in `metadataToReturn`."""
    fields = {name: _shown(name, value) for name, value in asset.describe().items()}
    wanted = {name.strip() for name in call.parameters.text("metadataToReturn").split(",") if name.strip()}
    if wanted and "all" not in wanted:
        fields = {name: value for name, value in fields.items() if name in wanted}
    shown: dict[str, object] = {"id": asset.id, "permissions": unknowns.ALL_PERMISSIONS, "metadata": fields}
    if asset.file:
        name = quote(str(asset.describe()["name"]), errors="replace", safe="")
        shown["originalUrl"] = f"{call.base_url}/file/{asset.id}/*/{name}"
    return shown


def in_order(assets: Iterable[Asset], sort: str) -> list[Asset]:
    """Sort by a list such as `name-asc,assetCreated-desc`; a bare name sorts upwards."""
    ordered = list(assets)
    # The last field first: sorting is stable, so that earlier fields win.
    for entry in reversed((sort or unknowns.DEFAULT_SORT).split(",")[:20]):
        name, dash, direction = entry.strip().rpartition("-")
        if not dash or direction not in ("asc", "desc"):
            name, direction = entry.strip(), "asc"
        ordered.sort(key=partial(_sort_key, name), reverse=direction == "desc")
    return ordered


def _sort_key(name: str, asset: Asset) -> tuple[int, float, str]:
    value = asset.describe().get(name)
    # Unlike kinds can't be compared: nothing, then numbers, then text.
    if value is None:
        return 0, 0, ""
    if isinstance(value, (int, float)):
        return 1, min(max(value, -1e300), 1e300), ""
    return 2, 0, str(value).lower()


def _shown(name: str, value: object) -> object:
    """Dates and sizes come with a text for people; documented by the vendor."""
    if not isinstance(value, int):
        return value
    if name in TIMES:
        formatted = time.strftime("%Y-%m-%d %H:%M:%S +0000", time.gmtime(value / 1000))
        return {"value": value, "formatted": formatted}
    if name == "fileSize":
        return {"value": value, "formatted": f"{value / 1024:.1f} KB"}
    return value
