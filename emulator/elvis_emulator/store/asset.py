# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store holds: assets with their files and versions, folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote

from elvis_emulator import unknowns

from .fields import as_stored, shown, shown_date, shown_size
from .files import StoredFile
from .kinds import domain_of, is_text
from .paths import ancestors_and_self, name_of, parent_of


@dataclass(frozen=True, slots=True)
class Checkout:
    """Who holds an asset, and since when (ms)."""

    since: int
    user: str
    client_id: str


@dataclass(frozen=True, slots=True)
class Version:
    """An asset as it was before a new file came."""

    number: int
    file: StoredFile | None
    user: str
    replaced: int
    metadata: dict[str, object]


@dataclass(slots=True)
class Folder:
    """A folder, with what lies directly in it, by name. It changes through the store only."""

    id: str
    path: str
    metadata: dict[str, object] = field(default_factory=dict)
    folders: dict[str, Folder] = field(default_factory=dict)
    assets: dict[str, Asset] = field(default_factory=dict)

    @property
    def document(self) -> Document:
        """The folder as a search sees it."""
        own: dict[str, object] = {
            "id": self.id,
            "name": name_of(self.path),
            "path": self.path,
            "folderPath": self.path,
            "ancestorPaths": _ancestors(parent_of(self.path)),
        }
        metadata = {name: shown(name, as_stored(name, value)) for name, value in self.metadata.items()}
        return Document(self.id, self.path, has_file=False, has_picture=False, metadata=metadata | own)


@dataclass(slots=True)
class Document:
    """An asset as searches see it; it does not change any more. A new one is made after a change of its asset."""

    id: str
    path: str
    has_file: bool
    has_picture: bool
    metadata: dict[str, object]
    # The name as an address has it; made when it is asked for.
    _quoted_name: str = ""

    @property
    def quoted_name(self) -> str:
        if not self._quoted_name:
            self._quoted_name = quote(name_of(self.path), errors="replace", safe="")
        return self._quoted_name


@dataclass(slots=True)
class Asset:
    """One asset. It changes through the store only. Times are in ms since 1970."""

    id: str
    path: str
    creator: str
    created: int
    modifier: str
    modified: int
    metadata: dict[str, object] = field(default_factory=dict)
    file: StoredFile | None = None
    file_modified: int = 0
    first_checksum: str = ""
    version: int = 1
    versions: list[Version] = field(default_factory=list)
    checkout: Checkout | None = None
    _document: Document | None = None

    @property
    def document(self) -> Document:
        """The asset as a client sees it."""
        if self._document is None:
            has_file = self.file is not None
            self._document = Document(self.id, self.path, has_file, self.has_preview, self._describe())
        return self._document

    @property
    def has_preview(self) -> bool:
        """Of a picture there is a smaller one, of a text a picture of its first lines."""
        return self.file is not None and (self.file.is_picture or self.is_text)

    @property
    def is_text(self) -> bool:
        return is_text(self.path.rpartition(".")[2].lower())

    def files(self) -> Iterator[StoredFile]:
        """Its file, and those of its versions."""
        yield from (file for file in (self.file, *(version.file for version in self.versions)) if file)

    def forget_document(self) -> None:
        """The asset has changed."""
        self._document = None

    def _describe(self) -> dict[str, object]:
        """Every metadata field: the user's, and those that the server keeps."""
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
            "ancestorPaths": _ancestors(folder),
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
            own["previewState"] = "yes" if self.has_preview else "no"
            own["firstExtractedChecksum"] = self.first_checksum
            if self.is_text:
                own["textContent"] = self.file.read(unknowns.MAX_TEXT_CONTENT).decode(errors="replace")
        if self.checkout:
            own["checkedOut"] = shown_date(self.checkout.since)
            own["checkedOutBy"] = self.checkout.user
            own["checkedOutOnClient"] = self.checkout.client_id
        return {name: shown(name, value) for name, value in self.metadata.items()} | own


@lru_cache(maxsize=10_000)
def _ancestors(folder: str) -> list[str]:
    # One list for all assets of a folder: nobody changes it.
    return ancestors_and_self(folder)
