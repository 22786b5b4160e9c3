# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an asset is shown to a client."""

from __future__ import annotations

from collections.abc import Mapping

from elvis_emulator import unknowns
from elvis_emulator.server import Call
from elvis_emulator.store.asset import Asset
from elvis_emulator.store.document import Document
from elvis_emulator.store.relations import Relation


def hit(call: Call, asset: Asset) -> dict[str, object]:
    """One asset as a client sees it, with the fields that the call asks for in `metadataToReturn`."""
    return Hits(call).show(asset.document)


class Hits:
    """Shows documents as one call wants them."""

    def __init__(self, call: Call, fields: str | None = None, related: Mapping[str, Relation] | None = None) -> None:
        self._base_url = call.base_url
        self._secrets = call.server.secrets if call.parameters.flag("appendRequestSecret") else None
        self._fields = _wanted(call, fields)
        self._sorts_lists = call.server.options.unkindness.sorted_lists
        # The relations that a search went along, by the id of the hit.
        self._related = related or {}

    def show(self, document: Document) -> dict[str, object]:
        metadata = document.metadata
        if self._fields is not None:
            metadata = {name: metadata[name] for name in self._fields if name in metadata}
        if self._sorts_lists:
            metadata = {name: _sorted(value) for name, value in metadata.items()}
        shown: dict[str, object] = {
            "id": document.id,
            "permissions": unknowns.ALL_PERMISSIONS,
            "metadata": metadata,
        }
        if document.has_file:
            shown["originalUrl"] = self._address(f"file/{document.id}/*/{document.quoted_name}", document)
        if document.id in self._related:
            shown["relation"] = _relation(self._related[document.id])
        if document.has_picture:
            size = unknowns.PREVIEW_SIDE
            preview = f"preview/{document.id}/previews/maxWidth_{size}_maxHeight_{size}.jpg"
            shown["previewUrl"] = self._address(preview, document)
            shown["thumbnailUrl"] = self._address(f"thumbnail/{document.id}", document)
        return shown

    def _address(self, path: str, document: Document) -> str:
        """Return an address of an asset that a client may call; with its secret, when that was asked for."""
        address = f"{self._base_url}/{path}"
        return f"{address}?requestSecret={self._secrets.of(document.id)}" if self._secrets else address


def _sorted(value: object) -> object:
    return sorted(value, key=str) if isinstance(value, list) else value


def _relation(relation: Relation) -> dict[str, object]:
    """A relation as a hit shows it; that it has `relationId` is seen in a client, the rest is a guess."""
    return {
        "relationId": relation.id,
        "relationType": relation.type,
        "target1Id": relation.parent_id,
        "target2Id": relation.child_id,
        "relationMetadata": relation.metadata,
    }


def _wanted(call: Call, fields: str | None) -> list[str] | None:
    """Return the fields to show; None for all. Documented by the vendor: empty asks for the least, absent for all."""
    if fields is None:
        given = call.parameters.all("metadataToReturn")
        if not given:
            return None
        fields = ",".join(given)
    names = [name.strip() for name in fields.split(",") if name.strip()]
    if "all" in names:
        return None
    return names or list(unknowns.LEAST_FIELDS)
