# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Assets and folders as searches and clients see them: they do not change any more.

A million of them must fit into memory. So the document of an asset shares what the asset has, and the fields that a
client sees are made when they are asked for; those of the latest documents are kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from urllib.parse import quote

from elvis_emulator import unknowns

from .fields import SERVER_FIELDS, shown, shown_date, shown_size
from .files import StoredFile
from .kinds import domain_of, is_text
from .paths import ancestors_and_self, name_of, parent_of

MAX_DESCRIBED = 30_000


@lru_cache(maxsize=10_000)
def ancestors(folder: str) -> list[str]:
    """Return a folder and those that it is in: one list for all who ask, not to be changed."""
    return ancestors_and_self(folder)


@dataclass(frozen=True, slots=True)
class Checkout:
    """Who holds an asset, and since when (ms)."""

    since: int
    user: str
    client_id: str


@dataclass(slots=True)
class PlainDocument:
    """A document whose fields are known from the start: that of a folder, or of an event."""

    id: str
    path: str
    metadata: dict[str, object]
    has_file: bool = False
    has_picture: bool = False

    @property
    def quoted_name(self) -> str:
        return _quoted(name_of(self.path))

    def value(self, field: str) -> object:
        """Return one field of the metadata."""
        return self.metadata.get(field)


@dataclass(slots=True)
class AssetDocument:
    """The document of an asset. What it shares with the asset is replaced there, never changed."""

    id: str
    path: str
    creator: str
    created: int
    modifier: str
    modified: int
    own_metadata: dict[str, object]
    file: StoredFile | None
    file_modified: int
    first_checksum: str
    version: int
    checkout: Checkout | None
    # A large file of an asset may be gone when this is asked for; a small one stays.
    _text: str | None = None
    _described: dict[str, object] | None = None

    def __post_init__(self) -> None:
        if self.file and self.file.path and self._is_text:
            self._text = self._read_text()

    @property
    def has_file(self) -> bool:
        return self.file is not None

    @property
    def has_picture(self) -> bool:
        """Of a picture there is a smaller one, of a text a picture of its first lines."""
        return self.file is not None and (self.file.is_picture or self._is_text)

    @property
    def quoted_name(self) -> str:
        """The name as an address has it."""
        return _quoted(name_of(self.path))

    @property
    def metadata(self) -> dict[str, object]:
        """Every metadata field: the user's, and those that the server keeps. Not to be changed."""
        if self._described is None:
            self._described = self._describe()
            _latest.append(self)
            if len(_latest) > MAX_DESCRIBED:
                _latest.popleft().forget()
        return self._described

    def forget(self) -> None:
        """Make the fields anew when they are asked for again."""
        self._described = None

    def value(self, field: str) -> object:
        """Return one field of the metadata, without all the others where that can be."""
        if self._described is not None:
            return self._described.get(field)
        if field in _DIRECT:
            return _DIRECT[field](self)
        if field in SERVER_FIELDS:
            return self.metadata.get(field)
        return shown(field, self.own_metadata.get(field))

    @property
    def _is_text(self) -> bool:
        return is_text(self.path.rpartition(".")[2].lower())

    def _read_text(self) -> str:
        return self.file.read(unknowns.MAX_TEXT_CONTENT).decode(errors="replace") if self.file else ""

    def _describe(self) -> dict[str, object]:
        filename = name_of(self.path)
        base, dot, extension = filename.rpartition(".")
        if not dot:
            base, extension = filename, ""
        extension = extension.lower()
        folder = parent_of(self.path)
        domain = domain_of(extension)
        own: dict[str, object] = {
            "id": self.id,
            # Seen in a client: a collection's name is shown without its extension.
            "name": base if extension in unknowns.NAMES_WITHOUT_EXTENSION else filename,
            "filename": filename,
            "baseName": base or filename,
            "extension": extension,
            "assetType": extension,
            "assetDomain": domain,
            "assetPath": self.path,
            "folderPath": folder or "/",
            "ancestorPaths": ancestors(folder),
            "assetCreator": self.creator,
            "assetCreated": shown_date(self.created),
            "assetModifier": self.modifier,
            "assetModified": shown_date(self.modified),
            "fileSize": shown_size(self.file.size if self.file else 0),
            "versionNumber": self.version,
            "metadataComplete": unknowns.METADATA_COMPLETE,
        }
        if self.file:
            own["assetFileModified"] = shown_date(self.file_modified)
            own["previewState"] = "yes" if self.has_picture else "no"
            own["firstExtractedChecksum"] = self.first_checksum
            if self._is_text:
                own["textContent"] = self._read_text() if self._text is None else self._text
        if self.checkout:
            own["checkedOut"] = shown_date(self.checkout.since)
            own["checkedOutBy"] = self.checkout.user
            own["checkedOutOnClient"] = self.checkout.client_id
        return {name: shown(name, value) for name, value in self.own_metadata.items()} | own


Document = PlainDocument | AssetDocument

# Whose fields are made already; the oldest gives way.
_latest: deque[AssetDocument] = deque()

# What most searches and sorts ask for.
_DIRECT: dict[str, Callable[[AssetDocument], object]] = {
    "id": attrgetter("id"),
    "assetPath": attrgetter("path"),
    "folderPath": lambda document: parent_of(document.path) or "/",
    "ancestorPaths": lambda document: ancestors(parent_of(document.path)),
    "filename": lambda document: name_of(document.path),
    "assetCreated": lambda document: shown_date(document.created),
    "assetModified": lambda document: shown_date(document.modified),
}


@lru_cache(maxsize=30_000)
def _quoted(name: str) -> str:
    return quote(name, errors="replace", safe="")
