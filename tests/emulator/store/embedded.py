# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that a file carries inside: read when it comes, written when the server is told to embed.

They are in XMP, a piece of XML somewhere in the file, and few: enough to meet what surprises importers.
"""

from __future__ import annotations

import html
import re
from pathlib import Path

from .asset import StoredFile

# How a field is called inside.
_NAMES = {"title": "dc:title", "description": "dc:description", "headline": "photoshop:Headline", "tags": "dc:subject"}
_PACKET = re.compile(rb"<x:xmpmeta[\s>].*?</x:xmpmeta>", re.DOTALL)
_ITEM = re.compile(r"<rdf:li[^>]*>(.*?)</rdf:li>", re.DOTALL)
_CHUNK = 1 << 20


def texts_in(start_of_file: bytes) -> dict[str, object]:
    """Return the fields that a file brings along."""
    packet = _PACKET.search(start_of_file) if b"<x:xmpmeta" in start_of_file else None
    if not packet:
        return {}
    xml = packet[0].decode(errors="replace")
    found: dict[str, object] = {}
    for field, name in _NAMES.items():
        element = re.search(rf"<{name}[^>]*>(.*?)</{name}>", xml, re.DOTALL)
        if element:
            items = [html.unescape(item) for item in _ITEM.findall(element[1])] or [html.unescape(element[1]).strip()]
            found[field] = items if field == "tags" else items[0]
    return {field: value for field, value in found.items() if value not in ("", [""])}


def with_texts(file: StoredFile, metadata: dict[str, object], target: Path) -> StoredFile:
    """Write a file anew, with the texts of its asset inside: behind what was uploaded, where most formats allow it."""
    size = 0
    with file.path.open("rb") as source, target.open("wb") as copy:
        while size < file.uploaded and (chunk := source.read(min(_CHUNK, file.uploaded - size))):
            size += copy.write(chunk)
        size += copy.write(_packet(metadata))
    return StoredFile(target, size, file.checksum, file.uploaded)


def can_embed(metadata: dict[str, object]) -> bool:
    """Tell whether there is something to write into a file."""
    return any(field in metadata for field in _NAMES)


def _packet(metadata: dict[str, object]) -> bytes:
    elements = []
    for field, name in _NAMES.items():
        value = metadata.get(field)
        if value is not None:
            items = value if isinstance(value, list) else [value]
            inner = "".join(f"<rdf:li>{html.escape(str(item))}</rdf:li>" for item in items)
            elements.append(f"<{name}><rdf:Bag>{inner}</rdf:Bag></{name}>")
    packet = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>{"".join(elements)}</rdf:RDF></x:xmpmeta>'
    return packet.encode(errors="replace")
