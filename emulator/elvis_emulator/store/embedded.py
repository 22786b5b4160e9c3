# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The texts that a file carries inside: read when it comes, written when the server is told to embed.

They are in XMP, a piece of XML somewhere in the file, and few: enough to meet what surprises importers.
"""

from __future__ import annotations

import html
import re

# How a field is called inside.
_NAMES = {"title": "dc:title", "description": "dc:description", "headline": "photoshop:Headline", "tags": "dc:subject"}
_PACKET = re.compile(rb"<x:xmpmeta[\s>].*?</x:xmpmeta>", re.DOTALL)
_ITEM = re.compile(r"<rdf:li[^>]*>(.*?)</rdf:li>", re.DOTALL)


def texts_in(start_of_file: bytes) -> dict[str, object]:
    """Return the fields that a file brings along."""
    found_packet = _PACKET.search(start_of_file) if b"<x:xmpmeta" in start_of_file else None
    if not found_packet:
        return {}
    xml = found_packet[0].decode(errors="replace")
    found: dict[str, object] = {}
    for field, name in _NAMES.items():
        element = re.search(rf"<{name}[^>]*>(.*?)</{name}>", xml, re.DOTALL)
        if element:
            items = [html.unescape(item) for item in _ITEM.findall(element[1])] or [html.unescape(element[1]).strip()]
            found[field] = items if field == "tags" else items[0]
    return {field: value for field, value in found.items() if value not in ("", [""])}


def can_embed(metadata: dict[str, object]) -> bool:
    """Tell whether there is something to write into a file."""
    return any(field in metadata for field in _NAMES)


def packet(metadata: dict[str, object]) -> bytes:
    """Return the texts of an asset as they are written into its file, behind what was uploaded."""
    elements = []
    for field, name in _NAMES.items():
        value = metadata.get(field)
        if value is not None:
            items = value if isinstance(value, list) else [value]
            inner = "".join(f"<rdf:li>{html.escape(str(item))}</rdf:li>" for item in items)
            elements.append(f"<{name}><rdf:Bag>{inner}</rdf:Bag></{name}>")
    xml = f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF>{"".join(elements)}</rdf:RDF></x:xmpmeta>'
    return xml.encode(errors="replace")
