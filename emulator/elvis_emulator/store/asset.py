# Copyright (c) 2026, the damops.elvis authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store holds: assets with their files and versions, folders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from .document import AssetDocument, Checkout, Document, PlainDocument, ancestors
from .fields import as_stored, shown
from .files import StoredFile
from .paths import name_of, parent_of


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
            "ancestorPaths": ancestors(parent_of(self.path)),
        }
        metadata = {name: shown(name, as_stored(name, value)) for name, value in self.metadata.items()}
        return PlainDocument(self.id, self.path, metadata | own)


@dataclass(slots=True)
class Asset:
    """One asset. It changes through the store only. Times are in ms since 1970."""

    id: str
    path: str
    creator: str
    created: int
    modifier: str
    modified: int
    # It is replaced, never changed, as documents share it.
    metadata: dict[str, object] = field(default_factory=dict)
    file: StoredFile | None = None
    file_modified: int = 0
    first_checksum: str = ""
    version: int = 1
    versions: tuple[Version, ...] = ()
    checkout: Checkout | None = None
    _document: Document | None = None

    @property
    def document(self) -> Document:
        """The asset as a client sees it."""
        if self._document is None:
            self._document = AssetDocument(
                self.id,
                self.path,
                self.creator,
                self.created,
                self.modifier,
                self.modified,
                self.metadata,
                self.file,
                self.file_modified,
                self.first_checksum,
                self.version,
                self.checkout,
            )
        return self._document

    def files(self) -> Iterator[StoredFile]:
        """Its file, and those of its versions."""
        yield from (file for file in (self.file, *(version.file for version in self.versions)) if file)

    def forget_document(self) -> None:
        """The asset has changed."""
        self._document = None
